"""Check whether the sources of instructions are in the build context."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from functools import cache, cached_property
from itertools import chain
from typing import Final, NamedTuple
from unicodedata import normalize

from peak_build_context.context import Excluded, clean_path
from peak_build_context.errors import DockerfileLimitError
from peak_build_context.ignore_rules import IgnoreRules, Rule
from peak_build_context.patterns import PatternError, copy_pattern, docker_pattern
from peak_build_context.text import USUALLY_IGNORED

_WILDCARD: Final = re.compile(r"(?:[^\\*?\[]|\\.)*[*?\[]", re.DOTALL)
_MAX_COMPARISONS: Final = 3_000_000
_MAX_SIBLINGS: Final = 500
_MAX_NAME: Final = 255

MISSING: Final = "not found in the build context"
EMPTY: Final = "matches nothing in the build context"
MALFORMED: Final = "is a malformed pattern"


class Source(NamedTuple):
    """A path that an instruction takes from the build context.

    Attributes:
        path: The path, relative to the context; "" for all of it.
        has_wildcards: Whether it is a pattern.
        is_recursive: Whether ``**`` matches several directories, as with ``--parents``.
        parent: The part of a path of ``COPY --parents`` before its ``/./``.
    """

    path: str
    has_wildcards: bool = False
    is_recursive: bool = False
    parent: str = ""


class BuildFiles:
    """The files that a build has, after the ignore rules that the build itself applies.

    Args:
        files: The names of the files, relative to the build context.
        directories: The names of the directories; those that files are in need not be among them.
        rules: The build's own ignore rules.
        excluded: Returns why a source was not even uploaded, if it was excluded.
        prefix: The prefix of names in the artifact, before those in the build context.
    """

    def __init__(
        self,
        files: Collection[str] = (),
        directories: Collection[str] = (),
        rules: IgnoreRules | None = None,
        excluded: Callable[[Source], Excluded | None] = lambda _: None,
        prefix: str = "",
    ) -> None:
        self.prefix = prefix
        self._directories = {*directories, *_parents(files), *_parents(directories), ""}
        self._names = {*files, *self._directories}
        self._rules = rules
        self._excluded = excluded
        self._is_visible = cache(self._look)
        self._matches_anywhere = cache(self._look_for_matches)
        self.taken: set[str] = set()
        """Every path that the build takes; "" for all of the context, or what isn't known."""
        self._comparisons = 0

    def exists(self, name: str) -> bool:
        """Return whether there is a file or directory of this name."""
        return not name or (name in self._names and self._is_visible(name))

    def check(self, source: Source | None) -> str:
        """Return the problem of a source: ``MISSING``, ``EMPTY`` or ``MALFORMED``; "" for none."""
        if source is None:
            return ""
        if not source.has_wildcards:
            takes_nothing = source.is_recursive and source.path == source.parent  # BuildKit finds no name in "."
            return "" if self.exists(source.path) and not takes_nothing else MISSING
        try:
            docker_pattern(source.path)  # BuildKit uses it to find the files to transfer
            if source.is_recursive:
                found = self._matches_anywhere(source.path, fixed_part(source.parent))
            else:
                found = any(map(self.exists, self._found(source.path)))
        except PatternError:
            return MALFORMED
        if found:
            return ""
        # Wildcards may match nothing. But the directory they are in must exist for the builder, which receives only
        # directories from which an instruction takes something.
        directory = fixed_part(source.parent if source.is_recursive else source.path)
        return EMPTY if self._has_transferred(directory) else MISSING

    def _found(self, path: str) -> list[str]:
        """Return the names that a pattern matches, those that are ignored included."""
        names = [""]
        for part in path.split("/"):
            if not _WILDCARD.match(part):
                names = [posixpath.join(name, part) for name in names]
                continue
            pattern = copy_pattern(part)
            children = [child for name in names for child in self._listing(name, part)]
            names = [child for child in children if pattern.matches(child.rpartition("/")[2])]
        return [name for name in names if name in self._names]

    def _has_transferred(self, directory: str) -> bool:
        """Return whether anything that the build takes is in a directory, so that it has the directory."""
        if "" in self.taken or not directory:
            return self.exists(directory)
        for path in self.taken:
            if _WILDCARD.match(path):
                is_taken = self._matches_anywhere(path, directory)
            elif f"{path}/".startswith(f"{directory}/"):
                is_taken = self.exists(path)
            else:
                is_taken = directory.startswith(f"{path}/") and self.exists(directory)
            if is_taken:
                return True
        return False

    def explain(self, source: Source) -> tuple[bool, str]:
        """Return whether an ignore rule keeps a source from the build, and what a message adds about it."""
        name = source.path
        if source.has_wildcards:
            ignored = [] if source.is_recursive else self._found(source.path)
            name = ignored[0] if ignored else fixed_part(source.path)
        excluded = self._excluded(source)
        rule = self._excluding_build_rule(name) or (excluded and excluded.rule)
        if rule:
            where = f"{rule.ignore_file}:{rule.line} ({rule.pattern!r})"
            hint = f"; {where} excludes it: remove that line, or add '!{name or source.path}' after it"
            return excluded is not None or name in self._names, hint + self._did_you_mean(source.path)
        if excluded:
            return True, f"; {excluded.name!r} {excluded.reason}"
        return False, self._did_you_mean(source.path)

    def _did_you_mean(self, path: str) -> str:
        """Return a hint at a similar name, or else at the same one in another directory."""
        directory, _, name = path.rpartition("/")
        siblings = self._listing(directory)
        if _WILDCARD.match(path) or len(siblings) > _MAX_SIBLINGS:
            return ""
        names = {sibling.rpartition("/")[2].casefold(): sibling for sibling in siblings if self.exists(sibling)}
        close = [names[match] for match in get_close_matches(name[:_MAX_NAME].casefold(), names, n=1, cutoff=0.75)]
        elsewhere = (name for name in self._names if name.endswith(f"/{path}") and self.exists(name))
        elsewhere = (name for name in elsewhere if USUALLY_IGNORED.isdisjoint(name.removesuffix(path).split("/")))
        found = close or sorted(elsewhere, key=lambda name: (name.count("/"), name))
        if not found:
            return ""
        is_same = normalize("NFC", found[0]) == normalize("NFC", path)
        return f"; did you mean {found[0]!r}{', in another Unicode form' * is_same}?"

    def _excluding_build_rule(self, name: str) -> Rule | None:
        if not self._rules or not name:
            return None
        return self._rules.match_path(name, is_directory=name in self._directories).excluded_by

    def _look(self, name: str) -> bool:
        """Return whether the build's own rules leave a file, or a directory or anything in it."""
        return not all(map(self._excluding_build_rule, chain((name,), self._below(name))))

    def _look_for_matches(self, path: str, directory: str) -> bool:
        """Return whether anything at or under a directory matches a pattern as Docker's ignore files would."""
        try:
            pattern = docker_pattern(path)
        except PatternError:
            return False
        if not self.exists(directory):
            return False
        if any(map(pattern.matches, _parents((f"{directory}/",)))):
            return True
        return any(pattern.matches(name) and self.exists(name) for name in self._below(directory, path))

    def _below(self, directory: str, pattern: str = "") -> Iterator[str]:
        """Yield the names of all that is in a directory and in those in it, to be compared with a pattern."""
        waiting = [directory]
        while waiting:
            children = self._listing(waiting.pop(), pattern)
            yield from children
            waiting += children

    def _listing(self, directory: str, pattern: str = "") -> list[str]:
        """Return the names in a directory, to be compared with a pattern."""
        names = self._children.get(directory, [])
        # A pattern of many stars is matched character by character.
        self._comparisons += sum(map(len, names)) if pattern.count("*") > 2 else len(names)
        if self._comparisons > _MAX_COMPARISONS:
            raise DockerfileLimitError("its wildcards have to be compared with too many names")
        return names

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for name in sorted(self._names - {""}):
            children.setdefault(name.rpartition("/")[0], []).append(name)
        return children


def make_source(written: str, *, parents: bool = False) -> Source:
    """Return the source of a word of ``COPY`` or ``ADD``, with no path that leads out of the context."""
    path = clean_path(written)
    parent, pivot, _ = written.partition("/./")
    return Source(path, _WILDCARD.match(path) is not None, parents, clean_path(parent) if parents and pivot else "")


def fixed_part(pattern: str) -> str:
    """Return the directory that a pattern names without wildcards."""
    parts = pattern.split("/")
    count = next((index for index, part in enumerate(parts) if _WILDCARD.match(part)), len(parts))
    return "/".join(parts[:count])


def _parents(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        while (name := name.rpartition("/")[0]) and name not in seen:
            seen.add(name)
            yield name
