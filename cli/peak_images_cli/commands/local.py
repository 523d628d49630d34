"""The commands that need no platform: ``serve`` and ``demo``."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import Argument, Options, command, flag, option
from peak_images_cli.options import PATH
from peak_images_cli.terminal import echo_err

_PORT: Final = 8080
"""The local service's own."""


class ServeOptions(Options):
    """Options of ``serve``: those of the local service, with its names and defaults."""

    host: str | None = option("ADDRESS", "The address to listen on (default: 127.0.0.1)")
    port: int | None = option(
        "N", f"The port to listen on, 0 for a free one (default: {_PORT})", type=click.IntRange(0, 65535)
    )
    data: str | None = option("DIRECTORY", "Keep everything in this directory (default: in memory, lost on exit)")
    token: str | None = option(
        "TEXT", "The token to accept (default: local-token; a random one with a --builder or on a network)"
    )
    sample: bool = flag("Start with a realistic set of images")
    allow_host: Sequence[str] = option("NAME", "A name, besides localhost, of the service; repeatable", multiple=True)
    any_token: bool = flag("Accept any token")
    build_seconds: float | None = option("SECONDS", "How long a build takes (default: 5.0)", type=float)
    max_artifact_size: int | None = option("BYTES", "The maximum size of an artifact (default: 10 MiB)", type=int)
    builder: str | None = option(
        "NAME", "Build engine: simulate (default), docker, podman, buildah. An engine executes the Dockerfile here"
    )


class DemoOptions(Options):
    """Options of ``demo``."""

    build_seconds: float = option("SECONDS", "How long each build takes", default=3.0)


@command()
def serve(options: ServeOptions) -> None:
    """Run an Images service on this machine, for trials and tests. Builds are simulated by default.

    Examples:
        peak-images serve
        peak-images serve --port 0 --data ./images-data
        peak-images serve --build-seconds 0.5 --any-token
    """
    arguments = []
    for name, value in vars(options).items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            arguments.append(option)
        elif isinstance(value, tuple):
            arguments += [f"{option}={one}" for one in value]
        elif value is not None and value is not False:  # 0 is a value
            arguments.append(f"{option}={value}")
    with _needs_local_service():
        from peak_images_local.__main__ import main
    _check_port(options)
    code = main(arguments, "peak-images serve")
    if code == ExitCode.OK:
        echo_err("peak-images: the local service has stopped")
    raise click.exceptions.Exit(code)


@command(Argument("directory", "DIRECTORY", "The directory to build (default: a small example)", type=PATH))
def demo(options: DemoOptions, directory: Path | None) -> None:
    """Show all calls of the client on a temporary local service. Builds are simulated.

    Examples:
        peak-images demo
        peak-images demo ./image
        peak-images demo --build-seconds 0.5
    """
    with _needs_local_service():
        from peak_images_cli import demo as demo_steps
    try:
        demo_steps.run(directory, build_seconds=options.build_seconds)
    except demo_steps.DemoError as error:
        raise CommandError(str(error), code=ExitCode.FAILED) from error
    echo_err("\n✓ all steps succeeded; builds were simulated, nothing was pushed")


def _check_port(options: ServeOptions) -> None:
    """Check that the port is free. The error of the local service has no hint, and its own program name."""
    host, port = options.host or "127.0.0.1", _PORT if options.port is None else options.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(f"port {port} is taken", "--port 0 takes a free one", ExitCode.FAILED) from error


@contextmanager
def _needs_local_service() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        hint = "pip install 'peak-images[local]'"
        raise CommandError("the local service isn't installed", hint, ExitCode.FAILED) from error
