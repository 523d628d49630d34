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
    target, file = _open_beside(path)
    partial = Path(file.name)
    try:
        with file:
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


def _open_beside(path: Path) -> tuple[Path, IO[bytes]]:
    """The file that is meant, and a new one in its folder: a rename is atomic only within a file system."""
    try:
        _check_place(path)
        # Not made of the target's name, which may be as long as names may be.
        # A link stays one: what it points to is replaced.
        target = Path(os.path.realpath(path))
        return target, target.with_name(f".{os.urandom(8).hex()}.part").open("xb")
    except SaveError:
        raise
    except (OSError, ValueError) as error:
        raise SaveError(path, f"can't be written: {getattr(error, 'strerror', None) or error}") from error
