"""Unclosed clients emit neither a warning nor a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPTS = {
    "sync": """
        client = images.get_client()
        assert client.list_images(return_iterator=False)["imageCount"] == 0
    """,
    "sync, dropped": """
        client = images.get_client()
        client.list_images(return_iterator=False)
        del client
        gc.collect()
    """,
    "asyncio": """
        client = images.get_async_client()
        async def main():
            return await client.list_images(return_iterator=False)
        for _ in range(3):  # an event loop of its own each time
            assert asyncio.run(main())["imageCount"] == 0
    """,
    "asyncio, dropped": """
        async def main():
            client = images.get_async_client()
            await client.list_images(return_iterator=False)
            del client
            gc.collect()
        asyncio.run(main())
    """,
    "trio": """
        client = images.get_async_client()
        async def main():
            return await client.list_images(return_iterator=False)
        for _ in range(3):
            assert trio.run(main)["imageCount"] == 0
    """,
    "asyncio, an iterator that fetches ahead left behind": """
        async def main():
            elements = images.get_async_client().list_images(page_size=1, prefetch=True)
            async for _ in elements:
                break
        asyncio.run(main())
    """,
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_unclosed_client_emits_no_warning(script, service, tmp_path):
    lines = ["import asyncio, gc, trio", "from peak.resources import images"]
    path = tmp_path / "script.py"
    path.write_text("\n".join(lines) + "\n" + "\n".join(line[8:] for line in SCRIPTS[script].splitlines()))
    environment = {"PEAK_IMAGES_URL": service.url, "PEAK_AUTH_TOKEN": service.token}

    run = subprocess.run(
        [sys.executable, "-W", "error", path], capture_output=True, text=True, env=environment, check=False
    )

    assert (run.returncode, run.stderr) == (0, "")
