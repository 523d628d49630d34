"""The errors of this package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class BuildContextError(ValueError):
    """The directory can't be made into a build context. The message names the path.

    Attributes:
        path: The file or directory in question.
        problem: What is wrong with it.
        argument: The argument that it comes from: ``path`` or ``ignore_files``.
    """

    def __init__(self, path: object, problem: str, *, argument: str = "path") -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem
        self.argument = argument


class BuildContextTooLargeError(BuildContextError):
    """The archive is larger than the limit.

    Attributes:
        limit: The limit in bytes, zipped.
        largest: The largest files, as pairs of name and size in bytes, unzipped, largest first.
    """

    def __init__(self, path: object, problem: str, *, limit: int, largest: Iterable[tuple[str, int]]) -> None:
        super().__init__(path, problem)
        self.limit = limit
        self.largest = tuple(largest)


class DockerfileError(ValueError):
    """A Dockerfile can't be built.

    Attributes:
        problem: What is wrong with it, without its location.
        line: Where it is, from 1; 0 for the Dockerfile as a whole.
        is_certain: Whether the build is certain to fail.
    """

    is_certain = True

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line


class DockerfileLimitError(DockerfileError):
    """A Dockerfile exceeds a limit of this package. The limits protect against malicious Dockerfiles."""

    is_certain = False


class DockerfileFrontendError(DockerfileError):
    """A Dockerfile is built by a frontend whose rules aren't known here."""

    is_certain = False


@contextmanager
def at_line(line: int) -> Iterator[None]:
    """Add the line to a ``DockerfileError`` that has none."""
    try:
        yield
    except DockerfileError as error:
        error.line = error.line or line
        raise
