"""Many at once on one session, while responses go wrong: everything happens once, or is reported."""

import os
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import anyio
import pytest

from peak_images import PeakImagesError, Session, get_async_client, get_client
from tests.integration.bodies import DOCKERFILE_BUILD, NEW_IMAGE

FAULTS = [
    {"status": 503},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"status": 500, "acted": True},
    {"status": 502, "body": "<html>Bad Gateway</html>", "content_type": "text/html"},
    {"drop": "close", "acted": True},
    {"drop": "reset", "acted": True},
    {"drop": "reset"},
    {"truncate": 5, "acted": True},
]


@pytest.fixture
def image_id(session, service):
    return get_client(session).create_image(NEW_IMAGE)["imageId"]


def test_eight_threads_create_exactly_once_or_raise(session, service, image_id, no_delays):
    client = get_client(session)
    generator = random.Random(1)
    for _ in range(40):
        service.control.fail_next(method="POST", **generator.choice(FAULTS))
        service.control.fail_next(method="GET", **generator.choice(FAULTS))

    def create(number):
        try:
            created = client.create_version(image_id, {"description": f"{number}", "buildDetails": DOCKERFILE_BUILD})
        except PeakImagesError as error:
            return number, error
        with suppress(PeakImagesError):  # also after the third retry
            assert client.describe_version(image_id, created["versionId"])["id"] == created["versionId"]
        return number, None

    with ThreadPoolExecutor(8) as threads:
        outcomes = dict(threads.map(create, range(64)))

    _each_once_or_told(service, session, image_id, outcomes)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_two_hundred_tasks_create_exactly_once_or_raise(service, session, image_id, backend, no_delays):
    generator = random.Random(2)
    for _ in range(60):
        service.control.fail_next(method="POST", **generator.choice(FAULTS))
    outcomes = {}

    async def create(client, number):
        outcomes[number] = None
        try:
            await client.create_version(image_id, {"description": f"{number}", "buildDetails": DOCKERFILE_BUILD})
        except PeakImagesError as error:
            outcomes[number] = error

    async def work():
        own = Session(base_url=service.url, auth_token=service.token, timeout=30)
        async with own, anyio.create_task_group() as tasks:
            for number in range(200):
                tasks.start_soon(create, get_async_client(own), number)

    anyio.run(work, backend=backend)

    _each_once_or_told(service, session, image_id, outcomes)


def _each_once_or_told(service, session, image_id, outcomes):
    found = [version["description"] for version in get_client(session).list_image_versions(image_id, page_size=100)]
    found = [int(text) for text in found if text and text.isdigit()]
    assert len(found) == len(set(found)), "created twice"
    for number, error in outcomes.items():
        if error is None:
            assert number in found
        else:
            assert number not in found or error.outcome_unknown
    assert any(outcomes.values())
    assert not all(outcomes.values())


def _ran(service, code):
    environment = {**os.environ, "PEAK_IMAGES_URL": service.url, "API_KEY": service.token}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=30,
    )


NEVER_CLOSED = {
    "sync": "get_client().list_images(return_iterator=False)",
    "sync, an iterator that isn't used up": "next(get_client().list_images(page_size=1, prefetch=True))",
    "asyncio": "import asyncio; asyncio.run(main(get_async_client()))",
    "asyncio, twice with one session": (
        "import asyncio; s = Session(); asyncio.run(main(get_async_client(s))); asyncio.run(main(get_async_client(s)))"
    ),
    "asyncio, then sync, with one session": (
        "import asyncio; s = Session(); asyncio.run(main(get_async_client(s)));"
        "get_client(s).list_images(return_iterator=False)"
    ),
    "asyncio, an iterator that isn't used up": "import asyncio; asyncio.run(first(get_async_client()))",
    "trio": "import trio; trio.run(main, get_async_client())",
    "trio, twice with one session": (
        "import trio; s = Session(); trio.run(main, get_async_client(s)); trio.run(main, get_async_client(s))"
    ),
    "trio, an iterator that isn't used up": "import trio; trio.run(first, get_async_client())",
}

MAIN = """
from peak_images import *
async def main(client):
    assert (await client.list_images(return_iterator=False))["imageCount"] == 2
async def first(client):
    await anext(client.list_images(page_size=1, prefetch=True))
"""


