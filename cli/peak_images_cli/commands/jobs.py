"""The commands for common tasks: ``deploy``, ``prune`` and ``builds``."""

from __future__ import annotations

import shlex
import sys
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from peak_images_cli import completion, tables
from peak_images_cli.command import CREATE_OR_UPDATE, described_commands
from peak_images_cli.dry_run import capture_request
from peak_images_cli.examples import ExampleOptions
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.fields import allowed_values, split
from peak_images_cli.input_file import Document
from peak_images_cli.option_groups import Argument, command, flag, option
from peak_images_cli.options import (
    ConfirmOptions,
    DryRunOptions,
    OutputOptions,
    ServiceOptions,
    WaitOptions,
)
from peak_images_cli.output import as_json, show, write
from peak_images_cli.progress import latest_build, live_status, log_line
from peak_images_cli.references import Given, find_image_id
from peak_images_cli.request_body import read_source, warn_of_name
from peak_images_cli.service import open_client
from peak_images_cli.submit import show_request
from peak_images_cli.terminal import confirm, echo_err, warn

if TYPE_CHECKING:
    import peak_images as images

_SLOWEST: Final = 3
_WHERE_FIELDS_COME_FROM: Final = (
    "the option gives it, an image.yaml ('peak-images init' writes one), or [tool.peak-images] of pyproject.toml"
)
_IF_EXISTS: Final = ("fail", "skip", "new-version")

_TYPES: Final = allowed_values("create_image", "type")
_STATUSES: Final = allowed_values("list_image_builds", "build_status")

_BUILD_COLUMNS: Final = ("buildId", "imageName", "version", "status", "startedAt", "duration")


class DeployOptions(ExampleOptions, DryRunOptions, WaitOptions, ServiceOptions):
    """Options of ``deploy``."""

    name: str | None = option("TEXT", "The name of the image")
    type: str | None = option(
        "TYPE",
        f"The type of the image, required for a new one: {', '.join(_TYPES)}",
        shell_complete=completion.one_of(*_TYPES),
    )
    version: str | None = option("TEXT", "The version; auto: the next patch (default: auto)")
    description: str | None = option("TEXT", "The description of the version")
    if_exists: str = option(
        "ACTION",
        f"For a version that is built already: {', '.join(_IF_EXISTS)}",
        default=_IF_EXISTS[0],
        shell_complete=completion.one_of(*_IF_EXISTS),
    )
    strict: bool = flag("Send nothing if the preflight finds anything")
    prune: int | None = option("N", "Then delete all but the N newest versions", type=click.IntRange(1))


class PruneOptions(ConfirmOptions, OutputOptions, ServiceOptions):
    """Options of ``prune``."""

    dry_run: bool = flag("Show what would be deleted; delete nothing")
    keep: int = option("N", "Keep the N newest versions", type=click.IntRange(1), default=3)
    failed: bool = flag("Only versions whose last build failed")
    older_than: str | None = option("AGE", "Only versions older than this, such as 30d")


class BuildsOptions(OutputOptions, ServiceOptions):
    """Options of ``builds``."""

    status: Sequence[str] = option(
        "STATUS",
        f"Only builds in this state; several with commas, or repeated: {', '.join(_STATUSES)}",
        multiple=True,
        shell_complete=completion.several(*_STATUSES),
    )
    since: str | None = option("TIME", "Only builds since then: 7d, 12h or 2023-06-01 (default: 90d)")
    name: str | None = option("TEXT", "Only images whose name contains this text")


