"""The forms of the pages: create, rebuild, delete, and the test controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from peak_images_local.api.contract import load_contract
from peak_images_local.api.parameters import coerce
from peak_images_local.errors import ApiError, not_found
from peak_images_local.handlers import call_operation
from peak_images_local.handlers.lookup import find_version
from peak_images_local.storage.query import Query
from peak_images_local.testing.control import ACTION_SCHEMAS, perform

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from peak_images_local.ui.view import View

_TEXT_FIELDS = ("name", "type", "version", "description")


@dataclass
class Form:
    """A form of a page: its text fields, and the one file that it may have."""

    text: dict[str, str]
    file: UploadFile | None = None


Action = Callable[["View", Form], Response]


def controls(view: View) -> Response:
    """Return the page of the test controls."""
    with view.state.database.transaction() as transaction:
        running = Query("build_rows").count_by(transaction, "status").get("building", 0)
    return view.render(
        "controls.html",
        running=running,
        scopes=load_contract().schemas.keyword(ACTION_SCHEMAS["set_scope"]["properties"]["scope"], "enum"),
    )


def control(view: View, form: Form) -> Response:
    """Perform a test control; its schema defines the types of the form's fields."""
    action = view.request.path_params["name"]
    if action not in ACTION_SCHEMAS:
        raise not_found("control", action)
    schemas = load_contract().schemas
    arguments: dict[str, Any] = {}
    for name, schema in ACTION_SCHEMAS[action]["properties"].items():
        text, types = form.text.get(name, ""), schemas.types(schema)
        if "boolean" in types:
            arguments[name] = bool(text)
        elif "array" in types:
            arguments[name] = [part.strip() for part in text.split(",") if part.strip()]
        elif text:
            arguments[name] = coerce(schemas, schema, text)
    perform(view.state, action, arguments)
    # The page with the form, if it is one of this service.
    back = form.text.get("back", "")
    return _done(back if back.startswith("/ui/") else "/ui/controls", action)


def _done(path: str, what: str) -> Response:
    return RedirectResponse(f"{path}?done={what}", 303)


def new(view: View, error: str = "", values: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Return the form of a new image, or of a new version of one."""
    image = view.image() if "imageId" in view.request.path_params else None
    contract = load_contract()
    return view.render(
        "new.html",
        status,
        image=image,
        error=error,
        values=values or {},
        types=contract.schemas.keyword(contract.field_schema(contract.operation("create_image"), "type"), "enum") or [],
    )


def create(view: View, form: Form) -> Response:
    """Create an image, or a version of one, as the API would."""
    fields: dict[str, Any] = {name: form.text[name] for name in _TEXT_FIELDS if form.text.get(name)}
    if dockerfile := form.text.get("dockerfile"):
        # Forms send line ends as CR LF.
        fields["buildDetails"] = {"source": "dockerfile", "dockerfile": dockerfile.replace("\r\n", "\n")}
    name = "create_version" if "imageId" in view.request.path_params else "create_image"
    try:
        return _build(view, name, fields, form.file)
    except ApiError as error:
        return new(view, error.detail, form.text, error.status)


def rebuild(view: View, _form: Form) -> Response:
    """Build a version again, as an update that changes nothing."""
    return _build(view, "update_version")


def _build(
    view: View, name: str, fields: Mapping[str, Any] | None = None, artifact: UploadFile | None = None
) -> Response:
    """Call an operation that starts a build, and redirect to the page of the build."""
    ids = call_operation(view.state, name, view.ids(), fields, artifact)
    with view.state.database.transaction() as transaction:
        version = find_version(transaction, ids["imageId"], ids["versionId"])
    return _done(f"/ui/images/{ids['imageId']}/builds/{version['last_build_id']}", "building")


def confirm_delete(view: View) -> Response:
    """Ask for confirmation of deleting an image or a version."""
    image = view.image()
    question, note = f"Delete image {image['name']} ({image['id']})?", "All its versions, builds and logs go with it."
    if "versionId" in view.request.path_params:
        version = view.version()
        question = f"Delete version {version['version']} ({version['id']}) of image {image['name']} ({image['id']})?"
        note = "Its builds and logs go with it."
    back = view.path.removesuffix("/delete")
    return view.render("confirm.html", question=question, note=note, text="Delete", back=back)


def delete_one(view: View, _form: Form) -> Response:
    """Delete an image or a version, as the API would."""
    is_version = "versionId" in view.request.path_params
    call_operation(view.state, "delete_version" if is_version else "delete_image", view.ids())
    return _done(f"/ui/images/{view.id('imageId')}" if is_version else "/", "deleting")


def confirm_reset(view: View) -> Response:
    """Ask for confirmation of a reset."""
    note = "All images, versions, builds, logs, artifacts, recorded requests and scripted faults are deleted."
    return view.render("confirm.html", question="Reset the service?", note=note, text="Reset", back="/ui/controls")


def reset(view: View, _form: Form) -> Response:
    """Reset the service."""
    view.state.reset()
    return _done("/", "reset")


def log_in(view: View, form: Form) -> Response:
    """Store the token of the service as a cookie."""
    response = RedirectResponse("/", 303)
    try:
        view.access.log_in(view.request, response, form.text.get("token", ""))
    except ApiError as error:
        return view.render("login.html", error.status, error=error.detail)
    return response


def clear_requests(view: View, _form: Form) -> Response:
    """Delete the recorded requests."""
    view.state.requests.clear()
    return _done("/ui/requests", "cleared")
