"""The pages that show something: images, versions, builds, requests, controls."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Any

from starlette.responses import PlainTextResponse, Response, StreamingResponse

from peak_images_local.errors import not_found
from peak_images_local.handlers.logs import log_text
from peak_images_local.handlers.serializers import pull_url
from peak_images_local.ui import artifacts, build_log, queries, snippets
from peak_images_local.ui.formats import tone
from peak_images_local.ui.rendering import HEADERS
from peak_images_local.ui.view import API_DOCS, found

if TYPE_CHECKING:
    from peak_images_local.storage.database import Row, Transaction
    from peak_images_local.ui.view import View

_FIRST_BUILDS = 20
"""Builds that the pages of images and versions list; the page of builds has all."""

_CREATE = "peak-images create --name weather --type api --artifact-path ./weather --wait"


def images(view: View) -> Response:
    """Return the list of images."""
    wanted = queries.Filter(view.text("q"), view.text("state"))
    with view.state.database.transaction() as transaction:
        total = sum(queries.count_images(transaction, "").values())
        counts = queries.count_images(transaction, wanted.name)
        page = view.page(counts.get(wanted.state, 0) if wanted.state else sum(counts.values()))
        rows = queries.list_images(transaction, wanted, page.offset)
        recent = queries.recent_builds(transaction, "image_id", [row["id"] for row in rows])
    requests = list(view.state.requests)
    return view.render(
        "images.html",
        "Images",
        total=total,
        q=wanted.name,
        state=wanted.state,
        chips=view.chips(dict(sorted(counts.items())), {state: tone(state) for state in counts}),
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


def _is_unsettled(state: str) -> bool:
    return tone(state) == "busy"


def image(view: View) -> Response:
    """Return the page of an image: its versions and its last builds."""
    image_id = view.id("imageId")
    with view.state.database.transaction() as transaction:
        row = found(queries.find_image(transaction, image_id), "image", image_id)
        count = transaction.fetch_one("SELECT count(*) AS n FROM versions WHERE image_id = ?", image_id) or {"n": 0}
        page = view.page(count["n"])
        versions = queries.list_versions(transaction, image_id, page.offset)
        recent = queries.recent_builds(transaction, "version_id", [version["id"] for version in versions])
        builds = queries.list_builds(transaction, image_id, limit=_FIRST_BUILDS)
        build_count = sum(queries.count_builds(transaction, image_id).values())
    return view.render(
        "image.html",
        row["name"],
        image=row,
        pull=pull_url(row["name"], row["version"]),
        versions=versions,
        recent=recent,
        builds=builds,
        build_count=build_count,
        page=page,
        snippets=snippets.describe_image(row),
        unsettled=any(_is_unsettled(version["state"]) for version in versions),
        events=view.events(),
    )


def version(view: View) -> Response:
    """Return the page of a version: what it is built from, and its builds."""
    image_id, version_id = view.id("imageId"), view.id("versionId")
    with view.state.database.transaction() as transaction:
        owner = found(queries.find_image(transaction, image_id), "image", image_id)
        row = found(queries.find_version(transaction, image_id, version_id), "version", version_id)
        builds = queries.list_builds(transaction, version_id=version_id, limit=_FIRST_BUILDS)
        build_count = sum(queries.count_builds(transaction, version_id=version_id).values())
        artifact = queries.find_artifact(transaction, row)
        deployments = queries.list_autodeployments(transaction, row)
    return view.render(
        "version.html",
        f"{owner['name']} {row['version']}",
        image=owner,
        version=row,
        version_path=f"/ui/images/{image_id}/versions/{version_id}",
        details=row["details"],
        pull=pull_url(owner["name"], row["version"]),
        builds=builds,
        build_count=build_count,
        artifact=artifact,
        **_contents(view, row, artifact),
        **deployments,
        snippets=snippets.describe_version(row),
        unsettled=_is_unsettled(row["state"]),
        tone=tone(row["state"]),
        events=view.events(),
    )


def _contents(view: View, row: Row, artifact: Row | None) -> dict[str, Any]:
    path = view.state.artifacts.path(artifact["file"]) if artifact else None
    contents: dict[str, Any] = {"dockerfile": None, "files": None, "artifact_error": ""}
    try:
        contents["files"] = artifacts.list_files(path) if path else None
        contents["dockerfile"] = artifacts.read_dockerfile(row["details"], path)
    except (OSError, zipfile.BadZipFile) as error:
        contents["artifact_error"] = str(error)
    return contents


def artifact_file(view: View) -> Response:
    """Return one file of an artifact, or all of it, to save and never to show."""
    image_id, version_id = view.id("imageId"), view.id("versionId")
    with view.state.database.transaction() as transaction:
        row = found(queries.find_version(transaction, image_id, version_id), "version", version_id)
        artifact = found(queries.find_artifact(transaction, row), "artifact of version", version_id)
    path = view.state.artifacts.path(artifact["file"])
    name = view.request.path_params.get("path")
    try:
        content = artifacts.open_content(path, name)
    except (OSError, zipfile.BadZipFile) as error:
        raise not_found("readable artifact", version_id, f": {error}") from error
    disposition = "attachment" if name else 'attachment; filename="artifact.zip"'
    headers = {**HEADERS, "Content-Disposition": disposition}
    return StreamingResponse(content, media_type="application/octet-stream", headers=headers)


def builds(view: View) -> Response:
    """Return the builds of all images, of one (``image``) or of one version (``version``)."""
    state, image_id, version_id = view.text("state"), view.number("image"), view.number("version")
    with view.state.database.transaction() as transaction:
        counts = queries.count_builds(transaction, image_id, version_id)
        page = view.page(counts.get(state, 0) if state else sum(counts.values()))
        rows = queries.list_builds(transaction, image_id, version_id, state, offset=page.offset)
    return view.render(
        "builds.html",
        "Builds",
        chips=view.chips(dict(sorted(counts.items())), {name: tone(name) for name in counts}),
        state=state,
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
        snippets=snippets.read_log(row),
        unsettled=running,
        events=f"{context['build_path']}/events" if running else "",
    )


def build_context(view: View, transaction: Transaction) -> dict[str, Any]:
    """Return all of a build's page that is above its log."""
    image_id, build_id = view.id("imageId"), view.id("buildId")
    row = found(queries.find_build(transaction, image_id, build_id), "build", build_id)
    owner = found(queries.find_image(transaction, image_id), "image", image_id)
    built = found(queries.find_version(transaction, image_id, row["version_id"]), "version", row["version_id"])
    steps = build_log.read_steps(transaction, row)
    return {
        "build": row,
        "image": owner,
        "version": built,
        "details": built["details"],
        "build_path": f"/ui/images/{image_id}/builds/{build_id}",
        "version_path": f"/ui/images/{image_id}/versions/{built['id']}",
        "pull": pull_url(owner["name"], built["version"]),
        "steps": steps,
        "failure": build_log.read_failure(transaction, row, built["source"], steps),
        "total": build_log.count_lines(transaction, build_id),
        "max_lines": build_log.MAX_LINES,
        "tone": tone(row["status"]),
    }


def raw_log(view: View) -> Response:
    """Return a whole log as text."""
    with view.state.database.transaction() as transaction:
        row = found(
            queries.find_build(transaction, view.id("imageId"), view.id("buildId")), "build", view.id("buildId")
        )
        text = log_text(transaction, row["id"])
    return PlainTextResponse(text.encode(errors="replace"), headers=HEADERS)
