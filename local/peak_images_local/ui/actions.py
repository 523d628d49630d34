"""What the forms of the pages do: create, rebuild, delete, and the test controls."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from peak_images_local.api.body import MULTIPART, RequestBody, body_problems
from peak_images_local.api.contract import load_contract
from peak_images_local.api.request_context import RequestContext
from peak_images_local.errors import ApiError, unacceptable
from peak_images_local.handlers import HANDLERS
from peak_images_local.testing.control import Control
from peak_images_local.ui import queries
from peak_images_local.ui.rendering import HEADERS
from peak_images_local.ui.view import NOTICES, found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import UploadFile

    from peak_images_local.api.parameters import Values
    from peak_images_local.storage.database import Row
    from peak_images_local.ui.view import View


@dataclass(frozen=True)
class Field:
    """An argument of a control, as a form asks for it."""

    name: str
    label: str
    type: str = "text"
    value: str = ""
    required: bool = False
    max: int = 10**9
    choices: tuple[str, ...] = ()

    def parse(self, text: str) -> Any:
        """Return the value of what was typed.

        Raises:
            ApiError: 422, it can't be one.
        """
        if self.type == "number":
            try:
                number = float(text)
            except ValueError:
                number = math.nan
            if not 0 <= number <= self.max:
                raise unacceptable(f"{self.label}: {text[:50]!r} must be a number from 0 to {self.max}")
            return int(number) if number.is_integer() else number
        if self.type == "checkbox":
            return bool(text)
        if self.type == "list":
            return [name for name in (part.strip() for part in text.split(",")) if name]
        return text


@dataclass(frozen=True)
class ControlForm:
    """A test control as a form: a method of `Control`, or of its clock, and its arguments."""

    name: str
    text: str
    done: str
    fields: tuple[Field, ...] = ()


_IMAGE_ID = Field("image_id", "Image id", "number", required=True)
_VERSION_ID = Field("version_id", "Version id", "number", required=True)
_SECONDS = Field("seconds", "Seconds", "number", "60", required=True)
SECTIONS: dict[str, list[ControlForm]] = {
    "Builds and deletions": [
        ControlForm("finish_builds", "Finish running builds", "The running builds have finished."),
        ControlForm(
            "next_build",
            "Script the next build",
            "The next build is scripted.",
            (
                Field("failure", "Fails with (empty: as it would)", value="no space left on device"),
                Field("seconds", "Takes seconds (empty: as long as usual)", "number"),
            ),
        ),
        ControlForm("finish_deletions", "Finish running deletions", "The running deletions have finished."),
        ControlForm("fail_deletion", "Fail its next deletion", "The next deletion will fail.", (_VERSION_ID,)),
    ],
    "Responses": [
        ControlForm(
            "fail_next",
            "Fail the next responses",
            "The next responses will fail.",
            (
                Field("count", "How many", "number", "1", required=True, max=1000),
                Field("status", "Status", "number", "503", required=True),
                Field("method", "Method", choices=("", "GET", "POST", "PATCH", "DELETE")),
                Field("path", "Path contains"),
                Field("delay", "After seconds", "number", "0"),
            ),
        ),
    ],
    "Clock": [
        ControlForm("clock.freeze", "Freeze", "The clock stands still."),
        ControlForm("clock.resume", "Resume", "The clock runs."),
        ControlForm("clock.advance", "Advance", "The clock has been advanced.", (_SECONDS,)),
    ],
    "Versions and images": [
        ControlForm(
            "put_in_use",
            "Mark",
            "The version has been marked.",
            (_VERSION_ID, Field("used", "In use", "checkbox")),
        ),
        ControlForm(
            "set_tags",
            "Set tags",
            "The tags are set.",
            (_VERSION_ID, Field("tags", "Tags, separated by commas", "list")),
        ),
        ControlForm(
            "set_scope",
            "Set scope",
            "The scope is set.",
            (_IMAGE_ID, Field("scope", "Scope", choices=("custom", "global"))),
        ),
    ],
}
_CONTROLS = {control.name: control for controls in SECTIONS.values() for control in controls}
NOTICES.update(
    {
        **{control.name: control.done for control in _CONTROLS.values()},
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
        running = queries.count_builds(transaction).get("building", 0)
    return view.render(
        "controls.html",
        "Controls",
        sections=SECTIONS,
        frozen=view.state.clock.is_frozen,
        running=running,
        scripted=len(view.state.builds.scripted),
        faults=view.state.faults.count,
        builder=view.state.settings.builder,
        events=view.events(),
    )


def control(view: View, form: Form) -> Response:
    """Carry out a test control."""
    name = view.request.path_params["name"]
    chosen = found(_CONTROLS.get(name), "control", name)
    arguments = {
        field.name: field.parse(form.text.get(field.name, ""))
        for field in chosen.fields
        if field.required or field.type in {"checkbox", "list"} or form.text.get(field.name)
    }
    try:
        operator.attrgetter(name)(Control(view.state))(**arguments)
    except LookupError as error:
        raise ApiError(404, str(error.args[0])) from error
    except (TypeError, ValueError) as error:
        raise unacceptable(str(error)) from error
    return _done(_back(form, "/ui/controls"), name)


def _back(form: Form, default: str) -> str:
    """Return the page that a form came from, if that is one of this service."""
    back = form.text.get("back", "")
    return back if back.startswith("/ui/") else default


def _done(path: str, what: str) -> Response:
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={what}", 303, headers=HEADERS)


def new(view: View, error: str = "", values: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Return the form of a new image, or of a new version of one."""
    image = _image(view) if "imageId" in view.request.path_params else None
    back = f"/ui/images/{image['id']}" if image else "/"
    return view.render(
        "new.html",
        f"New version of {image['name']}" if image else "New image",
        status,
        image=image,
        error=error,
        values=dict.fromkeys((*_TEXT_FIELDS, "dockerfile"), "") | dict(values or {}),
        types=_image_types(),
        action=view.request.url.path,
        back=back,
    )


