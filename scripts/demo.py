"""The main job, end to end: a folder becomes an image on the local service, by the public client over a real socket."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from peak.resources import images
from peak_images_local import LocalService

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "image"
BUILD_SECONDS = 3.0
"""Long enough to see the log grow."""

POLL = 0.2
"""Seconds between two looks; the real service is not asked that often."""


class DemoError(Exception):
    """A step didn't do what it says."""


def step(title: str) -> None:
    """Announce a step."""
    print(f"\n\033[1m▸ {title}\033[0m" if sys.stdout.isatty() else f"\n▸ {title}", flush=True)


def expect(found: object, wanted: object, what: str) -> None:
    """Fail the demo unless a step had the result that it should have."""
    if found != wanted:
        raise DemoError(f"{what}: expected {wanted!r}, found {found!r}")


def table(rows: Iterable[Mapping[str, Any]], *columns: str) -> None:
    """Print rows under their column names."""
    lines = [columns, *(tuple(str(row.get(column, "")) for column in columns) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())


def show_progress(sent: int, total: int) -> None:
    """One line that fills up on a terminal; elsewhere only its end."""
    if sys.stdout.isatty() or sent == total:
        done = round(30 * sent / total)
        end = "\n" if sent == total else "\r"
        print(f"  uploading [{'█' * done}{'·' * (30 - done)}] {sent:,} of {total:,} bytes", end=end, flush=True)


def follow(client: images.Image, image_id: int, version_id: int) -> images.Payload[Any]:
    """Print the log of a version's newest build as it is written; returns the build."""
    build = next(client.list_image_builds(image_id, version_ids=[version_id]))
    for entry in client.follow_build_logs(image_id, build["buildId"], poll_interval=POLL, timeout=120):
        print(f"  {entry['timestamp'][11:19]}  {entry['message']}", flush=True)
    return next(client.list_image_builds(image_id, version_ids=[version_id]))


def create_from_folder(client: images.Image, folder: Path) -> tuple[int, int]:
    """Create an image from a folder and watch its build."""
    step(f"Create an image from {folder}")
    report = images.inspect_artifact(folder)
    print("  " + str(report).replace("\n", "\n  "))
    created = client.create_image(
        body={
            "name": f"demo-{time.time_ns():x}",
            "type": "api",
            "version": "0.0.1",
            "description": "From a folder",
            "buildDetails": {"buildArguments": [{"name": "GREETING", "value": "Good morning"}]},
        },
        artifact={"path": folder},
        on_progress=show_progress,
    )
    image_id, version_id = int(created["imageId"]), int(created["versionId"])
    print(f"  image {image_id}, version {version_id}, build {created['buildId']}")
    step("Follow the log of its build to the end")
    expect(follow(client, image_id, version_id)["status"], "success", "the build of the folder")
    version = client.wait_until_built(image_id, version_id, poll_interval=POLL, timeout=120)
    expect(version["status"], "ready", "the state of the version")
    return image_id, version_id


def list_everything(client: images.Image, image_id: int, version_id: int) -> None:
    """List images, versions and builds."""
    step("List images, versions and builds")
    found = list(client.list_images(name="demo-", status=["ready"]))
    expect([image["id"] for image in found], [image_id], "the images")
    table(found, "id", "name", "type", "scope")
    versions = list(client.list_image_versions(image_id))
    expect([version["id"] for version in versions], [version_id], "the versions")
    table(versions, "id", "version", "status", "lastBuildStatus", "createdAt")
    builds = list(client.list_image_builds(image_id))
    expect([build["status"] for build in builds], ["success"], "the builds")
    table(builds, "buildId", "version", "status", "startedAt", "finishedAt")


def create_from_dockerfile(client: images.Image, image_id: int) -> int:
    """Create a version whose build fails, and mend it by an update."""
    step("Create a second version from the text of a Dockerfile; it has a fault")
    body: dict[str, Any] = {
        "version": "0.0.2",
        "description": "From a Dockerfile",
        "buildDetails": {"source": "dockerfile", "dockerfile": "FROM python:3.12-slim\nCOPY app/ /srv/app/"},
    }
    version_id = int(client.create_version(image_id, body)["versionId"])
    try:
        client.wait_until_built(image_id, version_id, poll_interval=POLL, timeout=120)
    except images.BuildFailedError as error:
        print(f"  BuildFailedError: {str(error).replace(chr(10), chr(10) + '  ')}")
    else:
        raise DemoError("a COPY of what isn't in the context was built")
    expect(client.describe_version(image_id, version_id)["status"], "not-ready", "the state of the version")

    step("Update it: a version that is not-ready can be changed")
    details = {"source": "dockerfile", "dockerfile": "FROM python:3.12-slim\nRUN pip install starlette"}
    client.update_version(image_id, version_id, {"description": "Mended", "buildDetails": details})
    expect(follow(client, image_id, version_id)["status"], "success", "the second build")
    return version_id


def describe_both(client: images.Image, image_id: int, version_id: int) -> None:
    """Describe the image and its second version, as dictionaries and typed."""
    step("Describe both")
    image, version = client.describe_image(image_id), client.describe_version(image_id, version_id)
    expect(image["latestVersion"]["id"], version_id, "the latest version of the image")
    print(f"  {image['name']}: latest version {image['latestVersion']['version']}, {image.model.latest_version.status}")
    expect(version["description"], "Mended", "the description of the version")
    print(f"  {version['version']}: {version['description']!r}, built at {version.model.last_build_at}")


def save_log(client: images.Image, image_id: int, folder: Path) -> None:
    """Save a log to a file."""
    step("Save the log of a build to a file")
    build_id = next(client.list_image_builds(image_id))["buildId"]
    saved = client.get_build_logs(image_id, build_id, save=True, file_name=folder / "build.log")
    lines = saved.path.read_text(encoding="utf-8").splitlines()
    expect(len(lines), len(list(client.follow_build_logs(image_id, build_id))), "the lines of the saved log")
    expect(saved.path.stat().st_size, saved.size, "the size of the saved log")
    print(f"  {saved.path}: {saved.size} bytes, {len(lines)} lines")


def delete_everything(client: images.Image, image_id: int, version_id: int) -> None:
    """Delete a version, several versions, and the image."""
    step("Delete a version, two versions at once, and the image")
    body = {"buildDetails": {"source": "dockerfile", "dockerfile": "FROM scratch"}}
    several = [int(client.create_version(image_id, body)["versionId"]) for _ in range(2)]
    client.delete_version(image_id, version_id)
    client.wait_until_deleted(image_id, version_id, poll_interval=POLL, timeout=60)
    print(f"  version {version_id} is gone")
    for number in several:
        client.wait_until_built(image_id, number, poll_interval=POLL, timeout=120)
    client.delete_versions(image_id, several)
    for number in several:
        client.wait_until_deleted(image_id, number, poll_interval=POLL, timeout=60)
    print(f"  versions {several[0]} and {several[1]} are gone")
    client.delete_image(image_id)
    client.wait_until_deleted(image_id, poll_interval=POLL, timeout=60)
    expect(list(client.list_images()), [], "the images at the end")
    print(f"  image {image_id} is gone")


def say_how_to_go_on() -> None:
    """Say what makes the same code talk to the platform."""
    step("The same on the real platform")
    print("  export PEAK_AUTH_TOKEN=…     # your API key, from the platform's settings")
    print("  export PEAK__STAGE=prod      # or dev, test, beta, parvati, latest")
    print("  unset PEAK_IMAGES_URL        # it would go before the stage")
    print("\n  from peak.resources import images")
    print("  image_client = images.get_client()")


def run(folder: Path) -> None:
    """Do all steps; raises where one didn't do what it says."""
    step("Start the local service")
    with LocalService(build_seconds=BUILD_SECONDS) as service, tempfile.TemporaryDirectory() as scratch:
        print(f"  {service.url}")
        with images.Session(base_url=service.url, auth_token=service.token) as session:
            client = images.get_client(session)
            image_id, first = create_from_folder(client, folder)
            list_everything(client, image_id, first)
            second = create_from_dockerfile(client, image_id)
            describe_both(client, image_id, second)
            save_log(client, image_id, Path(scratch))
            delete_everything(client, image_id, second)
        expect(service.violations, [], "the answers that broke the contract")
    say_how_to_go_on()


def main() -> int:
    """Run the demo; 0 if every step did what it says."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=EXAMPLE, help="the folder to build (examples/image/)")
    folder: Path = parser.parse_args().folder
    try:
        run(folder)
    except (DemoError, images.PeakImagesError) as error:
        print(f"\n✗ {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print("\n✓ every step did what it says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
