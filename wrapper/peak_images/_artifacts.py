"""Artifacts: zipped build contexts, with the errors and warnings of this package."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peak_build_context import Archive, Context, scan_context, zip_context
from peak_build_context.errors import BuildContextError, BuildContextTooLargeError
from peak_build_context.problems import abridge
from peak_images._atomic_write import atomic_write
from peak_images._settings import DEFAULT_MAX_ARTIFACT_SIZE
from peak_images._warning import warn_caller
from peak_images.errors import ArtifactError, ArtifactTooLargeError, ArtifactWarning

if TYPE_CHECKING:
    from peak_build_context import ArtifactReport, Problem


class Artifact(Archive):
    """A zipped build context. Close it, or use it as a context manager, to release its file.

    Attributes:
        path: The directory, as given.
        file: The archive, at its beginning. It is in memory or in a nameless temporary file.
        size: The archive's size in bytes.
        sha256: The archive's SHA-256, in hexadecimal.
        entry_count: The number of files and directories.
        uncompressed_size: The size in bytes of all files.
    """

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the archive atomically. An existing file is replaced.

        Args:
            path: The file.

        Returns:
            The file.

        Raises:
            SaveError: The file can't be written.

        Example:
            >>> with images.build_artifact(context) as artifact:
            ...     saved = artifact.save("artifact.zip")
        """
        target = Path(path)
        self.file.seek(0)
        with atomic_write(target) as file:
            shutil.copyfileobj(self.file, file)
        self.file.seek(0)
        return target


def build_artifact(
    path: str | os.PathLike[str],
    ignore_files: Sequence[str | os.PathLike[str]] | None = None,
    *,
    dockerfile_path: str | None = None,
    context: str | None = None,
    max_size: int | None = DEFAULT_MAX_ARTIFACT_SIZE,
    follow_external_links: bool = False,
) -> Artifact:
    """Zip a directory as it would be uploaded. The same tree gives the same bytes.

    Args:
        path: The directory.
        ignore_files: The ignore files; later ones override earlier ones. git's rules for a ``.gitignore``, Docker's for
            others (default: ``<Dockerfile>.dockerignore``, else ``.dockerignore``).
        dockerfile_path: ``buildDetails.dockerfilePath``, which is always included (default: ``Dockerfile``).
        context: ``buildDetails.context`` (default: the root of the artifact).
        max_size: The maximum size of the archive in bytes; None for no limit.
        follow_external_links: Whether to include the targets of symbolic links that lead out of the directory.

    Returns:
        The artifact, with ``file``, ``size``, ``sha256``, ``entry_count`` and ``uncompressed_size``. Close it.

    Raises:
        ArtifactTooLargeError: The archive would be larger than ``max_size``.
        ArtifactError: A file or the directory can't be read, or all files are excluded.

    Example:
        >>> with images.build_artifact(context) as artifact:
        ...     artifact.entry_count
        8
    """
    with _map_errors():
        scanned = scan_context(
            path,
            ignore_files,
            dockerfile_path=dockerfile_path,
            build_context=context,
            follow_external_links=follow_external_links,
        )
    if scanned.special or scanned.problems:
        from peak_build_context import special_files

        warn_about([*scanned.problems, *special_files(scanned)])
    return zip_artifact(scanned, max_size=max_size)


def inspect_artifact(
    path: str | os.PathLike[str],
    ignore_files: Sequence[str | os.PathLike[str]] | None = None,
    *,
    dockerfile_path: str | None = None,
    context: str | None = None,
    build_arguments: Mapping[str, str] | None = None,
    max_size: int | None = DEFAULT_MAX_ARTIFACT_SIZE,
    follow_external_links: bool = False,
) -> ArtifactReport:
    """Report which files would be uploaded or excluded, and the problems of the build. Nothing is sent.

    Args:
        path: The directory.
        ignore_files: The ignore files; later ones override earlier ones (default: ``<Dockerfile>.dockerignore``, else
            ``.dockerignore``).
        dockerfile_path: ``buildDetails.dockerfilePath`` (default: ``Dockerfile``).
        context: ``buildDetails.context``, the directory in the artifact that ``COPY`` and ``ADD`` copy from (default:
            the root).
        build_arguments: The build arguments by name, for variables in the Dockerfile.
        max_size: The maximum size of the archive in bytes; None for no limit.
        follow_external_links: Whether to include the targets of symbolic links that lead out of the directory.

    Returns:
        A report with ``files``, ``excluded``, ``problems``, ``total_size`` and ``zipped_size``: readable as text, and
        a treemap in a notebook.

    Raises:
        ArtifactError: A file or the directory can't be read.

    Example:
        >>> report = images.inspect_artifact(context)
        >>> report.problems
        ()
    """
    from peak_build_context import inspect

    with _map_errors():
        scanned = scan_context(
            path,
            ignore_files,
            dockerfile_path=dockerfile_path,
            build_context=context,
            follow_external_links=follow_external_links,
        )
        return inspect(scanned, build_arguments, max_size=max_size)


