"""The walk through a build context: what is included, what is excluded, and where its links lead."""

# Imports count here, since a small directory is zipped in less time than they take: no pathlib, and no postponed
# annotations, which NamedTuple compiles one by one.
# ruff: noqa: PTH116, PTH119, PTH120

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from peak_build_context.errors import BuildContextError
from peak_build_context.ignore import DEFAULT_IGNORE_FILE, IgnoreRules, Rule, Verdict, read_ignore_files
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.text import format_size, ignore_line, show_name

DEFAULT_DOCKERFILE: Final = "Dockerfile"
"""The Dockerfile that a build uses unless its details name another."""

_IS_WINDOWS = os.name == "nt"
_MOUNT_POINT: Final = 0xA0000003
"""The tag of a junction, as ``stat.IO_REPARSE_TAG_MOUNT_POINT`` names it on Windows."""

_MAX_LINKED: Final = 50_000
"""How many entries links may add: each link to a directory adds all that is in it once more."""

_NOTED_LINKED_SIZE: Final = 2**20
"""How much links may add, in bytes, without a problem that says so."""

_MAX_LINK_DEPTH: Final = 40
_MAX_NAME_LENGTH: Final = 4095
"""The longest path that a Linux system opens, in bytes."""


class Entry(NamedTuple):
    """A file or directory that is included.

    Attributes:
        name: Its name in the artifact: relative, with ``/`` between its parts.
        source: Where it is read from; for a symbolic link, what it points to.
        size: In bytes; 0 for a directory.
        modified: When it was last modified, in nanoseconds; 0 for a directory.
        is_directory: Whether it is a directory.
        is_executable: Whether its owner may execute it.
        is_linked: Whether it is a copy of what a link leads to.
    """

    name: str
    source: str
    size: int
    modified: int
    is_directory: bool
    is_executable: bool
    is_linked: bool = False


class Excluded(NamedTuple):
    """A file that is excluded, or a directory with all that is in it.

    Attributes:
        name: Its name, as it would be in the artifact.
        rule: The rule that excludes it; None for a link that can't be followed.
        reason: Why such a link can't be followed.
    """

    name: str
    rule: Rule | None
    reason: str = ""


class Context(NamedTuple):  # and no dataclass, which takes longer to load than a small directory to zip
    """A build context that has been walked: what an artifact is made from, and what a report reports on.

    Attributes:
        path: The directory, as it was given.
        root: The directory, absolute and with its links resolved.
        entries: What is included, in the artifact's order: a directory before what is in it, names sorted.
        excluded: What is excluded. A directory that was not walked into stands for all that is in it.
        special: The names of sockets, FIFOs and devices, which can't be sent.
        rules: The rules by which it was walked.
        ignore_file_names: The names of the ignore files that are in it themselves.
        dockerfiles: Where the Dockerfile of the build may be, the likeliest first.
        build_context: The directory that ``COPY`` and ``ADD`` take their sources from; "" for the root.
        problems: What looks like a mistake in its ignore files and links.
        dockerfile_path: ``buildDetails.dockerfilePath``, as it was given.
        context_path: ``buildDetails.context``, as it was given.
        ignore_file: The ignore file to add a line to.
        ignore_base: The directory that its lines are about, with a ``/`` at its end; "" for the root.
    """

    path: str
    root: str
    entries: tuple[Entry, ...]
    excluded: tuple[Excluded, ...]
    special: tuple[str, ...]
    rules: IgnoreRules
    ignore_file_names: frozenset[str]
    dockerfiles: tuple[str, ...]
    build_context: str
    problems: tuple[Problem, ...] = ()
    dockerfile_path: str | None = None
    context_path: str | None = None
    ignore_file: str = DEFAULT_IGNORE_FILE
    ignore_base: str = ""

    @property
    def empty_reason(self) -> str | None:
        """Why there is nothing to send; None if there is something apart from ignore files."""
        if any(not entry.is_directory and entry.name not in self.ignore_file_names for entry in self.entries):
            return None
        if self.excluded:
            return f"the ignore files leave nothing of {self.path!r}"
        return f"there is no file in {self.path!r}"


