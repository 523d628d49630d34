"""Writing a file so that its name never stands for half of it."""

from __future__ import annotations

import secrets
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
    if path.is_dir():
        raise SaveError(path, "is a folder; give the name of a file")
    if not path.parent.is_dir():
        raise SaveError(path, f"the folder {path.parent} doesn't exist")
    # Beside the target: a rename is atomic only within a file system.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        # Faults of the network come from the block as errors of this package, and are theirs to tell.
        if isinstance(error, SaveError) or error.strerror is None:
            raise
        raise SaveError(path, f"can't be written: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
