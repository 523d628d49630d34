"""The API's page for people: Swagger UI on the contract, from a package, with nothing fetched from elsewhere."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from peak_images_local.api.contract import load_contract

if TYPE_CHECKING:
    from starlette.requests import Request

FOLDER = "/image-management/api-docs"
"""Where the real service has its page, too."""

_PACKAGE = "flask_swagger_ui"
_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Peak Images: the API</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
</head>
<body>
<div id="ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "images.json",
  dom_id: "#ui",
  deepLinking: true,
  validatorUrl: null,
});
"""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    )
}


def routes() -> list[Route]:
    """The routes of the page and of what it needs."""
    return [
        Route(f"{FOLDER}/index.htm", _page, methods=["GET"]),
        Route(f"{FOLDER}/start.js", _start, methods=["GET"]),
        Route(f"{FOLDER}/images.json", _contract, methods=["GET"]),
        Route(f"{FOLDER}/{{name}}", _file, methods=["GET"]),
    ]


async def _page(_request: Request) -> Response:
    return Response(_PAGE, media_type="text/html", headers=_HEADERS)


async def _start(_request: Request) -> Response:
    return Response(_START, media_type="text/javascript")


async def _contract(_request: Request) -> Response:
    # With this service as its server, so that "Try it out" reaches it.
    contract = load_contract()
    return JSONResponse({**contract.spec, "servers": [{"url": contract.prefix}]})


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    folder = _swagger_folder()
    if name not in _FILES or folder is None:
        why = f"There is no {name}" if folder else f"The package {_PACKAGE} is not installed"
        return PlainTextResponse(why, 404)
    return FileResponse(folder / name, media_type=_FILES[name])


def _swagger_folder() -> Path | None:
    """Where the package keeps Swagger UI's files; it is found, not imported, since it would import Flask."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "dist"
