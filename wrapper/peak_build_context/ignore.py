"""Ignore files: Docker's rules for ``.dockerignore`` and others, git's for a file named ``.gitignore``.

A directory is judged before what is in it, since both kinds of rules depend on what they said of the directory. Each
file has a state for that; ``IgnoreRules.judge`` takes the states of the directory and returns those of the entry.
Several files are asked in their order, and the last one that decides counts.
"""

# Imports count here, as in context.py: no pathlib, and no postponed annotations.
# ruff: noqa: PTH109, PTH110, PTH116, PTH118, PTH119, PTH120, PTH123

import os
import posixpath
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from peak_build_context.errors import BuildContextError
from peak_build_context.patterns import Pattern, PatternError, docker_pattern, git_pattern
from peak_build_context.problems import Problem, ProblemKind

DEFAULT_IGNORE_FILE: Final = ".dockerignore"
"""The ignore file that is read when none is named, unless the Dockerfile has one of its own."""

GIT_IGNORE_FILE: Final = ".gitignore"

_SLASHES: Final = re.compile("/+")
_ALNUM_ESCAPE: Final = re.compile(r"\\[A-Za-z0-9]")


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
    """What the rules say of an entry.

    Attributes:
        excluded_by: The rule that excludes it; None if it is included.
        states: The states of the ignore files, for what is in it if it is a directory.
    """

    excluded_by: Rule | None
    states: tuple[Any, ...]


