"""The pages in a browser. Their pictures are kept in the folder that PEAK_IMAGES_ARTEFACTS names, if it does."""

import os
import pathlib
import shutil
import subprocess

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def browse(service, tmp_path):
    """Shows a page; gives what the browser made of it."""
    if BROWSER is None:
        pytest.skip("no Chromium is installed")
    folder = pathlib.Path(os.environ.get("PEAK_IMAGES_ARTEFACTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def show(path, picture):
        shot = folder / f"{picture}.png"
        options = [
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,900"),
            *(f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=10000"),
            *(f"--screenshot={shot}", "--dump-dom"),
        ]
        done = subprocess.run(
            [BROWSER, *options, service.url + path], capture_output=True, text=True, timeout=50, check=True
        )
        assert shot.read_bytes().startswith(b"\x89PNG")
        return done.stdout

    return show


def test_the_api_page(browse, service):
    page = browse("/image-management/api-docs/index.htm", "api")

    for words in ("Peak Images", "OAS 3.1", "/images/{imageId}/versions", "Update a version"):
        assert words in page
    assert {request.status for request in service.requests} <= {200, 304}


def test_the_pages_of_what_there_is(browse, api):
    ids = api.image("first")
    api.version(ids["imageId"], buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})

    assert "first" in browse("/", "images")
    assert "0.0.2" in browse(f"/ui/images/{ids['imageId']}", "image")
    assert "The build failed" in browse(f"/ui/images/{ids['imageId']}/builds/302", "build")
