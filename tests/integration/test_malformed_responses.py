"""Responses that deviate from the contract, or are malformed."""

from __future__ import annotations

import json
import logging

import anyio
import pytest

from peak_images import (
    BuildFailedError,
    ConnectionFailedError,
    PeakImagesError,
    SaveError,
    Session,
    WaitTimeoutError,
    get_async_client,
    get_client,
)
from peak_images._sync import log_stream
from tests.integration.raw_server import RawServer, response

pytestmark = pytest.mark.invalid_responses


def json_answer(status, body, *headers):
    return response(status, json.dumps(body).encode(), *headers)


def page(number, count, *ids):
    images = [{"id": one, "name": f"image-{one}"} for one in ids]
    return json_answer(200, {"imageCount": 3, "pageNumber": number, "pageCount": count, "images": images})


def client_of(server, **options):
    return get_client(Session("a-token", base_url=server.url, **options))


@pytest.mark.parametrize("count", ["3", 3.0, None, "many", 0, -1, [3]])
def test_unreadable_page_count_does_not_end_a_list(count):
    pages = [page(1, count, 1), page(2, count, 2), page(3, count, 3), page(4, count)]
    with RawServer(*pages) as server:
        assert [image["id"] for image in client_of(server).list_images(page_size=1)] == [1, 2, 3]


def test_element_that_moves_to_the_next_page_is_not_repeated():
    with RawServer(page(1, 3, 3), page(2, 3, 3), page(3, 3, 2)) as server:
        assert [image["id"] for image in client_of(server).list_images(page_size=1)] == [3, 2]


def test_alternating_pages_are_a_pagination_loop():
    pages = [page(number, 10**9, number % 2) for number in range(1, 9)]
    with RawServer(*pages) as server, pytest.raises(PeakImagesError, match="pagination loop"):
        list(client_of(server).list_images(page_size=1))


@pytest.mark.parametrize("empty", [1, 2, 20])
def test_empty_page_in_the_middle_does_not_end_a_list(empty):
    last = empty + 2
    pages = [page(1, last, 1), *[page(number, last) for number in range(2, last)], page(last, last, 3)]
    with RawServer(*pages) as server:
        assert [image["id"] for image in client_of(server).list_images(page_size=1)] == [1, 3]
        assert len(server.received) == last


@pytest.mark.parametrize("body", [{"images": None}, {"images": None, "pageCount": 1}, {"images": [], "pageCount": 0}])
def test_null_list_is_empty(body):
    with RawServer(json_answer(200, body)) as server:
        assert list(client_of(server).list_images()) == []


def test_growing_and_shrinking_count_does_not_loop_for_ever():
    one = [{"id": 1, "name": "a"}]
    pages = [{"imageCount": 90 + n % 2, "pageSize": 1, "pageCount": 90, "images": one} for n in range(400)]
    with RawServer(*[json_answer(200, body) for body in pages]) as server:
        with pytest.raises(PeakImagesError, match="pagination loop"):
            list(client_of(server).list_images(page_size=1))
        assert len(server.received) < 200


def logs(status, token, *messages):
    entries = [{"message": message} for message in messages]
    return json_answer(200, {"buildStatus": status, "logs": entries, **({"nextToken": token} if token else {})})


def test_log_stream_continues_while_next_token_changes(no_delays):
    chunks = [logs("success", "a", "1"), logs("success", "b"), logs("success", "c", "2"), logs("success", "c")]
    with RawServer(*chunks) as server:
        entries = client_of(server).follow_build_logs(1, 1, poll_interval=0.01)
        assert [entry["message"] for entry in entries] == ["1", "2"]


@pytest.mark.parametrize("status", ["failed", "success", "stopped"])
def test_log_stream_polls_once_more_after_the_build_has_finished(status):
    chunks = [logs("building", "t", "a"), logs(status, "t"), logs(status, "t", "ERROR: the reason")]
    with RawServer(*chunks) as server:
        entries = client_of(server).follow_build_logs(1, 1, poll_interval=0.01)
        assert [entry["message"] for entry in entries] == ["a", "ERROR: the reason"]


