"""Problems of a build context."""

# No postponed annotations, which NamedTuple compiles one by one.

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

_MAX_SHOWN: Final = 20


class ProblemKind(StrEnum):
    """What a problem is about."""

    EMPTY = "empty"
    CONTEXT_MISSING = "context-missing"
    DOCKERFILE_MISSING = "dockerfile-missing"
    DOCKERFILE_SYNTAX = "dockerfile-syntax"
    DOCKERFILE_LIMIT = "dockerfile-limit"
    SOURCE_MISSING = "source-missing"
    SOURCE_IGNORED = "source-ignored"
    IGNORE_FILE = "ignore-file"
    LIKELY_SECRET = "likely-secret"  # noqa: S105 - the kind, not a secret
    LINK = "link"
    SPECIAL_FILE = "special-file"
    TOO_LARGE = "too-large"


class Problem(NamedTuple):
    """A mistake in a build context, or a likely one.

    Attributes:
        kind: The kind, which compares equal to its text, such as ``"likely-secret"``.
        message: The problem in one sentence, and how to fix it.
        path: The file or directory, by its path in the artifact.
        is_certain: Whether the build is certain to fail.
    """

    kind: ProblemKind
    message: str
    path: str
    is_certain: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"

    @property
    def fails_simulation(self) -> bool:
        """Whether a simulated build fails: Dockerfiles beyond the limits of this package can't be simulated."""
        return self.is_certain or self.kind is ProblemKind.DOCKERFILE_LIMIT


def abridge(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the first problems of each kind, and one with the number of the others."""
    counts: Counter[ProblemKind] = Counter()
    for problem in problems:
        counts[problem.kind] += 1
        if counts[problem.kind] <= _MAX_SHOWN:
            yield problem
    for kind, count in counts.items():
        if count > _MAX_SHOWN:
            yield Problem(kind, f"… and {count - _MAX_SHOWN} more of this kind", "")
