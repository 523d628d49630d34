"""Ignore files, read and applied the way Docker does it.

The matching itself is ``e2b_dockerfile_utils``'s, a port of moby's own. What it leaves to its caller is here: which
files are read, how their text becomes patterns, and which pattern is to blame for a path that stays out.
"""

# Imports count here, as in walk.py: no pathlib, and no postponed annotations.
# ruff: noqa: PTH109, PTH110, PTH116, PTH118, PTH119, PTH120, PTH123

import os
import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from peak_build_context.errors import BuildContextError
from peak_build_context.matching import pattern_matcher

if TYPE_CHECKING:
    from e2b_dockerfile_utils import PatternMatcher

DEFAULT_IGNORE_FILE: Final = ".dockerignore"
"""The ignore file that is read when none is named, if it is there."""


class Rule(NamedTuple):
    """One line of an ignore file that says something.

    Attributes:
        pattern: The pattern as it is written, without the white space around it.
        ignore_file: The file it stands in, as it was named.
        line: Its line there, from 1.
    """

    pattern: str
    ignore_file: str
    line: int


class IgnoreRules:
    """The rules of all ignore files, in order: the last one that matches a path decides."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._alone = tuple(_checked(rule) for rule in self._rules)
        self._all = _matcher(self._rules)
        self._beginnings: dict[int, PatternMatcher] = {}

    def excludes(self, name: str) -> bool:
        """Whether a path stays out. It is relative to the context, with ``/`` between its parts."""
        return bool(self._rules) and self._all.matches(name)

    def may_reinclude_under(self, directory: str) -> bool:
        """Whether a ``!`` pattern could bring back something under a directory that stays out itself."""
        return self._all.may_match_under(directory)

    def deciding_rule(self, name: str) -> Rule:
        """The rule by which a path that stays out does so."""
        suspects = [
            index
            for index, rule in enumerate(self._rules)
            if not rule.pattern.startswith("!") and self._alone[index].matches(name)
        ]
        # Of several, it is the last that turned "in" into "out": the one before which the path is in.
        while len(suspects) > 1 and self._before(suspects[-1]).matches(name):
            suspects.pop()
        return self._rules[suspects[-1]]

    def _before(self, index: int) -> "PatternMatcher":
        """The matcher of the rules before one of them."""
        if index not in self._beginnings:
            self._beginnings[index] = _matcher(self._rules[:index])
        return self._beginnings[index]


def read_rules(root: str, ignore_files: Sequence[str | os.PathLike[str]] | None) -> tuple[IgnoreRules, frozenset[str]]:
    """Read the ignore files of a context.

    Args:
        root: The context's directory, its links resolved.
        ignore_files: The files, in the order in which their patterns count. A relative path is looked for in the
            context first, then in the working directory. None given: ``.dockerignore``, if the context has one.

    Returns:
        The rules, and the names in the context of those of the files that are in it.

    Raises:
        BuildContextError: A file is missing or can't be read, or a pattern in it is malformed.
    """
    if isinstance(ignore_files, (str, bytes, os.PathLike)):
        raise BuildContextError(os.fsdecode(ignore_files), f"{ignore_files!r} is not a list", argument="ignore_files")
    if not ignore_files:
        ignore_files = [DEFAULT_IGNORE_FILE] if os.path.lexists(f"{root}/{DEFAULT_IGNORE_FILE}") else []
    rules: list[Rule] = []
    inside: set[str] = set()
    for given in ignore_files:
        ignore_file = os.fsdecode(given)
        path = os.path.join(root, ignore_file)
        if not os.path.exists(path):
            path = os.path.join(os.getcwd(), ignore_file)
        rules.extend(_rules_in(_read(path, ignore_file), ignore_file))
        # The directory's links are resolved and the file's own are not: it is the link that is in the context.
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        above = root.rstrip(os.sep) + os.sep
        if path.startswith(above):
            inside.add(path.removeprefix(above).replace(os.sep, "/"))
    return IgnoreRules(rules), frozenset(inside)


def _read(path: str, ignore_file: str) -> bytes:
    if "\0" in path:
        raise BuildContextError(ignore_file, f"{ignore_file!r} is not a path", argument="ignore_files")
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            problem = f"{ignore_file!r} is a socket, a FIFO or a device, not an ignore file"
            raise BuildContextError(ignore_file, problem, argument="ignore_files")
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        problem = f"there is no ignore file {ignore_file!r}, neither in the context nor in the working directory"
        raise BuildContextError(ignore_file, problem, argument="ignore_files") from None
    except IsADirectoryError:
        raise BuildContextError(
            ignore_file, f"{ignore_file!r} is a directory, not an ignore file", argument="ignore_files"
        ) from None
    except OSError as error:
        problem = f"the ignore file {ignore_file!r} can't be read: {error.strerror}"
        raise BuildContextError(ignore_file, problem, argument="ignore_files") from error


def _rules_in(content: bytes, ignore_file: str) -> Iterator[Rule]:
    # Surrogates for what isn't UTF-8, as in the names that the file system gives, so that the two meet.
    text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not line.startswith("#"):
            yield Rule(line.strip(), ignore_file, number)


def _checked(rule: Rule) -> "PatternMatcher":
    try:
        return _matcher([rule])
    except ValueError as error:
        problem = f"{rule.ignore_file!r}, line {rule.line}: malformed pattern {rule.pattern!r}"
        raise BuildContextError(rule.ignore_file, problem, argument="ignore_files") from error


def _matcher(rules: Sequence[Rule]) -> "PatternMatcher":
    # A comment begins in the first column only, so what begins with "#" here is a pattern: the blank keeps it one.
    return pattern_matcher([f" {rule.pattern}" for rule in rules], backslash_is_separator=os.sep == "\\")
