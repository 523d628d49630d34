# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from functools import cache
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_status import BuildStatus
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class Build(types.Model):
    """A build of a version.

    Attributes:
        build_id (int | str): The id of the build. Example: ``301``.
        status (BuildStatus | str): The state of the build; other values are possible. Example: ``building``.
        version_id (int | Unset): The id of the version that is built. Example: ``201``.
        version (str | Unset): The version that is built. Example: ``0.0.1-python3.12``.
        started_at (datetime.datetime | Unset): When the build was started. Example:
            ``2023-06-01T18:00:00.000Z``.
        finished_at (datetime.datetime | None | Unset): When the build finished; absent until then. Example:
            ``2023-06-01T18:00:00.000Z``.
        use_cache (bool | Unset): Whether cached layers of earlier builds could be used. Example: ``True``.
    """

    _names: ClassVar[dict[str, str]] = {
        "build_id": "buildId",
        "status": "status",
        "version_id": "versionId",
        "version": "version",
        "started_at": "startedAt",
        "finished_at": "finishedAt",
        "use_cache": "useCache",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "buildId",
        "status",
    )

    build_id: int | str
    status: BuildStatus | str
    version_id: int | Unset = UNSET
    version: str | Unset = UNSET
    started_at: datetime.datetime | Unset = UNSET
    finished_at: datetime.datetime | None | Unset = UNSET
    use_cache: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:

        return {
            "status": types.first_of(BuildStatus),
            "started_at": datetime.datetime.fromisoformat,
            "finished_at": types.first_of(datetime.datetime.fromisoformat),
        }
