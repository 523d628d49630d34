"""The walk through a build context: what travels, what stays out, what can't."""

# Imports count here, since a small folder is zipped in less time than they take: no pathlib, and no postponed
# annotations, which NamedTuple compiles one by one.
# ruff: noqa: PTH116, PTH119, PTH120

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from peak_images._artifact.ignore import IgnoreRules, read_rules
from peak_images.errors import ArtifactError

DEFAULT_DOCKERFILE: Final = "Dockerfile"
"""The Dockerfile that a build uses unless its details name another."""


class Entry(NamedTuple):
    """A file or folder that travels.

    Attributes:
        name: Its name in the artifact: relative, with ``/`` between its parts.
        source: Where it is read from; for a symbolic link, what it points to.
        size: In bytes; 0 for a folder.
        modified: When it was last modified, in nanoseconds; 0 for a folder.
        is_folder: Whether it is a folder.
        is_executable: Whether its owner may execute it.
    """

    name: str
    source: str
    size: int
    modified: int
    is_folder: bool
    is_executable: bool


class Context(NamedTuple):  # and no dataclass, which takes longer to load than a small folder to zip
    """A build context that has been walked: what an artifact is made from, and what a report reports on.

    Attributes:
        path: The folder, as it was given.
        root: The folder, absolute and with its links resolved.
        entries: What travels, in the artifact's order: a folder before what is in it, names sorted.
        left_out: The names of what stays out. A folder that was not walked into stands for all that is in it.
        special: The names of sockets, FIFOs and devices, which can't travel.
        rules: The rules by which it was walked.
        ignore_file_names: The names of the ignore files that are in it themselves.
        dockerfiles: Where the Dockerfile of the build may be, the likeliest first.
        build_context: The folder, in the artifact, that ``COPY`` and ``ADD`` take their sources from; "" for its root.
    """

    path: str
    root: str
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]
    special: tuple[str, ...]
    rules: IgnoreRules
    ignore_file_names: frozenset[str]
    dockerfiles: tuple[str, ...]
    build_context: str

    @property
    def emptiness(self) -> str | None:
        """Why there is nothing to send; None if there is something, apart from ignore files."""
        if any(not entry.is_folder and entry.name not in self.ignore_file_names for entry in self.entries):
            return None
        if self.left_out:
            return f"the ignore files leave nothing of {self.path!r}"
        return f"there is no file in {self.path!r}"


def scan_context(
    path: str | os.PathLike[str],
    ignore_files: Sequence[str | os.PathLike[str]] | None = None,
    *,
    dockerfile_path: str | None = None,
    build_context: str | None = None,
    follow_external_links: bool = False,
    is_given_up: Callable[[], bool] = lambda: False,
) -> Context:
    """Walk a folder once, for its artifact and for a report on it.

    Args:
        path: The folder.
        ignore_files: The ignore files whose rules count, in that order; ``.dockerignore`` unless given.
        dockerfile_path: ``buildDetails.dockerfilePath``.
        build_context: ``buildDetails.context``.
        follow_external_links: Whether a symbolic link may point outside the folder.
        is_given_up: Asked between folders whether to go on.

    Raises:
        ArtifactError: The folder, an ignore file or something in the folder can't be used.
    """
    path = os.fsdecode(path)
    root = _checked_root(path)
    rules, ignore_file_names = read_rules(root, ignore_files)
    base = clean_path(build_context or "")
    dockerfile = clean_path(dockerfile_path or DEFAULT_DOCKERFILE)
    dockerfiles = tuple(dict.fromkeys((dockerfile, clean_path(f"{base}/{dockerfile}"))))
    walker = _Walker(root, rules, ignore_file_names.union(dockerfiles), follow_external_links=follow_external_links)
    walker.walk(is_given_up)
    return Context(
        path=path,
        root=root,
        entries=tuple(walker.entries),
        left_out=tuple(walker.left_out),
        special=tuple(walker.special),
        rules=rules,
        ignore_file_names=ignore_file_names,
        dockerfiles=dockerfiles,
        build_context=base,
    )


def _checked_root(path: str) -> str:
    folder = path or os.curdir
    try:
        mode = os.stat(folder).st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise ArtifactError(path, f"there is no folder {path!r}") from None
    except OSError as error:
        raise unreadable(path, error) from error
    if stat.S_ISDIR(mode):
        return os.path.realpath(folder)
    problem = f"{path!r} is a single file, and a build takes a folder: give the one it is in"
    if os.path.basename(folder).lower().startswith("dockerfile"):
        problem = f'{path!r} is a Dockerfile: give the folder it is in, or send its text with the source "dockerfile"'
    raise ArtifactError(path, problem)


