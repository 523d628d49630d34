"""The commands that need no platform: ``serve``, ``demo``, ``profiles``."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.terminal import echo_err

_PORT: Final = 8080
"""The local service's own."""


@dataclass(frozen=True)
class ServeOptions:
    """The options of the local service, by its own names and with its own defaults."""

    host: Annotated[
        str | None,
        typer.Option("--host", metavar="ADDRESS", help="The address to listen on (default: 127.0.0.1)"),
    ] = None
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            help=f"The port to listen on, 0 for a free one (default: {_PORT})",
        ),
    ] = None
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="DIRECTORY",
            help="Keep everything in this directory (default: in memory, lost on exit)",
        ),
    ] = None
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TEXT",
            help="The token to accept (default: local-token; a random one with a --builder or on a network)",
        ),
    ] = None
    sample: Annotated[bool, typer.Option("--sample", help="Start with a realistic set of images")] = False
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name, besides localhost, of the service; repeatable"),
    ] = None
    any_token: Annotated[bool, typer.Option("--any-token", help="Accept any token")] = False
    build_seconds: Annotated[
        float | None,
        typer.Option("--build-seconds", metavar="SECONDS", help="How long a build takes (default: 5.0)"),
    ] = None
    max_artifact_size: Annotated[
        int | None,
        typer.Option("--max-artifact-size", metavar="BYTES", help="The largest artifact (default: 10 MiB)"),
    ] = None
    builder: Annotated[
        str | None,
        typer.Option(
            "--builder",
            metavar="NAME",
            help="Build engine: simulate (default), docker, podman, buildah. An engine executes the Dockerfile here",
        ),
    ] = None


@flatten_options
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
        elif isinstance(value, list):
            arguments += [f"{option}={one}" for one in value]
        elif value is not None and value is not False:  # 0 counts
            arguments.append(f"{option}={value}")
    with _needs_local_service():
        from peak_images_local.__main__ import main
    _check_port(options)
    code = main(arguments)
    if code == ExitCode.OK:
        echo_err("peak-images: the local service has stopped")
    raise typer.Exit(code)


@flatten_options
def demo(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIRECTORY", help="The directory to build (default: a small example)"),
    ] = None,
    build_seconds: Annotated[
        float, typer.Option("--build-seconds", metavar="SECONDS", help="How long each build takes", show_default=True)
    ] = 3.0,
) -> None:
    """Walk through all calls of the client, on a local service of its own. Builds are simulated.

    Examples:
        peak-images demo
        peak-images demo ./image
        peak-images demo --build-seconds 0.5
    """
    with _needs_local_service():
        from peak_images_cli import demo as demo_steps
    try:
        demo_steps.run(directory, build_seconds=build_seconds)
    except demo_steps.DemoError as error:
        raise CommandError(str(error), code=ExitCode.FAILED) from error
    echo_err("\n✓ all steps succeeded; builds were simulated, nothing was pushed")


def _check_port(options: ServeOptions) -> None:
    """See whether the port is free. The local service would say so under its own name, and without a way out."""
    host, port = options.host or "127.0.0.1", _PORT if options.port is None else options.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
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
