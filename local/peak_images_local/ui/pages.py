"""The pages of images, versions and builds."""

from __future__ import annotations

import zipfile
from typing import IO, TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response, StreamingResponse

from peak_build_context.context import clean_path
from peak_images_local.errors import not_found
from peak_images_local.handlers.logs import log_text
from peak_images_local.handlers.lookup import find_build, find_image, find_version
from peak_images_local.storage.archive import read_member
from peak_images_local.storage.query import Query
from peak_images_local.ui import build_log
from peak_images_local.ui.view import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from peak_images_local.storage.database import Row, Transaction
    from peak_images_local.ui.view import View

_FIRST_BUILDS = 20
"""The number of builds on the pages of images and versions; the page of builds has all."""

_RECENT_BUILDS = 12
"""The number of builds that are drawn as bars."""

_MAX_FILES = 200
"""The number of files on the page of a version."""

_MAX_DOCKERFILE = 64 << 10
_CHUNK = 64 << 10


def images(view: View) -> Response:
    """Return the list of images."""
    query = Query("image_rows")
    with view.state.database.transaction() as transaction:
        total = query.count(transaction)
        query.add("instr(lower(name), lower(?))", view.text("q"))
        context = _page_by_state(view, transaction, query, "state", order="changed_at DESC, id DESC")
        recent = _recent_builds(transaction, "image_id", context["rows"])
    requests = list(view.state.requests)
    problems = sum(bool(request.problems) for request in requests)
    return view.render("images.html", total=total, recent=recent, requests=len(requests), problems=problems, **context)


def _page_by_state(
    view: View, transaction: Transaction, query: Query, column: str, order: str = "id DESC"
) -> dict[str, Any]:
    """Return the number of rows by state, and the page of those in the state that the query selects."""
    state = view.text("state")
    counts = query.count_by(transaction, column)
    page = view.page(counts.get(state, 0) if state else sum(counts.values()))
    query.add_any(column, [state] if state else [])
    rows = query.rows(transaction, PAGE_SIZE, page.offset, order)
    return {"counts": {"": sum(counts.values()), **counts}, "page": page, "rows": rows}


def _recent_builds(transaction: Transaction, column: str, owners: Sequence[Row]) -> dict[int, list[Row]]:
    """Return the last builds of each image (`image_id`) or version (`version_id`), the oldest first."""
    found: dict[int, list[Row]] = {owner["id"]: [] for owner in owners}
    rows = transaction.fetch_all(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {column} ORDER BY id DESC) AS rank FROM builds "  # noqa: S608
        f"WHERE {column} IN ({', '.join('?' * len(found))})) WHERE rank <= ? ORDER BY id",
        *found,
        _RECENT_BUILDS,
    )
    for row in rows:
        found[row[column]].append(row)
    return found


def _first_builds(transaction: Transaction, column: str, owner: Row) -> dict[str, Any]:
    query = Query("build_rows")
    query.add(f"{column} = ?", owner["id"])
    return {"builds": query.rows(transaction, _FIRST_BUILDS), "build_count": query.count(transaction)}


def image(view: View) -> Response:
    """Return the page of an image: its versions and its last builds."""
    query = Query("version_rows")
    with view.state.database.transaction() as transaction:
        row = find_image(transaction, view.id("imageId"))
        query.add("image_id = ?", row["id"])
        page = view.page(query.count(transaction))
        versions = query.rows(transaction, PAGE_SIZE, page.offset)
        recent = _recent_builds(transaction, "version_id", versions)
        builds = _first_builds(transaction, "image_id", row)
    return view.render("image.html", image=row, versions=versions, recent=recent, page=page, **builds)


def version(view: View) -> Response:
    """Return the page of a version: its source and its builds."""
    with view.state.database.transaction() as transaction:
        row = find_version(transaction, view.id("imageId"), view.id("versionId"))
        builds = _first_builds(transaction, "version_id", row)
        sql = "SELECT id FROM autodeployments WHERE version_id = ? ORDER BY id DESC LIMIT 5"
        autodeployments = transaction.fetch_all(sql, row["id"])
        sql = "SELECT message FROM log_lines WHERE build_id = ? AND at <= ? AND message LIKE 'Redeploying %' LIMIT 20"
        redeployed = transaction.fetch_all(sql, row["last_build_id"], transaction.now)
    return view.render(
        "version.html",
        version=row,
        autodeployments=autodeployments,
        redeployed=redeployed,
        **builds,
        **_contents(view, row),
    )


