"""The page of a build: failure, steps, log, live updates."""

import contextlib
import re
import socket
import time

import httpx
import pytest

from peak_images_local import LocalService
from peak_images_local.handlers.lookup import find_build
from peak_images_local.ui import build_log
from tests.local.pages import text_of


def test_failed_build_shows_step_message_reason_and_line(api, browser):
    api.image("weather", buildDetails={"source": "dockerfile", "dockerfile": "FROM scratch\nCOPY a b\n"})

    page = browser.get("/ui/images/101/builds/301")

    text = " ".join(text_of(page).split())
    assert "Step 2 of 2 failed [2/2] COPY a b ERROR: " in text
    assert "only that text is sent, so COPY has nothing to take from" in text
    number = re.search(r"Go to line (\d+)", text)[1]
    assert f'href="/ui/images/101/builds/301#L{number}"' in page.text
    assert re.search(rf'id="L{number}".*class="message error">ERROR: ', page.text)
    assert "nothing was run, installed or pushed" in text
    assert "icon-bad.svg" in page.text


def test_failure_names_the_step_it_came_to(api, browser, service):
    service.control.next_build(failure="no space left on device")
    api.image("weather", buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN b\nRUN c"})
    api.image("nonsense", buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})

    text = text_of(browser.get("/ui/images/101/builds/301"))
    assert re.search(r"Step \d of 3 failed\s+\[\d/3\] \S+ \S\s+ERROR: no space left on device", text)
    assert "The build failed before its first step" in text_of(browser.get("/ui/images/102/builds/302"))


def test_steps_have_the_times_between_their_log_lines(api, browser, service):
    api.create_image("weather", buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN b"})
    service.control.clock.advance(30)

    with service._running.database.transaction() as transaction:
        build = find_build(transaction, 101, 301)
        steps = build_log.read_steps(transaction, build)

    assert [step.text for step in steps][:2] == ["Preparing", "[1/2] FROM a"]
    assert sum(step.took for step in steps) == 30_000
    assert all(0 <= step.left < 100 and step.left + step.width <= 100.01 for step in steps)


@pytest.mark.parametrize(
    ("line", "is_step"),
    [
        ("[1/2] FROM a", True), ("[stage 2 1/2] FROM a", True), ("#7 [build 12/13] RUN x", True),
        ("STEP 2/5: RUN x", True),
        ("#7 [internal] load", False), ("see [1] 1/2", False), ("[1/2]", False), ("#7 0.1 [1/2] x", False),
    ],
)  # fmt: skip
def test_steps_of_each_builder_are_recognised_in_the_log(api, service, line, is_step):
    api.create_image("weather")
    with service._running.database.transaction() as transaction:
        transaction.execute("UPDATE log_lines SET message = ?, at = 0 WHERE position = 1", line)
        build = find_build(transaction, 101, 301)

        assert (line in [step.text for step in build_log.read_steps(transaction, build)]) == is_step


def write_log(service, lines):
    with service._running.database.transaction() as transaction:
        transaction.execute("DELETE FROM log_lines")
        transaction.executemany("INSERT INTO log_lines VALUES (301, ?, 0, ?)", list(enumerate(lines)))


def test_huge_log_is_bounded_on_the_page_and_whole_in_the_raw_one(api, browser, service):
    api.image("weather")
    write_log(service, [*(f"line {number}" for number in range(build_log.MAX_LINES + 500)), "x" * 1_000_000])

    page = browser.get("/ui/images/101/builds/301")
    raw = browser.get("/ui/images/101/builds/301/log")

    assert page.text.count('<li><a href="#L') == build_log.MAX_LINES
    assert len(page.text) < 500_000
    assert "998000 more characters in the raw log" in page.text
    assert ">line 1499<" in page.text
    assert ">line 10<" not in page.text
    assert ">line 10<" in browser.get("/ui/images/101/builds/301", params={"from": "1"}).text
    assert raw.text.count("\n") == build_log.MAX_LINES + 501
    assert "x" * 1_000_000 in raw.text
    assert raw.headers["content-type"].startswith("text/plain")


def test_pages_reload_themselves_without_javascript_while_something_is_under_way(api, browser, service):
    api.create_image()
    paths = ["/", "/ui/images/101", "/ui/images/101/versions/201", "/ui/images/101/builds/301", "/ui/builds"]

    assert all('<noscript><meta http-equiv="refresh"' in browser.get(path).text for path in paths)
    service.control.finish_builds()
    assert not any("refresh" in browser.get(path).text for path in paths)


def test_events_report_changes_and_the_end_of_a_build(api, browser, service):
    api.create_image(buildDetails={"source": "dockerfile", "dockerfile": "FROM a\nRUN echo <a>"})

    with browser.stream("GET", "/ui/images/101/builds/301/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert "event: log" in [next(lines) for _ in range(3)]
        service.control.finish_builds()
        rest = "\n".join(lines)
    assert "The build succeeded" in rest
    assert "&lt;a&gt;" in rest
    assert rest.rstrip().endswith("event: end\ndata:")
    with browser.stream("GET", "/ui/events") as response:
        lines = response.iter_lines()
        next(lines)
        api.get("/images/")
        assert "event: changed" in lines


def test_streams_are_bounded_and_free_their_place_when_their_page_is_left(browser):
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(base_url=browser.base_url, limits=httpx.Limits(max_connections=None)))
        opened = [stack.enter_context(client.stream("GET", "/ui/events")).status_code for _ in range(51)]
    assert opened == [200] * 50 + [503]

    deadline = time.monotonic() + 90
    while True:
        with browser.stream("GET", "/ui/events") as response:
            if response.status_code == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_streams_that_are_opened_at_once_are_bounded():
    with LocalService() as service, contextlib.ExitStack() as stack:
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        opened = [stack.enter_context(socket.create_connection(address, timeout=60)) for _ in range(150)]
        for connection in opened:
            connection.sendall(b"GET /ui/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        statuses = [connection.recv(12) for connection in opened]

    assert statuses.count(b"HTTP/1.1 200") == 50
    assert statuses.count(b"HTTP/1.1 503") == 100


def test_service_stops_while_pages_are_open():
    service = LocalService().start()
    with httpx.Client(base_url=service.url) as client, client.stream("GET", "/ui/events") as response:
        chunks = response.iter_bytes()
        assert next(chunks)
        service.stop()
        with contextlib.suppress(httpx.HTTPError):
            list(chunks)  # it ends
    with pytest.raises(httpx.ConnectError):
        httpx.get(str(response.url))
