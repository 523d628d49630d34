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
def saving(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that gets its name only when the block has ended well; else nothing is left of it.

    Raises:
        SaveError: The file can't be written there.
    """
    target = _target_of(path)
    # Not made of the target's name, which may be as long as names may be; beside it, since a rename is atomic only
    # within a file system.
    partial = target.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with _opened(partial, path) as file:
            yield file
        partial.replace(target)
    except OSError as error:
        # Faults of the network come from the block as errors of this package, and are theirs to tell.
        if error.strerror is None:
            raise
        raise SaveError(path, f"can't be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def _check_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise SaveError(path, f"the folder {path.parent} doesn't exist")
    with suppress(FileNotFoundError):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise SaveError(path, "is a folder; give the name of a file")
        if not stat.S_ISREG(mode):
            raise SaveError(path, "is a device or a FIFO, and would be replaced; give the name of a file")


def _target_of(path: Path) -> Path:
    """The file that is meant. A link stays one: what it points to is replaced."""
    try:
        _check_place(path)
        return Path(os.path.realpath(path))
    except SaveError:
        raise
    except (OSError, ValueError) as error:
        raise _cannot_be_written(path, error) from error


def _opened(partial: Path, path: Path) -> IO[bytes]:
    try:
        return partial.open("xb")
    except (OSError, ValueError) as error:
        raise _cannot_be_written(path, error) from error


def _cannot_be_written(path: Path, error: OSError | ValueError) -> SaveError:
    return SaveError(path, f"can't be written: {getattr(error, 'strerror', None) or error}")
