"""The commands about the logs of builds: ``logs``, ``get-build-logs``, ``wait``."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from peak_images_api import operations
from peak_images_cli import tables
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import Options, command, flag, option
from peak_images_cli.options import OutputOptions, OutputType, ServiceOptions, TextOptions, WaitOptions
from peak_images_cli.output import as_json, as_yaml, chosen_type, show, write
from peak_images_cli.progress import log_line, watch_build
from peak_images_cli.references import Slots, id_of
from peak_images_cli.service import open_client
from peak_images_cli.terminal import echo_err
from peak_images_cli.values import as_csv

if TYPE_CHECKING:
    import peak_images as images

_VERSION: Final = Slots(["image_id", "version_id"], latest=True)
_IMAGE: Final = Slots(["image_id"])
_FILE_NAME: Final = "The file to save to (default: image_build_logs_IMAGE_BUILD.log)"


class ImageOptions(Options):
    """The option for an image."""

    image_id: str | None = option("IMAGE", "The image, by id or name")


class VersionOptions(Options):
    """The option for a version."""

    version_id: str | None = option("VERSION", "The version, by id or name")


class VersionWaitOptions(ImageOptions, VersionOptions, WaitOptions, OutputOptions, ServiceOptions):
    """Options of ``wait``."""


class LogsOptions(ImageOptions, VersionOptions, TextOptions, ServiceOptions):
    """Options of ``logs``."""

    build: str | None = option("ID", "The build (default: the latest)")
    failed: bool = flag("The last build that failed")
    follow: bool = flag("Show further lines until the build is finished", "-f")
    tail: int | None = option("N", "Only the last N lines", type=click.IntRange(0))
    save: bool = flag("Save the whole log to a file")
    file_name: str | None = option("FILE", _FILE_NAME)


class PageOfLogOptions(ImageOptions, OutputOptions, ServiceOptions):
    """Options of ``get-build-logs``."""

    build_id: str = option("ID", "The build; 'list-builds' shows the ids", required=True)
    next_token: str | None = option("TOKEN", "Continue after this token")
    follow: bool = flag("Show further lines, as text, until the build is finished", "--follow/--no-follow")
    save: bool = flag("Save the whole log to a file", "--save/--no-save")
    file_name: str | None = option("FILE", _FILE_NAME)


@command(*_VERSION.arguments_shown())
def logs(options: LogsOptions, **target: str | None) -> None:
    """Show the log of a build: the latest of an image or a version, or another one.

    It is text, on a terminal and in a pipe. With --output-type json it is an object with all entries; with --follow,
    one entry a line.

    Examples:
        peak-images logs weather
        peak-images logs weather:0.0.2 --failed --tail 20
        peak-images logs weather --follow
    """
    given = _VERSION.assign([*target.values()], vars(options), {})
    _check_options(vars(options), ("build", "failed"), ("follow", "save"), ("tail", "save"))
    with open_client(options) as client:
        found = given.resolve(client)
        image, build_id = found["image_id"], _find_build(client, found, options.build, failed=options.failed)
        if options.save:
            _save(client, image, build_id, options.file_name, options)
            return
        entries, last = _read(client, image, build_id, options.tail)
        if options.output_type in (None, "table") or options.follow:
            for entry in entries:
                _write_entry(entry, options.output_type)
            if options.follow:
                _follow(client, image, build_id, last.get("nextToken"), options.output_type)
        else:
            _show_all(image, build_id, [dict(entry) for entry in entries], last, options)


@command(*_IMAGE.arguments_shown())
def get_build_logs(options: PageOfLogOptions, **target: str | None) -> None:
    """Get one page of the log of a build, as the service returns it; follow it, or save all of it.

    'peak-images logs' shows a whole log.

    Examples:
        peak-images get-build-logs --image-id 101 --build-id 301
        peak-images get-build-logs --image-id 101 --build-id 301 --follow
        peak-images get-build-logs --image-id 101 --build-id 301 --save --file-name build.log
    """
    given, token = _IMAGE.assign([*target.values()], vars(options), {}), options.next_token
    _check_options(vars(options), ("follow", "save"), ("save", "next_token"))
    with open_client(options) as client:
        found = given.resolve(client)
        image, build_id = found["image_id"], _find_build(client, found, options.build_id)
        if options.follow:
            _follow(client, image, build_id, token, options.output_type)
        elif options.save:
            _save(client, image, build_id, options.file_name, options)
        else:
            part = client.get_build_logs(image, build_id, next_token=token)
            show(
                part, options, lambda: "\n".join(map(log_line, tables.elements_of(part, "logs"))) or "No further lines."
            )
            if chosen_type(options) == "table" and part.get("logs"):
                token = f"; --next-token {part.get('nextToken')} continues"
                echo_err(f"build: {part.get('buildStatus')}{token if _has_more(client, image, build_id, part) else ''}")


@command(*_VERSION.arguments_shown())
def wait(options: VersionWaitOptions, **target: str | None) -> None:
    """Wait until a version is built. It exits 9 if the build fails.

    Examples:
        peak-images wait weather
        peak-images wait weather:0.0.2 --no-log
        peak-images wait --image-id 101 --version-id 201 --wait-timeout 600
    """
    given = _VERSION.assign([*target.values()], vars(options), {})
    with open_client(options) as client:
        found = given.resolve(client)
        number = found.get("version_id") or _latest(client, found["image_id"])
        version = watch_build(client, found["image_id"], number, options)
    show(version, options, lambda: tables.fields_table(version))


def _find_build(client: images.Image, found: Mapping[str, Any], build: str | None, *, failed: bool = False) -> Any:
    """Return the id of the selected build, or of the latest one.

    The response of a create may have a text id, which lists of builds don't contain.
    """
    if build is not None and build.isascii() and build.isdigit():
        return build
    filters: dict[str, Any] = {"build_status": ["failed"]} if failed else {}
    if "version_id" in found:
        filters["version_ids"] = [found["version_id"]]
    page = client.list_image_builds(found["image_id"], **filters, return_iterator=False)
    # Sorted by time, since a service may not list the newest first.
    builds = sorted(
        tables.elements_of(page, "builds"), key=lambda build: str(build.get("startedAt") or "~"), reverse=True
    )
    if not builds:
        what = f"version {found['version_id']}" if "version_id" in found else f"image {found['image_id']}"
        raise CommandError(f"{what} has no {'failed ' if failed else ''}build", code=ExitCode.NOT_FOUND)
    number = builds[0].get("buildId")
    if build is not None and build not in {str(one) for one in builds[0].values()}:
        echo_err(f"build {build!r}: only the run that started it can find a build by an id of text")
        echo_err(f"this is the latest build, {number}; 'peak-images list-builds {found['image_id']}' shows all")
    return number


def _has_more(client: images.Image, image: int, build_id: Any, part: Mapping[str, Any]) -> bool:
    """Return whether a log may continue after a page: if the build is running, or if there is another page."""
    token = part.get("nextToken")
    if not token or part.get("buildStatus") not in operations.final_states("BuildStatus"):
        return bool(token)
    return bool(client.get_build_logs(image, build_id, next_token=token).get("logs"))


def _read(
    client: images.Image, image: int, build_id: Any, tail: int | None
) -> tuple[Iterator[Mapping[str, Any]], dict[str, Any]]:
    """Return the entries so far, and the last page, which is complete when they have been read."""
    last: dict[str, Any] = {}

    def pages() -> Iterator[Mapping[str, Any]]:
        token = None
        while True:
            part = client.get_build_logs(image, build_id, next_token=token)
            last.update(part)
            last["nextToken"] = part.get("nextToken") or token
            entries = tables.elements_of(part, "logs")
            yield from entries
            if not entries or part.get("nextToken") in (None, token):
                return
            token = part["nextToken"]

    return (pages() if tail is None else iter(deque(pages(), maxlen=tail))), last


def _follow(client: images.Image, image: int, build_id: Any, token: str | None, output_type: OutputType | None) -> None:
    for entry in client.follow_build_logs(image, build_id, next_token=token):
        _write_entry(entry, output_type)
        # Flushed, so that a pipe gets each entry at once.
        sys.stdout.flush()


def _save(client: images.Image, image: int, build_id: Any, file_name: str | None, output: OutputOptions) -> None:
    saved = client.get_build_logs(image, build_id, save=True, file_name=file_name)
    # Without the signed URL, which gives access to the log.
    result = {"path": str(saved.path), "size": saved.size}
    show(result, output, lambda: f"Saved {saved.size:,} bytes to {saved.path}.")


def _show_all(
    image: int, build_id: Any, entries: list[dict[str, Any]], last: Mapping[str, Any], output: OutputOptions
) -> None:
    if output.output_type == "csv":
        write(as_csv(entries, ["timestamp", "message"]), paging=output.paging)
        return
    log = {"imageId": image, "buildId": build_id, "buildStatus": last.get("buildStatus"), "logs": entries}
    show(log, output, list)


def _write_entry(entry: Mapping[str, Any], output_type: OutputType | None) -> None:
    match output_type:
        case "json":
            write(as_json(entry, indent=None))
        case "yaml":
            write(as_yaml([entry]))
        case "csv":
            write(as_csv([entry], ["timestamp", "message"]).partition("\n")[2])
        case _:
            write(log_line(entry))


def _check_options(options: Mapping[str, Any], *exclusive: tuple[str, str]) -> None:
    given = {name for name, value in options.items() if value not in (None, False)}
    for pair in exclusive:
        if given.issuperset(pair):
            one, other = (f"--{name.replace('_', '-')}" for name in pair)
            hint = "--save saves the whole log" if "save" in pair else ""
            raise CommandError(f"{one} and {other} can't be used together", hint)
    if "file_name" in given and "save" not in given:
        raise CommandError("--file-name requires --save")


def _latest(client: images.Image, image_id: int) -> int:
    latest = client.describe_image(image_id).get("latestVersion")
    if not latest:
        raise CommandError(f"image {image_id} has no version", code=ExitCode.NOT_FOUND)
    return id_of(latest)
