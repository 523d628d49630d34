# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types


@_attrs_define(repr=False)
class BuildLogsDownload(types.Model):
    """The address of a build's whole log.

    Attributes:
        download_url (str): A signed URL, fetched without the `Authorization` header. Example:
            ``https://logs.example.com/301.log?signature=abc``.
    """

    _names: ClassVar[dict[str, str]] = {
        "download_url": "downloadUrl",
    }
    _required: ClassVar[tuple[str, ...]] = ("downloadUrl",)

    download_url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
