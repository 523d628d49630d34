"""The exit codes, and the one-line report of an error."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from enum import IntEnum
from typing import Final, NamedTuple

PROGRAM: Final = "peak-images"
COMPLETION_VARIABLE: Final = "_PEAK_IMAGES_COMPLETE"
"""The environment variable by which a shell requests completions."""


class ExitCode(IntEnum):
    """The exit codes of ``peak-images``. ``MEANINGS`` describes them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    ARTIFACT = 3
    DENIED = 4
    NOT_FOUND = 5
    CONFLICT = 6
    REFUSED = 7
    UNAVAILABLE = 8
    BUILD_FAILED = 9
    TIMEOUT = 10
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS: Final[dict[ExitCode, str]] = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "other error, or cancelled",
    ExitCode.USAGE: "the command line, a file or the configuration is wrong; nothing was sent",
    ExitCode.ARTIFACT: "the artifact can't be made, or is too large",
    ExitCode.DENIED: "there is no token, or the service doesn't accept it",
    ExitCode.NOT_FOUND: "there is no such image, version or build",
    ExitCode.CONFLICT: "conflict: a name taken, a version in use",
    ExitCode.REFUSED: "the service rejected the request for another reason",
    ExitCode.UNAVAILABLE: "the service can't be reached or failed; retry later",
    ExitCode.BUILD_FAILED: "the build (or the deletion) that was waited for failed",
    ExitCode.TIMEOUT: "timed out; the operation continues",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.BROKEN_PIPE: "broken pipe, as in | head",
}

