"""Plain pages for people: images, versions, builds and logs, as they are now."""

from __future__ import annotations

import ipaddress
import re
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from peak_images_local.api.contract import load_contract
from peak_images_local.api.request_context import RequestContext
from peak_images_local.errors import ApiError
from peak_images_local.handlers import logs, read
from peak_images_local.handlers.lookup import find_build
from peak_images_local.ui.api_docs import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from starlette.requests import Request

    from peak_images_local.state import State

_PAGE_SIZE = 50
_UNSETTLED = frozenset({"building", "stopping", "deleting"})
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid #d5d9de; }
a { color: #0b57d0; }
pre { background: #f3f4f6; padding: 1rem; overflow-x: auto; }
.ready, .success { color: #116329; } .failed, .delete-failed { color: #b3261e; }
.building, .deleting, .stopping { color: #8a4b00; }
"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def routes(state: State) -> list[Route]:
    """The routes of the pages."""
    pages: dict[str, Callable[[RequestContext], Response]] = {
        "/": _images,
        "/ui/images/{imageId:int}": _image,
        "/ui/images/{imageId:int}/builds/{buildId:int}": _build,
    }
    return [Route(path, _endpoint(state, page), methods=["GET"]) for path, page in pages.items()]


def _endpoint(state: State, page: Callable[[RequestContext], Response]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        # The pages ask for no token, so they are for this machine only; and not for a web page elsewhere that has
        # its own name lead here.
        if not _is_local(request.client.host if request.client else "") or not _is_local(request.url.hostname or ""):
            return PlainTextResponse("This page is only for the machine that the service runs on", 403)
        number = request.query_params.get("pageNumber", "1")
        parameters: dict[tuple[str, str], Any] = {("path", name): value for name, value in request.path_params.items()}
        parameters["query", "pageSize"] = _PAGE_SIZE
        parameters["query", "pageNumber"] = int(number) if re.fullmatch("[1-9][0-9]{0,8}", number) else 1
        try:
            return page(RequestContext(state, load_contract().operation("list_images"), parameters))
        except ApiError as error:
            return _page("Not found", [f"<p>{escape(error.detail)}</p>"], status=error.status)

    return endpoint


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _images(context: RequestContext) -> Response:
    page = read.list_images(context)
    rows = []
    for image in page["images"]:
        version = image["latestVersion"]
        rows.append([
            _link(f"/ui/images/{image['id']}", image["name"]),
            escape(image["type"]),
            escape(version["version"]),
            _state(version["status"]),
            _state(version["lastBuildStatus"]),
            escape(version["updatedAt"]),
        ])  # fmt: skip
    parts = [
        f"<p>{page['imageCount']} images. {_link(f'{FOLDER}/index.htm', 'The API')}</p>",
        _table(["Image", "Type", "Latest version", "Status", "Last build", "Changed"], rows),
        _pager(page),
    ]
    states = [state for image in page["images"] for state in _states(image["latestVersion"])]
    return _page("Images", parts, refresh=bool(_UNSETTLED.intersection(states)))


def _image(context: RequestContext) -> Response:
    image = read.describe_image(context)
    versions = read.list_image_versions(context)
    history = read.list_image_builds(context)
    version_rows = [
        [
            escape(version["version"]),
            str(version["id"]),
            _state(version["status"]),
            _state(version["lastBuildStatus"]),
            escape(version["buildDetails"]["source"]),
            escape(version["description"]),
        ]
        for version in versions["versions"]
    ]
    build_rows = [
        [
            _link(f"/ui/images/{image['id']}/builds/{build['buildId']}", str(build["buildId"])),
            escape(build["version"]),
            _state(build["status"]),
            escape(build["startedAt"]),
            escape(build.get("finishedAt", "")),
        ]
        for build in history["builds"]
    ]
    parts = [
        f"<p>{_link('/', 'Images')} · id {image['id']}, {escape(image['type'])}, {escape(image['scope'])}</p>",
        f"<h2>Versions ({versions['versionCount']})</h2>",
        _table(["Version", "Id", "Status", "Last build", "Source", "Description"], version_rows),
        f"<h2>Builds ({history['buildCount']})</h2>",
        _table(["Build", "Version", "Status", "Started", "Finished"], build_rows),
        _pager(versions if versions["pageCount"] > history["pageCount"] else history),
    ]
    states = [state for version in versions["versions"] for state in _states(version)]
    return _page(image["name"], parts, refresh=bool(_UNSETTLED.intersection(states)))


def _build(context: RequestContext) -> Response:
    image = read.describe_image(context)
    with context.state.database.transaction() as transaction:
        build = find_build(transaction, context)
        log = logs.log_text(transaction, build["id"])
    parts = [
        f"<p>{_link('/', 'Images')} · {_link('/ui/images/' + str(image['id']), image['name'])}</p>",
        f"<p>{_state(build['status'])}</p>",
        f"<pre>{escape(log)}</pre>",
    ]
    return _page(f"Build {build['id']}", parts, refresh=build["status"] in _UNSETTLED)


def _states(version: dict[str, Any]) -> tuple[str, str]:
    return version["status"], version["lastBuildStatus"]


def _state(state: str) -> str:
    return f'<span class="{escape(state)}">{escape(state)}</span>'


def _link(target: str, text: str) -> str:
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells are HTML already."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _pager(page: dict[str, Any]) -> str:
    number, count = page["pageNumber"], page["pageCount"]
    links = [
        _link(f"?pageNumber={target}", text)
        for target, text in ((number - 1, "Newer"), (number + 1, "Older"))
        if 1 <= target <= count
    ]
    return f"<p>Page {number} of {count} {' '.join(links)}</p>" if count > 1 else ""


def _page(title: str, parts: Iterable[str], *, refresh: bool = False, status: int = 200) -> Response:
    # Where something is under way the page is fetched again; it needs no script for that.
    again = '<meta http-equiv="refresh" content="2">' if refresh else ""
    return HTMLResponse(
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">{again}'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{''.join(parts)}</body></html>\n",
        status,
        headers=_HEADERS,
    )
