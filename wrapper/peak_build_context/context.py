"""The walk through a build context: what travels, what stays out, what can't."""

# Imports count here, since a small directory is zipped in less time than they take: no pathlib, and no postponed
# annotations, which NamedTuple compiles one by one.
# ruff: noqa: PTH116, PTH119, PTH120

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from peak_build_context.errors import BuildContextError
from peak_build_context.ignore import IgnoreRules, read_rules

DEFAULT_DOCKERFILE: Final = "Dockerfile"
"""The Dockerfile that a build uses unless its details name another."""


class Entry(NamedTuple):
    """A file or directory that travels.

    Attributes:
        name: Its name in the artifact: relative, with ``/`` between its parts.
        source: Where it is read from; for a symbolic link, what it points to.
        size: In bytes; 0 for a directory.
        modified: When it was last modified, in nanoseconds; 0 for a directory.
        is_directory: Whether it is a directory.
        is_executable: Whether its owner may execute it.
    """

    name: str
    source: str
    size: int
    modified: int
    is_directory: bool
    is_executable: bool


class Context(NamedTuple):  # and no dataclass, which takes longer to load than a small directory to zip
    """A build context that has been walked: what an artifact is made from, and what a report reports on.

    Attributes:
        path: The directory, as it was given.
        root: The directory, absolute and with its links resolved.
        entries: What travels, in the artifact's order: a directory before what is in it, names sorted.
        excluded: The names of what stays out. A directory that was not walked into stands for all that is in it.
        special: The names of sockets, FIFOs and devices, which can't travel.
        rules: The rules by which it was walked.
        ignore_file_names: The names of the ignore files that are in it themselves.
        dockerfiles: Where the Dockerfile of the build may be, the likeliest first.
        build_context: The directory that ``COPY`` and ``ADD`` take their sources from; "" for the root.
    """

    path: str
    root: str
    entries: tuple[Entry, ...]
    excluded: tuple[str, ...]
    special: tuple[str, ...]
    rules: IgnoreRules
    ignore_file_names: frozenset[str]
    dockerfiles: tuple[str, ...]
    build_context: str

    @property
    def empty_reason(self) -> str | None:
        """Why there is nothing to send; None if there is something, apart from ignore files."""
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
        ignore_files: The ignore files whose rules count, in that order; ``.dockerignore`` unless given.
        dockerfile_path: ``buildDetails.dockerfilePath``.
        build_context: ``buildDetails.context``.
        follow_external_links: Whether a symbolic link may point outside the directory.
        is_cancelled: Asked between directories whether to go on.

    Raises:
        BuildContextError: The directory, an ignore file or something in the directory can't be used.
    """
    path = os.fsdecode(path)
    root = _checked_root(path)
    rules, ignore_file_names = read_rules(root, ignore_files)
    base = clean_path(build_context or "")
    dockerfile = clean_path(dockerfile_path or DEFAULT_DOCKERFILE)
    dockerfiles = tuple(dict.fromkeys((dockerfile, clean_path(f"{base}/{dockerfile}"))))
    walker = _Walker(root, rules, ignore_file_names.union(dockerfiles), follow_external_links=follow_external_links)
    walker.walk(is_cancelled)
    return Context(
        path=path,
        root=root,
        entries=tuple(walker.entries),
        excluded=tuple(walker.excluded),
        special=tuple(walker.special),
        rules=rules,
        ignore_file_names=ignore_file_names,
        dockerfiles=dockerfiles,
        build_context=base,
    )


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


class _Directory(NamedTuple):
    """A directory that the walk is in."""

    prefix: str
    """What the names of its items begin with."""
    items: Iterator[os.DirEntry[str]]
    """Those still to be looked at, by name. Their paths have no links in them, except that an item may be one."""
    chain: tuple[str, ...]
    """The directories in which the links are by which the walk came here."""


class _Walker:
    """One walk. It keeps a stack of its own, since a tree may be deeper than Python's."""

    def __init__(self, root: str, rules: IgnoreRules, always: frozenset[str], *, follow_external_links: bool) -> None:
        self.entries: list[Entry] = []
        self.excluded: list[str] = []
        self.special: list[str] = []
        self._root = root
        self._rules = rules
        self._always = always
        self._on_the_way = {name[:index] for name in always for index, char in enumerate(name) if char == "/"}
        self._follow_external_links = follow_external_links
        self._stack: list[_Directory] = []
        self._deferred: dict[str, Entry] = {}
        """Folders that stay out unless something in them is brought back."""

    def walk(self, is_cancelled: Callable[[], bool]) -> None:
        self._enter(self._root, "", ())
        while self._stack:
            if is_cancelled():
                raise BuildContextError(self._root, "cancelled")
            prefix, items, chain = self._stack[-1]
            for item in items:
                if self._visit(item, prefix + item.name, chain):
                    break
            else:
                self._stack.pop()

    def _visit(self, item: os.DirEntry[str], name: str, chain: tuple[str, ...]) -> bool:
        """Look at an item. Returns whether the walk goes on inside it."""
        always = name in self._always and not item.is_dir(follow_symlinks=False)
        excluded = not always and self._rules.excludes(name)
        if item.is_symlink() and (not excluded or self._may_reinclude_under(name)):
            return self._visit_link(item, name, chain, excluded=excluded)
        if item.is_dir(follow_symlinks=False):
            return self._visit_directory(item.path, name, chain, excluded=excluded)
        if excluded:
            self.excluded.append(name)
        elif item.is_file(follow_symlinks=False):
            try:
                self._add_file(item.path, name, item.stat(follow_symlinks=False))
            except OSError as error:
                raise unreadable(item.path, error) from error
        else:
            self.special.append(name)
        return False

    def _visit_link(self, item: os.DirEntry[str], name: str, chain: tuple[str, ...], *, excluded: bool) -> bool:
        try:
            return self._follow_link(item, name, chain, excluded=excluded)
        except BuildContextError:
            if not excluded:
                raise
        self.excluded.append(name)
        return False

    def _follow_link(self, item: os.DirEntry[str], name: str, chain: tuple[str, ...], *, excluded: bool) -> bool:
        try:
            target = os.path.realpath(item.path, strict=True)
            status = os.stat(target)
        except OSError as error:
            raise _link_error(item, f"leads nowhere: {error.strerror}") from error
        if not self._follow_external_links and not _is_in(target, self._root):
            raise _link_error(item, f"leads to {target!r}, outside the context (follow_external_links=True allows it)")
        if stat.S_ISDIR(status.st_mode):
            chain = (*chain, os.path.dirname(item.path))
            if any(_is_in(directory, target) for directory in chain):
                raise _link_error(item, f"leads back to {target!r}, a directory it is in itself: a loop")
            return self._visit_directory(target, name, chain, excluded=excluded)
        if excluded:
            self.excluded.append(name)
        elif stat.S_ISREG(status.st_mode):
            self._add_file(target, name, status)
        else:
            self.special.append(name)
        return False

    def _visit_directory(self, source: str, name: str, chain: tuple[str, ...], *, excluded: bool) -> bool:
        entry = Entry(name, source, 0, 0, is_directory=True, is_executable=True)
        if not excluded:
            self._add(entry)
            self._enter(source, f"{name}/", chain)
            return True
        if self._may_reinclude_under(name):
            try:
                self._enter(source, f"{name}/", chain)
            except BuildContextError:
                self.excluded.append(name)
                return False
            self._deferred[name] = entry
            return True
        self.excluded.append(name)
        return False

    def _may_reinclude_under(self, name: str) -> bool:
        return name in self._on_the_way or self._rules.may_reinclude_under(name)

    def _add_file(self, source: str, name: str, status: os.stat_result) -> None:
        is_executable = bool(status.st_mode & stat.S_IXUSR)
        self._add(Entry(name, source, status.st_size, status.st_mtime_ns, False, is_executable))

    def _add(self, entry: Entry) -> None:
        if self._deferred:
            for index, char in enumerate(entry.name):
                if char == "/" and (parent := self._deferred.pop(entry.name[:index], None)):
                    self.entries.append(parent)
        self.entries.append(entry)

    def _enter(self, source: str, prefix: str, chain: tuple[str, ...]) -> None:
        try:
            with os.scandir(source) as items:
                # By their bytes: how names that aren't UTF-8 stand as text depends on the locale.
                found = sorted(items, key=lambda item: os.fsencode(item.name))
        except OSError as error:
            raise unreadable(source, error) from error
        self._stack.append(_Directory(prefix, iter(found), chain))


def unreadable(source: str, error: OSError) -> BuildContextError:
    """The error for something that can't be read."""
    return BuildContextError(source, f"{source!r} can't be read: {error.strerror}")


def _is_in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


def _link_error(item: os.DirEntry[str], problem: str) -> BuildContextError:
    return BuildContextError(item.path, f"the symbolic link {item.path!r} {problem}")