EPILOG: Final = "Exit codes:\n" + "\n".join(f"{code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())
"""The table as the help shows it."""


class CommandError(Exception):
    """An error of the command line itself.

    Args:
        message: The error, in one line.
        hint: What to do about it.
        code: The exit code.
    """

    def __init__(self, message: str, hint: str = "", code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


class Failure(NamedTuple):
    """The report of an error: one line, a hint, and the exit code."""

    message: str
    hint: str
    code: ExitCode


_LATER: Final = "try again in a while"

_BY_ERROR: Final[dict[str, tuple[ExitCode, str]]] = {
    "MissingTokenError": (
        ExitCode.DENIED,
        "set PEAK_AUTH_TOKEN or API_KEY, or keep it in a profile, as 'peak-images profiles --example' shows",
    ),
    "ConfigurationError": (ExitCode.USAGE, ""),
    "ArtifactTooLargeError": (ExitCode.ARTIFACT, "'peak-images pack' shows what is included"),
    "ArtifactError": (ExitCode.ARTIFACT, ""),
    "InvalidInputError": (ExitCode.USAGE, ""),
    "SaveError": (ExitCode.FAILED, ""),
    "BuildFailedError": (
        ExitCode.BUILD_FAILED,
        "'peak-images logs {image_id} --build {build_id}' shows the log",
    ),
    "DeletionFailedError": (ExitCode.BUILD_FAILED, "a version that is in use can't be deleted"),
    "WaitTimeoutError": (ExitCode.TIMEOUT, ""),
    "UnauthorizedError": (ExitCode.DENIED, "check the token, and that it is one of this stage"),
    "ForbiddenError": (ExitCode.DENIED, "the token's user needs permission for this"),
    "NotFoundError": (ExitCode.NOT_FOUND, "'list', 'list-versions' and 'list-builds' show the ids there are"),
    "ConflictError": (ExitCode.CONFLICT, ""),
    "PayloadTooLargeError": (ExitCode.ARTIFACT, "'peak-images pack' shows what the artifact holds"),
    "RateLimitedError": (ExitCode.UNAVAILABLE, _LATER),
    "ServerError": (ExitCode.UNAVAILABLE, _LATER),
    "ApiError": (ExitCode.REFUSED, ""),
    "TransportError": (ExitCode.UNAVAILABLE, "check the network and the address, or try again in a while"),
    "PeakImagesError": (ExitCode.FAILED, ""),
}
"""The exit code and the hint for an error of the client, by the name of its class or the nearest above it.

A hint may name attributes of the error in braces.
"""

_CONFLICT_HINTS: Final = {
    "create_image": "'create-or-update' adds a version to an image that exists, or 'create-version' does",
    "create_version": "give another --version, or none for the next one",
    "update_version": "'create-version' makes a new one",
}
"""The hint for a conflict, by operation."""

_CHECK_IN_PYTHON: Final = "set the artifact's 'check': 'warn'"
_CHECK_OPTION: Final = "use --artifact-check warn"


def explain(error: Exception, option_of: Callable[[str], str] = str) -> Failure:
    """Return the report of an error: of the client, of the command line, or an unexpected one.

    Args:
        error: The error.
        option_of: Returns the option that gives an argument or a field, or its own name if there is none.
    """
    if isinstance(error, CommandError):
        return Failure(_one_line(str(error)), error.hint, error.code)
    for kind in type(error).__mro__:
        if kind.__module__.startswith("peak_images.") and kind.__name__ in _BY_ERROR:
            code, hint = _BY_ERROR[kind.__name__]
            notes = ", ".join(getattr(error, "__notes__", ()))
            # No hint without the build id, which is missing if the service didn't list the build.
            hint = "" if getattr(error, "build_id", "") is None else hint.format_map(vars(error))
            hint = notes or _CONFLICT_HINTS.get(_operation(error, code), hint)
            hint = hint or _hint_for_missing(error) or _hint_to_wait(error)
            return Failure(_message(error, option_of), hint, code)
    if isinstance(error, ModuleNotFoundError):
        return Failure(f"{error.name} isn't installed", "pip install 'peak-images[cli]'", ExitCode.FAILED)
    if isinstance(error, OSError):
        return Failure(_one_line(str(error).partition("] ")[2] or str(error)), "", ExitCode.FAILED)
    text = f"unexpected {type(error).__name__}: {error}"
    return Failure(_one_line(text), "--debug shows where; please report it", ExitCode.FAILED)


def _operation(error: Exception, code: ExitCode) -> str:
    return str(getattr(error, "operation", "")) if code is ExitCode.CONFLICT else ""


def _message(error: Exception, option_of: Callable[[str], str]) -> str:
    if type(error).__name__ == "MissingTokenError":
        return "no token"
    if hasattr(error, "log"):
        return str(error).partition("\n")[0]  # the log has been shown
    message, field = _without_operation(error), str(getattr(error, "field", ""))
    message = message.replace(_CHECK_IN_PYTHON, _CHECK_OPTION)
    option = option_of(field)
    # The message quotes the value, so an option with several needs no index.
    return message if option == field else f"{option}{message.removeprefix(field)}"


def _without_operation(error: Exception) -> str:
    """Return the message of a failed request without the operation's name, which isn't a command."""
    message = str(error).removeprefix(f"{getattr(error, 'operation', '')}: ").rstrip()
    status = getattr(error, "status_code", None)
    return f"{message.removeprefix(f'{status}: ')} ({status})" if status else message


def _hint_for_missing(error: Exception) -> str:
    is_missing = getattr(error, "value", "") is None and getattr(error, "field", "").startswith("body.")
    if getattr(error, "status_code", None) == 422 and "artifact" in str(error):
        return "--artifact-path gives the directory to build from, --dockerfile the contents of a Dockerfile"
    return "the option gives it, or a FILE, of which '--generate' prints an example" if is_missing else ""


def _hint_to_wait(error: Exception) -> str:
    if type(error).__name__ != "WaitTimeoutError" or (version := getattr(error, "version_id", None)) is None:
        return ""
    name = getattr(error, "name", None)
    target = shlex.quote(name) if name else f"--image-id {getattr(error, 'image_id', None)} --version-id {version}"
    return f"'peak-images wait {target}' continues to wait"


def _one_line(text: str) -> str:
    return " ".join(text.split())
