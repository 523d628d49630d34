"""Show a build and its log on stderr while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.options import WaitOptions
from peak_images_cli.terminal import echo_err, strip_control_chars
from peak_images_cli.values import readable_time

if TYPE_CHECKING:
    import peak_images as images


def watch_build(client: images.Image, image_id: int, version_id: int, waiting: WaitOptions) -> dict[str, Any]:
    """Wait until a version is built, and show its log and the state of the build meanwhile.

    Args:
        client: The client.
        image_id: The id of the image.
        version_id: The id of the version.
        waiting: How to wait.

    Returns:
        The version, as ``wait_until_built`` returns it.

    Raises:
        images.BuildFailedError: The build failed or was stopped.
        images.WaitTimeoutError: It isn't finished in time.
        CommandError: The user interrupted it.
    """
    import peak_images as images

    try:
        with live_status(f"version {version_id} of image {image_id}") as (report, write_line, _):
            try:
                version = client.wait_until_built(
                    image_id,
                    version_id,
                    timeout=waiting.wait_timeout,
                    poll_interval=waiting.poll_interval,
                    on_log=(lambda entry: write_line(log_line(entry))) if waiting.show_log else None,
                    on_status=report,
                )
            except images.BuildFailedError as error:
                for line in () if waiting.show_log else error.log:
                    write_line(strip_control_chars(line))
                raise
    except KeyboardInterrupt:
        again = f"'peak-images wait --image-id {image_id} --version-id {version_id}' continues to wait"
        raise CommandError("interrupted; the build continues", again, ExitCode.INTERRUPTED) from None
    return dict(version)


def latest_build(client: images.Image, image_id: int, version_id: int) -> Any:
    """Return the id of the newest build of a version; ``None`` if there is none."""
    builds = client.list_image_builds(image_id, version_ids=[version_id], page_size=1)
    return next((build.get("buildId") for build in builds), None)


def log_line(entry: Mapping[str, Any]) -> str:
    """Return an entry of a log as a line: its time and its message."""
    stamp = str(entry.get("timestamp") or "")
    with suppress(ValueError, OverflowError, OSError):  # it isn't in milliseconds
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(stamp) / 1000))
    message = str(entry.get("message") or "").rstrip("\r\n").replace("\r\n", "\n")
    return strip_control_chars(f"{readable_time(stamp) or stamp}  {message}").strip()


@contextmanager
def live_status(
    what: str,
) -> Iterator[tuple[Callable[[str], None], Callable[[str], None], Callable[[int, int], None] | None]]:
    """Show a status line in the block.

    Yields:
        A function that changes the line, one that writes lines above it, and on a terminal one that shows the progress
        of an upload in it, since the client's own bar would overlap with it.
    """
    from rich.console import Console

    # On stderr, so that stdout contains only the result.
    console = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield lambda status: echo_err(f"{what}: {status}"), echo_err, None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"{what}: building", total=None)

        def report(status: str) -> None:
            progress.update(task, description=strip_control_chars(f"{what}: {status}"))

        yield report, progress.console.print, lambda sent, total: report(f"uploading {sent / total:.0%}")
