"""Where uploaded artifacts are kept."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class ArtifactStore:
    """A folder of zip files. One is there under its final name only when it is complete."""

    def __init__(self, folder: Path | None) -> None:
        """Keeps them in `folder`, or in a temporary one that goes with the service."""
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        if folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="peak-images-local-")
            folder = Path(self._temporary.name)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def add(self, content: BinaryIO) -> str:
        """Keeps a file; gives the name it is kept under."""
        name = f"{uuid.uuid4().hex}.zip"
        part = self.path(f"{name}.part")
        try:
            with part.open("wb") as file:
                content.seek(0)
                shutil.copyfileobj(content, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path(name))
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return name

    def path(self, name: str) -> Path:
        """Where the file of this name is."""
        return self._folder / name

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in self._folder.iterdir())

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        self.path(name).unlink(missing_ok=True)

    def keep_only(self, names: Collection[str]) -> None:
        """Removes everything else, such as what an interrupted upload has left."""
        for path in list(self._folder.iterdir()):
            if path.name not in names:
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()

    def close(self) -> None:
        """Gives back a temporary folder."""
        if self._temporary is not None:
            self._temporary.cleanup()
