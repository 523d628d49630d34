"""One session for several clients, threads and event loops; and what closing it does."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest

from peak_images import Session, get_async_client, get_client
from tests.integration.bodies import NEW_IMAGE


def test_client_is_thread_safe(session, service):
    client = get_client(session)

    def work(number):
        created = client.create_image({**NEW_IMAGE, "name": f"image-{number}"})
        return client.describe_image(created["imageId"])["name"]

    with ThreadPoolExecutor(8) as threads:
        names = list(threads.map(work, range(24)))

    assert names == [f"image-{number}" for number in range(24)]
    assert len(list(client.list_images())) == 24


def test_concurrent_uploads_are_complete(session, service, build_context):
    client = get_client(session)

    def upload(number):
        return client.create_image({"name": f"image-{number}", "type": "api"}, {"path": build_context})["versionId"]

    with ThreadPoolExecutor(4) as threads:
        uploaded = [service.control.uploaded_files(version) for version in threads.map(upload, range(8))]

    assert uploaded == [uploaded[0]] * 8


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_client_makes_concurrent_calls(session, service, backend):
    async def work():
        client = get_async_client(session)
        async with anyio.create_task_group() as tasks:
            for number in range(8):
                tasks.start_soon(client.create_image, {**NEW_IMAGE, "name": f"image-{number}"})
        listed = [image["name"] async for image in client.list_images()]
        await session.aclose()
        return listed

    assert sorted(anyio.run(work, backend=backend)) == [f"image-{number}" for number in range(8)]


ITERATORS = {
    "follow_build_logs": (lambda client, ids: client.follow_build_logs(*ids, poll_interval=0.01), "message"),
    "list_all_builds": (lambda client, _: client.list_all_builds(), "buildId"),
    "list_images": (lambda client, _: client.list_images(page_size=1), "id"),
}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize(("iterate", "key"), ITERATORS.values(), ids=ITERATORS.keys())
def test_tasks_that_share_an_iterator_get_each_element_once(session, service, backend, iterate, key):
    created = [get_client(session).create_image({**NEW_IMAGE, "name": name}) for name in ("first", "second")]
    service.control.finish_builds()
    build = next(get_client(session).list_image_builds(created[0]["imageId"]))
    ids = created[0]["imageId"], build["buildId"]
    expected = [element[key] for element in iterate(get_client(session), ids)]

    async def work():
        found = []

        async def take(elements):
            async for element in elements:
                found.append(element[key])

        shared = iterate(get_async_client(session), ids)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(take, shared)
        await session.aclose()
        return found

    assert sorted(anyio.run(work, backend=backend)) == sorted(expected)


@pytest.fixture
def environment(service, monkeypatch):
    """The local service and its token, as the environment names them."""
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)


@pytest.fixture
def closed(monkeypatch):
    """The connection pools that have been closed."""
    pools = []
    close, aclose = httpx.HTTPTransport.close, httpx.AsyncHTTPTransport.aclose

    def closing(pool):
        pools.append(pool)
        close(pool)

    async def closing_async(pool):
        pools.append(pool)
        await aclose(pool)

    monkeypatch.setattr(httpx.HTTPTransport, "close", closing)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "aclose", closing_async)
    return pools


def test_client_closes_its_own_session(environment, closed):
    with get_client() as client:
        client.list_images(return_iterator=False)
        assert closed == []

    assert len(closed) == 1


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_async_client_closes_its_own_session(environment, closed, backend):
    async def work():
        async with get_async_client() as client:
            await client.list_images(return_iterator=False)
            assert closed == []
        return len(closed)

    assert anyio.run(work, backend=backend) == 1


def test_client_does_not_close_a_given_session(session, closed):
    with get_client(session) as client:
        client.list_images(return_iterator=False)

    assert closed == []


def test_closed_session_opens_new_connections(session):
    client = get_client(session)
    client.list_images(return_iterator=False)
    session.close()

    assert client.list_images(return_iterator=False)["imageCount"] == 0


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_session_works_in_consecutive_event_loops(session, backend):
    async def work():
        page = await get_async_client(session).list_images(return_iterator=False)
        await session.aclose()
        return page["imageCount"]

    assert [anyio.run(work, backend=backend) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_session_is_an_async_context_manager(service, closed, backend):
    async def work():
        async with Session(base_url=service.url, auth_token=service.token) as session:
            await get_async_client(session).list_images(return_iterator=False)
            assert closed == []
        return len(closed)

    assert anyio.run(work, backend=backend) == 1


NEVER_CLOSED = {
    "sync": "get_client().list_images(return_iterator=False)",
    "asyncio": "anyio.run(partial(get_async_client().list_images, return_iterator=False), backend='asyncio')",
    "trio": "anyio.run(partial(get_async_client().list_images, return_iterator=False), backend='trio')",
}


@pytest.mark.parametrize("call", NEVER_CLOSED.values(), ids=NEVER_CLOSED.keys())
def test_unclosed_client_emits_no_resource_warning(environment, call):
    script = f"import anyio; from functools import partial; from peak_images import *; {call}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FORKED = """
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads; here there are none
from peak_images import *
client = get_client()
client.list_images(return_iterator=False)
child = os.fork()
client.list_images(return_iterator=False)
if not child:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
client.list_images(return_iterator=False)
client.session.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_forked_process_opens_its_own_connections(environment, service):
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [request.status for request in service.requests] == [200] * 4


CHILD_THAT_CLEANS_UP = """
import gc, os, warnings, httpx
warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads; here there are none
from peak_images import *
close = httpx.Client.close
def close_and_tell(pool):
    if pool is parents:
        print("closed in the", "child" if child == 0 else "parent", flush=True)
    close(pool)
httpx.Client.close = close_and_tell
client = get_client(Session())
client.list_images(return_iterator=False)
parents = client.session._connections.sync_client()
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    client.list_images(return_iterator=False)
else:
    HOW
del client
gc.collect()
print("over")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("how", ["pass", "client.session.close()", "client.list_images(return_iterator=False)"])
def test_forked_process_does_not_close_connections_of_its_parent(environment, how):
    script = CHILD_THAT_CLEANS_UP.replace("HOW", how)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "over\nclosed in the parent\nover\n", "")
