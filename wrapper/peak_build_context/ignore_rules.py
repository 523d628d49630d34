"""Match entries against the rules of ignore files, Docker's and git's.

Both kinds of rules depend on the result for an entry's directory. Each file has a state for that, which
``IgnoreRules.match`` takes of the directory and returns for the entry. The last file with a matching rule decides.
"""

# Imports count here, as in context.py: no postponed annotations.

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from peak_build_context.patterns import Pattern
from peak_build_context.problems import Problem


class Rule(NamedTuple):
    """A line of an ignore file.

    Attributes:
        pattern: The pattern as it is written, without the white space around it.
        ignore_file: The file that it is in, as it was named.
        line: Its line there, from 1.
    """

    pattern: str
    ignore_file: str
    line: int


class Verdict(NamedTuple):
    """The result of the rules for an entry.

    Attributes:
        name: The name of the entry, relative to the context, with ``/`` between its parts.
        excluded_by: The rule that excludes it; None if it is included.
        states: The states of the ignore files, for what is in it if it is a directory.
    """

    name: str
    excluded_by: Rule | None
    states: tuple[Any, ...]


class IgnoreRules:
    """The rules of all ignore files, in their order.

    Attributes:
        problems: Likely mistakes in the files.
    """

    def __init__(self, files: "Sequence[DockerRules | GitRules]", problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.start = tuple(file.start for file in files)
        self._files = tuple(files)
        self._states: dict[str, tuple[Any, ...]] = {}

    def match(self, name: str, states: tuple[Any, ...], *, is_directory: bool) -> Verdict:
        """Match an entry against the rules.

        Args:
            name: Its name, relative to the context, with ``/`` between its parts.
            states: The states that matching its directory gave; ``start`` at the root.
            is_directory: Whether it is a directory.
        """
        if not self._files:
            return Verdict(name, None, ())
        excluded_by: Rule | None = None
        after = []
        for file, state in zip(self._files, states, strict=True):
            excluded_by, state = file.match(name, state, excluded_by, is_directory)  # noqa: PLW2901
            after.append(state)
        return Verdict(name, excluded_by, tuple(after))

    def match_path(self, name: str, *, is_directory: bool = False) -> Verdict:
        """Match an entry and the directories that it is in."""
        states = self.start
        for directory in (name[:index] for index, char in enumerate(name) if char == "/"):
            if directory not in self._states:
                self._states[directory] = self.match(directory, states, is_directory=True).states
            states = self._states[directory]
        return self.match(name, states, is_directory=is_directory)

    def may_reinclude_under(self, directory: str, states: tuple[Any, ...]) -> bool:
        """Return whether a ``!`` line could include something in a directory that is itself excluded."""
        return any(file.may_reinclude_under(directory, state) for file, state in zip(self._files, states, strict=True))


class ParsedRule(NamedTuple):
    """A rule and its pattern."""

    rule: Rule
    is_negated: bool
    pattern: Pattern
    is_for_directories: bool = False
    """Whether it is about directories only, as one of git's that ends in ``/``."""


class DockerRules:
    """The rules of a file by Docker's terms. The state is the numbers of the patterns that matched a parent.

    Args:
        rules: The rules.
        below: The directory that the rules are about, with a ``/`` at its end; "" for the root.
        except_below: The directory that they aren't about.
    """

    start: frozenset[int] = frozenset()

    def __init__(self, rules: Iterable[ParsedRule], below: str, except_below: str | None) -> None:
        self._rules = [(index, *rule[:3]) for index, rule in enumerate(rules)]
        self._below = below
        self._except_below = except_below
        excluding = [pattern for _, _, is_negated, pattern in self._rules if not is_negated]
        endings = [pattern.endings for pattern in excluding if pattern.endings]
        self._names = frozenset(name for names, _ in endings for name in names)
        self._ends = tuple(end for _, ends in endings for end in ends)
        self._others = [pattern for pattern in excluding if not pattern.endings]

    def match(
        self, name: str, state: frozenset[int], excluded_by: Rule | None, _is_directory: bool
    ) -> tuple[Rule | None, frozenset[int]]:
        """Match an entry by the state of its directory and what the files before say."""
        if not name.startswith(self._below):
            return excluded_by, state
        name, before = name.removeprefix(self._below), excluded_by
        if not state and excluded_by is None and not self._may_exclude(name):
            return None, self.start
        matched = []
        for index, rule, is_negated, pattern in self._rules:
            # Docker matches only patterns that would change the result of the previous ones, and records no others.
            if index in state or (is_negated == (excluded_by is not None) and pattern.matches(name)):
                matched.append(index)
                excluded_by = None if is_negated else excluded_by or rule
        if self._except_below and (name.startswith(self._except_below) or self._except_below.startswith(f"{name}/")):
            return before, frozenset(matched)
        return excluded_by, frozenset(matched)

    def may_reinclude_under(self, directory: str, state: frozenset[int]) -> bool:
        """Return whether a ``!`` line could include something in an excluded directory."""
        if not f"{directory}/".startswith(self._below):
            return bool(self._rules) and self._below.startswith(f"{directory}/")
        name = directory.removeprefix(self._below)
        # A pattern that has matched the directory also applies to its contents, and overrides all lines before its own.
        later = self._rules[max(state, default=-1) + 1 :]
        return any(is_negated and pattern.may_match_under(name) for _, _, is_negated, pattern in later)

    def _may_exclude(self, name: str) -> bool:
        """Return whether any pattern matches; one regular expression covers most, since most names match none."""
        is_simple = name in self._names or name.endswith(self._ends)
        return is_simple or any(pattern.matches(name) for pattern in self._others)


class GitScope(NamedTuple):
    """The rules of one ``.gitignore``, about what is in its directory."""

    rules: tuple[ParsedRule, ...]
    below: str = ""
    """The directory, with a ``/`` at its end; "" for the root."""
    prefix: str = ""
    """Where the root is, seen from a directory above it."""


_GitState = tuple[Rule | None, tuple[GitScope, ...]]
"""The rule that excludes the directory, which ends it for all that is in it, and the scopes."""


class GitRules:
    """The rules of a file by git's terms, and of those of the same name in directories below its own."""

    def __init__(self, scope: GitScope, read_nested: Callable[[str], tuple[ParsedRule, ...]]) -> None:
        self.start: _GitState = (None, (scope,))
        self._read_nested = read_nested

    def match(
        self, name: str, state: _GitState, excluded_by: Rule | None, is_directory: bool
    ) -> tuple[Rule | None, _GitState]:
        """Match an entry by the state of its directory and what the files before say."""
        remembered, scopes = state
        if remembered is None:
            found = _last_match(scopes, name, is_directory=is_directory)
            if found is not None:
                excluded_by = None if found.is_negated else found.rule
                remembered = excluded_by
            if is_directory and excluded_by is None and (rules := self._read_nested(name)):
                scopes = (*scopes, GitScope(rules, below=f"{name}/"))
        return remembered or excluded_by, (remembered, scopes)

    def may_reinclude_under(self, _directory: str, state: _GitState) -> bool:
        """Return whether a ``!`` line could include something in an excluded directory."""
        remembered, scopes = state
        return remembered is None and any(rule.is_negated for scope in scopes for rule in scope.rules)


def _last_match(scopes: Sequence[GitScope], name: str, *, is_directory: bool) -> ParsedRule | None:
    for scope in reversed(scopes):
        if not name.startswith(scope.below):
            continue
        relative = scope.prefix + name.removeprefix(scope.below)
        if not relative.isascii():
            relative = os.fsencode(relative).decode("latin-1")
        for rule in reversed(scope.rules):
            if (is_directory or not rule.is_for_directories) and rule.pattern.matches(relative):
                return rule
    return None
