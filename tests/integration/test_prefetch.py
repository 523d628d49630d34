"""What is fetched ahead: whole and in order whatever happens meanwhile, and given up when nobody wants it."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import anyio
import httpx
import pytest

from peak_images import PeakImagesError, Session, get_async_client, get_client
from tests.integration.raw_server import RESET, RawServer, response

NAMES = [f"image-{number}" for number in (4, 3, 2, 1, 0)]

BACKENDS = pytest.mark.parametrize("backend", ["asyncio", "trio"])

PREFETCH = pytest.mark.parametrize("prefetch", [False, True], ids=["", "prefetch"])


@pytest.fixture
def five_images(seed):
    for name in reversed(NAMES):
        seed.image(name)


def page(number):
    body = {"images": [{"id": number, "name": f"image-{number}"}], "pageCount": 2}
    return response(200, json.dumps(body).encode())


class FetchingAhead:
    """A session, and an iterator of two pages whose second is on its way, and breaks off at first."""

    def __init__(self, server, session, broken):
        self.session, self._server, self._broken = session, server, broken
        others = set(threading.enumerate())
        self.iterators = [get_client(session).list_images(page_size=1, prefetch=True)]
        assert next(self.iterators[0])["name"] == "image-1"
        (self._thread,) = (
            thread for thread in set(threading.enumerate()) - others if thread.name == "peak-images-prefetch"
        )
        while len(server.received) < 2:
            time.sleep(0.001)

    def ends(self):
        """Let it break off, and wait for the thread; how many requests have been received in all."""
        self._broken.set()
        self._thread.join()
        return len(self._server.received)


@pytest.fixture
def fetching_ahead():
    broken = threading.Event()
    # The timeout, since a thread that is about to read where another one closes doesn't notice.
    with (
        RawServer(page(1), (broken, RESET), page(2)) as server,
        Session("a-token", base_url=server.url, timeout=2) as session,
    ):
        yield FetchingAhead(server, session, broken)


LET_GO = {
    "close": lambda ahead: ahead.session.close(),
    "aclose": lambda ahead: anyio.run(ahead.session.aclose),
    "del": lambda ahead: ahead.iterators.clear(),
}


@pytest.mark.invalid_responses
@pytest.mark.parametrize("let_go", LET_GO.values(), ids=LET_GO.keys())
def test_what_is_fetched_ahead_is_not_tried_again_for_nobody(fetching_ahead, let_go):
    let_go(fetching_ahead)

    assert fetching_ahead.ends() == 2


@pytest.mark.invalid_responses
def test_a_thread_that_fetches_ahead_opens_no_connection_anew(fetching_ahead):
    fetching_ahead.session.close()
    fetching_ahead.ends()

    assert fetching_ahead.session._connections._own is None


@pytest.mark.invalid_responses
def test_an_iterator_that_fetches_ahead_goes_on_after_its_session_was_closed(fetching_ahead):
    fetching_ahead.session.close()
    fetching_ahead.ends()

    assert [image["name"] for image in fetching_ahead.iterators[0]] == ["image-2"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_page_that_is_being_fetched_ahead_is_let_go_with_its_iterator(session, seed, service, backend):
    seed.image("one")
    seed.image("two")
    service.control.fail_next()  # lets the first page pass
    service.control.fail_next(delay=0.2)

    async def work():
        images = get_async_client(session).list_images(page_size=1, prefetch=True)
        first = await anext(images)
        del images
        await session.aclose()
        return first["name"]

    assert anyio.run(work, backend=backend) == "two"


@pytest.mark.invalid_responses
@PREFETCH
@pytest.mark.parametrize("passed", range(5))
def test_after_an_error_the_same_page_comes_next(session, five_images, service, prefetch, passed):
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
def test_after_a_cancellation_the_same_page_comes_next(session, five_images, service, backend, prefetch):
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
def test_threads_may_share_an_iterator(session, five_images, prefetch):
    images = get_client(session).list_images(page_size=2, prefetch=prefetch)
    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda _: [image["name"] for image in images], range(4)))

    assert sorted(name for names in given for name in names) == sorted(NAMES)


@BACKENDS
@PREFETCH
def test_tasks_may_share_an_iterator(session, five_images, backend, prefetch):
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


@BACKENDS
def test_an_asynchronous_session_that_is_closed_at_once_fetches_nothing_ahead(session, five_images, received, backend):
    received()

    async def work():
        await anext(get_async_client(session).list_images(page_size=1, prefetch=True))
        await session.aclose()
        await anyio.sleep(0.05)
        return len(session.tasks_ahead)

    assert anyio.run(work, backend=backend) == 0
    assert len(received()) == 1


@BACKENDS
def test_a_session_that_is_closed_in_a_cancelled_scope_fetches_nothing_more(session, five_images, service, backend):
    service.control.fail_next()
    service.control.fail_next(4, delay=0.2, status=503)

    async def work():
        with anyio.move_on_after(0.1):
            async with session:
                images = get_async_client(session).list_images(page_size=1, prefetch=True)
                await anext(images)
                await anyio.sleep_forever()
        await anyio.sleep(0.05)
        return len(session.tasks_ahead)

    assert anyio.run(work, backend=backend) == 0


@BACKENDS
def test_an_asynchronous_iterator_that_is_let_go_is_not_tried_again(session, five_images, service, received, backend):
    service.control.fail_next()
    service.control.fail_next(8, status=503)
    received()

    async def work():
        images = get_async_client(session).list_images(page_size=1, prefetch=True)
        await anext(images)
        await anyio.lowlevel.checkpoint()  # lets the tasks begin
        del images
        for task in tuple(session.tasks_ahead):
            await task.end()
        await session.aclose()

    anyio.run(work, backend=backend)
    assert len(received()) <= 5


def test_an_iterator_goes_on_in_another_event_loop(session, five_images):
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


@pytest.mark.parametrize("have_begun", [False, True])
def test_an_iterator_goes_on_after_somebody_has_cancelled_all_tasks(session, five_images, have_begun):
    async def work():
        images = get_async_client(session).list_images(page_size=1, prefetch=True)
        names = [(await anext(images))["name"]]
        if have_begun:
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        names += [image["name"] async for image in images]
        await session.aclose()
        return names

    assert asyncio.run(work()) == NAMES


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
def test_an_iterator_goes_on_in_a_child_process(service, five_images):
    environment = {**os.environ, "PEAK_IMAGES_URL": service.url, "PEAK_AUTH_TOKEN": service.token}
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=False, env=environment, timeout=40
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, 2 * (" ".join(NAMES) + "\n"), "")


def test_threads_that_fetch_ahead_know_the_context():
    request_id, seen = ContextVar("request_id", default=""), []

    def page_of_three(_):
        seen.append(request_id.get())
        return httpx.Response(200, json={"pageCount": 3, "images": [{"id": len(seen)}]})

    request_id.set("request-7")
    with Session("a-token", transport=httpx.MockTransport(page_of_three)) as session:
        assert len(list(get_client(session).list_images(page_size=1, prefetch=True))) == 3

    assert seen == ["request-7"] * 3
