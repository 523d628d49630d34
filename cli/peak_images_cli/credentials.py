"""Store tokens: in the system's keyring if the keyring package is installed, else in a private file."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from peak_images_cli.exit_codes import CommandError, ExitCode

_SERVICE: Final = "peak-images"
_KEYRING: Final = "the system's keyring"


def store_token(profile: str, token: str, directory: Path) -> str:
    """Store the token of a profile.

    Args:
        profile: The name of the profile.
        token: The token.
        directory: Where the file is, if there is no keyring.

    Returns:
        Where it is stored, for users.

    Raises:
        CommandError: It can't be stored.
    """
    keyring = _keyring()
    if keyring is not None:
        with suppress(Exception):  # a backend may be locked or broken in any way; then the file is used
            keyring.set_password(_SERVICE, profile, token)
            return _KEYRING
    path = _path(directory)
    _write(path, {**_read(path), profile: token})
    return str(path)


def stored_token(profile: str, directory: Path) -> tuple[str, str] | None:
    """Return the stored token of a profile and its location, or ``None``."""
    keyring = _keyring()
    if keyring is not None:
        with suppress(Exception):
            if token := keyring.get_password(_SERVICE, profile):
                return str(token), _KEYRING
    path = _path(directory)
    token = _read(path).get(profile)
    return (token, str(path)) if token else None


def remove_token(profile: str, directory: Path) -> list[str]:
    """Remove the stored token of a profile; return its locations."""
    removed = []
    keyring = _keyring()
    if keyring is not None:
        with suppress(Exception):
            if keyring.get_password(_SERVICE, profile):
                keyring.delete_password(_SERVICE, profile)
                removed.append(_KEYRING)
    path = _path(directory)
    tokens = _read(path)
    if tokens.pop(profile, None):
        _write(path, tokens)
        removed.append(str(path))
    return removed


def write_private(path: Path, text: str) -> None:
    """Write a file atomically, readable by the user only.

    Raises:
        CommandError: It can't be written.
    """
    temp_path = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(temp_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        temp_path.replace(path)
    except OSError as error:
        raise CommandError(f"{path}: can't be written: {error.strerror}", code=ExitCode.FAILED) from error
    finally:
        with suppress(OSError):
            temp_path.unlink()


def _keyring() -> Any:
    try:
        import keyring  # type: ignore[import-not-found]
    except ImportError:
        return None
    # Without a keyring of the system, the package uses a backend whose calls all fail.
    with suppress(Exception):
        return keyring if keyring.get_keyring().priority >= 1 else None
    return None


def _path(directory: Path) -> Path:
    return directory / "credentials.json"


def _read(path: Path) -> dict[str, str]:
    try:
        tokens = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CommandError(f"{path} can't be read: {error}") from error
    if not isinstance(tokens, dict):
        raise CommandError(f"{path} is not a file of tokens")
    return tokens


def _write(path: Path, tokens: dict[str, str]) -> None:
    write_private(path, f"{json.dumps(tokens, indent=2)}\n")