def clean_path(path: str) -> str:
    """A path as a build takes it, in the form that names of entries have: nothing leads out of the artifact."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


class _Folder(NamedTuple):
    """A folder that the walk is in."""

    prefix: str
    """What the names of its items begin with."""
    items: Iterator[os.DirEntry[str]]
    """Those still to be looked at, by name. Their paths have no links in them, except that an item may be one."""
    chain: tuple[str, ...]
    """The folders in which the links are by which the walk came here."""


class _Walker:
    """One walk. It keeps a stack of its own, since a tree may be deeper than Python's."""

    def __init__(self, root: str, rules: IgnoreRules, always: frozenset[str], *, follow_external_links: bool) -> None:
        self.entries: list[Entry] = []
        self.left_out: list[str] = []
        self.special: list[str] = []
        self._root = root
        self._rules = rules
        self._always = always
        self._on_the_way = {name[:index] for name in always for index, char in enumerate(name) if char == "/"}
        self._follow_external_links = follow_external_links
        self._stack: list[_Folder] = []
        self._undecided: dict[str, Entry] = {}
        """Folders that stay out unless something in them is brought back."""

    def walk(self, is_given_up: Callable[[], bool]) -> None:
        self._enter(self._root, "", ())
        while self._stack:
            if is_given_up():
                raise ArtifactError(self._root, "given up")
            prefix, items, chain = self._stack[-1]
            for item in items:
                if self._visit(item, prefix + item.name, chain):
                    break
            else:
                self._stack.pop()

    def _visit(self, item: os.DirEntry[str], name: str, chain: tuple[str, ...]) -> bool:
        """Look at an item. Returns whether the walk goes on inside it."""
        always = name in self._always and not item.is_dir(follow_symlinks=False)
        left_out = not always and self._rules.leave_out(name)
        if item.is_symlink() and (not left_out or self._may_bring_back_under(name)):
            return self._visit_link(item, name, chain, left_out=left_out)
        if item.is_dir(follow_symlinks=False):
            return self._visit_folder(item.path, name, chain, left_out=left_out)
        if left_out:
            self.left_out.append(name)
        elif item.is_file(follow_symlinks=False):
            try:
                self._add_file(item.path, name, item.stat(follow_symlinks=False))
            except OSError as error:
                raise unreadable(item.path, error) from error
        else:
            self.special.append(name)
        return False

    def _visit_link(self, item: os.DirEntry[str], name: str, chain: tuple[str, ...], *, left_out: bool) -> bool:
        try:
            return self._follow_link(item, name, chain, left_out=left_out)
        except ArtifactError:
            if not left_out:
                raise
        self.left_out.append(name)
        return False

    def _follow_link(self, item: os.DirEntry[str], name: str, chain: tuple[str, ...], *, left_out: bool) -> bool:
        try:
            target = os.path.realpath(item.path, strict=True)
            status = os.stat(target)
        except OSError as error:
            raise _link_error(item, f"leads nowhere: {error.strerror}") from error
        if not self._follow_external_links and not _is_in(target, self._root):
            raise _link_error(item, f"leads to {target!r}, outside the context (follow_external_links=True allows it)")
        if stat.S_ISDIR(status.st_mode):
            chain = (*chain, os.path.dirname(item.path))
            if any(_is_in(folder, target) for folder in chain):
                raise _link_error(item, f"leads back to {target!r}, a folder it is in itself: a loop")
            return self._visit_folder(target, name, chain, left_out=left_out)
        if left_out:
            self.left_out.append(name)
        elif stat.S_ISREG(status.st_mode):
            self._add_file(target, name, status)
        else:
            self.special.append(name)
        return False

    def _visit_folder(self, source: str, name: str, chain: tuple[str, ...], *, left_out: bool) -> bool:
        entry = Entry(name, source, 0, 0, is_folder=True, is_executable=True)
        if not left_out:
            self._add(entry)
            self._enter(source, f"{name}/", chain)
            return True
        if self._may_bring_back_under(name):
            try:
                self._enter(source, f"{name}/", chain)
            except ArtifactError:
                self.left_out.append(name)
                return False
            self._undecided[name] = entry
            return True
        self.left_out.append(name)
        return False

    def _may_bring_back_under(self, name: str) -> bool:
        return name in self._on_the_way or self._rules.may_bring_back_under(name)

    def _add_file(self, source: str, name: str, status: os.stat_result) -> None:
        is_executable = bool(status.st_mode & stat.S_IXUSR)
        self._add(Entry(name, source, status.st_size, status.st_mtime_ns, False, is_executable))

    def _add(self, entry: Entry) -> None:
        if self._undecided:
            for index, char in enumerate(entry.name):
                if char == "/" and (parent := self._undecided.pop(entry.name[:index], None)):
                    self.entries.append(parent)
        self.entries.append(entry)

    def _enter(self, source: str, prefix: str, chain: tuple[str, ...]) -> None:
        try:
            with os.scandir(source) as items:
                # By their bytes: how names that aren't UTF-8 stand as text depends on the locale.
                found = sorted(items, key=lambda item: os.fsencode(item.name))
        except OSError as error:
            raise unreadable(source, error) from error
        self._stack.append(_Folder(prefix, iter(found), chain))


def unreadable(source: str, error: OSError) -> ArtifactError:
    """The error for something that can't be read."""
    return ArtifactError(source, f"{source!r} can't be read: {error.strerror}")


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _link_error(item: os.DirEntry[str], problem: str) -> ArtifactError:
    return ArtifactError(item.path, f"the symbolic link {item.path!r} {problem}")