def _image_types() -> list[str]:
    contract = load_contract()
    schema = contract.field_schema(contract.operation("create_image"), "type")
    return contract.schemas.keyword(schema, "enum") or []


def _image(view: View) -> Row:
    image_id = view.id("imageId")
    with view.state.database.transaction() as transaction:
        return found(queries.find_image(transaction, image_id), "image", image_id)  # type: ignore[no-any-return]


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
        build = queries.list_builds(transaction, version_id=version_id, limit=1)[0]
    return _done(f"/ui/images/{image_id}/builds/{build['id']}", "building")


def _call(view: View, name: str, body: RequestBody | None = None) -> dict[str, Any]:
    """Call an operation as its endpoint does, the contract's checks included."""
    contract = load_contract()
    operation = contract.operation(name)
    parameters: Values = {("path", key): view.id(key) for key in view.request.path_params}
    context = RequestContext(view.state, operation, parameters, view.origin, contract=contract)
    if body is not None:
        body.schema = operation.bodies[MULTIPART].schema
        if problems := body_problems(contract, body):
            raise ApiError(problems[0].status, "; ".join(problem.text for problem in problems))
        context.body = body
    response = HANDLERS[name](context)
    view.state.delete_orphaned_artifacts()
    return response


def confirm_delete(view: View) -> Response:
    """Ask whether an image or a version is to be deleted."""
    image = _image(view)
    question, note = f"Delete image {image['name']} ({image['id']})?", "All its versions, builds and logs go with it."
    if "versionId" in view.request.path_params:
        version_id = view.id("versionId")
        with view.state.database.transaction() as transaction:
            version = found(queries.find_version(transaction, image["id"], version_id), "version", version_id)
        question = f"Delete version {version['version']} ({version_id}) of image {image['name']} ({image['id']})?"
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


def clear_requests(view: View, _form: Form) -> Response:
    """Forget the requests recorded so far."""
    view.state.requests.clear()
    return _done("/ui/requests", "cleared")