@command(Argument("source", "DIRECTORY|FILE", "The directory to build, or an input file (default: .)", default="."))
def deploy(options: DeployOptions, source: str) -> None:
    """Build a directory as a version of an image, and wait until it is built. It can be run again safely.

    Creates or updates by name, follows the log, and shows the steps that took longest, or the one that failed. The
    fields come from options, which override the input FILE or the image.yaml in DIRECTORY, which overrides the table
    [tool.peak-images] of the directory's pyproject.toml. stdout gets one line of JSON.

    Examples:
        peak-images deploy . --name weather --type api
        peak-images deploy image.yaml --if-exists skip --prune 5
        peak-images deploy --version 1.4.0 --strict --no-log
    """
    directory, document = read_source(source, options)
    given = {key: getattr(options, key) for key in ("name", "type", "version", "description")}
    body = {**document.body, **{key: value for key, value in given.items() if value is not None}}
    warn_of_name(body)
    further = {**document.artifact, **({"check": "strict"} if options.strict else {})}
    try:
        if options.dry_run:
            _show_deploy(directory, body, further, options)
            return
        with open_client(options) as client:
            _deploy(client, directory, body, further, options)
    except Exception as error:
        if getattr(error, "value", "") is None and getattr(error, "field", "") in ("body.name", "body.type"):
            error.add_note(_WHERE_FIELDS_COME_FROM)
        raise


def _show_deploy(directory: str | None, body: dict[str, Any], artifact: dict[str, Any], options: DeployOptions) -> None:
    how: Any = {"artifact": artifact, "if_exists": options.if_exists}
    capture_request(options, lambda client: client.deploy(directory, body, **how))  # which validates everything
    sent = dict(body)
    if directory is not None:
        project = Path(directory, "pyproject.toml")
        tables = tomllib.loads(project.read_text(encoding="utf-8-sig")) if project.is_file() else {}
        sent = {**tables.get("tool", {}).get("peak-images", {}), **body}
        artifact = {**sent.pop("artifact", {}), **artifact, "path": directory}
    if sent.get("version") == "auto":
        del sent["version"]
    command = described_commands()[CREATE_OR_UPDATE]
    show_request(command, Given({}, {}), Document(sent, artifact), options, OutputOptions())


def _deploy(
    client: images.Image,
    directory: str | None,
    body: dict[str, Any],
    artifact: dict[str, Any],
    options: DeployOptions,
) -> None:
    import peak_images as images

    steps = images.BuildSteps()
    name = body.get("name")
    shown = name or Path(directory or ".").resolve().name  # the name may be in the project's table
    with live_status(f"deploying {shown}") as (report, write_line, on_progress):

        def on_log(entry: Any) -> None:
            steps.add(entry)
            if options.show_log:
                write_line(log_line(entry))

        how: Any = {"if_exists": options.if_exists, "prune": options.prune, "timeout": options.wait_timeout}
        how |= {"poll_interval": options.poll_interval, "on_log": on_log, "on_status": report}
        again = f"'peak-images wait {shlex.quote(str(name))}' continues to wait" if name else ""
        try:
            done = client.deploy(directory, body, artifact=artifact, on_progress=on_progress, **how)
        except (images.BuildFailedError, images.WaitTimeoutError) as error:
            _report_unfinished(client, body, error, steps, is_shown=options.show_log)
            raise
        except (images.TransportError, images.ServerError) as error:
            if steps.steps and again and not hasattr(error, "__notes__"):
                error.add_note(again)
            raise
        except KeyboardInterrupt:
            raise CommandError("interrupted; a build that was started continues", again, ExitCode.INTERRUPTED) from None
    steps.finish(str(done["lastBuildStatus"]))
    slowest = [f"{step.seconds:8.1f} s  {step.name}" for step in steps.slowest(_SLOWEST)]
    if slowest:
        echo_err("\n".join(("The slowest steps:", *slowest)))
    if done["pruned"] and done["pruned"]["failed"]:
        warn(str(_undeleted(done["pruned"])))
    write(as_json(done, indent=None))


def _show_failure(steps: images.BuildSteps, error: images.BuildFailedError, *, is_shown: bool) -> None:
    if steps.failed is None:
        for line in () if is_shown else error.log:
            echo_err(line)
        return
    took = "" if steps.failed.seconds is None else f" (after {steps.failed.seconds:.1f} s)"
    echo_err(f"step {steps.failed.number}/{steps.failed.total} failed{took}: {steps.failed.name}")
    for line in steps.failed.lines:
        echo_err(f"    {line}")