def test_null_log_is_empty():
    nothing = json_answer(200, {"buildStatus": "building", "logs": None, "nextToken": None})
    with RawServer(nothing, logs("success", "t", "1"), logs("success", "t")) as server:
        entries = client_of(server).follow_build_logs(1, 1, poll_interval=0.01)
        assert [entry["message"] for entry in entries] == ["1"]


def test_next_token_that_is_a_number_is_sent_as_text():
    with RawServer(logs("building", 5, "1"), logs("success", 6, "2"), logs("success", 6)) as server:
        entries = client_of(server).follow_build_logs(1, 1, poll_interval=0.01)
        assert [entry["message"] for entry in entries] == ["1", "2"]
        assert [
            b"nextToken=%d " % token in request for token, request in zip((5, 6), server.received[1:3], strict=True)
        ]


@pytest.mark.parametrize("status", ["success", "building"])
def test_log_with_endless_new_tokens_and_no_entries_ends_or_is_polled_in_intervals(status, monkeypatch):
    monkeypatch.setattr(log_stream, "MAX_EMPTY_CHUNKS", 3)
    with RawServer(*[logs(status, str(number)) for number in range(20)], logs("success", "20")) as server:
        assert list(client_of(server).follow_build_logs(1, 1, poll_interval=0.01)) == []
        assert len(server.received) == (5 if status == "success" else 22)


def test_counts_with_hundreds_of_digits_are_no_error():
    pages = [{"imageCount": count, "pageSize": 1, "pageCount": 3, "images": [{"id": 1}]} for count in (1, 10**400, 1)]
    with RawServer(*[json_answer(200, body) for body in pages]) as server:
        assert [image["id"] for image in client_of(server).list_images(page_size=1)] == [1]


def test_log_stream_skips_a_repeated_chunk_after_an_empty_one():
    chunks = [logs("building", None, "1", "2"), logs("building", None), logs("success", None, "1", "2")]
    with RawServer(*chunks) as server:
        entries = client_of(server).follow_build_logs(1, 1, poll_interval=0.01)
        assert [entry["message"] for entry in entries] == ["1", "2"]


def test_endless_log_ends_with_the_timeout():
    chunks = [logs("building", f"{number}", "more") for number in range(1, 400)]
    with RawServer(*chunks) as server, pytest.raises(WaitTimeoutError):
        for _ in client_of(server).follow_build_logs(1, 1, timeout=0.2, poll_interval=0.01):
            pass


def test_failed_build_is_reported_without_its_log():
    failed = json_answer(200, {"id": 2, "version": "0.0.1", "lastBuildStatus": "failed"})
    builds = json_answer(200, {"buildCount": 1, "pageCount": 1, "builds": [{"buildId": 3, "status": "failed"}]})
    gone = json_answer(404, {"detail": "no log"})
    with RawServer(failed, builds, gone) as server, pytest.raises(BuildFailedError) as caught:
        client_of(server).wait_until_built(1, 2)
    assert (caught.value.build_id, caught.value.log) == (3, ())


@pytest.mark.parametrize("builds", [True, 7, [None], ["3"], {"buildId": 3}], ids=repr)
def test_build_waited_for_needs_no_readable_list_of_builds(builds):
    built = json_answer(200, {"id": 2, "version": "0.0.1", "lastBuildStatus": "success"})
    with RawServer(built, json_answer(200, {"builds": builds})) as server:
        assert client_of(server).wait_until_built(1, 2)["buildId"] is None


@pytest.mark.parametrize("builds", [True, [None], ["3"]], ids=repr)
def test_unreadable_list_of_builds_is_an_error_where_a_text_id_is_resolved(builds):
    created = json_answer(200, {"imageId": 1, "versionId": 2, "buildId": "a-build:1"})
    with RawServer(created, json_answer(200, {"builds": builds})) as server:
        client = client_of(server)
        client.create_image({"name": "an-image", "type": "api"})
        with pytest.raises(PeakImagesError, match="no list of builds"):
            client.get_build_logs(1, "a-build:1")


