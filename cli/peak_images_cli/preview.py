"""Show what would be sent: the request with its secrets masked, and the tree of the artifact."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from peak_build_context.text import format_size
from peak_images_api import operations
from peak_images_cli.output import as_yaml
from peak_images_cli.terminal import safe_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.tree import Tree

    import peak_images as images

MASK: Final = "***"

_SHOWN_FILES: Final = 200
_SHOWN_BARS: Final = 10
_BAR_WIDTH: Final = 24
_SHOWN_EXCLUDED: Final = 20


def describe_request(
    requests: Sequence[Mapping[str, str]],
    body: Mapping[str, Any] | None = None,
    artifact: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return what would be sent, made of JSON values, secrets masked.

    Args:
        requests: The requests that may be sent: ``method``, ``url`` and, for a conditional one, ``when``.
        body: The body.
        artifact: The artifact, as ``describe_artifact`` describes it.
        headers: Headers that were given.
    """
    described: dict[str, Any] = {"requests": list(requests), "headers": {"Authorization": MASK, **(headers or {})}}
    if body is not None:
        described["body"] = masked(body)
    if artifact is not None:
        described["artifact"] = artifact
    return described


def request_lines(described: Mapping[str, Any], report: images.ArtifactReport | None = None) -> list[RenderableType]:
    """Return a description of a request as text, with the report on its artifact."""
    parts: list[RenderableType] = [safe_text("Nothing is sent. This would be:", "dim")]
    for request in described["requests"]:
        when = f"  ({request['when']})" if "when" in request else ""
        parts.append(safe_text(f"{request['method']} {request['url']}{when}", "bold"))
    parts += [safe_text(f"{name}: {value}") for name, value in described["headers"].items()]
    if "body" in described:
        parts += [safe_text(""), safe_text(as_yaml(described["body"]).rstrip())]
    if report is not None:
        parts += [safe_text(""), *artifact_lines(report)]
    return parts


def masked(value: Any, parent: str = "") -> Any:
    """Return a body with its secrets masked: secret fields of the contract, and passwords in addresses.

    Args:
        value: The body, or a part of it.
        parent: The field that contains it.
    """
    if isinstance(value, list):
        return [masked(item, parent) for item in value]
    if isinstance(value, str):
        return re.sub(r"//[^/@\s]*@", f"//{MASK}@", value)
    if not isinstance(value, Mapping):
        return value
    secrets = operations.table()["secrets"]
    return {name: MASK if [parent, name] in secrets else masked(inner, name) for name, inner in value.items()}


def inspect(artifact: Mapping[str, Any], details: Mapping[str, Any]) -> images.ArtifactReport:
    """Inspect the directory of an artifact, as the build with these details sees it.

    Raises:
        images.ArtifactError: The directory can't be used.
    """
    import peak_images as images

    given = details.get("buildArguments")
    arguments = {row["name"]: str(row["value"]) for row in given or () if isinstance(row, Mapping) and "value" in row}
    return images.inspect_artifact(**_directory(artifact), **_paths(details), build_arguments=arguments)


def _directory(artifact: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in artifact.items() if name != "check"}


def _paths(details: Mapping[str, Any]) -> dict[str, Any]:
    found = {"dockerfile_path": details.get("dockerfilePath"), "context": details.get("context")}
    return {name: path if isinstance(path, str) else None for name, path in found.items()}


def build_artifact(artifact: Mapping[str, Any], details: Mapping[str, Any]) -> images.Artifact:
    """Zip the directory of an artifact, as a create with these details does.

    Raises:
        images.ArtifactError: The artifact can't be made.
    """
    import peak_images as images

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", images.ArtifactWarning)  # the report lists all problems
        return images.build_artifact(**_directory(artifact), **_paths(details))


def describe_artifact(report: images.ArtifactReport, zipped_size: int | None = None) -> dict[str, Any]:
    """Return a report on an artifact, made of JSON values."""
    excluded = [_describe_excluded(row) for row in report.excluded]
    zipped_size = report.zipped_size if zipped_size is None else zipped_size
    return {
        "path": report.path,
        "totalSize": report.total_size,
        **({} if zipped_size is None else {"zippedSize": zipped_size}),
        "files": [{"name": file.name, "size": file.size} for file in report.files],
        "excluded": excluded,
        "leftOut": excluded,  # the former name of the key, which scripts may read
        "problems": [
            {"kind": str(problem.kind), "message": problem.message, "path": problem.path} for problem in report.problems
        ],
    }


def _describe_excluded(row: Any) -> dict[str, Any]:
    described = {"name": row.name, "pattern": row.pattern, "ignoreFile": row.ignore_file, "line": row.line}
    return {**described, "reason": row.reason} if row.reason else described


def artifact_lines(report: images.ArtifactReport) -> list[RenderableType]:
    """Return the report as text: the tree, the excluded files, and the problems."""
    parts: list[RenderableType] = [_tree(report, report.summary)]
    parts += [safe_text(""), safe_text("By size, unzipped:", "bold"), *_bars(report)]
    if report.excluded:
        parts += [safe_text(""), safe_text("Excluded:", "bold")]
        parts += [safe_text(f"  {row}", "dim") for row in report.excluded[:_SHOWN_EXCLUDED]]
        parts += _more(len(report.excluded) - _SHOWN_EXCLUDED)
    if report.problems:
        from peak_build_context.problems import abridge

        parts += [safe_text(""), safe_text("Problems:", "bold yellow")]
        parts += [safe_text(f"  {problem}", "yellow") for problem in abridge(report.problems)]
    return parts


def _bars(report: images.ArtifactReport) -> list[RenderableType]:
    """Return a bar for each directory and file in the root, by descending size."""
    sizes: Counter[str] = Counter()
    for file in report.files:
        top, slash, _ = file.name.partition("/")
        sizes[top + slash] += file.size
    largest = max(sizes.values(), default=0) or 1
    rows: list[RenderableType] = [
        safe_text(f"  {'█' * round(_BAR_WIDTH * size / largest):{_BAR_WIDTH}}  {format_size(size):>10}  {name}")
        for name, size in sizes.most_common(_SHOWN_BARS)
    ]
    return rows + _more(len(sizes) - _SHOWN_BARS)


def _tree(report: images.ArtifactReport, head: str) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(safe_text(head, "bold"))
    directories: dict[str, Tree] = {"": root}
    rows = sorted(report.largest, key=lambda row: row.name)  # a directory such as .git is one of them
    for row in rows[:_SHOWN_FILES]:
        directory, _, name = row.name.removesuffix("/").rpartition("/")
        shown, size = safe_text(name), format_size(row.size)
        if row.name.endswith("/"):
            shown = safe_text(f"{name}/", "bold")
            size += f" in {row.file_count:,} {'file' if row.file_count == 1 else 'files'}"
        _branch(directories, directory).add(Text.assemble(shown, (f"  {size}", "dim")))
    for line in _more(len(rows) - _SHOWN_FILES):
        root.add(line)
    return root


def _branch(directories: dict[str, Tree], directory: str) -> Tree:
    if directory not in directories:
        above, _, name = directory.rpartition("/")
        directories[directory] = _branch(directories, above).add(safe_text(f"{name}/", "bold"))
    return directories[directory]


def _more(count: int) -> list[RenderableType]:
    return [safe_text(f"  … and {count:,} more", "dim")] if count > 0 else []
