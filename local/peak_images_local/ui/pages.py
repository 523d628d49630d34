"""The pages that show something: images, versions, builds, requests, controls."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response, StreamingResponse

from peak_images_local.errors import not_found
from peak_images_local.handlers.logs import log_text
from peak_images_local.handlers.lookup import find_build, find_image, find_version
from peak_images_local.handlers.serializers import pull_url
from peak_images_local.storage.query import Query
from peak_images_local.ui import artifacts, build_log, queries
from peak_images_local.ui.formats import tone
from peak_images_local.ui.view import API_DOCS

if TYPE_CHECKING:
    from peak_images_local.storage.database import Row, Transaction
    from peak_images_local.ui.view import Page, View

_FIRST_BUILDS = 20
"""Builds that the pages of images and versions list; the page of builds has all."""

_CREATE = "peak-images create --name weather --type api --artifact-path ./weather --wait"


def images(view: View) -> Response:
    """Return the list of images."""
    name, state = view.text("q"), view.text("state")
    query = Query("image_rows")
    with view.state.database.transaction() as transaction:
        total = query.count(transaction)
        query.add("instr(lower(name), lower(?))", name)
        counts, page, rows = _page_by_state(view, transaction, query, "state", order="changed_at DESC, id DESC")
        recent = queries.recent_builds(transaction, "image_id", [row["id"] for row in rows])
    requests = list(view.state.requests)
    return view.render(
        "images.html",
        "Images",
        total=total,
        q=name,
        state=state,
        chips=view.chips(counts),
        images=rows,
        recent=recent,
        page=page,
        requests=len(requests),
        problems=sum(bool(request.problems) for request in requests),
        first_commands=f"{view.exports()}\n{_CREATE}",
        api=API_DOCS,
        unsettled=any(_is_unsettled(row["state"]) or row["deleting_versions"] for row in rows),
        events=view.events(),
    )


def _page_by_state(
    view: View, transaction: Transaction, query: Query, column: str, order: str = "id DESC"
) -> tuple[dict[str, int], Page, list[Row]]:
    """Return how many rows each state has, and the page of those in the state that the address asks for."""
    state = view.text("state")
    counts = query.count_by(transaction, column)
    page = view.page(counts.get(state, 0) if state else sum(counts.values()))
    query.add_any(column, [state] if state else [])
    return counts, page, query.rows(transaction, queries.PAGE_SIZE, page.offset, order)


def _is_unsettled(state: str) -> bool:
    return tone(state) == "busy"


def image(view: View) -> Response:
    """Return the page of an image: its versions and its last builds."""
    versions, builds = Query("version_rows"), Query("build_rows")
    with view.state.database.transaction() as transaction:
        row = find_image(transaction, view.id("imageId"))
        for query in (versions, builds):
            query.add("image_id = ?", row["id"])
        page = view.page(versions.count(transaction))
        version_rows = versions.rows(transaction, queries.PAGE_SIZE, page.offset)
        recent = queries.recent_builds(transaction, "version_id", [version["id"] for version in version_rows])
        build_rows, build_count = builds.rows(transaction, _FIRST_BUILDS), builds.count(transaction)
    return view.render(
        "image.html",
        row["name"],
        image=row,
        pull=pull_url(row["name"], row["version"]),
        versions=version_rows,
        recent=recent,
        builds=build_rows,
        build_count=build_count,
        page=page,
        unsettled=any(_is_unsettled(version["state"]) for version in version_rows),
        events=view.events(),
    )


def version(view: View) -> Response:
    """Return the page of a version: what it is built from, and its builds."""
    builds = Query("build_rows")
    with view.state.database.transaction() as transaction:
        row = find_version(transaction, view.id("imageId"), view.id("versionId"))
        builds.add("version_id = ?", row["id"])
        build_rows, build_count = builds.rows(transaction, _FIRST_BUILDS), builds.count(transaction)
        autodeployments = queries.autodeployment_ids(transaction, row)
        redeployed = queries.redeployments(transaction, row)
    return view.render(
        "version.html",
        f"{row['image_name']} {row['version']}",
        version=row,
        version_path=_version_path(row["image_id"], row["id"]),
        details=row["build_details"],
        pull=pull_url(row["image_name"], row["version"]),
        builds=build_rows,
        build_count=build_count,
        **_contents(view, row),
        autodeployments=autodeployments,
        redeployed=redeployed,
        unsettled=_is_unsettled(row["state"]),
        tone=tone(row["state"]),
        events=view.events(),
    )


def _version_path(image_id: int, version_id: int) -> str:
    return f"/ui/images/{image_id}/versions/{version_id}"


def _contents(view: View, row: Row) -> dict[str, Any]:
    contents: dict[str, Any] = {"dockerfile": None, "files": [], "max_files": artifacts.MAX_FILES, "artifact_error": ""}
    try:
        path = view.state.artifacts.path(row["artifact_file"]) if row["artifact_file"] else None
        contents["files"] = artifacts.list_files(path) if path else []
        contents["dockerfile"] = artifacts.read_dockerfile(row["build_details"], path)
    except (OSError, zipfile.BadZipFile) as error:
        contents["artifact_error"] = str(error)
    return contents


def artifact_file(view: View) -> Response:
    """Return one file of an artifact, or all of it, to save and never to show."""
    row = view.version()
    name = view.request.path_params.get("path")
    if not row["artifact_file"]:
        raise not_found("artifact of version", row["id"])
    try:
        content = artifacts.open_content(view.state.artifacts.path(row["artifact_file"]), name)
    except (OSError, zipfile.BadZipFile) as error:
        raise not_found("readable artifact", row["id"], f": {error}") from error
    headers = {"Content-Disposition": "attachment" if name else 'attachment; filename="artifact.zip"'}
    return StreamingResponse(content, media_type="application/octet-stream", headers=headers)


def builds(view: View) -> Response:
    """Return the builds of all images, of one (`image`) or of one version (`version`)."""
    query = Query("build_rows")
    for name in ("image", "version"):
        if (identifier := view.number(name)) is not None:
            query.add(f"{name}_id = ?", identifier)
    with view.state.database.transaction() as transaction:
        counts, page, rows = _page_by_state(view, transaction, query, "status")
    return view.render(
        "builds.html",
        "Builds",
        chips=view.chips(counts),
        state=view.text("state"),
        builds=rows,
        page=page,
        unsettled=any(_is_unsettled(row["status"]) for row in rows),
        events=view.events(),
    )


def build(view: View) -> Response:
    """Return the page of a build: why it failed, its steps, its log."""
    with view.state.database.transaction() as transaction:
        context = build_context(view, transaction)
        row = context["build"]
        total = context["total"]
        start = view.number("from")
        first = max(0, total - build_log.MAX_LINES) if start is None else min(max(0, start - 1), total)
        lines = build_log.read_lines(transaction, row["id"], first)
    running = row["finished_at"] is None
    return view.render(
        "build.html",
        f"{row['image_name']} {row['version']} {row['status']}",
        **context,
        log={"lines": lines, "first": first, "last": first + len(lines), "total": total, "limit": build_log.MAX_LINES},
        unsettled=running,
        events=f"{context['build_path']}/events" if running else "",
    )


def build_context(view: View, transaction: Transaction) -> dict[str, Any]:
    """Return all of a build's page that is above its log."""
    row = find_build(transaction, view.id("imageId"), view.id("buildId"))
    built = find_version(transaction, row["image_id"], row["version_id"])
    steps = build_log.read_steps(transaction, row)
    return {
        "build": row,
        "version": built,
        "details": built["build_details"],
        "build_path": f"/ui/images/{row['image_id']}/builds/{row['id']}",
        "version_path": _version_path(row["image_id"], row["version_id"]),
        "pull": pull_url(row["image_name"], row["version"]),
        "steps": steps,
        "failure": build_log.read_failure(transaction, row, built["build_details"]["source"], steps),
        "total": build_log.count_lines(transaction, row["id"]),
        "max_lines": build_log.MAX_LINES,
        "tone": tone(row["status"]),
    }


def raw_log(view: View) -> Response:
    """Return a whole log as text."""
    with view.state.database.transaction() as transaction:
        row = find_build(transaction, view.id("imageId"), view.id("buildId"))
        text = log_text(transaction, row["id"])
    return PlainTextResponse(text.encode(errors="replace"))