def scan_context(
    path: str | os.PathLike[str],
    ignore_files: Sequence[str | os.PathLike[str]] | None = None,
    *,
    dockerfile_path: str | None = None,
    build_context: str | None = None,
    follow_external_links: bool = False,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Context:
    """Walk a directory once, for its artifact and for a report on it.

    Args:
        path: The directory.
        ignore_files: The ignore files, in order (default: ``.dockerignore``).
        dockerfile_path: ``buildDetails.dockerfilePath``.
        build_context: ``buildDetails.context``.
        follow_external_links: Whether a symbolic link may point outside the directory.
        is_cancelled: Asked between directories whether to go on.

    Raises:
        BuildContextError: The directory, an ignore file or something in the directory can't be used.
    """
    path = os.fsdecode(path)
    root = _checked_root(path)
    base = clean_path(build_context or "")
    dockerfile = clean_path(dockerfile_path or DEFAULT_DOCKERFILE)
    dockerfiles = tuple(dict.fromkeys((dockerfile, clean_path(f"{base}/{dockerfile}"))))
    read = read_ignore_files(root, ignore_files, dockerfiles=dockerfiles, build_context=base)
    always = read.names.union(dockerfiles)
    walker = _Walker(root, read.rules, always, follow_external_links=follow_external_links)
    walker.walk(is_cancelled)
    return Context(
        path=path,
        root=root,
        entries=tuple(walker.entries),
        excluded=tuple(walker.excluded),
        special=tuple(walker.special),
        rules=read.rules,
        ignore_file_names=read.names,
        dockerfiles=dockerfiles,
        build_context=base,
        dockerfile_path=dockerfile_path,
        context_path=build_context,
        problems=(
            *read.rules.problems,
            *walker.link_problems(read.last, read.base),
            *_linked_size_problem(walker.entries),
        ),
        ignore_file=read.last,
        ignore_base=read.base,
    )


def _linked_size_problem(entries: Sequence[Entry]) -> Iterator[Problem]:
    linked = [entry for entry in entries if entry.is_linked]
    size = sum(entry.size for entry in linked)
    if size >= _NOTED_LINKED_SIZE:
        first = max(linked, key=lambda entry: entry.size)
        total = sum(entry.size for entry in entries)
        message = f"links add {format_size(size)} to {format_size(total - size)}, since each is included as a copy of"
        message += f" what it leads to; the largest is {show_name(first.name)}"
        yield Problem(ProblemKind.LINK, message, first.name)


def _checked_root(path: str) -> str:
    directory = path or os.curdir
    try:
        mode = os.stat(directory).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise BuildContextError(path, f"there is no directory {path!r}") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        return os.path.realpath(directory)
    problem = f"{path!r} is a file, and a build takes a directory: give the one it is in"
    if os.path.basename(directory).lower().startswith("dockerfile"):
        problem = f'{path!r} is a Dockerfile: give its directory, or send its text with the source "dockerfile"'
    raise BuildContextError(path, problem)


def clean_path(path: str) -> str:
    """A path as a build takes it, in the form that names of entries have: nothing leads out of the artifact."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


class _Place(NamedTuple):
    """Where a directory is, and what the rules said of it, which what is in it depends on."""

    prefix: str
    """What the names of its items begin with."""
    states: tuple[Any, ...]


class _Directory(NamedTuple):
    """A directory that the walk is in."""

    place: _Place
    real: _Place | None
    """The directory that a link led to, if the rules say something about it."""
    items: Iterator[os.DirEntry[str]]
    """Those still to be visited, by name. Their paths have no links in them, except that an item may be one."""
    links: tuple[str, ...]
    """The directories of the links by which the walk came here."""


class _Judged(NamedTuple):
    """An item and what the rules say of it, by its name and by where it is."""

    name: str
    verdict: Verdict
    real_name: str
    real: Verdict | None
    is_always_included: bool

    @property
    def excluded_by(self) -> Rule | None:
        if self.is_always_included:
            return None
        return self.verdict.excluded_by or (self.real.excluded_by if self.real else None)


class _Walker:
    """One walk. It keeps a stack of its own, since a tree may be deeper than Python's."""

    def __init__(self, root: str, rules: IgnoreRules, always: frozenset[str], *, follow_external_links: bool) -> None:
        self.entries: list[Entry] = []
        self.excluded: list[Excluded] = []
        self.special: list[str] = []
        self._root = root
        self._rules = rules
        self._always = always
        self._on_the_way = {name[:index] for name in always for index, char in enumerate(name) if char == "/"}
        self._follow_external_links = follow_external_links
        self._linked_count = 0
        self._stack: list[_Directory] = []
        self._deferred: dict[str, Entry] = {}
        """Directories that are excluded unless something in them is included."""

    def walk(self, is_cancelled: Callable[[], bool]) -> None:
        start = _Place("", self._rules.start)
        self._enter(self._root, start, None, ())
        while self._stack:
            if is_cancelled():
                raise BuildContextError(self._root, "cancelled")
            directory = self._stack[-1]
            for item in directory.items:
                if self._visit(item, directory):
                    break
            else:
                self._stack.pop()

    def link_problems(self, ignore_file: str, base: str) -> Iterator[Problem]:
        """Return a problem for each line of an ignore file that would cover links that can't be followed."""
        found: dict[str, list[Excluded]] = {}
        for row in self.excluded:
            if row.reason:
                found.setdefault(ignore_line(row.name, base), []).append(row)
        for line, (first, *others) in found.items():
            more = f" (and {len(others)} more under {line!r})" if others else ""
            message = f"{show_name(first.name)} {first.reason} and is excluded{more}; add {line!r} to {ignore_file}"
            yield Problem(ProblemKind.LINK, message, first.name)

    def _visit(self, item: os.DirEntry[str], directory: _Directory) -> bool:
        """Visit an item. Returns whether the walk goes on inside it."""
        self._linked_count += bool(directory.links)
        if _is_link(item):
            return self._visit_link(item, directory)
        is_directory = item.is_dir(follow_symlinks=False)
        judged = self._judge(item, directory, is_directory=is_directory)
        if is_directory:
            return self._visit_directory(item.path, judged, directory.links)
        self._visit_file(item.path, judged, lambda: item.stat(follow_symlinks=False), is_linked=bool(directory.links))
        return False

    def _judge(self, item: os.DirEntry[str], directory: _Directory, *, is_directory: bool) -> _Judged:
        name = directory.place.prefix + item.name
        verdict = self._rules.judge(name, directory.place.states, is_directory=is_directory)
        real_name, real = "", None
        if directory.real:
            real_name = directory.real.prefix + item.name
            real = self._rules.judge(real_name, directory.real.states, is_directory=is_directory)
        return _Judged(name, verdict, real_name, real, name in self._always and not is_directory)

    def _visit_link(self, item: os.DirEntry[str], directory: _Directory) -> bool:
        try:
            target = os.path.realpath(item.path, strict=True)
            status = os.stat(target)
        except OSError as error:
            judged = self._judge(item, directory, is_directory=False)
            self._exclude(judged, f"is a link that leads nowhere ({error.strerror})")
            return False
        is_directory = stat.S_ISDIR(status.st_mode)
        judged = self._judge(item, directory, is_directory=is_directory)
        real_name = target.removeprefix(self._root).lstrip(os.sep).replace(os.sep, "/")
        is_outside = not _is_in(target, self._root)
        judged = judged._replace(
            real_name=real_name,
            real=None if is_outside else self._rules.judge_path(real_name, is_directory=is_directory),
        )
        links = (*directory.links, os.path.dirname(item.path))
        reason = ""
        if is_outside and not self._follow_external_links:
            reason = f"links to {target!r}, outside the directory,"
        elif is_directory and any(_is_in(link, target) for link in links):
            reason = f"links back to {target!r}, which it is in,"
        elif len(links) > _MAX_LINK_DEPTH or len(os.fsencode(judged.name)) > _MAX_NAME_LENGTH:
            reason = "is reached through too many links"
        elif self._linked_count > _MAX_LINKED:
            reason = f"is one of the links that add more than {_MAX_LINKED:,} entries"
        if reason:
            self._exclude(judged, reason)
            return False
        if is_directory:
            return self._visit_directory(target, judged, links)
        self._visit_file(target, judged, lambda: status, is_linked=True)
        return False

    def _exclude(self, judged: _Judged, reason: str = "") -> None:
        rule = judged.excluded_by
        self.excluded.append(Excluded(judged.name, rule, "" if rule else reason))

    def _visit_directory(self, source: str, judged: _Judged, links: tuple[str, ...]) -> bool:
        name = judged.name
        entry = Entry(name, source, 0, 0, is_directory=True, is_executable=True, is_linked=bool(links))
        place = _Place(f"{name}/", judged.verdict.states)
        real = _Place(f"{judged.real_name}/".lstrip("/"), judged.real.states) if judged.real else None
        if not judged.excluded_by:
            self._add(entry)
            self._enter(source, place, real, links)
            return True
        if self._may_reinclude_under(judged):
            try:
                self._enter(source, place, real, links)
            except BuildContextError:
                self._exclude(judged)
                return False
            self._deferred[name] = entry
            return True
        self._exclude(judged)
        return False

    def _may_reinclude_under(self, judged: _Judged) -> bool:
        if judged.name in self._on_the_way:
            return True
        pairs = [(judged.name, judged.verdict), (judged.real_name, judged.real)]
        return all(
            self._rules.may_reinclude_under(name, verdict.states)
            for name, verdict in pairs
            if verdict and verdict.excluded_by
        )

    def _visit_file(
        self, source: str, judged: _Judged, status_of: Callable[[], os.stat_result], *, is_linked: bool
    ) -> None:
        if judged.excluded_by:
            self._exclude(judged)
            return
        try:
            status = status_of()
        except OSError as error:
            raise unreadable(source, error) from error
        if not stat.S_ISREG(status.st_mode):
            self.special.append(judged.name)
            return
        # Docker's client on Windows, where there is no such bit, makes every file executable.
        is_executable = _IS_WINDOWS or bool(status.st_mode & stat.S_IXUSR)
        self._add(Entry(judged.name, source, status.st_size, status.st_mtime_ns, False, is_executable, is_linked))

    def _add(self, entry: Entry) -> None:
        if self._deferred:
            for index, char in enumerate(entry.name):
                if char == "/" and (parent := self._deferred.pop(entry.name[:index], None)):
                    self.entries.append(parent)
        self.entries.append(entry)

    def _enter(self, source: str, place: _Place, real: _Place | None, links: tuple[str, ...]) -> None:
        try:
            with os.scandir(source) as items:
                # By their bytes: how names that aren't UTF-8 stand as text depends on the locale.
                found = sorted(items, key=lambda item: os.fsencode(item.name))
        except OSError as error:
            raise unreadable(source, error) from error
        self._stack.append(_Directory(place, real, iter(found), links))


def unreadable(source: str, error: OSError) -> BuildContextError:
    """Return the error for something that can't be read."""
    return BuildContextError(source, f"{source!r} can't be read: {error.strerror}")


def _is_link(item: os.DirEntry[str]) -> bool:
    if item.is_symlink():
        return True
    # A junction of Windows is a link to a directory, and no symbolic one.
    return _IS_WINDOWS and getattr(item.stat(follow_symlinks=False), "st_reparse_tag", 0) == _MOUNT_POINT


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)
