"""Run the command line: ``peak-images``, or ``python -m peak_images_cli``."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext

from peak_images_cli.exit_codes import COMPLETION_VARIABLE, PROGRAM, ExitCode, explain
from peak_images_cli.terminal import configure_streams, debug_log, discard_output, echo_err, warn


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
            _echo(f"error: {error.strerror}")  # the same message as for an OSError of a command
            return ExitCode.FAILED
        _forget_interrupt()
        return code


def _run(argv: list[str]) -> int:
    if argv == ["--version"]:  # without any other import, and without the extra
        from peak_images import __version__

        sys.stdout.write(f"{PROGRAM} {__version__}\n")
        return ExitCode.OK
    try:
        with debug_log() if "--debug" in argv else nullcontext():
            return _invoke(argv)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        _echo("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported in one line
        return _report(error, argv)


def _invoke(argv: list[str]) -> int:
    # If click is installed, httpx imports rich and pygments for its own command line: a third of a run's time.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import click

    from peak_images_cli.app import Program

    program = Program()
    if COMPLETION_VARIABLE in os.environ:
        from peak_images_cli.shells import complete

        return complete(program)
    try:
        with program.make_context(PROGRAM, [*argv]) as context:
            program.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        from peak_images_cli.usage_errors import explain_usage

        message, hint = explain_usage(error, argv)
        _echo(f"error: {message}", hint)
        return ExitCode.USAGE
    return ExitCode.OK


def _report(error: Exception, argv: Sequence[str]) -> int:
    def option_of(field: str) -> str:
        from peak_images_cli.command import option_of

        return option_of(field, argv, is_missing=str(error).endswith(": is required"))

    failure = explain(error, option_of)
    _echo(f"error: {failure.message}", failure.hint)
    if "--debug" in argv:
        import traceback

        echo_err("".join(traceback.format_exception(error)).rstrip())
        for name in ("operation", "method", "url", "status_code", "request_id", "attempts", "body"):
            if (value := getattr(error, name, None)) is not None:
                echo_err(f"{name}: {value}")
    return failure.code


def _echo(message: str, hint: str = "") -> None:
    # A message of the service may have several lines; those after the first are indented.
    message = "\n  ".join(message.rstrip(". \n").splitlines())
    hinted = f"{message}{'' if message.endswith('?') else '.'} Hint: {hint}." if hint else message
    echo_err(f"{PROGRAM}: {hinted}")


def _forget_interrupt() -> None:
    """Let Python exit with our code after an interrupt that has been handled.

    An interrupt during ``exec`` (which dataclasses use) sets a flag in the interpreter, which then kills itself by the
    signal at exit. The next ``exec`` clears the flag.
    """
    exec("")  # noqa: S102 - there is nothing in it


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    def show(message: Warning | str, *_: object, **__: object) -> None:
        warn(str(message))

    with warnings.catch_warnings():
        # Warnings of the client are for users, all others for developers.
        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield


if __name__ == "__main__":
    sys.exit(main())
