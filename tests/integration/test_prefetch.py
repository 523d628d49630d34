"""Pagination with and without prefetch: errors, cancellation, threads, tasks, event loops and forks."""

import asyncio
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import anyio
import httpx
import pytest

from peak_images import PeakImagesError, Session, get_async_client, get_client

NAMES = [f"image-{number}" for number in (4, 3, 2, 1, 0)]

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])

PREFETCH = pytest.mark.parametrize("prefetch", [False, True], ids=["", "prefetch"])


@pytest.fixture
def five_images(seed):
    for name in reversed(NAMES):
        seed.image(name)


@pytest.mark.invalid_responses
@PREFETCH
@pytest.mark.parametrize("passed", range(5))
def test_iteration_resumes_at_the_same_page_after_an_error(session, five_images, service, prefetch, passed):
    if passed:
        service.control.fail_next(passed)
    service.control.fail_next(status=404)
    images = get_client(session).list_images(page_size=1, prefetch=prefetch)
    names, errors = [], 0
    while len(names) < 5:
        try:
            names.append(next(images)["name"])
        except PeakImagesError:
            errors += 1

    assert (names, errors) == (NAMES, 1)
    assert next(images, None) is None


@BACKENDS
@PREFETCH
def test_iteration_resumes_at_the_same_page_after_cancellation(session, five_images, service, backend, prefetch):
    service.control.fail_next(2)
    service.control.fail_next(2, delay=1)

    async def work():
        images = get_async_client(session).list_images(page_size=1, prefetch=prefetch)
        names, cancelled = [], 0
        while len(names) < 5:
            with anyio.move_on_after(0.1) as scope:
                names.append((await anext(images))["name"])
            cancelled += scope.cancelled_caught
        await session.aclose()
        return names, cancelled > 0

    assert anyio.run(work, backend=backend) == (NAMES, True)


@PREFETCH
def test_iterator_is_thread_safe(session, five_images, prefetch):
    images = get_client(session).list_images(page_size=2, prefetch=prefetch)
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: [image["name"] for image in images], range(4)))

    assert sorted(name for names in given for name in names) == sorted(NAMES)


@BACKENDS
@PREFETCH
def test_iterator_can_be_shared_between_tasks(session, five_images, backend, prefetch):
    async def work():
        images, given = get_async_client(session).list_images(page_size=2, prefetch=prefetch), []

        async def consume():
            async for image in images:
                given.append(image["name"])
                await anyio.lowlevel.checkpoint()

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(consume)
        await session.aclose()
        return given

    assert sorted(anyio.run(work, backend=backend)) == sorted(NAMES)


def test_iterator_continues_in_another_event_loop(session, five_images):
    images = get_async_client(session).list_images(page_size=1, prefetch=True)

    async def first():
        name = (await anext(images))["name"]
        await session.aclose()
        return name

    async def rest():
        names = [image["name"] async for image in images]
        await session.aclose()
        return names

    assert [asyncio.run(first()), *asyncio.run(rest())] == NAMES


FORKED = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads, which is the point here
from peak_images import *
client = get_client()
images = client.list_images(page_size=1, prefetch=True)
names = [next(images)["name"]]
child = os.fork()
names += [image["name"] for image in images]
print(*names, flush=True)
if not child:
    os._exit(0)
os.waitpid(child, 0)
client.session.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_iterator_continues_after_fork(service, five_images):
    environment = {**os.environ, "PEAK_IMAGES_URL": service.url, "PEAK_AUTH_TOKEN": service.token}
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=False, env=environment, timeout=40
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, 2 * (" ".join(NAMES) + "\n"), "")


def test_prefetch_threads_inherit_context_variables():
    request_id, seen = ContextVar("request_id", default=""), []

    def page_of_three(_):
        seen.append(request_id.get())
        return httpx.Response(200, json={"pageCount": 3, "images": [{"id": len(seen)}]})

    request_id.set("request-7")
    with Session("a-token", transport=httpx.MockTransport(page_of_three)) as session:
        assert len(list(get_client(session).list_images(page_size=1, prefetch=True))) == 3

    assert seen == ["request-7"] * 3


@pytest.mark.parametrize("size", [1, 2, 5])
def test_prefetch_requests_no_page_twice_and_none_beyond_the_last(session, five_images, received, size):
    received()
    names = [image["name"] for image in get_client(session).list_images(page_size=size, prefetch=True)]

    assert names == NAMES
    numbers = sorted(int(dict(request.query)["pageNumber"]) for request in received())
    assert numbers == list(range(1, -(-5 // size) + 1))


def test_prefetch_fetches_pages_concurrently(session, five_images, monkeypatch):
    client = get_client(session)
    together = threading.Barrier(4, timeout=20)
    images = client.list_images(page_size=1, prefetch=True)
    fetch = images._fetch

    def fetch_together(number):
        if number > 1:
            together.wait()  # breaks unless four pages are fetched at once
        return fetch(number)

    images._fetch = fetch_together
    assert [image["name"] for image in images] == NAMES


def test_prefetch_leaves_no_thread_behind(session, five_images):
    before = set(threading.enumerate())
    images = get_client(session).list_images(page_size=1, prefetch=True)
    next(images)
    next(images)
    started = set(threading.enumerate()) - before
    for thread in started:
        if thread.name == "peak-images":
            thread.join(10)

    assert not [thread for thread in started if thread.name == "peak-images" and thread.is_alive()]
