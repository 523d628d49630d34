"""Ctrl-C in the middle of every long operation: it ends at once, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import threading
import time

import anyio
import pytest

from peak_images import Session, _artifacts, get_async_client
from tests.integration.raw_server import SILENCE, RawServer, response

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT to send there")

SCRIPT = """
import asyncio{further}
# What is imported late: an import that an interrupt meets may leave its file open, as Python does it.
import anyio.to_thread, concurrent.futures.thread, hashlib, tempfile, zlib
import peak_build_context.report, peak_images_api.models.image_create_form
from peak_images import *
session = Session("a-token", base_url={url!r}, max_artifact_size=None)
client, async_client = get_client(session), get_async_client(session)
context = {context!r}
body = {{"name": "an-image", "type": "api"}}
async def used_up(elements):
    async for _ in elements: pass
print("ready", flush=True)
{call}
"""

CREATED = b'{"imageId": 1, "versionId": 2, "buildId": 3}'
BUILDING = b'{"id": 2, "status": "not-ready", "lastBuildStatus": "building"}'
DELETING = b'{"id": 2, "status": "deleting"}'
NO_LOGS = b'{"buildStatus": "building", "logs": [], "nextToken": "1"}'
FIRST_PAGE = b'{"pageCount": 9, "images": [{"id": 1}]}'
STALLED = (SILENCE,)
CUT = (response(200, b"x" * 2**18, length=2**20), SILENCE)

SYNC = {
    "a question": ("client.describe_image(1)", STALLED),
    "a retry": (
        "client.with_options(retries=9).list_images(return_iterator=False)",
        response(503, b"", "Retry-After: 50"),
    ),
    "a list": ("list(client.list_images())", (response(200, FIRST_PAGE), STALLED)),
    "a list with prefetch": ("list(client.list_images(prefetch=True))", (response(200, FIRST_PAGE), STALLED)),
    "an upload": ("client.create_image(body, {'path': context})", STALLED),
    "an upload that is being sent": ("client.create_image(body, {'path': context + '-wide'})", STALLED),
    "zipping": ("client.create_image(body, {'path': context + '-large'})", STALLED),
    "saving a log": ("client.get_build_logs(1, 1, save=True, file_name='build.log')", None),
    "waiting for a build": ("client.wait_until_built(1, 2)", response(200, BUILDING)),
    "following a log": ("list(client.follow_build_logs(1, 1))", response(200, NO_LOGS)),
    "waiting for a deletion": ("client.wait_until_deleted(1, 2)", response(200, DELETING)),
}


def _asynchronous(call, run):
    iterates = call.startswith("list(")
    call = call.removeprefix("list(").removesuffix(")") if iterates else call
    call = call.replace("client.", "async_client.", 1)
    if iterates:
        return run.format("used_up", call)
    return f"async def main(): await {call}\n" + run.format("main", "")


LOOPS = {"asyncio": "asyncio.run({}({}))", "trio": "trio.run({}, {})"}
CALLS = {f"{name}, sync": case for name, case in SYNC.items()} | {
    f"{name}, {loop}": (_asynchronous(call, run), responses)
    for loop, run in LOOPS.items()
    for name, (call, responses) in SYNC.items()
}


@pytest.mark.parametrize(("call", "responses"), CALLS.values(), ids=CALLS.keys())
def test_keyboard_interrupt_ends_a_call_at_once(call, responses, tmp_path, build_context):
    if "-large" in call:
        _make_large(build_context.with_name("image-large"))
    if "-wide" in call:
        _make_wide(build_context.with_name("image-wide"))
    for name in ("work", "temporary"):
        (tmp_path / name).mkdir()
    with RawServer(CUT) as host:
        if responses is None:
            responses = response(200, b'{"downloadUrl": "%s/l?signature=s"}' % host.url.encode())
        responses = (
            responses if isinstance(responses, tuple) and isinstance(responses[0], (tuple, bytes)) else (responses,)
        )
        with RawServer(*responses, deaf="-wide" in call) as server:
            further = ", trio" if "trio.run" in call else ""
            script = SCRIPT.format(url=server.url, context=str(build_context), call=call, further=further)
            process = subprocess.Popen(
                [sys.executable, "-B", "-W", "error", "-c", script],
                cwd=tmp_path / "work",
                env={**os.environ, "TMPDIR": str(tmp_path / "temporary")},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert process.stdout.readline() == "ready\n"
            _wait_for(lambda: "-large" in call or server.received, process)
            _wait_for(lambda: "save=True" not in call or host.received, process)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            # What is interrupted here would go on for half a minute or more.
            _, output = process.communicate(timeout=25)

    # As a shell expects: ended by the signal itself.
    assert process.returncode == -signal.SIGINT, output
    assert output.rstrip().endswith("KeyboardInterrupt")
    for noise in ("Exception ignored", "Warning", "never retrieved", "Unclosed", "another exception occurred"):
        # asyncio itself makes its KeyboardInterrupt while it handles the cancellation.
        assert noise not in output.replace("handling of the above exception, another exception occurred", "", 1), output
    assert list((tmp_path / "work").iterdir()) == []
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("backend", LOOPS)
def test_cancellation_does_not_wait_for_zipping(build_context, backend):
    _make_large(large := build_context.with_name("image-large"))

    async def main():
        async with Session("a-token", base_url="http://127.0.0.1:9", max_artifact_size=None) as session:
            with anyio.move_on_after(0.3):
                await get_async_client(session).create_image({"name": "an-image", "type": "api"}, {"path": large})

    anyio.run(main, backend=backend)
    # Nor does it continue: that would take minutes, which the tests' own timeout doesn't allow.
    while any(thread.name.startswith("peak-build-context-zip") for thread in threading.enumerate()):
        time.sleep(0.05)


@pytest.mark.parametrize("backend", LOOPS)
def test_cancellation_does_not_wait_for_the_walk(build_context, backend, monkeypatch):
    (build_context / "below").mkdir()
    entered = []
    has_begun, may_go_on, ended = threading.Event(), threading.Event(), threading.Event()
    scandir, preflight = os.scandir, _artifacts.preflight

    def stalled(directory):
        entered.append(directory)
        has_begun.set()
        may_go_on.wait(30)
        return scandir(directory)

    def noted(*arguments, **options):
        try:
            return preflight(*arguments, **options)
        finally:
            ended.set()

    monkeypatch.setattr(os, "scandir", stalled)
    monkeypatch.setattr(_artifacts, "preflight", noted)

    async def main():
        async with Session("a-token", base_url="http://127.0.0.1:9") as session, anyio.create_task_group() as tasks:
            body, artifact = {"name": "an-image", "type": "api"}, {"path": build_context}
            tasks.start_soon(get_async_client(session).create_image, body, artifact)
            await anyio.to_thread.run_sync(has_begun.wait, 30)
            tasks.cancel_scope.cancel()

    anyio.run(main, backend=backend)
    may_go_on.set()

    assert ended.wait(30)
    assert entered == [os.path.realpath(build_context)]


def _make_large(directory):
    """Create a directory that takes long to zip, and no space on the disk."""
    directory.mkdir()
    (directory / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    with (directory / "large.bin").open("wb") as file:
        file.truncate(2**36)


def _make_wide(directory):
    """More than the buffers of a connection hold, zipped too."""
    directory.mkdir()
    (directory / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (directory / "wide.bin").write_bytes(os.urandom(2**25))


def _wait_for(condition, process):
    until = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.01)
