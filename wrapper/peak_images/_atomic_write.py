"""Writing a file so that its name never stands for half of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from peak_images.errors import SaveError


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that gets its name only when the block has ended well; else nothing is left of it.

    Raises:
        SaveError: The file can't be written there.
    """
    target = _resolve_target(path)
    # Not made of the target's name, which may be as long as names may be; beside it, since a rename is atomic only
    # within a file system.
    temp_path = target.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with _open(temp_path, path) as file:
            yield file
        temp_path.replace(target)
    except OSError as error:
        # Faults of the network come from the block as errors of this package, and are theirs to tell.
        if error.strerror is None:
            raise
        raise SaveError(path, f"can't be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            temp_path.unlink()


def _check_target(path: Path) -> None:
    if not path.parent.is_dir():
        raise SaveError(path, f"the directory {path.parent} doesn't exist")
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SaveError(path, "is a directory; give the name of a file")
        if not stat.S_ISREG(mode):
            raise SaveError(path, "is a device or a FIFO, and would be replaced; give the name of a file")


def _resolve_target(path: Path) -> Path:
    """The file that is meant. A link stays one: what it points to is replaced."""
    try:
        _check_target(path)
        return Path(os.path.realpath(path))
    except SaveError:
        raise
    except (OSError, ValueError) as error:
        raise _write_error(path, error) from error


def _open(temp_path: Path, path: Path) -> IO[bytes]:
    try:
        return temp_path.open("xb")
    except (OSError, ValueError) as error:
        raise _write_error(path, error) from error


def _write_error(path: Path, error: OSError | ValueError) -> SaveError:
    return SaveError(path, f"can't be written: {getattr(error, 'strerror', None) or error}")
