"""The test controls of a running service, in Python and over HTTP."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

import yaml
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from peak_images_local.api.auth import check_token
from peak_images_local.api.body import read_all
from peak_images_local.api.contract import load_contract
from peak_images_local.api.parameters import parse_json
from peak_images_local.api.validation_messages import find_problems, raise_problems
from peak_images_local.builds.lifecycle import ScriptedBuild
from peak_images_local.errors import ApiError
from peak_images_local.faults import Fault
from peak_images_local.storage import archive
from peak_images_local.testing.validation import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.requests import Request

    from peak_images_local.clock import Clock
    from peak_images_local.state import State

_SCHEMAS = resources.files("peak_images_local.testing").joinpath("control.yaml").read_text(encoding="utf-8")
ACTION_SCHEMAS: dict[str, Any] = {
    action: {"type": "object", "required": [], "properties": {}, "additionalProperties": False, **schema}
    for action, schema in yaml.safe_load(_SCHEMAS).items()
}
"""The arguments of each action, as JSON Schemas, which may refer to the contract's schemas."""


class Control:
    """The test controls of a service. Get it from `LocalService.control`.

    An invalid value raises a `ValueError` that names it, and changes nothing.

    Example:
        >>> service.control.next_build(failure="no space left on device")
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def clock(self) -> Clock:
        """The clock of the service."""
        return self._state.clock

    def fail_next(
        self,
        count: int = 1,
        *,
        status: int = 0,
        body: str | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        delay: float = 0,
        drop: Literal["", "close", "reset"] = "",
        truncate: int | None = None,
        acted: bool = False,
        method: str = "",
        path: str = "",
    ) -> None:
        """Make the next responses fail.

        Args:
            count: The number of responses.
            status: The status to respond with (default: the real one).
            body: The body for that status (default: JSON with a `detail`).
            content_type: The type of that body.
            headers: Additional headers, such as `Retry-After`.
            delay: Seconds to wait before the request is processed.
            drop: Drop the connection in place of a response: `close` in good order, or `reset`.
            truncate: Send only this many bytes of the body, then close the connection.
            acted: Whether the request is executed before the response fails.
            method: Only fail requests with this method.
            path: Only fail requests whose path contains this text.
        """
        fault = Fault(status, body, content_type, headers or {}, delay, drop, truncate, acted, method, path)
        self._check("fail_next", count=count, **dataclasses.asdict(fault))
        self._state.faults.add(fault, count)

    def next_build(self, *, failure: str = "", seconds: float | None = None) -> None:
        """Set how the next build ends and how long it takes. Each call is for one more build.

        Args:
            failure: Make it fail with this line in the log.
            seconds: How long it takes.
        """
        self._check("next_build", failure=failure, seconds=seconds)
        self._state.builds.scripted.append(ScriptedBuild(failure, seconds))

    def finish_builds(self) -> None:
        """Finish all running builds now, with the results that they would have had."""
        with self._state.database.transaction() as transaction:
            running = "SELECT id FROM builds WHERE status = 'building' AND due_at IS NOT NULL"
            transaction.execute(
                f"UPDATE log_lines SET at = min(at, ?) WHERE build_id IN ({running})",  # noqa: S608 - a constant
                transaction.now,
            )
            transaction.execute(f"UPDATE builds SET due_at = ? WHERE id IN ({running})", transaction.now)  # noqa: S608
            transaction.apply_due()

    def finish_deletions(self) -> None:
        """Finish all running deletions now, with the results that they would have had."""
        with self._state.database.transaction() as transaction:
            transaction.execute("UPDATE versions SET delete_at = ? WHERE delete_at IS NOT NULL", transaction.now)
            transaction.apply_due()

    def put_in_use(self, version_id: int, *, used: bool = True) -> None:
        """Set a version that is `ready` to `in-use`, or back.

        Args:
            version_id: The version.
            used: Whether it is in use.
        """
        self._check("put_in_use", version_id=version_id, used=used)
        old, new = ("ready", "in-use") if used else ("in-use", "ready")
        sql = "UPDATE versions SET status = ? WHERE id = ? AND status = ?"
        self._change(f"Version {version_id} isn't {old}", sql, new, version_id, old)

    def fail_deletion(self, version_id: int) -> None:
        """Make the next deletion of a version end in `delete-failed`.

        Args:
            version_id: The version.
        """
        self._check("fail_deletion", version_id=version_id)
        sql = "UPDATE versions SET delete_fails = 1 WHERE id = ?"
        self._change(f"There is no version with id {version_id}", sql, version_id)

    def set_tags(self, version_id: int, tags: Sequence[str]) -> None:
        """Set the tags of a version, which the API can't set.

        Args:
            version_id: The version.
            tags: The names.
        """
        self._check("set_tags", version_id=version_id, tags=tags)
        shapes = [{"name": name, "color": "#000000"} for name in tags]
        sql = "UPDATE versions SET tags = ? WHERE id = ?"
        self._change(f"There is no version with id {version_id}", sql, json.dumps(shapes), version_id)

    def set_scope(self, image_id: int, scope: str) -> None:
        """Set the scope of an image: the platform's (`global`) or the tenant's (`custom`).

        Args:
            image_id: The image.
            scope: `custom` or `global`.
        """
        self._check("set_scope", image_id=image_id, scope=scope)
        sql = "UPDATE images SET scope = ? WHERE id = ?"
        self._change(f"There is no image with id {image_id}", sql, scope, image_id)

    def uploaded_files(self, version_id: int) -> dict[str, bytes]:
        """Return the files of the artifact of a version, by their paths.

        Args:
            version_id: The version.

        Raises:
            LookupError: The version isn't built from an artifact.
        """
        with self._state.database.transaction() as transaction:
            row = transaction.fetch_one("SELECT artifact_file FROM version_rows WHERE id = ?", version_id)
        if row is None or row["artifact_file"] is None:
            raise LookupError(f"Version {version_id} is not built from an artifact")
        return archive.read_files(self._state.artifacts.path(row["artifact_file"]))

    def stored_artifacts(self) -> int:
        """Return the number of stored artifacts."""
        with self._state.database.transaction() as transaction:
            return len(transaction.fetch_all("SELECT file FROM artifacts UNION SELECT file FROM uploads"))

    def advance_clock(self, seconds: float) -> None:
        """Advance the clock of the service.

        Args:
            seconds: The number of seconds.
        """
        self._check("advance_clock", seconds=seconds)
        self.clock.advance(seconds)

    def _check(self, action: str, **arguments: Any) -> None:
        """Check the arguments of an action.

        Raises:
            ValueError: One isn't allowed.
        """
        given = as_json({name: value for name, value in arguments.items() if value is not None})
        if problems := find_problems(load_contract().schemas, ACTION_SCHEMAS[action], given):
            raise ValueError("; ".join(problem.detail for problem in problems))

    def _change(self, problem: str, sql: str, *values: Any) -> None:
        with self._state.database.transaction() as transaction:
            if transaction.execute(sql, *values).rowcount == 0:
                raise LookupError(problem)


def perform(state: State, action: str, arguments: dict[str, Any]) -> None:
    """Perform an action of `ACTION_SCHEMAS`, as the API and the pages offer it.

    Raises:
        ApiError: 422, an argument isn't allowed; 404, it names nothing that exists.
    """
    raise_problems(find_problems(load_contract().schemas, ACTION_SCHEMAS[action], arguments))
    control = Control(state)
    others = {"freeze_clock": control.clock.freeze, "resume_clock": control.clock.resume, "reset": state.reset}
    run: Callable[..., None] = others.get(action) or getattr(control, action)
    try:
        run(**arguments)
    except (LookupError, ValueError) as error:
        raise ApiError(404 if isinstance(error, LookupError) else 422, str(error.args[0])) from error


def routes(state: State) -> list[Route]:
    """Return the routes of the test controls, for tests in other processes and other languages.

    `POST /control/ACTION` takes the arguments as a JSON object; `GET /control/requests` and `GET /control/violations`
    return the records of the service. The application handles an `ApiError`.
    """

    async def act(request: Request) -> Response:
        check_token(state, request)
        content = await read_all(request)
        arguments: Any = parse_json("The body", content) if content else {}
        if not isinstance(arguments, dict):
            raise ApiError(400, "The body is not a JSON object")
        # A reset waits for requests that are being executed, and for the end of real builds.
        await asyncio.to_thread(perform, state, _name(request).replace("-", "_"), arguments)
        return JSONResponse({})

    async def look(request: Request) -> Response:
        check_token(state, request)
        if _name(request) == "violations":
            return JSONResponse(state.violations)
        return JSONResponse([dataclasses.asdict(received) for received in state.requests])

    actions = [Route(f"/control/{name.replace('_', '-')}", act, methods=["POST"]) for name in ACTION_SCHEMAS]
    return [*actions, *(Route(f"/control/{name}", look, methods=["GET"]) for name in ("requests", "violations"))]


def _name(request: Request) -> str:
    return request.url.path.rpartition("/")[2]
