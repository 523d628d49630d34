"""The API's own page: Swagger UI on the contract, from a package, with nothing fetched from elsewhere."""

from __future__ import annotations

import copy
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from peak_images_local.api.contract import METHODS, Contract, load_contract
from peak_images_local.settings import DEFAULT_TOKEN

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.state import State

API_DOCS_PATH = "/image-management/api-docs"
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
<meta name="viewport" content="width=device-width">
<title>Peak Images: the API</title>
<link rel="stylesheet" href="swagger-ui.css">
<link rel="icon" type="image/png" href="favicon-32x32.png">
<style>
nav { padding: .75rem 1.25rem; font: 16px/1.5 system-ui, sans-serif; background: #fff; }
nav a { color: #0b57d0; margin-right: 1.25rem; }
</style>
</head>
<body>
<nav><a href="/">Images</a> <a href="/ui/requests">Requests</a> <a href="images.json">The contract</a></nav>
<div id="ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</body>
</html>
"""
_START = """const ui = SwaggerUIBundle({
  url: "images.json",
  dom_id: "#ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: true,
  tryItOutEnabled: true,
  onComplete: () => { if (TOKEN) ui.preauthorizeApiKey(SCHEME, TOKEN); },
});
window.ui = ui;
"""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


def routes(state: State) -> list[Route]:
    """Return the routes of the page and of what it needs."""

    async def start(_request: Request) -> Response:
        schemes = (load_contract().spec.get("components") or {}).get("securitySchemes") or {}
        # The page asks for no token, so it may know none but the public one; another is entered once, and kept.
        token = DEFAULT_TOKEN if state.settings.token == DEFAULT_TOKEN else ""
        constants = f"const TOKEN = {json.dumps(token)}, SCHEME = {json.dumps(next(iter(schemes), ''))};\n"
        return Response(constants + _START, media_type="text/javascript", headers=_HEADERS)

    return [
        Route(f"{API_DOCS_PATH}/index.htm", _page, methods=["GET"]),
        Route(f"{API_DOCS_PATH}/start.js", start, methods=["GET"]),
        Route(f"{API_DOCS_PATH}/images.json", _contract, methods=["GET"]),
        Route(f"{API_DOCS_PATH}/{{name}}", _file, methods=["GET"]),
    ]


async def _page(_request: Request) -> Response:
    return Response(_PAGE, media_type="text/html", headers=_HEADERS)


async def _contract(_request: Request) -> Response:
    return JSONResponse(tryable_contract(load_contract()), headers={"Cache-Control": "no-store"})


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    directory = _swagger_directory()
    if name not in _FILES or directory is None:
        reason = f"There is no {name}" if directory else f"The package {_PACKAGE} is not installed"
        return PlainTextResponse(reason, 404)
    return FileResponse(directory / name, media_type=_FILES[name])


def _swagger_directory() -> Path | None:
    """Return where the package keeps Swagger UI's files; it is found, not imported, since it would import Flask."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "dist"


def tryable_contract(contract: Contract) -> dict[str, Any]:
    """Return the contract as Swagger UI can try it out.

    This service is its server. Swagger UI fills examples in, so that those of optional parameters would filter lists
    into emptiness, and it has no field to enter a parameter of several types. Errors get examples of their operation,
    where the contract's are shared by all.
    """
    spec = copy.deepcopy(contract.spec)
    spec["servers"] = [{"url": contract.prefix or "/"}]
    components = spec.get("components") or {}
    for parameter in (components.get("parameters") or {}).values():
        _make_enterable(parameter)
    for path, item in (spec.get("paths") or {}).items():
        for parameter in item.get("parameters", ()):
            _make_enterable(parameter)
        for method in METHODS:
            operation = item.get(method) or {}
            for parameter in operation.get("parameters", ()):
                _make_enterable(parameter)
            for media in ((operation.get("requestBody") or {}).get("content") or {}).values():
                _fill_in_example(contract, media)
            for status, response in (operation.get("responses") or {}).items():
                if status in {"400", "401", "403", "404", "409", "422"}:
                    operation["responses"][status] = _with_own_example(contract, status, response, path, operation)
    return spec


def _make_enterable(parameter: dict[str, Any]) -> None:
    schema = parameter.get("schema")
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("type"), list):
        schema["type"] = "string"
    if not parameter.get("required"):
        example = parameter.pop("example", schema.pop("example", None))
        if example is not None:
            text = ", ".join(map(str, example)) if isinstance(example, list) else example
            parameter["description"] = f"{parameter.get('description', '')} (example: `{text}`)".strip()


def _fill_in_example(contract: Contract, media: dict[str, Any]) -> None:
    """Give the fields of a form the values of its example; Swagger UI makes some up otherwise, which don't fit."""
    examples = list((media.get("examples") or {}).values())
    example = contract.lookup_example(examples[0]) if examples else None
    properties = contract.schemas.properties(media.get("schema"))
    if not isinstance(example, dict) or not properties:
        return
    filled = {}
    for name, schema in properties.items():
        field = dict(contract.schemas.resolve(schema))
        nothing: Any = [] if "array" in contract.schemas.types(schema) else ""
        filled[name] = field if field.get("format") == "binary" else {**field, "example": example.get(name, nothing)}
    required = contract.schemas.keyword(media["schema"], "required") or []
    media["schema"] = {"type": "object", "required": required, "properties": filled}


def _with_own_example(
    contract: Contract, status: str, response: dict[str, Any], path: str, operation: dict[str, Any]
) -> dict[str, Any]:
    detail = _error_example(status, path, operation)
    resolved: dict[str, Any] = copy.deepcopy(contract.schemas.resolve(response))
    media = (resolved.get("content") or {}).get("application/json")
    if media is None:
        return response
    media.pop("examples", None)
    media["example"] = {"detail": detail}
    return resolved


def _error_example(status: str, path: str, operation: dict[str, Any]) -> str:
    """Return what the service says where an operation is refused with a status."""
    what, owner = "image", ""
    for name, parent in (("version", " of image 101"), ("build", " of image 101")):
        if f"{{{name}Id}}" in path:
            what, owner = name, parent
    sends_body = "requestBody" in operation
    examples = {
        "400": "buildDetails: not JSON: Expecting value (line 1, column 2)"
        if sends_body
        else "The request is malformed",
        "401": "The token in the Authorization header is not the one of this service",
        "403": "Image 101 comes with the platform and can't be changed",
        "404": f"There is no {what} with id 999{owner}",
        "409": 'name: there is an image named "awesome-image" already',
        "422": 'version: "one" is not a semantic version, such as 0.0.1',
    }
    if "versions" in path:
        examples["409"] = 'version: image 101 has a version "0.0.2" already'
    if str(operation.get("operationId", "")).startswith("delete"):
        examples["409"] = "In use by another resource, and so can't be deleted: version 201"
    elif "versionId" in path:
        examples["409"] = "Version 201 is ready; only one that is not-ready can be updated"
    if not sends_body:
        examples["422"] = 'imageId: "x" is not an integer' if "{" in path else "pageSize: 0 is less than 1"
    return examples[status]
