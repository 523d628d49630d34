"""A realistic set of images, to look at and to try commands on."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile

from peak_images_local.api.body import RequestBody
from peak_images_local.api.contract import load_contract
from peak_images_local.api.request_context import RequestContext
from peak_images_local.handlers import HANDLERS
from peak_images_local.testing.control import Control

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peak_images_local.state import State

_DAY = 24 * 60 * 60
_START_DAYS = 40
_STEP_DAYS = 2.5
"""Between one step and the next."""

_DOCKERFILE = """FROM python:3.12-slim
ARG PIP_INDEX_URL
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "main.py"]
"""
_FILES = {"Dockerfile": _DOCKERFILE, "requirements.txt": "pandas==2.2.3\nscikit-learn==1.5.2\n", "main.py": "print()\n"}
_UPLOAD = {
    "source": "upload",
    "buildArguments": [{"name": "PIP_INDEX_URL", "value": "https://pypi.example.com/simple"}],
    "secrets": ["PYPI_CREDENTIAL"],
}
_GITHUB = {"source": "github", "repository": "https://github.com/example/churn-api", "branch": "main"}
_NOTEBOOK = {"source": "dockerfile", "dockerfile": "FROM jupyter/scipy-notebook\nRUN pip install polars duckdb\n"}
_RSTUDIO = {"source": "dockerfile", "dockerfile": "FROM rocker/rstudio:4\n", "useCache": False}
_WEB_APP = {"source": "dockerfile", "dockerfile": 'FROM node:22\nWORKDIR /app\nEXPOSE 3000\nCMD ["npm", "start"]\n'}


def fill(state: State) -> bool:
    """Fill a service that has no images yet with a sample; return whether it did."""
    with state.database.transaction() as transaction:
        if transaction.fetch_one("SELECT 1 FROM images"):
            return False
    state.clock.freeze_before(_START_DAYS * _DAY)
    sample = _Sample(state)
    sample.add_forecast()
    sample.add_notebooks()
    sample.add_services()
    state.clock.reset()
    # Still running when the service starts.
    sample.call("create_image", name="fraud-scoring", type="api", buildDetails=_UPLOAD, files=_FILES, seconds=90)
    return True


class _Sample:
    """The steps by which the sample comes about."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._control = Control(state)

    def add_forecast(self) -> None:
        """Add an image that is uploaded, fails to build, is fixed, and fails again."""
        ids = self._step("create_image", name="demand-forecast", type="workflow", buildDetails=_UPLOAD, files=_FILES)
        self._control.next_build(failure="pip: no matching distribution found for scikit-lern==1.5.2", seconds=31)
        holidays = {"description": "Holidays as a feature", "buildDetails": _UPLOAD, "files": _FILES}
        ids = self._step("create_version", ids, **holidays)
        self._step("update_version", ids, **holidays)
        self._control.set_tags(ids["versionId"], ["production"])
        self._control.put_in_use(ids["versionId"])
        incomplete = {name: text for name, text in _FILES.items() if name != "requirements.txt"}
        self._step("create_version", ids, description="Promotions", buildDetails=_UPLOAD, files=incomplete)

    def add_notebooks(self) -> None:
        """Add images made of a Dockerfile's text, one of them the platform's own."""
        base = self._step("create_image", name="jupyter-base", type="workspace-python", buildDetails=_NOTEBOOK)
        self._control.set_scope(base["imageId"], "global")
        self._step("create_image", name="rstudio-team", type="workspace-r", buildDetails=_RSTUDIO)

    def add_services(self) -> None:
        """Add an image from a repository, a web app, and one that couldn't be deleted."""
        ids = self._step("create_image", name="churn-api", type="api", buildDetails=_GITHUB)
        used_by = [{"entityId": "1042", "entityType": "api"}]
        for week in (41, 42, 43):
            text = f"Model of week {week}"
            self._step("create_version", ids, description=text, buildDetails=_GITHUB, autodeployResources=used_by)
        self._step("create_image", name="pricing-dashboard", type="webapp", buildDetails=_WEB_APP)
        ids = self._step("create_image", name="old-etl", type="workflow", buildDetails=_WEB_APP)
        self._control.fail_deletion(ids["versionId"])
        self._step("delete_version", ids)

    def _step(self, operation: str, ids: Mapping[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
        """Call an operation, and let the time pass in which what it starts is finished."""
        result = self.call(operation, ids, seconds=48, **fields)
        self._state.clock.advance(_STEP_DAYS * _DAY)
        self._control.finish_builds()
        return result

    def call(
        self,
        operation: str,
        ids: Mapping[str, Any] | None = None,
        /,
        *,
        files: Mapping[str, str] | None = None,
        seconds: float = 0,
        **fields: Any,
    ) -> dict[str, Any]:
        """Call an operation's handler; a build that it starts takes so many seconds."""
        if fields and not self._state.builds.scripted:
            self._control.next_build(seconds=seconds)
        parameters = {("path", key): value for key, value in (ids or {}).items()}
        uploads = {"artifact": UploadFile(_zip(files), filename="artifact.zip")} if files else {}
        body = RequestBody(fields, uploads)
        context = RequestContext(self._state, load_contract().operation(operation), parameters, body=body)
        return HANDLERS[operation](context)


def _zip(files: Mapping[str, str]) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer
