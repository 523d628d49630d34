"""What the forms of the pages do: create, rebuild, delete, and the test controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from peak_images_local.api.body import MULTIPART, RequestBody, body_problems
from peak_images_local.api.contract import load_contract
from peak_images_local.api.parameters import coerce
from peak_images_local.api.request_context import RequestContext
from peak_images_local.api.validation_messages import raise_problems
from peak_images_local.errors import ApiError, not_found
from peak_images_local.handlers import HANDLERS
from peak_images_local.handlers.lookup import find_version
from peak_images_local.storage.query import Query
from peak_images_local.testing.control import ACTION_SCHEMAS, perform
from peak_images_local.ui.rendering import HEADERS
from peak_images_local.ui.view import NOTICES

if TYPE_CHECKING:
    from starlette.datastructures import UploadFile

    from peak_images_local.api.parameters import Values
    from peak_images_local.ui.view import View


@dataclass(frozen=True)
class ControlForm:
    """A test control as a form.

    Attributes:
        action: The action of `testing.control`.
        button: What its button says.
        done: What the page says afterwards.
        labels: The arguments that it asks for, each with its label.
    """

    action: str
    button: str
    done: str
    labels: Mapping[str, str] = field(default_factory=dict)


_FAULT_LABELS = {
    "count": "How many",
    "status": "Status",
    "method": "Method",
    "path": "Path contains",
    "delay": "After seconds",
}
_BUILD_LABELS = {"failure": "Fails with (empty: as it would)", "seconds": "Takes seconds (empty: as long as usual)"}
_VERSION_ID = {"version_id": "Version id"}
SECTIONS = {
    "Builds and deletions": [
        ControlForm("finish_builds", "Finish running builds", "The running builds have finished."),
        ControlForm("next_build", "Script the next build", "The next build is scripted.", _BUILD_LABELS),
        ControlForm("finish_deletions", "Finish running deletions", "The running deletions have finished."),
        ControlForm("fail_deletion", "Fail its next deletion", "The next deletion will fail.", _VERSION_ID),
    ],
    "Responses": [
        ControlForm("fail_next", "Fail the next responses", "The next responses will fail.", _FAULT_LABELS),
    ],
    "Clock": [
        ControlForm("freeze_clock", "Freeze", "The clock stands still."),
        ControlForm("resume_clock", "Resume", "The clock runs."),
        ControlForm("advance_clock", "Advance", "The clock has been advanced.", {"seconds": "Seconds"}),
    ],
    "Versions and images": [
        ControlForm("put_in_use", "Mark", "The version has been marked.", _VERSION_ID | {"used": "In use"}),
        ControlForm("set_tags", "Set tags", "The tags are set.", _VERSION_ID | {"tags": "Tags, separated by commas"}),
        ControlForm("set_scope", "Set scope", "The scope is set.", {"image_id": "Image id", "scope": "Scope"}),
    ],
}
_PREFILLED = {
    ("next_build", "failure"): "no space left on device",
    ("fail_next", "count"): 1,
    ("fail_next", "status"): 503,
    ("fail_next", "delay"): 0,
    ("advance_clock", "seconds"): 60,
}
_CHOICES = {"method": ["", "GET", "POST", "PATCH", "DELETE"]}
_FORMS = {form.action: form for forms in SECTIONS.values() for form in forms}
NOTICES.update(
    {
        **{form.action: form.done for form in _FORMS.values()},
        "deleting": "The deletion has started.",
        "building": "The build has started.",
        "reset": "The service has been reset.",
        "cleared": "The record of requests has been cleared.",
    }
)
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
        "Controls",
        sections={heading: [(form, _fields(form)) for form in forms] for heading, forms in SECTIONS.items()},
        frozen=view.state.clock.is_frozen,
        running=running,
        scripted=len(view.state.builds.scripted),
        faults=view.state.faults.count,
        builder=view.state.settings.builder,
        events=view.events(),
    )


def _fields(form: ControlForm) -> list[dict[str, Any]]:
    """Return how the page asks for the arguments of an action, by their schemas."""
    schemas, action = load_contract().schemas, ACTION_SCHEMAS[form.action]
    fields = []
    for name, label in form.labels.items():
        schema = action["properties"][name]
        prefilled = _PREFILLED.get((form.action, name), "")
        fields.append(
            {
                "name": name,
                "label": label,
                "types": schemas.types(schema),
                "choices": _CHOICES.get(name) or schemas.keyword(schema, "enum"),
                "value": prefilled,
                "required": name in action["required"],
            }
        )
    return fields


def control(view: View, form: Form) -> Response:
    """Perform a test control."""
    name = view.request.path_params["name"]
    if name not in _FORMS:
        raise not_found("control", name)
    schemas = load_contract().schemas
    arguments: dict[str, Any] = {}
    for field_name in _FORMS[name].labels:
        schema = ACTION_SCHEMAS[name]["properties"][field_name]
        text, types = form.text.get(field_name, ""), schemas.types(schema)
        if "boolean" in types:
            arguments[field_name] = bool(text)
        elif "array" in types:
            arguments[field_name] = [part.strip() for part in text.split(",") if part.strip()]
        elif text:
            arguments[field_name] = coerce(schemas, schema, text)
    perform(view.state, name, arguments)
    return _done(_back(form, "/ui/controls"), name)


def _back(form: Form, default: str) -> str:
    """Return the page that a form came from, if that is one of this service."""
    back = form.text.get("back", "")
    return back if back.startswith("/ui/") else default


def _done(path: str, what: str) -> Response:
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={what}", 303, headers=HEADERS)


def new(view: View, error: str = "", values: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Return the form of a new image, or of a new version of one."""
    image = view.image() if "imageId" in view.request.path_params else None
    contract = load_contract()
    return view.render(
        "new.html",
        f"New version of {image['name']}" if image else "New image",
        status,
        image=image,
        error=error,
        values=dict.fromkeys((*_TEXT_FIELDS, "dockerfile"), "") | dict(values or {}),
        types=contract.schemas.keyword(contract.field_schema(contract.operation("create_image"), "type"), "enum") or [],
        action=view.request.url.path,
        back=f"/ui/images/{image['id']}" if image else "/",
    )


