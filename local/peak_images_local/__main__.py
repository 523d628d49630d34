"""Serves the local service: `python -m peak_images_local`, or `peak-images-local`."""

from __future__ import annotations

import argparse
import logging
import shlex
import signal
import sys
import time
from typing import TYPE_CHECKING

from peak_images_local.builds.engine import ENGINES
from peak_images_local.errors import ServiceError
from peak_images_local.service import DEFAULT_TOKEN, LocalService
from peak_images_local.settings import SIMULATE
from peak_images_local.ui.api_docs import FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG = 3600.0
"""Seconds of one sleep. Signals end it on every system, which isn't so for locks."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serves until it is told to stop.

    Args:
        argv: The arguments; those of the process unless given.

    Returns:
        The exit status.
    """
    options = _parser().parse_args(argv)
    service = LocalService(
        token=options.token,
        any_token=options.any_token,
        data=options.data,
        build_seconds=options.build_seconds,
        delete_seconds=min(1.0, options.build_seconds),
        host=options.host,
        port=options.port,
        max_artifact_size=options.max_artifact_size,
        builder=options.builder,
    )
    # What a client sends wrongly is answered; it needn't be said here too.
    for name in ("python_multipart", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.ERROR)
    # As Ctrl-C does it. A handler that set what is waited for could come while its lock is held, and wait for ever.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with service:
            _print_banner(service, options)
            while True:
                time.sleep(_LONG)
    except ServiceError as error:
        sys.stderr.write(f"peak-images-local: {error}\n")
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _print_banner(service: LocalService, options: argparse.Namespace) -> None:
    kept = f"kept in {options.data}" if options.data else "kept until it stops"
    lines = [
        f"The local Images service is at {service.url}",
        f"Token: {service.token}" + (" (any other is accepted too)" if options.any_token else ""),
        f"Data: {kept}",
        f"Pages: {service.url}/ and {service.url}{FOLDER}/index.htm",
        "",
        f"export PEAK_IMAGES_URL={service.url}",
        f"export PEAK_AUTH_TOKEN={shlex.quote(service.token)}",
        "",
    ]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="peak-images-local", description="A Peak Images service of one's own.")
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s, this machine only)")
    add("--port", type=_port, default=8080, help="the port to listen on, 0 for a free one (default: %(default)s)")
    add("--data", metavar="FOLDER", help="keep everything in this folder (default: forget it at the end)")
    add("--token", type=_not_empty, default=DEFAULT_TOKEN, help="the token to accept (default: %(default)s)")
    add("--any-token", action="store_true", help="accept any token")
    add("--build-seconds", type=_seconds, default=5.0, help="how long a build takes (default: %(default)s)")
    add(
        "--max-artifact-size",
        type=_bytes,
        default=10 << 20,
        metavar="BYTES",
        help="the largest artifact (default: %(default)s)",
    )
    add(
        "--builder",
        choices=[SIMULATE, *ENGINES],
        default=SIMULATE,
        help="what builds; an engine runs what Dockerfiles say on this machine (default: %(default)s)",
    )
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError(f"{number} is not a port: 0 to 65535")
    return number


def _not_empty(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("empty")
    return text


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds")
    return number


def _bytes(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not a size")
    return number


if __name__ == "__main__":
    sys.exit(main())
