"""Create the sample images of `sample.yaml`, to look at and to try commands on."""

from __future__ import annotations

import io
import zipfile
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml
from starlette.datastructures import UploadFile

from peak_images_local.handlers import call_operation
from peak_images_local.testing.control import ACTION_SCHEMAS, Control, perform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peak_images_local.state import State

_DAY = 24 * 60 * 60
_START_DAYS = 40
_STEP_DAYS = 2.5


def fill(state: State) -> bool:
    """Fill a service that has no images yet with a sample; return whether it did."""
    with state.database.transaction() as transaction:
        if transaction.fetch_one("SELECT 1 FROM images"):
            return False
    text = resources.files("peak_images_local").joinpath("sample.yaml").read_text(encoding="utf-8")
    sample = yaml.safe_load(text)
    state.clock.freeze_before(_START_DAYS * _DAY)
    ids: dict[str, Any] = {}
    for step in sample["steps"]:
        name, arguments = next(iter(step.items()))
        if name in ACTION_SCHEMAS:
            own = {"version_id": ids.get("versionId"), "image_id": ids.get("imageId")}
            required = ACTION_SCHEMAS[name]["required"]
            perform(state, name, arguments | {key: own[key] for key in required if key in own})
            continue
        ids |= _call(state, step, sample["artifact"], ids, seconds=48)
        # Advance the clock, so that started builds and deletions finish.
        state.clock.advance(_STEP_DAYS * _DAY)
        Control(state).finish_builds()
    state.clock.reset()
    _call(state, sample["last"], sample["artifact"], ids, seconds=90)
    return True


def _call(
    state: State, step: Mapping[str, Any], artifact: Mapping[str, str], ids: Mapping[str, Any], seconds: float
) -> dict[str, Any]:
    """Call the operation of a step; a build that it starts takes so many seconds, unless it is scripted."""
    name, fields = next(iter(step.items()))
    if not name.startswith("delete") and not state.builds.scripted:
        Control(state).next_build(seconds=seconds)
    files = {name: artifact[name] for name in step.get("files", ())}
    upload = UploadFile(_zip(files), filename="artifact.zip") if files else None
    return call_operation(state, name, ids, fields, upload)


def _zip(files: Mapping[str, str]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer
