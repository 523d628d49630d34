"""Read ignore files: by Docker's rules, and a file named ``.gitignore`` by git's."""

# Imports count here, as in context.py: no pathlib, and no postponed annotations.
# ruff: noqa: PTH109, PTH110, PTH116, PTH118, PTH119, PTH120, PTH123

import os
import posixpath
import re
import stat
from collections.abc import Iterator, Sequence
from typing import Final

from peak_build_context.errors import BuildContextError
from peak_build_context.ignore_rules import DockerRules, GitRules, GitScope, IgnoreRules, ParsedRule, Rule
from peak_build_context.patterns import PatternError, docker_pattern, git_pattern
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.text import DEFAULT_IGNORE_FILE

GIT_IGNORE_FILE: Final = ".gitignore"

_SLASHES: Final = re.compile("/+")
_NO_TEXT: Final = re.compile(rb"\0|\r(?!\s*(?:\n|\Z))")
"""Characters that no line may contain: a NUL, or a carriage return without a line feed."""

_ALNUM_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[A-Za-z0-9]")
COMMENT: Final = re.compile(r"[^\\\s]\s+#")
"""A pattern that seems to have a comment behind it; in an ignore file only a whole line can be one."""


def read_ignore_files(
    root: str,
    ignore_files: Sequence[str | os.PathLike[str]] | None,
    *,
    dockerfiles: Sequence[str] = (),
    build_context: str = "",
) -> "IgnoreFiles":
    """Read the ignore files of a context.

    Args:
        root: The context's directory, its links resolved.
        ignore_files: The files, in the order in which they decide. A relative path is looked for in the context first,
            then in the working directory. By default those that the build reads: the Dockerfile's own or the
            ``.dockerignore`` of the directory that is built; outside of that directory, the root's.
        dockerfiles: Where the Dockerfile is, as the build is given it.
        build_context: The directory, in the artifact, that is built.

    Raises:
        BuildContextError: A file is missing or can't be read, or a pattern in it is malformed.
    """
    if isinstance(ignore_files, (str, bytes, os.PathLike)):
        raise _error(os.fsdecode(ignore_files), f"{ignore_files!r} is not a list")
    read = IgnoreFiles(root)
    if not ignore_files:
        read.add_defaults(dockerfiles, build_context)
    for given in ignore_files or ():
        read.add(os.fsdecode(given))
    return read


def parse_docker_rules(content: bytes, ignore_file: str) -> IgnoreRules:
    """Parse the content of a ``.dockerignore``.

    Raises:
        BuildContextError: A pattern in it is malformed.
    """
    read = IgnoreFiles("")
    read.add_docker_rules(content, ignore_file)
    return read.rules


