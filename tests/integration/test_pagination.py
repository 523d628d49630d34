"""Lists: an iterator over all pages, which fetches a page only when its first element is needed; or one page."""

import copy
import json
import pickle

import pytest

from peak_images import InvalidInputError, PeakImagesError


@pytest.fixture
def five_images(seed):
    return [seed.image(f"image-{number}") for number in range(5)]


@pytest.fixture
def five_versions(seed):
    image_id = seed.image()["imageId"]
    for _ in range(4):
        seed.version(image_id)
    return image_id


def test_list_sends_no_request_before_iteration(client, five_images, received):
    received()
    client.list_images()

    assert received() == []


def test_page_is_fetched_when_its_first_element_is_needed(client, five_images, received):
    received()
    images = client.list_images(page_size=2)
    fetched = []
    for _ in range(5):
        next(images)
        fetched.append(len(received()))

    assert fetched == [1, 0, 1, 0, 1]
    assert next(images, None) is None
    assert received() == []


def test_iterator_yields_all_pages(client, five_images):
    assert [image["name"] for image in client.list_images(page_size=2)] == [f"image-{n}" for n in (4, 3, 2, 1, 0)]


def test_iterator_ignores_page_number(client, five_images):
    assert len(list(client.list_images(page_size=2, page_number=3))) == 5


def test_list_image_versions_yields_all_pages(client, five_versions):
    listed = client.list_image_versions(five_versions, page_size=2)

    assert [version["version"] for version in listed] == [f"0.0.{n}" for n in (5, 4, 3, 2, 1)]


def test_list_image_builds_yields_all_pages(client, five_versions):
    assert len({build["buildId"] for build in client.list_image_builds(five_versions, page_size=2)}) == 5


def test_empty_list_takes_one_request(client, received):
    assert list(client.list_images()) == []
    assert len(received()) == 1


@pytest.mark.parametrize(("number", "names"), [(1, ["image-4", "image-3"]), (3, ["image-0"]), (4, [])])
def test_return_iterator_false_returns_one_page_of_images(client, five_images, number, names):
    page = client.list_images(page_size=2, page_number=number, return_iterator=False)

    assert [image["name"] for image in page["images"]] == names
    assert {key: page[key] for key in page if key != "images"} == {
        "imageCount": 5, "pageSize": 2, "pageNumber": number, "pageCount": 3,
    }  # fmt: skip
    assert [image.name for image in page.model.images] == names


def test_return_iterator_false_returns_one_page_of_versions(client, five_versions):
    page = client.list_image_versions(five_versions, 2, 3, return_iterator=False)

    assert page.keys() == {"versionCount", "pageSize", "pageNumber", "pageCount", "versions"}
    assert [version["version"] for version in page["versions"]] == ["0.0.1"]


def test_return_iterator_false_returns_one_page_of_builds(client, five_versions):
    page = client.list_image_builds(five_versions, page_size=2, page_number=3, return_iterator=False)

    assert page.keys() == {"buildCount", "pageSize", "pageNumber", "pageCount", "builds"}
    assert [build["version"] for build in page["builds"]] == ["0.0.1"]


def test_filters_are_sent_with_every_page(client, five_images, service):
    list(client.list_images(page_size=2, name="image", status=["ready"]))

    queries = [dict(request.query) for request in service.requests[-3:]]
    assert [query.pop("pageNumber") for query in queries] == ["1", "2", "3"]
    assert queries == [{"pageSize": "2", "searchTerm": "image", "status": "ready"}] * 3


def test_filter_given_as_iterator_is_sent_with_every_page(client, five_images, service):
    list(client.list_images(page_size=2, status=iter(["ready"])))

    assert [dict(request.query)["status"] for request in service.requests[-3:]] == ["ready"] * 3


def test_invalid_filter_raises_before_iteration(client, received):
    with pytest.raises(InvalidInputError, match="page_size"):
        client.list_images(page_size=0)
    assert received() == []


def test_iterator_retries_transient_error(client, five_images, service, no_delays):
    images = client.list_images(page_size=2)
    next(images)
    service.control.fail_next(status=503)

    assert len(list(images)) == 4


@pytest.mark.invalid_responses
@pytest.mark.parametrize("body", ["{}", '{"images": {}}', '{"images": [1], "pageCount": 1}'])
def test_response_without_a_list_raises(client, service, body):
    service.control.fail_next(status=200, body=body)

    with pytest.raises(PeakImagesError, match="no list of images"):
        next(client.list_images())


@pytest.mark.invalid_responses
def test_pagination_loop_is_detected(client, service):
    service.control.fail_next(status=200, body='{"images": [{"id": 1}], "pageCount": 9}', count=9)

    with pytest.raises(PeakImagesError, match="pagination loop"):
        list(client.list_images())


@pytest.mark.invalid_responses
@pytest.mark.parametrize("count", ["", ', "pageCount": null', ', "pageCount": "many"'])
def test_page_without_page_count_is_followed_until_an_empty_page(client, service, count):
    service.control.fail_next(status=200, body=f'{{"images": [{{"id": 1}}]{count}}}')

    assert [image["id"] for image in client.list_images()] == [1]