class IgnoreRules:
    """The rules of all ignore files, in their order.

    Attributes:
        problems: What looks like a mistake in the files.
    """

    def __init__(self, files: "Sequence[_DockerRules | _GitRules]", problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        self.start = tuple(file.start for file in files)
        self._files = tuple(files)
        self._judged = {"": Verdict(None, self.start)}

    def judge(self, name: str, states: tuple[Any, ...], *, is_directory: bool) -> Verdict:
        """Judge an entry.

        Args:
            name: Its name, relative to the context, with ``/`` between its parts.
            states: The states that judging its directory gave; ``start`` at the root.
            is_directory: Whether it is a directory.
        """
        excluded_by: Rule | None = None
        after = []
        for file, state in zip(self._files, states, strict=True):
            excluded_by, state = file.judge(name, state, excluded_by, is_directory)  # noqa: PLW2901
            after.append(state)
        return Verdict(excluded_by, tuple(after))

    def judge_path(self, name: str, *, is_directory: bool = False) -> Verdict:
        """Judge an entry whose directories haven't been judged yet."""
        directory = name.rpartition("/")[0]
        if directory not in self._judged:
            self._judged[directory] = self.judge_path(directory, is_directory=True)
        return self.judge(name, self._judged[directory].states, is_directory=is_directory)

    def excluding_rule(self, name: str, *, is_directory: bool = False) -> Rule | None:
        """Return the rule that excludes a path, by itself or with its directory; None if it is included."""
        return self.judge_path(name, is_directory=is_directory).excluded_by

    def excludes(self, name: str, *, is_directory: bool = False) -> bool:
        """Return whether a path is excluded."""
        return self.excluding_rule(name, is_directory=is_directory) is not None

    def may_reinclude_under(self, directory: str, states: tuple[Any, ...] | None = None) -> bool:
        """Return whether a ``!`` line could include something in a directory that is itself excluded."""
        if states is None:
            states = self.judge_path(directory, is_directory=True).states
        return any(file.may_reinclude_under(directory, state) for file, state in zip(self._files, states, strict=True))


class _DockerRules:
    """The rules of a file by Docker's terms. The state is a bit for each pattern: whether it matched a parent.

    Args:
        rules: The rules, each with whether it is negated.
        below: The directory that the rules are about, with a ``/`` at its end; "" for the root.
        except_below: The directory that they aren't about.
    """

    start = 0

    def __init__(
        self, rules: Sequence[tuple[Rule, bool, Pattern]], *, below: str = "", except_below: str | None = None
    ) -> None:
        self._rules = [
            (1 << index, rule, is_negated, pattern, pattern.matches)
            for index, (rule, is_negated, pattern) in enumerate(rules)
        ]
        self._below = below
        self._except_below = except_below

    def judge(self, name: str, state: int, excluded_by: Rule | None, _is_directory: bool) -> tuple[Rule | None, int]:
        if not name.startswith(self._below):
            return excluded_by, state
        name, before, matched = name.removeprefix(self._below), excluded_by, 0
        for bit, rule, is_negated, _, matches in self._rules:
            # Docker looks only at patterns that would change what the ones before say, and remembers no others.
            if state & bit or (is_negated == (excluded_by is not None) and matches(name)):
                matched |= bit
                excluded_by = None if is_negated else excluded_by or rule
        is_exempt = self._except_below is not None and _is_on_the_way(name, self._except_below)
        return before if is_exempt else excluded_by, matched

    def may_reinclude_under(self, directory: str, _state: int) -> bool:
        if not f"{directory}/".startswith(self._below):
            return bool(self._rules) and self._below.startswith(f"{directory}/")
        name = directory.removeprefix(self._below)
        return any(is_negated and pattern.may_match_under(name) for _, _, is_negated, pattern, _ in self._rules)


class _GitRule(NamedTuple):
    rule: Rule
    is_negated: bool
    is_for_directories: bool
    pattern: Pattern


class _GitScope(NamedTuple):
    """The rules of one ``.gitignore``, which apply to what is in its directory."""

    rules: tuple[_GitRule, ...]
    below: str = ""
    """The directory, with a ``/`` at its end; "" for the root."""
    prefix: str = ""
    """Where the root is, seen from a directory above it."""


class _GitRules:
    """The rules of a file by git's terms, and of those of the same name in directories below its own.

    The state is the rule that excludes the directory, which ends it for all that is in it, and the scopes.
    """

    def __init__(self, scope: _GitScope, read_nested: Callable[[str], tuple[_GitRule, ...]]) -> None:
        self.start: tuple[Rule | None, tuple[_GitScope, ...]] = (None, (scope,))
        self._read_nested = read_nested

    def judge(
        self,
        name: str,
        state: tuple[Rule | None, tuple[_GitScope, ...]],
        excluded_by: Rule | None,
        is_directory: bool,
    ) -> tuple[Rule | None, tuple[Rule | None, tuple[_GitScope, ...]]]:
        remembered, scopes = state
        if remembered is None:
            found = _last_match(scopes, name, is_directory=is_directory)
            if found is not None:
                excluded_by = None if found.is_negated else found.rule
                remembered = excluded_by
            if is_directory and excluded_by is None and (rules := self._read_nested(name)):
                scopes = (*scopes, _GitScope(rules, below=f"{name}/"))
        return remembered or excluded_by, (remembered, scopes)

    def may_reinclude_under(self, _directory: str, state: tuple[Rule | None, tuple[_GitScope, ...]]) -> bool:
        remembered, scopes = state
        return remembered is None and any(rule.is_negated for scope in scopes for rule in scope.rules)


def _last_match(scopes: Sequence[_GitScope], name: str, *, is_directory: bool) -> _GitRule | None:
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


class IgnoreFiles(NamedTuple):
    """The ignore files of a context.

    Attributes:
        rules: Their rules.
        names: The names of those that are in the context themselves.
        last: The one that decides last, as it was named, or the one that would be read if it were there.
        base: The directory that its lines are about, with a ``/`` at its end; "" for the root.
    """

    rules: IgnoreRules
    names: frozenset[str]
    last: str
    base: str


def read_ignore_files(
    root: str,
    ignore_files: Sequence[str | os.PathLike[str]] | None,
    *,
    dockerfiles: Sequence[str] = (),
    build_context: str = "",
) -> IgnoreFiles:
    """Read the ignore files of a context.

    Args:
        root: The context's directory, its links resolved.
        ignore_files: The files, in the order in which they decide. A relative path is looked for in the context first,
            then in the working directory. None given: what the build reads, which is the Dockerfile's own or the
            ``.dockerignore`` of the directory that is built; outside of that directory, the root's.
        dockerfiles: Where the Dockerfile may be.
        build_context: The directory, in the artifact, that is built.

    Raises:
        BuildContextError: A file is missing or can't be read, or a pattern in it is malformed.
    """
    if isinstance(ignore_files, (str, bytes, os.PathLike)):
        raise BuildContextError(os.fsdecode(ignore_files), f"{ignore_files!r} is not a list", argument="ignore_files")
    reader = _Reader(root)
    if not ignore_files:
        reader.add_defaults(dockerfiles, build_context)
    for given in ignore_files or ():
        reader.add(os.fsdecode(given))
    return IgnoreFiles(IgnoreRules(reader.files, reader.problems), frozenset(reader.names), reader.last, reader.base)


def parse_docker_rules(content: bytes, ignore_file: str) -> IgnoreRules:
    """Parse the content of a ``.dockerignore``.

    Raises:
        BuildContextError: A pattern in it is malformed.
    """
    reader = _Reader("")
    reader.add_docker_rules(content, ignore_file)
    return IgnoreRules(reader.files, reader.problems)


class _Reader:
    """Reads ignore files one after the other."""

    def __init__(self, root: str) -> None:
        self.files: list[_DockerRules | _GitRules] = []
        self.problems: list[Problem] = []
        self.names: set[str] = set()
        self.last = DEFAULT_IGNORE_FILE
        self.base = ""
        self._root = root
        self._above = root.rstrip(os.sep) + os.sep
        self._nested: dict[str, tuple[_GitRule, ...]] = {}

    def add_defaults(self, dockerfiles: Sequence[str], build_context: str) -> None:
        """Add what a build reads by itself."""
        below = f"{build_context}/" if build_context else ""
        if below and self._is_there(DEFAULT_IGNORE_FILE):
            self.add(DEFAULT_IGNORE_FILE, except_below=below)
        own = (f"{dockerfile}{DEFAULT_IGNORE_FILE}" for dockerfile in dockerfiles if self._is_there(dockerfile))
        for name in (*own, f"{below}{DEFAULT_IGNORE_FILE}"):
            if self._is_there(name):
                self.add(name, below=below)
                return
        self.last, self.base = f"{below}{DEFAULT_IGNORE_FILE}", below

    def add(self, ignore_file: str, *, below: str = "", except_below: str | None = None) -> None:
        """Add a file."""
        path = os.path.join(self._root, ignore_file)
        if not os.path.exists(path):
            path = os.path.join(os.getcwd(), ignore_file)
        content = _read(path, ignore_file)
        # The root's links are resolved and the file's own are not: it is the link that is in the context.
        path = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        name = path.removeprefix(self._above).replace(os.sep, "/") if path.startswith(self._above) else None
        if name is not None:
            self.names.add(name)
        self.last, self.base = ignore_file, below
        self._check_encoding(content, ignore_file)
        if os.path.basename(path) == GIT_IGNORE_FILE:
            rules = tuple(self._git_rules(content, ignore_file))
            scope = self._git_scope(rules, os.path.dirname(path))
            self.base = scope.below
            self.files.append(_GitRules(scope, self._read_nested))
        else:
            self.add_docker_rules(content, ignore_file, below=below, except_below=except_below)

    def add_docker_rules(
        self, content: bytes, ignore_file: str, *, below: str = "", except_below: str | None = None
    ) -> None:
        """Add the content of a file by Docker's terms."""
        found = [*self._docker_rules(content, ignore_file)]
        self.files.append(_DockerRules(found, below=below, except_below=except_below))

    def _is_there(self, name: str) -> bool:
        return os.path.lexists(f"{self._root}/{name}")

    def _warn(self, problem: str, ignore_file: str, line: int | None = None) -> None:
        where = ignore_file if line is None else f"{ignore_file}:{line}"
        self.problems.append(Problem(ProblemKind.IGNORE_FILE, f"{where}: {problem}", ignore_file))

    def _check_encoding(self, content: bytes, ignore_file: str) -> None:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            self._warn(
                "is UTF-16, which no build can read: its patterns exclude nothing; save it as UTF-8", ignore_file
            )
        elif b"\0" in content:
            line = content[: content.index(b"\0")].count(b"\n") + 1
            self._warn("a line with a NUL character excludes nothing; save the file as UTF-8", ignore_file, line)

    def _docker_rules(self, content: bytes, ignore_file: str) -> Iterator[tuple[Rule, bool, Pattern]]:
        # Surrogates for what isn't UTF-8, as in the names that the file system gives, so that the two meet.
        text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            rule = Rule(line.strip(), ignore_file, number)
            is_negated = rule.pattern.startswith("!")
            pattern = rule.pattern[is_negated:].strip()
            if os.sep == "\\":
                pattern = pattern.replace("\\", "/")
            elif _ALNUM_ESCAPE.search(pattern):
                fixed = pattern.replace("\\", "/")
                self._warn(f"{pattern!r} takes the backslash for an escape; write {fixed!r}", ignore_file, number)
            try:
                yield rule, is_negated, docker_pattern(_cleaned(pattern))
            except PatternError as error:
                problem = f"{ignore_file!r}, line {number}: malformed pattern {rule.pattern!r}: {error}"
                raise BuildContextError(ignore_file, problem, argument="ignore_files") from error

    def _git_rules(self, content: bytes, ignore_file: str) -> Iterator[_GitRule]:
        for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
            # git reads bytes, ends a line at its NUL, and keeps a blank that a backslash precedes.
            line = raw.removesuffix(b"\r").partition(b"\0")[0].decode("latin-1")
            line = _without_trailing_blanks(line)
            if not line or line.startswith("#"):
                continue
            is_negated = line.startswith("!")
            pattern = line[is_negated:]
            shown = os.fsdecode(line.encode("latin-1"))
            if _ALNUM_ESCAPE.search(pattern):
                self._warn(f"{shown!r} takes the backslash for an escape; write /", ignore_file, number)
            try:
                compiled = git_pattern(pattern.removesuffix("/"))
            except PatternError as error:
                self._warn(f"{shown!r} matches nothing: {error}", ignore_file, number)
                continue
            yield _GitRule(Rule(shown, ignore_file, number), is_negated, pattern.endswith("/"), compiled)

    def _git_scope(self, rules: tuple[_GitRule, ...], directory: str) -> _GitScope:
        at = directory.rstrip(os.sep) + os.sep
        if self._above.startswith(at):
            return _GitScope(rules, prefix=self._above.removeprefix(at).replace(os.sep, "/"))
        return _GitScope(rules, below=at.removeprefix(self._above) if at.startswith(self._above) else "")

    def _read_nested(self, directory: str) -> tuple[_GitRule, ...]:
        name = f"{directory}/{GIT_IGNORE_FILE}"
        if directory not in self._nested:
            path = f"{self._root}/{name}"
            try:
                is_file = stat.S_ISREG(os.lstat(path).st_mode)
            except OSError:
                is_file = False
            self._nested[directory] = tuple(self._git_rules(_read(path, name), name)) if is_file else ()
        return self._nested[directory]


def _is_on_the_way(name: str, below: str) -> bool:
    """Return whether a name is a directory's, of something in it, or of a directory that it is in."""
    return name.startswith(below) or below.startswith(f"{name}/")


def _cleaned(pattern: str) -> str:
    if not pattern:
        raise PatternError("nothing after the !")
    return posixpath.normpath(_SLASHES.sub("/", pattern)).removeprefix("/") or "/"


def _without_trailing_blanks(line: str) -> str:
    stripped = line.rstrip(" ")
    is_escaped = (len(stripped) - len(stripped.rstrip("\\"))) % 2
    return line[: len(stripped) + is_escaped]


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
        problem = f"{ignore_file!r} is a directory, not an ignore file"
        raise BuildContextError(ignore_file, problem, argument="ignore_files") from None
    except OSError as error:
        problem = f"the ignore file {ignore_file!r} can't be read: {error.strerror}"
        raise BuildContextError(ignore_file, problem, argument="ignore_files") from error
