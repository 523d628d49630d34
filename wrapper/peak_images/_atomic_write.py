"""Write files atomically."""

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
    """Yield a temporary file that is renamed when the block succeeds, and removed otherwise.

    The permissions of a replaced file are kept.

    Raises:
        SaveError: The file can't be written.
    """
    target = _resolve_target(path)
    # Its name isn't derived from the target's, which may have the maximum length; it is in the same directory, since a
    # rename is atomic only within a file system.
    temp_path = target.with_name(f".{os.urandom(8).hex()}.part")
    try:
        with temp_path.open("xb") as file:
            with suppress(FileNotFoundError):
                temp_path.chmod(stat.S_IMODE(target.stat().st_mode))
            yield file
        temp_path.replace(target)
    except OSError as error:
        # Errors of this package, such as those of the network in the block, have no errno.
        if error.strerror is None:
            raise
        raise SaveError(path, f"can't be written: {error.strerror}") from error
    finally:
        temp_path.unlink(missing_ok=True)


def _resolve_target(path: Path) -> Path:
    """Return the file to replace: of a link its target, so that the link is kept."""
    try:
        has_directory = path.parent.is_dir()
        mode = path.stat().st_mode if has_directory else stat.S_IFREG
    except FileNotFoundError:
        has_directory, mode = True, stat.S_IFREG
    except (OSError, ValueError) as error:
        raise SaveError(path, f"can't be written: {getattr(error, 'strerror', None) or error}") from error
    if not has_directory:
        raise SaveError(path, f"the directory {path.parent} doesn't exist")
    if stat.S_ISDIR(mode):
        raise SaveError(path, "is a directory; give the name of a file")
    if not stat.S_ISREG(mode):
        raise SaveError(path, "is a device or a FIFO, and would be replaced; give the name of a file")
    return Path(os.path.realpath(path))
