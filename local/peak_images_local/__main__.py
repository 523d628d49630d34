"""Run the local service: `peak-images-local`, or `python -m peak_images_local`."""

from __future__ import annotations

import argparse
import logging
import os
import shlex
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from peak_build_context.text import escape_unprintable
from peak_images_local.errors import ServiceError
from peak_images_local.settings import BUILDERS, DEFAULT_TOKEN, SIMULATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from peak_images_local.service import LocalService

_SLEEP_SECONDS = 0.5
"""Seconds of one sleep, which a signal ends on every system, unless another thread receives it."""

_STOPPING = [number for number in signal.Signals if number.name in {"SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"}]


def main(argv: Sequence[str] | None = None, program: str = "peak-images-local") -> int:
    """Serve until stopped.

    Args:
        argv: The arguments (default: those of the process).
        program: The name of the command, for the usage and errors.

    Returns:
        The exit status.
    """
    parser = _parser(program)
    options = parser.parse_args(argv)
    try:
        with _stopped_by_signals():
            return _serve(parser, options, program)
    except KeyboardInterrupt:
        return 0


def _serve(parser: argparse.ArgumentParser, options: argparse.Namespace, program: str) -> int:
    try:
        from peak_images_local.service import LocalService
    except ModuleNotFoundError as error:
        sys.stderr.write(
            f"{program}: {error.name} is not installed; install it with: pip install 'peak-images[local]'\n"
        )
        return 1
    try:
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
            allowed_hosts=options.allow_host,
        )
    except ValueError as error:
        name, _, problem = str(error).partition(": ")
        parser.error(f"argument --{name.replace('_', '-')}: {problem}" if name in vars(options) else str(error))
    try:
        with _log_to_stderr(), service:
            if options.sample and not service.load_sample():
                sys.stderr.write(f"{program}: --sample: there are images already, so nothing was added\n")
            _print_banner(service, options)
            while True:
                time.sleep(_SLEEP_SECONDS)
    except ServiceError as error:
        sys.stderr.write(f"{program}: {error}\n")
        return 1


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt on the first signal to stop; further ones don't interrupt the cleaning up.

    A handler that sets an event could deadlock, if it runs while the event's lock is held.
    """
    # What is ignored (nohup) stays so.
    handlers = {number: signal.getsignal(number) for number in _STOPPING}
    handlers = {number: handler for number, handler in handlers.items() if handler not in {None, signal.SIG_IGN}}

    def stop(*_: object) -> None:
        for number in handlers:
            signal.signal(number, lambda *_: None)
        raise KeyboardInterrupt

    try:
        for number in handlers:
            signal.signal(number, stop)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _log_to_stderr() -> Iterator[None]:
    """Write one line per request and the service's errors to standard error, and of the libraries only errors."""
    # These would repeat the errors of the request, which are in the response.
    for name in ("python_multipart", "uvicorn.error", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("peak_images_local.requests").setLevel(logging.INFO)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    handler.addFilter(lambda record: record.levelno != logging.WARNING)  # these are in the banner
    logger = logging.getLogger("peak_images_local")
    logger.addHandler(handler)
    try:
        yield
    finally:
        # Another service of this process must not write to a stream that may be closed by then.
        logger.removeHandler(handler)


def _print_banner(service: LocalService, options: argparse.Namespace) -> None:
    builds = "simulated, nothing is run, pushed or installed"
    if options.builder != SIMULATE:
        builds = f"run by {options.builder}"
    banner = f"""\
The local Images service is at {service.url}
Token: {service.token}{" (any other is accepted too)" if options.any_token else ""}
Data: {f"kept in {escape_unprintable(options.data)}" if options.data else "in memory, lost when it stops"}
Builds: {builds}
Pages: {service.url}/ and {service.api_docs_url}
Stop it with Ctrl-C

{_set_variable("PEAK_IMAGES_URL", service.url)}
{_set_variable("PEAK_AUTH_TOKEN", service.token)}
"""
    sys.stderr.write("".join(f"WARNING: {warning}\n" for warning in service.warnings))
    sys.stderr.flush()
    sys.stdout.write(banner)
    sys.stdout.flush()


def _set_variable(name: str, value: str) -> str:
    if os.name == "nt":  # PowerShell, where a quote is doubled
        quoted = value.replace("'", "''")
        return f"$env:{name} = '{quoted}'"
    return f"export {name}={shlex.quote(value)}"


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program, description="Serve an Images service of your own on this machine, to try things out."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s, this machine only)")
    add(
        "--port",
        type=int,
        default=8080,
        help="the port to listen on, 0 for a free one (default: %(default)s)",
    )
    add(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        help="a name, besides localhost, by which requests may address the service; can be repeated",
    )
    add("--data", metavar="DIR", help="keep everything in this directory, new or empty (default: keep nothing)")
    add(
        "--token",
        help=f"the token to accept (default: {DEFAULT_TOKEN}; a random one with a --builder or on a network)",
    )
    add("--any-token", action="store_true", help="accept any token")
    add("--sample", action="store_true", help="start with a realistic set of images")
    add(
        "--build-seconds",
        type=float,
        default=5.0,
        metavar="SECONDS",
        help="the time that a build takes (default: %(default)s)",
    )
    add(
        "--max-artifact-size",
        type=int,
        default=10 << 20,
        metavar="BYTES",
        help="the maximum size of an artifact (default: %(default)s)",
    )
    add(
        "--builder",
        choices=BUILDERS,
        default=SIMULATE,
        help="the build engine; one other than simulate executes the Dockerfile on this machine (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