def create(view: View, form: Form) -> Response:
    """Create an image, or a version of one, as the API would."""
    values: dict[str, Any] = {name: form.text[name] for name in _TEXT_FIELDS if form.text.get(name)}
    if dockerfile := form.text.get("dockerfile"):
        # Forms send line ends as CR LF.
        values["buildDetails"] = {"source": "dockerfile", "dockerfile": dockerfile.replace("\r\n", "\n")}
    # A browser sends a file that wasn't chosen as one without a name.
    files = {"artifact": form.file} if form.file is not None and form.file.filename else {}
    try:
        name = "create_version" if "imageId" in view.request.path_params else "create_image"
        ids = _call(view, name, RequestBody(values, files))
    except ApiError as error:
        return new(view, error.detail, form.text, error.status)
    return _to_last_build(view, ids["imageId"], ids["versionId"])


def rebuild(view: View, _form: Form) -> Response:
    """Build a version again, as an update that changes nothing."""
    ids = _call(view, "update_version", RequestBody({}))
    return _to_last_build(view, ids["imageId"], ids["versionId"])


def _to_last_build(view: View, image_id: int, version_id: int) -> Response:
    with view.state.database.transaction() as transaction:
        version = find_version(transaction, image_id, version_id)
    return _done(f"/ui/images/{image_id}/builds/{version['last_build_id']}", "building")


def _call(view: View, name: str, body: RequestBody | None = None) -> dict[str, Any]:
    """Call an operation as its endpoint does, the contract's checks included."""
    contract = load_contract()
    operation = contract.operation(name)
    parameters: Values = {("path", key): view.id(key) for key in view.request.path_params}
    context = RequestContext(view.state, operation, parameters, view.origin, contract=contract)
    if body is not None:
        body.schema = operation.bodies[MULTIPART].schema
        raise_problems(body_problems(contract, body))
        context.body = body
    response = HANDLERS[name](context)
    view.state.delete_orphaned_artifacts()
    return response


def confirm_delete(view: View) -> Response:
    """Ask whether an image or a version is to be deleted."""
    image = view.image()
    question, note = f"Delete image {image['name']} ({image['id']})?", "All its versions, builds and logs go with it."
    if "versionId" in view.request.path_params:
        version = view.version()
        question = f"Delete version {version['version']} ({version['id']}) of image {image['name']} ({image['id']})?"
        note = "Its builds and logs go with it."
    path = view.request.url.path
    return _confirm(view, question, note, path, "Delete", path.removesuffix("/delete"))


def _confirm(view: View, question: str, note: str, action: str, text: str, back: str) -> Response:
    return view.render("confirm.html", question, question=question, note=note, action=action, text=text, back=back)


def delete_one(view: View, _form: Form) -> Response:
    """Delete an image or a version, as the API would."""
    if "versionId" in view.request.path_params:
        _call(view, "delete_version")
        return _done(f"/ui/images/{view.id('imageId')}", "deleting")
    _call(view, "delete_image")
    return _done("/", "deleting")


def confirm_reset(view: View) -> Response:
    """Ask whether the service is to be reset."""
    note = "All images, versions, builds, logs, artifacts, recorded requests and scripted faults are deleted."
    return _confirm(view, "Reset the service?", note, "/ui/reset", "Reset", "/ui/controls")


def reset(view: View, _form: Form) -> Response:
    """Reset the service."""
    view.state.reset()
    return _done("/", "reset")


def log_in(view: View, form: Form) -> Response:
    """Keep the token of the service as a cookie."""
    response = RedirectResponse("/", 303, headers=HEADERS)
    try:
        view.access.log_in(view.request, response, form.text.get("token", ""))
    except ApiError as error:
        return view.render("login.html", "Token", error.status, error=error.detail)
    return response


def clear_requests(view: View, _form: Form) -> Response:
    """Forget the requests recorded so far."""
    view.state.requests.clear()
    return _done("/ui/requests", "cleared")
