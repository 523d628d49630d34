"""Run the command line: ``peak-images``, or ``python -m peak_images_cli``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from peak_images_cli.exit_codes import ExitCode, explain
from peak_images_cli.terminal import configure_streams, discard_output, echo_err, restored_logging, warn

if TYPE_CHECKING:
    from peak_images_cli.service import CliState

PROGRAM = "peak-images"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments (default: those of the process).

    Returns:
        The exit code, as ``ExitCode`` names them.
    """
    configure_streams()
    with _one_line_warnings():
        try:
            code = _run(sys.argv[1:] if argv is None else list(argv))
            sys.stdout.flush()
        except BrokenPipeError:
            discard_output(sys.stdout)
            return ExitCode.BROKEN_PIPE
        except OSError as error:
            discard_output(sys.stdout)
            _echo(f"error: {error.strerror}")  # as where a command notices it
            return ExitCode.FAILED
        _forget_interrupt()
        return code


def _run(argv: list[str]) -> int:
    if argv == ["--version"]:  # at once, and without the extra
        from peak_images import __version__

        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return ExitCode.OK
    try:
        import typer
    except ModuleNotFoundError as error:
        # Without the extra there is still this command, and it should report what is missing.
        _echo(f"error: {error.name} isn't installed", "pip install 'peak-images[cli]'")
        return ExitCode.FAILED
    from peak_images_cli.app import make_app
    from peak_images_cli.service import CliState

    state = CliState()
    try:
        with restored_logging():
            result: Any = make_app(argv)(argv, prog_name=PROGRAM, standalone_mode=False, obj=state)
    except SystemExit as error:
        # Typer makes this of a closed pipe, before anybody else sees it.
        if isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    except BrokenPipeError:
        raise
    except (KeyboardInterrupt, typer.Abort):
        _echo("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported in one line
        # Typer's errors of usage are of a class that has moved from one version of it to the next.
        return _report_usage(error, argv) if hasattr(error, "format_message") else _report(error, state, argv)
    if result == ExitCode.INTERRUPTED:
        # Typer makes a code of it.
        _echo("interrupted")
    return result if isinstance(result, int) else ExitCode.OK


def _report_usage(error: Any, argv: Sequence[str]) -> int:
    from peak_images_cli.usage_errors import explain_usage

    context = getattr(error, "ctx", None)
    message, hint = explain_usage(error, argv, context.command_path if context else PROGRAM)
    _echo(f"error: {message}", hint)
    return ExitCode.USAGE


def _report(error: Exception, state: CliState, argv: Sequence[str]) -> int:
    from peak_images_cli.command import option_of

    failure = explain(error, lambda field: option_of(field, argv))
    _echo(f"error: {failure.message}", failure.hint)
    if state.debug:
        import traceback

        echo_err("".join(traceback.format_exception(error)).rstrip())
        for name in ("operation", "method", "url", "status_code", "request_id", "attempts", "body"):
            if (value := getattr(error, name, None)) is not None:
                echo_err(f"{name}: {value}")
    return failure.code


def _echo(message: str, hint: str = "") -> None:
    # What a service reports may have lines; those after the first are indented.
    message = "\n  ".join(message.rstrip(". \n").splitlines())
    hinted = f"{message}{'' if message.endswith('?') else '.'} Hint: {hint}." if hint else message
    echo_err(f"{PROGRAM}: {hinted}")


def _forget_interrupt() -> None:
    """Let Python exit with our code after an interrupt that has been handled.

    One that met code run from text, such as a dataclass being made while its module is imported, stays noted in the
    interpreter, which at its end would kill itself by the signal. It forgets where the next such code begins.
    """
    exec("")  # noqa: S102 - there is nothing in it


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    def show(message: Warning | str, *_: object, **__: object) -> None:
        warn(str(message))

    with warnings.catch_warnings():
        # What the client warns of is for users; the rest is for its developers.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


if __name__ == "__main__":
    sys.exit(main())