def zip_artifact(
    context: Context, *, max_size: int | None, is_cancelled: Callable[[], bool] = lambda: False
) -> Artifact:
    """Zip a build context that has been walked.

    Args:
        context: The context.
        max_size: The maximum size of the archive in bytes; None for no limit.
        is_cancelled: Called between chunks; True stops.

    Raises:
        ArtifactTooLargeError: The archive would be larger than that.
        ArtifactError: There is nothing to zip, or a file can't be read or has changed since the walk.
    """
    with _map_errors():
        return zip_context(context, max_size=max_size, is_cancelled=is_cancelled, archive_type=Artifact)


def preflight(
    request: Mapping[str, Any], build_details: Mapping[str, Any] | None, is_cancelled: Callable[[], bool], *, check: str
) -> tuple[Context, tuple[Problem, ...]]:
    """Walk the directory to upload, and find what its build would fail on.

    Args:
        request: The arguments that ``validate_artifact`` gives.
        build_details: The build details of the same request.
        is_cancelled: Called during the walk; True stops it.
        check: What to do about problems, if the request has no ``check`` of its own: one of ``ARTIFACT_CHECKS``.

    Returns:
        The context, and the problems to warn about.

    Raises:
        ArtifactError: The directory or something in it can't be used, or a problem is an error by the check.
    """
    details = build_details or {}
    arguments = dict(request)
    check = arguments.pop("check", None) or check
    with _map_errors():
        context = scan_context(
            **arguments,
            dockerfile_path=details.get("dockerfilePath"),
            build_context=details.get("context"),
            is_cancelled=is_cancelled,
        )
        if context.empty_reason:
            raise BuildContextError(context.path, context.empty_reason)
        problems = () if check == "off" else tuple(_problems_of_upload(context, details))
    errors = [problem for problem in problems if check == "strict" or (check == "error" and problem.is_certain)]
    if errors:
        raise _refusal(context, problems, errors)
    return context, problems


def _problems_of_upload(context: Context, details: Mapping[str, Any]) -> Iterator[Problem]:
    from peak_build_context import ProblemKind, find_problems

    arguments = {argument["name"]: argument["value"] for argument in details.get("buildArguments", [])}
    about_the_files = (ProblemKind.IGNORE_FILE, ProblemKind.LIKELY_SECRET, ProblemKind.LINK, ProblemKind.SPECIAL_FILE)
    is_update = "source" not in details
    for problem in find_problems(context, arguments):
        if problem.kind in about_the_files:
            yield problem
        elif details.get("source", "upload") != "upload":
            continue  # the build uses another Dockerfile
        elif not is_update:
            yield problem
        elif problem.kind != ProblemKind.DOCKERFILE_MISSING or "dockerfilePath" in details:
            # The version may have a Dockerfile, a context or arguments elsewhere, and keeps them.
            yield problem._replace(is_certain=False)


def _refusal(context: Context, problems: Iterable[Problem], errors: Sequence[Problem]) -> ArtifactError:
    """Return the error that lists all problems, those that stop the call first."""
    others = [problem for problem in problems if problem not in errors]
    lines = [f"the build of {context.root!r} would fail, so nothing was sent:"]
    if not any(problem.is_certain for problem in errors):
        lines = [f"{context.root!r} has problems and check is 'strict', so nothing was sent:"]
    lines += [f"  {problem}" for problem in abridge(errors)]
    if others:
        lines += ["Other problems:", *(f"  {problem}" for problem in abridge(others))]
    lines.append("To upload it anyway, set the artifact's 'check': 'warn'")
    return ArtifactError(context.path, "\n".join(lines), problems=(*errors, *others))


def warn_about(problems: Iterable[Problem]) -> None:
    """Emit an ``ArtifactWarning`` for each problem, from where this package was called; abridged if they are many."""
    for problem in abridge(problems):
        warn_caller(problem.message, ArtifactWarning)


@contextmanager
def _map_errors() -> Iterator[None]:
    """Map the errors of ``peak_build_context`` to this package's."""
    try:
        yield
    except BuildContextTooLargeError as error:
        raise ArtifactTooLargeError(
            error.path, error.problem, limit=error.limit, largest=error.largest
        ) from error.__cause__
    except BuildContextError as error:
        raise ArtifactError(error.path, error.problem, field=f"artifact.{error.argument}") from error.__cause__
