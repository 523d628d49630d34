"""The walk through a build context: what is included, what is excluded, and where its links lead."""

# Imports count here, since a small directory is zipped in less time than they take: no pathlib, and no postponed
# annotations, which NamedTuple compiles one by one.
# ruff: noqa: PTH111, PTH116, PTH119, PTH120

import os
import posixpath
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from peak_build_context.errors import BuildContextError
from peak_build_context.ignore import read_ignore_files
from peak_build_context.ignore_rules import IgnoreRules, Rule, Verdict
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.text import DEFAULT_IGNORE_FILE, format_size, ignore_line, show_name

DEFAULT_DOCKERFILE: Final = "Dockerfile"
"""The default path of the Dockerfile."""

_IS_WINDOWS = os.name == "nt"
_MOUNT_POINT: Final = 0xA0000003
"""The tag of a junction, as ``stat.IO_REPARSE_TAG_MOUNT_POINT`` names it on Windows."""

_MAX_LINKED: Final = 50_000
"""The maximum number of entries that links add: each link to a directory adds all its contents again."""

_NOTED_LINKED_SIZE: Final = 2**20
"""The size in bytes added by links that is reported as a problem."""

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


class Context(NamedTuple):  # not a dataclass, whose import takes longer than zipping a small directory
    """A build context that has been walked: the input of an archive and of a report.

    Attributes:
        path: The directory, as it was given.
        root: The directory, absolute and with its links resolved.
        entries: The included files and directories, in the artifact's order: a directory before its contents, sorted.
        excluded: The excluded files and directories. A directory that wasn't walked stands for all its contents.
        special: The names of sockets, FIFOs and devices, which can't be sent.
        ignore_file_names: The names of the ignore files that are in it themselves.
        dockerfiles: Where the Dockerfile of the build may be, the likeliest first.
        build_context: The directory that ``COPY`` and ``ADD`` take their sources from; "" for the root.
        problems: Likely mistakes in its ignore files and links.
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
        """Why the context is empty; None if it has files apart from ignore files."""
        if any(not entry.is_directory and entry.name not in self.ignore_file_names for entry in self.entries):
            return None
        if any(row.rule for row in self.excluded):
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
    """Walk a directory once, for its archive and for a report.

    Args:
        path: The directory.
        ignore_files: The ignore files, in order (default: ``.dockerignore``).
        dockerfile_path: ``buildDetails.dockerfilePath``.
        build_context: ``buildDetails.context``.
        follow_external_links: Whether a symbolic link may point outside the directory.
        is_cancelled: Called before each file and directory; True stops the walk.

    Raises:
        BuildContextError: The directory, an ignore file or something in the directory can't be used.
    """
    path = os.fsdecode(path)
    root = _checked_root(path)
    base = clean_path(build_context or "")
    dockerfile = clean_path(dockerfile_path or DEFAULT_DOCKERFILE)
    requested = dict.fromkeys((dockerfile, clean_path(f"{base}/{dockerfile}")))
    found = {name: spelled for name in requested if (spelled := _spelling(root, name))}
    dockerfiles = tuple(dict.fromkeys((*found.values(), *requested)))
    read = read_ignore_files(root, ignore_files, dockerfiles=[*found], build_context=base)
    rules = read.rules
    walker = _Walker(root, rules, {*read.names, *dockerfiles}, follow_external_links=follow_external_links)
    walker.walk(is_cancelled)
    return Context(
        path=path,
        root=root,
        entries=tuple(walker.entries),
        excluded=tuple(walker.excluded),
        special=tuple(walker.special),
        ignore_file_names=frozenset(read.names),
        dockerfiles=dockerfiles,
        build_context=base,
        dockerfile_path=dockerfile_path,
        context_path=build_context,
        problems=(*rules.problems, *walker.link_problems(read.last, read.base)),
        ignore_file=read.last,
        ignore_base=read.base,
    )


def _checked_root(path: str) -> str:
    directory = path or os.curdir
    try:
        mode = os.stat(directory).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        expanded = os.path.expanduser(path)
        hint = f"; a ~ isn't expanded: write {expanded!r}" if expanded != path else ""
        raise BuildContextError(path, f"there is no directory {path!r}{hint}") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        return os.path.realpath(directory)
    problem = f"{path!r} is a file, and a build takes a directory: give the one it is in"
    if os.path.basename(directory).lower().startswith("dockerfile"):
        problem = f'{path!r} is a Dockerfile: give its directory, or send its text with the source "dockerfile"'
    raise BuildContextError(path, problem)


def _spelling(root: str, dockerfile: str) -> str | None:
    return next((name for name in dockerfile_names(dockerfile) if os.path.lexists(f"{root}/{name}")), None)


def dockerfile_names(dockerfile: str) -> tuple[str, ...]:
    """Return the names that a build looks for when it is given that of a Dockerfile."""
    directory, _, base = dockerfile.rpartition("/")
    return (dockerfile, posixpath.join(directory, base.lower())) if base == DEFAULT_DOCKERFILE else (dockerfile,)


def clean_path(path: str) -> str:
    """Return a path as a build takes it, in the form that names of entries have: nothing leads out of the artifact."""
    return posixpath.normpath(f"/{path}").lstrip("/")


class _Directory(NamedTuple):
    """A directory that the walk is in."""

    verdicts: Sequence[Verdict]
    """One by its name; a second one, of what a link leads to, by the place where that is."""
    items: Iterator[os.DirEntry[str]]
    """Those still to be visited, by name. Their paths have no links in them, except that an item may be one."""
    links: tuple[str, ...]
    """The targets of the links that the walk followed to get here."""
    first_excluded: int
    """How many entries were excluded before those in it."""


class _Walker:
    """One walk. It keeps a stack of its own, since a tree may be deeper than Python's."""

    def __init__(self, root: str, rules: IgnoreRules, always: set[str], *, follow_external_links: bool) -> None:
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
        try:
            self._enter(self._root, [Verdict("", None, self._rules.start)], ())
            while self._stack:
                directory = self._stack[-1]
                if is_cancelled():
                    raise BuildContextError(self._root, "cancelled")
                if item := next(directory.items, None):
                    # A file that has been deleted since its directory was listed is skipped.
                    with suppress(FileNotFoundError):
                        self._visit(item, directory)
                else:
                    self._leave(self._stack.pop())
        except OSError as error:
            raise unreadable(error.filename or self._root, error) from error

    def link_problems(self, ignore_file: str, base: str) -> Iterator[Problem]:
        """Return a problem for each line of an ignore file that would cover links that can't be followed.

        One more problem reports the links that were followed, if they add much.
        """
        found: dict[tuple[str, str], list[Excluded]] = {}
        for row in self.excluded:
            if row.reason:
                found.setdefault(ignore_line(row.name, ignore_file, base), []).append(row)
        for (line, file), (first, *others) in found.items():
            more = f" (and {len(others)} more under {line!r})" if others else ""
            message = f"{show_name(first.name)} {first.reason}, and is excluded{more}"
            if first.name not in self._always:
                message += f"; add {line!r} to {file}"
            yield Problem(ProblemKind.LINK, message, first.name)
        linked = [entry for entry in self.entries if entry.is_linked]
        size = sum(entry.size for entry in linked)
        if size >= _NOTED_LINKED_SIZE:
            largest = max(linked, key=lambda entry: entry.size).name
            total = sum(entry.size for entry in self.entries)
            message = f"links add {format_size(size)} to {format_size(total - size)}, since each is included as a copy"
            message += f" of what it leads to; the largest is {show_name(largest)}"
            yield Problem(ProblemKind.LINK, message, largest)

    def _visit(self, item: os.DirEntry[str], directory: _Directory) -> None:
        self._linked_count += bool(directory.links)
        if _is_link(item):
            self._visit_link(item, directory)
        elif item.is_dir(follow_symlinks=False):
            self._visit_directory(item.path, self._match(item, directory, is_directory=True), directory.links)
        else:
            verdicts = self._match(item, directory, is_directory=False)
            self._visit_file(item.path, verdicts, item, is_linked=bool(directory.links))

    def _match(self, item: os.DirEntry[str], directory: _Directory, *, is_directory: bool) -> list[Verdict]:
        return [
            self._rules.match(f"{parent.name}/{item.name}".lstrip("/"), parent.states, is_directory=is_directory)
            for parent in directory.verdicts
        ]

    def _excluding_rule(self, verdicts: Sequence[Verdict], *, is_directory: bool = False) -> Rule | None:
        if verdicts[0].name in self._always and not is_directory:
            return None
        for verdict in verdicts:
            if verdict.excluded_by:
                return verdict.excluded_by
        return None

    def _visit_link(self, item: os.DirEntry[str], directory: _Directory) -> None:
        try:
            target = os.path.realpath(item.path, strict=True)
            status = os.stat(target)
        except OSError as error:
            verdicts = self._match(item, directory, is_directory=False)
            self._exclude_link(verdicts, f"is a link that leads nowhere ({error.strerror})")
            return
        is_directory = stat.S_ISDIR(status.st_mode)
        verdicts = self._match(item, directory, is_directory=is_directory)[:1]
        is_outside = not _is_in(target, self._root)
        if not is_outside:
            name = target.removeprefix(self._root).lstrip(os.sep).replace(os.sep, "/")
            verdicts.append(self._rules.match_path(name, is_directory=is_directory))
        links = (*directory.links, os.path.dirname(item.path))
        reason = ""
        if is_outside and not self._follow_external_links:
            reason = f"links to {target!r}, outside the directory"
        elif is_directory and any(_is_in(link, target) for link in links):
            reason = f"links back to {target!r}, which it is in"
        elif len(links) > _MAX_LINK_DEPTH or len(os.fsencode(verdicts[0].name)) > _MAX_NAME_LENGTH:
            reason = "is reached through too many links"
        elif self._linked_count > _MAX_LINKED:
            reason = f"is one of the links that add more than {_MAX_LINKED:,} entries"
        if reason:
            self._exclude_link(verdicts, reason, is_directory=is_directory)
        elif is_directory:
            self._visit_directory(target, verdicts, links)
        else:
            self._visit_file(target, verdicts, status, is_linked=True)

    def _exclude_link(self, verdicts: Sequence[Verdict], reason: str, *, is_directory: bool = False) -> None:
        rule = self._excluding_rule(verdicts, is_directory=is_directory)
        self.excluded.append(Excluded(verdicts[0].name, rule, "" if rule else reason))

    def _visit_directory(self, source: str, verdicts: Sequence[Verdict], links: tuple[str, ...]) -> None:
        name = verdicts[0].name
        entry = Entry(name, source, 0, 0, is_directory=True, is_executable=True, is_linked=bool(links))
        rule = self._excluding_rule(verdicts, is_directory=True)
        if not rule:
            self._enter(source, verdicts, links)
            self._add(entry)
            return
        if name in self._on_the_way or all(
            self._rules.may_reinclude_under(verdict.name, verdict.states) for verdict in verdicts if verdict.excluded_by
        ):
            with suppress(OSError):
                self._enter(source, verdicts, links)
                self._deferred[name] = entry
                return
        self.excluded.append(Excluded(name, rule))

    def _leave(self, directory: _Directory) -> None:
        """Merge the rows of a directory's contents into one, if a single rule excludes all of them."""
        name, rows = directory.verdicts[0].name, self.excluded[directory.first_excluded :]
        if self._deferred.pop(name, None) and len(rows) > 1:
            rule = self._excluding_rule(directory.verdicts, is_directory=True)
            if all(row.rule == rule for row in rows):
                self.excluded[directory.first_excluded :] = [Excluded(name, rule)]

    def _visit_file(
        self, source: str, verdicts: Sequence[Verdict], item: os.DirEntry[str] | os.stat_result, *, is_linked: bool
    ) -> None:
        name = verdicts[0].name
        if rule := self._excluding_rule(verdicts):
            self.excluded.append(Excluded(name, rule))
            return
        status = item.stat(follow_symlinks=False) if isinstance(item, os.DirEntry) else item
        if not stat.S_ISREG(status.st_mode):
            self.special.append(name)
            return
        # Docker's client on Windows, where there is no such bit, makes every file executable.
        is_executable = _IS_WINDOWS or bool(status.st_mode & stat.S_IXUSR)
        self._add(Entry(name, source, status.st_size, status.st_mtime_ns, False, is_executable, is_linked))

    def _add(self, entry: Entry) -> None:
        if self._deferred:
            for index, char in enumerate(entry.name):
                if char == "/" and (parent := self._deferred.pop(entry.name[:index], None)):
                    self.entries.append(parent)
        self.entries.append(entry)

    def _enter(self, source: str, verdicts: Sequence[Verdict], links: tuple[str, ...]) -> None:
        with os.scandir(source) as items:
            # Sorted by their bytes, since the text of names that aren't UTF-8 depends on the locale.
            found = sorted(items, key=lambda item: os.fsencode(item.name))
        self._stack.append(_Directory(verdicts, iter(found), links, len(self.excluded)))


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
