"""Build a directory into an image on a local service, by the public client over a real socket.

``peak-images demo`` runs it, and so can a script: it doesn't need the dependencies of the command line.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import peak_images as images
from peak_images_local import LocalService

BUILD_SECONDS: Final = 3.0
"""Long enough to see the log being written."""

_POLL: Final = 0.2
"""Polling interval in seconds, shorter than for the real service."""

_PATIENCE: Final = 120.0

_EXAMPLE: Final = {
    "Dockerfile": (
        "FROM python:3.12-slim\n"
        "ARG GREETING=Hello\n"
        "ENV GREETING=${GREETING}\n"
        "COPY app.py /srv/\n"
        'CMD ["python", "/srv/app.py"]\n'
    ),
    "app.py": 'import os\n\nprint(os.environ["GREETING"])\n',
    "notes.txt": "Nothing that the build needs.\n",
    ".dockerignore": "notes.txt\n",
}
"""The files of the default directory."""


class DemoError(Exception):
    """A step failed."""


def run(directory: Path | None = None, *, build_seconds: float = BUILD_SECONDS) -> None:
    """Run all steps.

    Args:
        directory: The directory to build, with a Dockerfile in it (default: a small example).
        build_seconds: How long each build takes.

    Raises:
        DemoError: A step failed.
        images.PeakImagesError: A call failed.
    """
    _step("Start the local service")
    with LocalService(build_seconds=build_seconds) as service, tempfile.TemporaryDirectory() as scratch:
        _say(service.url)
        with images.Session(base_url=service.url, auth_token=service.token) as session:
            client = images.get_client(session)
            image_id, first = _create_from_directory(client, directory or _write_example(Path(scratch, "weather")))
            _list_everything(client, image_id, first)
            second = _create_from_dockerfile(client, image_id)
            _describe_both(client, image_id, second)
            _save_log(client, image_id, Path(scratch))
            _delete_everything(client, image_id, second)
        _expect(service.violations, [], "the responses that broke the contract")
    _say_how_to_go_on()


def _show_progress(sent: int, total: int) -> None:
    """Show a progress bar on a terminal; elsewhere only its final state."""
    if sys.stdout.isatty() or sent == total:
        done = round(30 * sent / total)
        bar = "#" * done + "." * (30 - done)
        sys.stdout.write(f"  uploading [{bar}] {sent:,} of {total:,} bytes" + ("\n" if sent == total else "\r"))
        sys.stdout.flush()


def _create_from_directory(client: images.Image, directory: Path) -> tuple[int, int]:
    _step(f"Create an image from {directory}")
    _say(str(images.inspect_artifact(directory)))
    created = client.create_image(
        on_progress=_show_progress,
        body={
            "name": f"demo-{time.time_ns():x}",
            "type": "api",
            "version": "0.0.1",
            "description": "From a directory",
            "buildDetails": {"buildArguments": [{"name": "GREETING", "value": "Good morning"}]},
        },
        artifact={"path": directory},
    )
    image_id, version_id = int(created["imageId"]), int(created["versionId"])
    _say(f"image {image_id}, version {version_id}, build {created['buildId']}")
    _step("Follow the log of its build to the end")
    _build(client, image_id, version_id)
    return image_id, version_id


def _list_everything(client: images.Image, image_id: int, version_id: int) -> None:
    _step("List images, versions and builds")
    found = list(client.list_images(name="demo-", status=["ready"]))
    _expect([image["id"] for image in found], [image_id], "the images")
    _table(found, "id", "name", "type", "scope")
    versions = list(client.list_image_versions(image_id))
    _expect([version["id"] for version in versions], [version_id], "the versions")
    _table(versions, "id", "version", "status", "lastBuildStatus", "createdAt")
    builds = list(client.list_image_builds(image_id))
    _expect([build["status"] for build in builds], ["success"], "the builds")
    _table(builds, "buildId", "version", "status", "startedAt", "finishedAt")


def _create_from_dockerfile(client: images.Image, image_id: int) -> int:
    """Create a version whose build fails, and fix it by an update."""
    _step("Create a second version from the text of a Dockerfile; its build fails")
    body: dict[str, Any] = {
        "version": "0.0.2",
        "description": "From a Dockerfile",
        "buildDetails": {"source": "dockerfile", "dockerfile": "FROM python:3.12-slim\nCOPY app/ /srv/app/"},
    }
    version_id = int(client.create_version(image_id, body)["versionId"])
    try:
        _build(client, image_id, version_id, show=False)
    except images.BuildFailedError as error:
        _say(f"BuildFailedError: {error}")
    else:
        raise DemoError("a COPY of what isn't in the context was built")
    _expect(client.describe_version(image_id, version_id)["status"], "not-ready", "the state of the version")

    _step("Update it: a version that is not-ready can be changed")
    details = {"source": "dockerfile", "dockerfile": "FROM python:3.12-slim\nRUN pip install starlette"}
    client.update_version(image_id, version_id, {"description": "Fixed", "buildDetails": details})
    _build(client, image_id, version_id)
    return version_id


def _describe_both(client: images.Image, image_id: int, version_id: int) -> None:
    _step("Describe both, as dictionaries and typed")
    image, version = client.describe_image(image_id), client.describe_version(image_id, version_id)
    _expect(image["latestVersion"]["id"], version_id, "the latest version of the image")
    _say(f"{image['name']}: latest version {image['latestVersion']['version']}, {image.model.latest_version.status}")
    _expect(version["description"], "Fixed", "the description of the version")
    _say(f"{version['version']}: {version['description']!r}, built at {version.model.last_build_at}")


def _save_log(client: images.Image, image_id: int, directory: Path) -> None:
    _step("Save the log of a build to a file")
    build_id = next(client.list_image_builds(image_id))["buildId"]
    saved = client.get_build_logs(image_id, build_id, save=True, file_name=directory / "build.log")
    lines = saved.path.read_text(encoding="utf-8").splitlines()
    _expect(len(lines), len(list(client.follow_build_logs(image_id, build_id))), "the lines of the saved log")
    _expect(saved.path.stat().st_size, saved.size, "the size of the saved log")
    _say(f"{saved.path.name}: {saved.size} bytes, {len(lines)} lines; deleted at the end of the demo")


def _delete_everything(client: images.Image, image_id: int, version_id: int) -> None:
    _step("Delete a version, two versions at once, and the image")
    body = {"buildDetails": {"source": "dockerfile", "dockerfile": "FROM scratch"}}
    several = [int(client.create_version(image_id, body)["versionId"]) for _ in range(2)]
    client.delete_version(image_id, version_id)
    client.wait_until_deleted(image_id, version_id, poll_interval=_POLL, timeout=_PATIENCE)
    _say(f"version {version_id} is gone")
    for number in several:
        _build(client, image_id, number, show=False)
    client.delete_versions(image_id, several)
    client.wait_until_deleted(image_id, several, poll_interval=_POLL, timeout=_PATIENCE)
    _say(f"versions {several[0]} and {several[1]} are gone")
    client.delete_image(image_id)
    client.wait_until_deleted(image_id, poll_interval=_POLL, timeout=_PATIENCE)
    _expect(list(client.list_images()), [], "the images at the end")
    _say(f"image {image_id} is gone")


def _say_how_to_go_on() -> None:
    _step("The same on the real platform")
    _say("export PEAK_AUTH_TOKEN=…     # your API key, from the platform's settings")
    _say("export PEAK__STAGE=prod      # or dev, test, beta, parvati, latest")
    _say("unset PEAK_IMAGES_URL        # otherwise it overrides PEAK__STAGE")
    _say("")
    _say("from peak.resources import images")
    _say("image_client = images.get_client()")


def _build(client: images.Image, image_id: int, version_id: int, *, show: bool = True) -> None:
    """Wait until a version is built, and print the log of its build as it is written."""

    def say(entry: Mapping[str, Any]) -> None:
        if show:
            _say(f"{entry['timestamp'][11:19]}  {entry['message']}")

    version = client.wait_until_built(image_id, version_id, poll_interval=_POLL, timeout=_PATIENCE, on_log=say)
    _expect(version["status"], "ready", "the state of the version")


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise DemoError(f"{what}: expected {wanted!r}, found {found!r}")


def _write_example(directory: Path) -> Path:
    directory.mkdir()
    for name, text in _EXAMPLE.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def _step(title: str) -> None:
    _write(f"\n▸ {title}")


def _say(text: str) -> None:
    _write("\n".join(f"  {line}" for line in text.split("\n")))


def _table(rows: Iterable[Mapping[str, Any]], *columns: str) -> None:
    lines = [columns, *(tuple(str(row.get(column, "")) for column in columns) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        _say("  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def _write(text: str) -> None:
    # Flushed line by line, for pipes.
    sys.stdout.write(f"{text.rstrip()}\n")
    sys.stdout.flush()