def test_prefetch_stops_at_the_last_page(client, five_images, received):
    received()

    assert len(list(client.list_images(page_size=5, prefetch=True))) == 5
    assert len(received()) == 1


@pytest.mark.invalid_responses
def test_prefetch_raises_an_error_where_its_page_begins(client, five_images, service, received):
    received()
    images = client.list_images(page_size=2, prefetch=True)
    service.control.fail_next(status=404)
    with pytest.raises(PeakImagesError, match="404"):
        next(images)

    images = client.list_images(page_size=2, prefetch=True)
    service.control.fail_next(status=200, body=json.dumps({"images": [{"id": 1}, {"id": 2}], "pageCount": 2}))
    service.control.fail_next(status=404)
    assert [next(images)["id"], next(images)["id"]] == [1, 2]
    with pytest.raises(PeakImagesError, match="404"):
        next(images)


def test_prefetch_iterator_can_be_abandoned(client, five_images):
    images = client.list_images(page_size=1, prefetch=True)
    next(images)

    assert client.list_images(return_iterator=False)["imageCount"] == 5


@pytest.mark.parametrize("operation", ["list_image_versions", "list_image_builds"])
def test_every_list_supports_prefetch(client, five_versions, operation):
    assert len(list(getattr(client, operation)(five_versions, page_size=2, prefetch=True))) == 5


PREFETCH = pytest.mark.parametrize("prefetch", [False, True], ids=["", "prefetch"])


@pytest.fixture
def many_images(seed):
    return [seed.image(f"image-{number}")["imageId"] for number in range(12)]


@PREFETCH
@pytest.mark.parametrize("page_size", [1, 2, 5, 25])
def test_deleting_while_iterating_skips_nothing(client, many_images, service, page_size, prefetch):
    deleted = []
    for image in client.list_images(page_size=page_size, prefetch=prefetch):
        client.delete_image(image["id"])
        service.control.finish_deletions()
        deleted.append(image["id"])

    assert sorted(deleted) == sorted(many_images)
    assert list(client.list_images()) == []


@PREFETCH
@pytest.mark.parametrize("every", [2, 3])
def test_deleting_some_while_iterating_skips_nothing(client, many_images, service, every, prefetch):
    ids = []
    for image in client.list_images(page_size=2, prefetch=prefetch):
        ids.append(image["id"])
        if len(ids) % every == 0:
            client.delete_image(image["id"])
            service.control.finish_deletions()

    assert ids == sorted(many_images, reverse=True)


@PREFETCH
@pytest.mark.parametrize("page_size", [1, 3])
def test_creating_while_iterating_repeats_nothing_and_is_no_loop(client, many_images, seed, page_size, prefetch):
    ids = []
    for image in client.list_images(page_size=page_size, prefetch=prefetch):
        ids.append(image["id"])
        if len(ids) <= 20:
            seed.image(f"further-{len(ids)}")

    assert len(ids) == len(set(ids))
    assert set(many_images) <= set(ids)


def test_deleting_versions_while_iterating_skips_nothing(client, five_versions, service):
    deleted = []
    for version in client.list_image_versions(five_versions, page_size=2):
        if version["version"] != "0.0.1":
            client.delete_version(five_versions, version["id"])
            service.control.finish_deletions()
        deleted.append(version["version"])

    assert deleted == [f"0.0.{n}" for n in (5, 4, 3, 2, 1)]


def test_concurrent_writers_cause_no_skips_or_repeats(client, many_images, seed, service, session):
    from peak_images import get_client

    writer, ids = get_client(session), []
    victims = iter(many_images)
    gone = set()
    for image in client.list_images(page_size=2):
        ids.append(image["id"])
        if len(ids) % 2:
            seed.image(f"new-{len(ids)}")
        else:
            victim = next(victims)
            gone.add(victim)
            writer.delete_image(victim)
            service.control.finish_deletions()

    assert len(ids) == len(set(ids))
    assert set(many_images) - gone <= set(ids)


def test_iterator_repr_shows_progress_without_a_request(sync_client, five_images, received):
    images = sync_client.list_images(page_size=2)
    received()
    assert repr(images) == "Paginator(images; nothing fetched yet, iterate to fetch)"
    next(images)
    assert repr(images) == "Paginator(images; page 1 of 3, 1 read)"
    assert len(received()) == 1


@pytest.mark.parametrize("operation", [pickle.dumps, copy.copy, copy.deepcopy])
def test_iterator_cannot_be_pickled_or_copied(sync_client, operation):
    with pytest.raises(TypeError, match="make a list of it first"):
        operation(sync_client.list_images())


def test_iterators_over_all_builds_and_over_a_log_show_their_progress_in_repr(sync_client, five_images, received):
    builds = sync_client.list_all_builds()
    log = sync_client.follow_build_logs(101, 301)
    received()
    assert repr(builds) == "Collected(builds; nothing fetched yet, iterate to fetch)"
    assert repr(log) == "LogStream(logs; nothing fetched yet, iterate to fetch)"
    assert received() == []

    next(builds), next(log)
    assert repr(builds) == "Collected(builds; all fetched)"
    assert repr(log) == "LogStream(logs; 1 read, iterate to fetch)"
