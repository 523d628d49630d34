"""The API page: Swagger UI for the contract, from a package, without requests to other hosts."""

from __future__ import annotations

import copy
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from peak_images_local.api.contract import METHODS, Contract, load_contract
from peak_images_local.settings import DEFAULT_TOKEN
from peak_images_local.ui.rendering import render, static_file

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.state import State

API_DOCS_PATH = "/image-management/api-docs"
"""The path of the page, as in the real service."""

_PACKAGE = "flask_swagger_ui"
_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


def routes(state: State) -> list[Route]:
    """Return the routes of the page and its resources."""

    async def page(_request: Request) -> Response:
        schemes = (load_contract().spec.get("components") or {}).get("securitySchemes") or {}
        # The page is public, so it contains only the default token; another one is entered once, and stored.
        token = DEFAULT_TOKEN if state.settings.token == DEFAULT_TOKEN else ""
        text = render("api_docs.html", scheme=next(iter(schemes), ""), token=token)
        return HTMLResponse(text, headers=_HEADERS)

    return [
        Route(f"{API_DOCS_PATH}/index.htm", page, methods=["GET"]),
        Route(f"{API_DOCS_PATH}/{{name}}", _file, methods=["GET"]),
    ]


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "start.js":
        return static_file("api_docs.js")
    if name == "images.json":
        return JSONResponse(tryable_contract(load_contract()), headers={"Cache-Control": "no-store"})
    # The package is located without importing it, since it would import Flask.
    package = importlib.util.find_spec(_PACKAGE)
    if name not in _FILES or package is None or package.origin is None:
        reason = f"There is no {name}" if package else f"The package {_PACKAGE} is not installed"
        return PlainTextResponse(reason, 404)
    return FileResponse(Path(package.origin).with_name("dist") / name)


def tryable_contract(contract: Contract) -> dict[str, Any]:
    """Return the contract, adapted for trying it out in Swagger UI.

    This service is its server. Swagger UI fills in examples, and those of optional parameters would filter all elements
    from lists; it also has no input for a parameter of several types. Errors get examples of their operation, since the
    contract's are shared by all.
    """
    spec = copy.deepcopy(contract.spec)
    spec["servers"] = [{"url": contract.prefix or "/"}]
    parameters = list(((spec.get("components") or {}).get("parameters") or {}).values())
    for path, item in (spec.get("paths") or {}).items():
        parameters += item.get("parameters", ())
        for method in METHODS:
            operation = item.get(method) or {}
            parameters += operation.get("parameters", ())
            for media in ((operation.get("requestBody") or {}).get("content") or {}).values():
                _fill_in_example(contract, media)
            for status, response in (operation.get("responses") or {}).items():
                if detail := _error_example(status, path, operation):
                    operation["responses"][status] = _with_example(contract, response, detail)
    for parameter in parameters:
        _make_enterable(parameter)
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
    """Set the fields of a form to the values of its example; otherwise Swagger UI generates invalid ones."""
    examples = list((media.get("examples") or {}).values())
    example = contract.schemas.resolve(examples[0]).get("value") if examples else None
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


def _with_example(contract: Contract, response: dict[str, Any], detail: str) -> dict[str, Any]:
    resolved: dict[str, Any] = copy.deepcopy(contract.schemas.resolve(response))
    media = (resolved.get("content") or {}).get("application/json")
    if media is None:
        return response
    media.pop("examples", None)
    media["example"] = {"detail": detail}
    return resolved


def _error_example(status: str, path: str, operation: dict[str, Any]) -> str:
    """Return the service's message for a rejected operation with this status; empty for other statuses."""
    sends_body, has_id = "requestBody" in operation, "{" in path
    what = next((name for name in ("version", "build") if f"{{{name}Id}}" in path), "image")
    if str(operation.get("operationId", "")).startswith("delete"):
        conflict = "In use by another resource, and so can't be deleted: version 201"
    elif "{versionId}" in path:
        conflict = "Version 201 is ready; only one that is not-ready can be updated"
    elif "versions" in path:
        conflict = 'version: image 101 has a version "0.0.2" already'
    else:
        conflict = 'name: there is an image named "awesome-image" already'
    invalid = 'imageId: "x" is not an integer' if has_id else "pageSize: 0 is less than 1"
    not_json = "buildDetails: not JSON: Expecting value (line 1, column 2)"
    return {
        "400": not_json if sends_body else "The request is malformed",
        "401": "The token in the Authorization header is not the one of this service",
        "403": "Image 101 comes with the platform and can't be changed",
        "404": f"There is no {what} with id 999" + ("" if what == "image" else " of image 101"),
        "409": conflict,
        "422": 'version: "one" is not a semantic version, such as 0.0.1' if sends_body else invalid,
    }.get(status, "")
