"""How long tracebacks are, in a script and in IPython: the caller's frame, the method, one line of the cause."""

import linecache
import traceback

import pytest
from IPython.core.ultratb import VerboseTB

from peak_images import PeakImagesError, Session, get_async_client, get_client
from tests.integration.bodies import FAILING_BUILD
from tests.integration.raw_server import RawServer

CELL = "<cell>"


def raised(code, **names):
    """Return the error that a cell ends with; its traceback starts in the last frame of the cell."""
    linecache.cache[CELL] = (len(code), None, code.splitlines(keepends=True), CELL)
    try:
        exec(compile(code, CELL, "exec"), names)
    except PeakImagesError as error:
        frame = found = error.__traceback__
        while frame is not None:
            found = frame if frame.tb_frame.f_code.co_filename == CELL else found
            frame = frame.tb_next
        return error.with_traceback(found)
    raise AssertionError("no error")


def in_script(error):
    return "".join(traceback.format_exception(error)).splitlines()


def in_ipython(error):
    return VerboseTB(include_vars=False).text(type(error), error, error.__traceback__).splitlines()


# The call, and the most lines in a script and in IPython.
CALLS = {
    "404": ("client.describe_image(9)", 12, 20),
    "404 while iterating": ("list(client.list_image_versions(9))", 12, 20),
    "409": ("client.create_image({'name': 'an-image', 'type': 'api', 'buildDetails': BUILD})", 12, 20),
    "422": ("client.create_image({'name': 'b', 'type': 'api', 'version': 'x', 'buildDetails': BUILD})", 12, 20),
    "bad enum": ("client.create_image({'name': 'b', 'type': 'apo'})", 12, 20),
    "bad id": ("client.describe_image('one')", 12, 20),
    # The generated call stands over many lines, of which Python 3.13 shows and marks both ends.
    "bad filter": ("client.list_images(status=['odd'])", 20, 40),
    "bad time": ("client.list_image_builds(1, date_from='then')", 24, 48),
    "missing directory": ("client.create_image({'name': 'b', 'type': 'api'}, {'path': '/no/such/directory'})", 16, 28),
    "deploy of a missing directory": ("client.deploy('/no/such/directory', {'name': 'b', 'type': 'api'})", 12, 20),
    "create or update without a type": ("client.create_or_update_image_version({'name': 'b'})", 12, 20),
}


@pytest.mark.invalid_responses
@pytest.mark.parametrize(("code", "script", "ipython"), CALLS.values(), ids=CALLS.keys())
def test_traceback_is_short(sync_client, seed, code, script, ipython):
    seed.image("an-image")
    error = raised(code, client=sync_client, BUILD=FAILING_BUILD)

    assert len(in_script(error)) <= script, "\n".join(in_script(error))
    assert len(in_ipython(error)) <= ipython, "\n".join(in_ipython(error))


@pytest.mark.invalid_responses
@pytest.mark.parametrize("code", ["await client.describe_image(9)", "await anext(client.list_image_versions(9))"])
def test_traceback_of_async_404_is_short(session, code):
    cell = f"""
import asyncio
async def main():
    try:
        {code}
    finally:
        await client.session.aclose()
asyncio.run(main())
"""
    error = raised(cell, client=get_async_client(session))

    assert len(in_script(error)) <= 12, "\n".join(in_script(error))
    assert len(in_ipython(error)) <= 20, "\n".join(in_ipython(error))


@pytest.fixture
def refused():
    with RawServer() as server:
        url = server.url
    return get_client(Session("a-token", base_url=url, retries=1))


@pytest.mark.parametrize("code", ["client.describe_image(1)", "next(client.list_images())"])
def test_traceback_of_refused_connection_has_one_line_of_the_cause(refused, no_delays, code):
    error = raised(code, client=refused)

    assert len(in_script(error)) <= 18, "\n".join(in_script(error))
    assert len(in_ipython(error)) <= 40, "\n".join(in_ipython(error))
    assert sum(line.startswith("httpx.ConnectError: ") for line in in_script(error)) == 1


def test_traceback_of_failed_build_is_short(sync_client, seed):
    created = seed.image(buildDetails=FAILING_BUILD)
    code = f"client.wait_until_built({created['imageId']}, {created['versionId']})"
    error = raised(code, client=sync_client)

    assert len(in_script(error)) <= 20, "\n".join(in_script(error))
    assert len(in_ipython(error)) <= 30, "\n".join(in_ipython(error))


@pytest.mark.parametrize("arguments", ["", "auth_token='t', stage='nowhere'", "auth_token=' '", "'t', retries=-1"])
def test_traceback_of_session_is_short(monkeypatch, arguments):
    for name in ("PEAK_AUTH_TOKEN", "API_KEY", "PEAK_IMAGES_URL"):
        monkeypatch.delenv(name, raising=False)
    error = raised(f"Session({arguments})", Session=Session)

    assert len(in_script(error)) <= 16, "\n".join(in_script(error))
    assert len(in_ipython(error)) <= 40, "\n".join(in_ipython(error))


def test_debug_variable_keeps_the_whole_traceback(refused, no_delays, monkeypatch):
    short = raised("client.describe_image(1)", client=refused)
    monkeypatch.setenv("PEAK_IMAGES_DEBUG", "1")
    whole = raised("client.describe_image(1)", client=refused)

    assert len(in_script(whole)) > 3 * len(in_script(short))
    assert whole.__cause__.__cause__ is not None
