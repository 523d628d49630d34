"""Lists: an iterator over all pages, which fetches a page only when its first element is wanted; or one page."""

import json
import time

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


def test_an_iterator_sends_nothing_until_it_is_asked(client, five_images, received):
    received()
    client.list_images()

    assert received() == []


def test_a_page_is_fetched_when_its_first_element_is_wanted(client, five_images, received):
    received()
    images = client.list_images(page_size=2)
    fetched = []
    for _ in range(5):
        next(images)
        fetched.append(len(received()))

    assert fetched == [1, 0, 1, 0, 1]
    assert next(images, None) is None
    assert received() == []


def test_an_iterator_gives_all_pages(client, five_images):
    assert [image["name"] for image in client.list_images(page_size=2)] == [f"image-{n}" for n in (4, 3, 2, 1, 0)]


def test_an_iterator_begins_at_page_1_whatever_the_page_number(client, five_images):
    assert len(list(client.list_images(page_size=2, page_number=3))) == 5


def test_versions_come_from_all_pages(client, five_versions):
    listed = client.list_image_versions(five_versions, page_size=2)

    assert [version["version"] for version in listed] == [f"0.0.{n}" for n in (5, 4, 3, 2, 1)]


def test_builds_come_from_all_pages(client, five_versions):
    assert len({build["buildId"] for build in client.list_image_builds(five_versions, page_size=2)}) == 5


def test_an_iterator_of_nothing_ends_at_once(client, received):
    assert list(client.list_images()) == []
    assert len(received()) == 1


@pytest.mark.parametrize(("number", "names"), [(1, ["image-4", "image-3"]), (3, ["image-0"]), (4, [])])
def test_one_page_of_images_is_given_when_asked_for(client, five_images, number, names):
    page = client.list_images(page_size=2, page_number=number, return_iterator=False)

    assert [image["name"] for image in page["images"]] == names
    assert {key: page[key] for key in page if key != "images"} == {
        "imageCount": 5, "pageSize": 2, "pageNumber": number, "pageCount": 3,
    }  # fmt: skip
    assert [image.name for image in page.model.images] == names


def test_one_page_of_versions_is_given_when_asked_for(client, five_versions):
    page = client.list_image_versions(five_versions, 2, 3, return_iterator=False)

    assert page.keys() == {"versionCount", "pageSize", "pageNumber", "pageCount", "versions"}
    assert [version["version"] for version in page["versions"]] == ["0.0.1"]


def test_one_page_of_builds_is_given_when_asked_for(client, five_versions):
    page = client.list_image_builds(five_versions, page_size=2, page_number=3, return_iterator=False)

    assert page.keys() == {"buildCount", "pageSize", "pageNumber", "pageCount", "builds"}
    assert [build["version"] for build in page["builds"]] == ["0.0.1"]


def test_filters_hold_on_every_page(client, five_images, service):
    list(client.list_images(page_size=2, name="image", status=["ready"]))

    queries = [dict(request.query) for request in service.requests[-3:]]
    assert [query.pop("pageNumber") for query in queries] == ["1", "2", "3"]
    assert queries == [{"pageSize": "2", "searchTerm": "image", "status": "ready"}] * 3


def test_a_filter_that_is_an_iterator_itself_holds_on_every_page(client, five_images, service):
    list(client.list_images(page_size=2, status=iter(["ready"])))

    assert [dict(request.query)["status"] for request in service.requests[-3:]] == ["ready"] * 3


def test_bad_input_is_an_error_at_the_call_not_at_the_first_element(client, received):
    with pytest.raises(InvalidInputError, match="page_size"):
        client.list_images(page_size=0)
    assert received() == []


def test_an_iterator_goes_on_after_a_fault_that_passes(client, five_images, service, no_delays):
    images = client.list_images(page_size=2)
    next(images)
    service.control.fail_next(status=503)

    assert len(list(images)) == 4


@pytest.mark.invalid_responses
@pytest.mark.parametrize("body", ["{}", '{"images": {}}', '{"images": [1], "pageCount": 1}'])
def test_an_answer_that_is_no_page_is_an_error(client, service, body):
    service.control.fail_next(status=200, body=body)

    with pytest.raises(PeakImagesError, match="no list of images"):
        next(client.list_images())


@pytest.mark.invalid_responses
def test_a_service_that_goes_in_circles_is_found_out(client, service):
    service.control.fail_next(status=200, body='{"images": [{"id": 1}], "pageCount": 9}', count=9)

    with pytest.raises(PeakImagesError, match="in circles"):
        list(client.list_images())


@pytest.mark.invalid_responses
@pytest.mark.parametrize("count", ["", ', "pageCount": null', ', "pageCount": "many"'])
def test_a_page_that_does_not_say_how_many_there_are_is_the_last(client, service, count):
    service.control.fail_next(status=200, body=f'{{"images": [{{"id": 1}}]{count}}}')

    assert [image["id"] for image in client.list_images()] == [1]


def fetched_ahead(service, count):
    """Wait until the service has been asked for so many pages; the test's own timeout bounds it."""
    while len(service.requests) < count:
        time.sleep(0.001)


def test_with_prefetch_the_next_page_is_fetched_while_one_is_consumed(client, five_images, service):
    before = len(service.requests)
    images = client.list_images(page_size=2, prefetch=True)
    names = [next(images)["name"]]
    fetched_ahead(service, before + 2)
    names += [image["name"] for image in images]

    assert names == [f"image-{number}" for number in (4, 3, 2, 1, 0)]
    assert len(service.requests) == before + 3


def test_with_prefetch_nothing_is_fetched_beyond_the_last_page(client, five_images, received):
    received()

    assert len(list(client.list_images(page_size=5, prefetch=True))) == 5
    assert len(received()) == 1


@pytest.mark.invalid_responses
def test_with_prefetch_an_error_is_raised_where_its_page_begins(client, five_images, service, received):
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


def test_with_prefetch_an_iterator_may_be_left_unfinished(client, five_images, service):
    before = len(service.requests)
    images = client.list_images(page_size=1, prefetch=True)
    next(images)
    fetched_ahead(service, before + 5)  # or they would be counted by the next test

    assert client.list_images(return_iterator=False)["imageCount"] == 5


@pytest.mark.parametrize("operation", ["list_image_versions", "list_image_builds"])
def test_every_list_can_be_fetched_ahead(client, five_versions, operation):
    assert len(list(getattr(client, operation)(five_versions, page_size=2, prefetch=True))) == 5