@pytest.mark.parametrize("code", NEVER_CLOSED.values(), ids=NEVER_CLOSED.keys())
def test_unclosed_client_emits_no_warning_with_w_error(service, session, code):
    for name in ("one", "two"):
        get_client(session).create_image({**NEW_IMAGE, "name": name})
    done = _ran(service, MAIN + code)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


CLOSED_BY_A_SIGNAL = """
import signal, sys
from peak_images import *
client = get_client(Session("a-token", base_url="https://127.0.0.1:9", retries=0))
def end(*_):
    client.session.close()
    sys.exit(0)
def call():
    try:
        client.list_images(return_iterator=False)
    except PeakImagesError:
        client.session.close()
# All that is imported is there before: an import that a signal ends may leave its file open.
call()
signal.signal(signal.SIGALRM, end)
signal.setitimer(signal.ITIMER_REAL, DELAY)
while True:
    call()
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers here")
@pytest.mark.parametrize("delay", [0.001, 0.003, 0.006, 0.01, 0.02])
def test_signal_handler_can_close_a_session_while_it_connects(service, delay):
    done = _ran(service, CLOSED_BY_A_SIGNAL.replace("DELAY", str(delay)))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


AT_THE_END = {
    "a function that runs at the end": (
        "import atexit; atexit.register(lambda: (call(), client.session.close())); client.describe_image(101)"
    ),
    "a thread that outlives the main one": "threading.Thread(target=lambda: (time.sleep(0.3), call())).start()",
    "one that has uploaded before": "upload(); threading.Thread(target=lambda: (time.sleep(0.3), call())).start()",
}

CALLS_AT_THE_END = """
import sys, threading, time
from peak_images import *
client = get_client()
def upload():
    client.create_version(101, {}, {"path": CONTEXT})
def call():
    print(client.describe_image(101)["id"])
    WHAT
    print("done")
"""


@pytest.mark.parametrize("when", AT_THE_END.values(), ids=AT_THE_END.keys())
def test_calls_work_in_atexit_handlers(service, session, build_context, when):
    get_client(session).create_image(NEW_IMAGE)
    for number in range(5):
        (build_context / f"noise-{number}").write_bytes(os.urandom(2**20))
    what = "pass" if "atexit" in when else "upload()"
    code = CALLS_AT_THE_END.replace("WHAT", what).replace("CONTEXT", repr(str(build_context)))
    done = _ran(service, code + when)

    assert (done.returncode, done.stdout, done.stderr) == (0, "101\ndone\n", "")


FORK = """
import os, threading, time, warnings
from peak_images import *
warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads, which is the point here
client = get_client()
client.describe_image(101)  # imports what it needs: Python's own locks of imports don't survive a fork
busy = threading.Thread(target=lambda: [client.describe_image(101) for _ in range(20)])
busy.start()
children = []
for _ in range(3):
    if not (child := os.fork()):
        code = 0 if client.describe_image(101)["id"] == 101 else 1
        client.session.close()
        os._exit(code)
    children.append(child)
busy.join()
for child in children:
    assert os.waitpid(child, 0)[1] == 0
assert client.describe_image(101)["id"] == 101
client.session.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_fork_during_a_call_of_another_thread(service, session):
    get_client(session).create_image(NEW_IMAGE)
    done = _ran(service, FORK)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert {request.status for request in service.requests} == {200}


TRACED = """
import asyncio
from opentelemetry import trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
trace.set_tracer_provider(TracerProvider())
HTTPXClientInstrumentor().instrument()
from peak_images import *
with trace.get_tracer("a-test").start_as_current_span("a-span") as span:
    print(format(span.get_span_context().trace_id, "032x"))
    CALL
"""


@pytest.mark.parametrize(
    "call",
    [
        "get_client().list_images(return_iterator=False)",
        "asyncio.run(get_async_client().list_images(return_iterator=False))",
    ],
    ids=["sync", "asyncio"],
)
def test_opentelemetry_trace_context_is_propagated(service, call):
    pytest.importorskip("opentelemetry.instrumentation.httpx", reason="OpenTelemetry's instrumentation isn't there")
    environment = {**os.environ, "PEAK_IMAGES_URL": service.url, "API_KEY": service.token}
    done = subprocess.run(
        [sys.executable, "-c", TRACED.replace("CALL", call)],
        capture_output=True, text=True, check=False, env=environment, timeout=30,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    [request] = service.requests
    assert request.headers["traceparent"].split("-")[1] == done.stdout.strip()