def _report_unfinished(
    client: images.Image, body: dict[str, Any], error: Any, steps: images.BuildSteps, *, is_shown: bool
) -> None:
    """Report a build that failed, or that isn't finished in time: the failed step on stderr, the ids on stdout."""
    import peak_images as images

    is_failed = isinstance(error, images.BuildFailedError)
    if is_failed:
        steps.finish(error.status)
        _show_failure(steps, error, is_shown=is_shown)
    found: Any = {}
    build_id = getattr(error, "build_id", None)
    with suppress(images.PeakImagesError):
        found = client.describe_version(error.image_id, error.version_id)
        build_id = build_id or latest_build(client, error.image_id, error.version_id)
    result = {
        "action": "failed" if is_failed else "timed-out",
        "image": found.get("imageName", body.get("name")),
        "imageId": error.image_id,
        "version": found.get("version", body.get("version")),
        "versionId": error.version_id,
        "buildId": build_id,
        "status": found.get("status"),
        "lastBuildStatus": error.status if is_failed else found.get("lastBuildStatus"),
    }
    write(as_json(result, indent=None))


@command(Argument("target", "IMAGE", "The image: its id or its name", required=True))
def prune(options: PruneOptions, target: str) -> None:
    """Delete the old versions of an image, except those in use or being built.

    A version that can't be deleted is reported, and the others are deleted. On a terminal it asks first. Without one,
    in a script or a pipe, --yes is required.

    Examples:
        peak-images prune weather --dry-run
        peak-images prune weather --keep 5 --older-than 30d --yes
        peak-images prune weather --failed --yes
    """
    if not (options.yes or options.dry_run or sys.stdin.isatty()):
        raise CommandError("--yes is required where there is no terminal to ask on")
    with open_client(options) as client:
        image = find_image_id(client, target)

        def run(*, dry: bool) -> images.PruneReport:
            limits: Any = {name: getattr(options, name) for name in ("keep", "failed", "older_than")}
            return client.prune_versions(image, **limits, dry_run=dry)

        report = run(dry=options.dry_run or not options.yes)
        if not (options.yes or options.dry_run) and report["deleted"]:
            names = ", ".join(str(entry["version"]) for entry in report["deleted"])
            noun = "version" if len(report["deleted"]) == 1 else "versions"
            confirm(f"Delete {noun} {names} of {target} at {client.session.base_url}?")
            report = run(dry=False)
    show(dict(report), options, lambda: _prune_lines(report))
    if report["failed"]:
        raise _undeleted(report)


def _undeleted(report: images.PruneReport) -> CommandError:
    """Return the error of versions that couldn't be deleted, with the reason: a lost connection before others."""
    failed = report["failed"]
    lost = next((entry for entry in failed if entry["statusCode"] is None), None)
    versions = ", ".join(str(entry["version"]) for entry in failed)
    message = f"not all versions could be deleted ({versions}): {(lost or failed[0])['error']}"
    return CommandError(message, code=ExitCode.UNAVAILABLE if lost else ExitCode.CONFLICT)


def _prune_lines(report: images.PruneReport) -> str:
    action = "would be deleted" if report["dryRun"] else "deleting"
    lines = [f"{entry['version']}  {action}" for entry in report["deleted"]]
    lines += [f"{entry['version']}  kept: {entry['reason']}" for entry in report["kept"]]
    lines += [f"{entry['version']}  failed: {entry['error']}" for entry in report["failed"]]
    return "\n".join(lines) or "No versions."


@command()
def builds(options: BuildsOptions) -> None:
    """List the builds of all images, newest first, with how long they took.

    Examples:
        peak-images builds --status failed --since 7d
        peak-images builds --name weather
        peak-images builds --since 24h -o csv
    """
    with open_client(options) as client:
        found = list(client.list_all_builds(split(options.status), options.since, name=options.name))  # type: ignore[arg-type]
    page = {"buildCount": len(found), "builds": found}
    tables.show_page(page, "builds", options, _BUILD_COLUMNS)