class IgnoreFiles:
    """The ignore files of a context, read one after the other.

    Attributes:
        names: The names of those that are in the context themselves.
        last: The one that decides last, as it was named, or the one that would be read if it were there.
        base: The directory that its lines are about, with a ``/`` at its end; "" for the root.
    """

    def __init__(self, root: str) -> None:
        self.names: set[str] = set()
        self.last = DEFAULT_IGNORE_FILE
        self.base = ""
        self._files: list[DockerRules | GitRules] = []
        self._problems: list[Problem] = []
        self._root = root
        self._above = root.rstrip(os.sep) + os.sep
        self._nested: dict[str, tuple[ParsedRule, ...]] = {}

    @property
    def rules(self) -> IgnoreRules:
        """The rules of all files that were added."""
        return IgnoreRules(self._files, self._problems)

    def add_defaults(self, dockerfiles: Sequence[str], build_context: str) -> None:
        """Add the ignore files that a build reads by default."""
        below = f"{build_context}/" if build_context else ""
        if below and self._is_there(DEFAULT_IGNORE_FILE):
            self.add(DEFAULT_IGNORE_FILE, except_below=below)
        own = (f"{dockerfile}{DEFAULT_IGNORE_FILE}" for dockerfile in dockerfiles)
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
        # If the file is a link, the link itself is in the context.
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
            self._files.append(GitRules(scope, self._read_nested))
        else:
            self.add_docker_rules(content, ignore_file, below=below, except_below=except_below)

    def add_docker_rules(
        self, content: bytes, ignore_file: str, *, below: str = "", except_below: str | None = None
    ) -> None:
        """Add the content of a file by Docker's rules."""
        self._files.append(DockerRules(self._docker_rules(content, ignore_file), below, except_below))

    def _is_there(self, name: str) -> bool:
        return os.path.lexists(f"{self._root}/{name}")

    def _warn(self, problem: str, ignore_file: str, line: int | None = None) -> None:
        where = ignore_file if line is None else f"{ignore_file}:{line}"
        self._problems.append(Problem(ProblemKind.IGNORE_FILE, f"{where}: {problem}", ignore_file))

    def _check_encoding(self, content: bytes, ignore_file: str) -> None:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            problem = "is UTF-16, which no build can read: its patterns exclude nothing; save it as UTF-8"
            self._warn(problem, ignore_file)
        elif found := _NO_TEXT.search(content):
            line = content.count(b"\n", 0, found.start()) + 1
            character = "NUL character" if found[0] == b"\0" else "carriage return in it"
            problem = f"a line with a {character} excludes nothing; save the file as UTF-8 with line feeds"
            self._warn(problem, ignore_file, line)

    def _check_pattern(self, pattern: str, ignore_file: str, line: int) -> None:
        if _ALNUM_ESCAPE.search(pattern):
            fixed = pattern.replace("\\", "/")
            self._warn(f"{pattern!r} takes the backslash for an escape; write {fixed!r}", ignore_file, line)
        elif COMMENT.search(pattern):
            self._warn(f"{pattern!r} is a pattern as a whole: put the comment on a line of its own", ignore_file, line)

    def _docker_rules(self, content: bytes, ignore_file: str) -> Iterator[ParsedRule]:
        # Surrogates for what isn't UTF-8, as in the names that the file system gives, so that the two match.
        text = content.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            rule = Rule(line.strip(), ignore_file, number)
            is_negated = rule.pattern.startswith("!")
            pattern = rule.pattern[is_negated:].strip()
            if os.sep == "\\":
                pattern = pattern.replace("\\", "/")
            self._check_pattern(pattern, ignore_file, number)
            try:
                yield ParsedRule(rule, is_negated, docker_pattern(_cleaned(pattern)))
            except PatternError as error:
                problem = f"{ignore_file!r}, line {number}: malformed pattern {rule.pattern!r}: {error}"
                raise _error(ignore_file, problem) from error

    def _git_rules(self, content: bytes, ignore_file: str) -> Iterator[ParsedRule]:
        for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
            # git reads bytes, ends a line at its NUL, and keeps a blank that a backslash precedes.
            line = raw.removesuffix(b"\r").partition(b"\0")[0].decode("latin-1")
            line = _without_trailing_blanks(line)
            if not line or line.startswith("#"):
                continue
            is_negated = line.startswith("!")
            pattern = line[is_negated:]
            shown = os.fsdecode(line.encode("latin-1"))
            self._check_pattern(shown, ignore_file, number)
            try:
                compiled = git_pattern(pattern.removesuffix("/"))
            except PatternError as error:
                self._warn(f"{shown!r} matches nothing: {error}", ignore_file, number)
                continue
            yield ParsedRule(Rule(shown, ignore_file, number), is_negated, compiled, pattern.endswith("/"))

    def _git_scope(self, rules: tuple[ParsedRule, ...], directory: str) -> GitScope:
        at, above = (path.rstrip(os.sep).replace(os.sep, "/") + "/" for path in (directory, self._root))
        if above.startswith(at):
            return GitScope(rules, prefix=above.removeprefix(at))
        return GitScope(rules, below=at.removeprefix(above) if at.startswith(above) else "")

    def _read_nested(self, directory: str) -> tuple[ParsedRule, ...]:
        name = f"{directory}/{GIT_IGNORE_FILE}"
        if directory not in self._nested:
            path = f"{self._root}/{name}"
            try:
                is_file = stat.S_ISREG(os.lstat(path).st_mode)
            except OSError:
                is_file = False
            self._nested[directory] = tuple(self._git_rules(_read(path, name), name)) if is_file else ()
        return self._nested[directory]


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
        raise _error(ignore_file, f"{ignore_file!r} is not a path")
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise _error(ignore_file, f"{ignore_file!r} is a directory, not an ignore file")
        if not stat.S_ISREG(mode):
            raise _error(ignore_file, f"{ignore_file!r} is a socket, a FIFO or a device, not an ignore file")
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        problem = f"there is no ignore file {ignore_file!r}, neither in the context nor in the working directory"
        raise _error(ignore_file, problem) from None
    except OSError as error:
        raise _error(ignore_file, f"the ignore file {ignore_file!r} can't be read: {error.strerror}") from error


def _error(ignore_file: str, problem: str) -> BuildContextError:
    return BuildContextError(ignore_file, problem, argument="ignore_files")
