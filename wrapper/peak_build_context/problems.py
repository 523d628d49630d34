"""What is wrong, or looks wrong, with a build context."""

# No postponed annotations, which NamedTuple compiles one by one.

from enum import StrEnum
from typing import NamedTuple


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
    """Something that is wrong, or looks like a mistake.

    Attributes:
        kind: What it is about. It compares equal to its text, such as ``"likely-secret"``.
        message: What it is, in a sentence, and what would fix it.
        path: The file or directory in question: its name in the artifact.
        is_certain: Whether the build is sure to fail of it.
    """

    kind: ProblemKind
    message: str
    path: str
    is_certain: bool = False

    @property
    def fails_simulation(self) -> bool:
        """Whether a simulated build ends here: what is beyond this package's limits can't be simulated."""
        return self.is_certain or self.kind is ProblemKind.DOCKERFILE_LIMIT