def _contents(view: View, row: Row) -> dict[str, Any]:
    """Return the files of a version's artifact and its Dockerfile, or why they can't be read."""
    contents: dict[str, Any] = {"dockerfile": None, "files": [], "max_files": _MAX_FILES, "artifact_error": ""}
    try:
        path = view.state.artifacts.path(row["artifact_file"]) if row["artifact_file"] else None
        if path:
            with zipfile.ZipFile(path) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            contents["files"] = sorted(entries, key=lambda entry: entry.filename)
        contents["dockerfile"] = _read_dockerfile(row["build_details"], path)
    except (OSError, zipfile.BadZipFile) as error:
        contents["artifact_error"] = str(error)
    return contents


def _read_dockerfile(details: Mapping[str, Any], path: Path | None) -> dict[str, Any] | None:
    """Return the Dockerfile of a version, the text that was sent or the file of the artifact, up to a limit."""
    name, text = "", details.get("dockerfile", "")
    if details["source"] != "dockerfile":
        if details["source"] != "upload" or path is None:
            return None
        name = clean_path(details.get("dockerfilePath") or "Dockerfile")
        try:
            text = read_member(path, name, _MAX_DOCKERFILE + 1).decode(errors="replace")
        except KeyError:
            return None
    return {"path": name, "text": text[:_MAX_DOCKERFILE], "cut": len(text) > _MAX_DOCKERFILE}


def artifact_file(view: View) -> Response:
    """Return one file of an artifact, or all of it, as a download only."""
    row = view.version()
    name = view.request.path_params.get("path")
    if not row["artifact_file"]:
        raise not_found("artifact of version", row["id"])
    try:
        path = view.state.artifacts.path(row["artifact_file"])
        if name is None:
            content: IO[bytes] = path.open("rb")
        else:
            # The file stays open for as long as its member.
            with zipfile.ZipFile(path) as archive:
                content = archive.open(name)
    except (OSError, zipfile.BadZipFile) as error:
        raise not_found("readable artifact", row["id"], f": {error}") from error
    except KeyError as error:
        raise not_found("file", str(name)[:200]) from error
    headers = {"Content-Disposition": "attachment" if name else 'attachment; filename="artifact.zip"'}
    return StreamingResponse(_chunks(content), media_type="application/octet-stream", headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def builds(view: View) -> Response:
    """Return the builds of all images, of one (`image`) or of one version (`version`)."""
    query = Query("build_rows")
    for name in ("image", "version"):
        if (identifier := view.number(name)) is not None:
            query.add(f"{name}_id = ?", identifier)
    with view.state.database.transaction() as transaction:
        context = _page_by_state(view, transaction, query, "status")
    return view.render("builds.html", **context)


def build(view: View) -> Response:
    """Return the page of a build: why it failed, its steps, its log."""
    with view.state.database.transaction() as transaction:
        context = build_context(view, transaction)
        total, start = context["total"], view.number("from")
        first = max(0, total - build_log.MAX_LINES) if start is None else min(max(0, start - 1), total)
        lines = build_log.read_lines(transaction, context["build"]["id"], first)
    return view.render("build.html", lines=lines, first=first, last=first + len(lines), **context)


def build_context(view: View, transaction: Transaction) -> dict[str, Any]:
    """Return the part of a build's page above its log."""
    row = find_build(transaction, view.id("imageId"), view.id("buildId"))
    built = find_version(transaction, row["image_id"], row["version_id"])
    steps = build_log.read_steps(transaction, row)
    return {
        "build": row,
        "version": built,
        "steps": steps,
        "failure": build_log.read_failure(transaction, row, built["build_details"]["source"], steps),
        "total": build_log.count_lines(transaction, row["id"]),
        "max_lines": build_log.MAX_LINES,
    }


def raw_log(view: View) -> Response:
    """Return a whole log as text."""
    with view.state.database.transaction() as transaction:
        row = find_build(transaction, view.id("imageId"), view.id("buildId"))
        text = log_text(transaction, row["id"])
    return PlainTextResponse(text.encode(errors="replace"))
