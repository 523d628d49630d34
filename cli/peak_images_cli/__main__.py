"""Runs the command line: ``peak-images``, or ``python -m peak_images_cli``."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from peak_images_cli.exit_codes import ExitCode, explain

if TYPE_CHECKING:
    from peak_images_cli.service import CliState

PROGRAM = "peak-images"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments; those of the process unless given.

    Returns:
        The exit code, as ``ExitCode`` names them.
    """
    configure_streams()
    with _warnings_in_one_line():
        try:
            code = _run(sys.argv[1:] if argv is None else list(argv))
            sys.stdout.flush()
        except BrokenPipeError:
            _drop_output()
            return ExitCode.BROKEN_PIPE
        _forget_interrupt()
        return code


def _run(argv: list[str]) -> int:
    try:
        import typer
    except ModuleNotFoundError as error:
        # Without the extra there is still this command, and it should say what is missing.
        _tell(f"error: {error.name} isn't installed", "pip install 'peak-images[cli]'")
        return ExitCode.FAILED
    from peak_images_cli.app import make_app
    from peak_images_cli.service import CliState
    from peak_images_cli.terminal import logging_undone

    run = CliState()
    try:
        with logging_undone():
            ended: Any = make_app()(argv, prog_name=PROGRAM, standalone_mode=False, obj=run)
    except SystemExit as error:
        # Typer makes this of a closed pipe, before anybody else sees it.
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    except BrokenPipeError:
        raise
    except (KeyboardInterrupt, typer.Abort):
        _tell("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in one line
        # Typer's errors of usage are of a class that has moved from one version of it to the next.
        return _report_usage(error, argv) if hasattr(error, "format_message") else _report(error, run)
    if ended == ExitCode.INTERRUPTED:
        # Typer makes a code of it.
        _tell("interrupted")
    return ended if isinstance(ended, int) else ExitCode.OK


def _report_usage(error: Any, argv: Sequence[str]) -> int:
    from peak_images_cli.usage_errors import explain_usage

    context = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    # Where there was nothing but the program's name the help has been shown already, and there is no message.
    if error.format_message():
        message, hint = explain_usage(error, argv, path)
        _tell(f"error: {message}", hint)
    return ExitCode.USAGE


def _report(error: Exception, run: CliState) -> int:
    failure = explain(error)
    _tell(f"error: {failure.message}", failure.hint)
    if run.debug:
        import traceback

        traceback.print_exception(error)
        for name in ("operation", "method", "url", "status_code", "request_id", "attempts", "body"):
            if (value := getattr(error, name, None)) is not None:
                sys.stderr.write(f"{name}: {value}\n")
    return failure.code


def _tell(message: str, hint: str = "") -> None:
    message = message.rstrip(".")
    hinted = f"{message}{'' if message.endswith('?') else '.'} Hint: {hint}." if hint else message
    with suppress(BrokenPipeError):
        sys.stderr.write(f"{PROGRAM}: {hinted}\n")


def configure_streams() -> None:
    """Let no character be one that can't be written: a file's name may hold any byte, a pipe may be ASCII."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Nobody reads any more: what is still in the buffer must not be an error at the end of the process."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _forget_interrupt() -> None:
    """Let the exit code be ours after an interrupt that has been dealt with.

    One that met code run from text, such as a dataclass being made while its module is imported, stays noted in the
    interpreter, which at its end would kill itself by the signal. It forgets where the next such code begins.
    """
    exec("")  # noqa: S102 - there is nothing in it


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    def tell(message: Warning | str, *_: object, **__: object) -> None:
        _tell(f"warning: {' '.join(str(message).split())}")

    with warnings.catch_warnings():
        # What the client warns of is for whoever runs the command; the rest is for its developers.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = tell
        yield


if __name__ == "__main__":
    sys.exit(main())