@pytest.mark.parametrize(("listed", "given"), [("3", 3), (3, "3")])
def test_saved_logs_of_finished_builds_are_skipped_whether_ids_are_text_or_numbers(tmp_path, listed, given):
    (tmp_path / "image_build_logs_1_3.log").write_text("saved before")
    builds = json_answer(200, {"pageCount": 1, "builds": [{"buildId": listed, "status": "success"}]})
    with RawServer(builds) as server:
        [path] = client_of(server).save_build_logs(tmp_path, 1, [given])
    assert path.read_text() == "saved before"


@pytest.mark.parametrize("listed", [[3], {}, None], ids=repr)
def test_builds_with_unreadable_ids_are_an_error_where_their_logs_are_saved(tmp_path, listed):
    builds = json_answer(200, {"pageCount": 1, "builds": [{"buildId": listed, "status": "success"}]})
    gone = json_answer(404, {"detail": "There is no such build"})
    with RawServer(builds, gone) as server, pytest.raises(PeakImagesError):
        client_of(server).save_build_logs(tmp_path, 1)


def download(server):
    return json_answer(200, {"downloadUrl": f"{server.url}/downloads/1.log?signature=SIGNED"})


def test_download_shorter_than_content_length_raises(tmp_path, no_delays):
    short = response(206, b"x" * 50, "Content-Range: bytes 0-49/1000")
    with (
        RawServer(*[short] * 4) as host,
        RawServer(download(host)) as server,
        pytest.raises(ConnectionFailedError, match="50 of 1000 bytes"),
    ):
        client_of(server).get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")
    assert list(tmp_path.iterdir()) == []


def test_signed_url_is_redacted_in_the_log(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    with RawServer(response(200, b"a log")) as host, RawServer(download(host)) as server:
        client_of(server).get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")
    mine = [record for record in caplog.records if not record.name.startswith("httpcore")]
    assert not [record for record in mine if "SIGNED" in record.getMessage()]


@pytest.mark.parametrize("url", [None, "", "ftp://a.example/log", 7])
def test_invalid_download_url_raises(tmp_path, url):
    with (
        RawServer(json_answer(200, {"downloadUrl": url})) as server,
        pytest.raises(PeakImagesError, match="downloadUrl"),
    ):
        client_of(server).get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")


def test_device_file_is_not_replaced():
    with RawServer() as server, pytest.raises(SaveError, match="device"):
        client_of(server).get_build_logs(1, 1, save=True, file_name="/dev/null")


def test_symbolic_link_to_the_log_is_kept(tmp_path):
    (tmp_path / "real.log").write_text("of before")
    (tmp_path / "link.log").symlink_to(tmp_path / "real.log")
    with RawServer(response(200, b"a log")) as host, RawServer(download(host)) as server:
        client_of(server).get_build_logs(1, 1, save=True, file_name=tmp_path / "link.log")
    assert (tmp_path / "link.log").is_symlink()
    assert (tmp_path / "real.log").read_bytes() == b"a log"


def test_sessions_of_one_event_loop_leave_no_connections_behind(service):
    async def main():
        for _ in range(20):
            async with Session(base_url=service.url, auth_token=service.token) as session:
                await get_async_client(session).list_images(return_iterator=False)
        from peak_images._http import event_loops

        return len(event_loops._pools.get({}))

    assert anyio.run(main) == 0


@pytest.mark.parametrize("status", [408, 500, 502, 504, 520, 524])
def test_gateway_error_has_outcome_unknown(status):
    with RawServer(json_answer(status, {"detail": "?"})) as server, pytest.raises(PeakImagesError) as caught:
        client_of(server).create_version(1, {})
    assert caught.value.outcome_unknown
