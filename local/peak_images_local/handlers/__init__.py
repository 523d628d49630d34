"""What each operation does: one handler per operationId, written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.handlers import delete, downloads, logs, read, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from peak_images_local.api.request_context import RequestContext

HANDLERS: dict[str, Callable[[RequestContext], dict[str, Any]]] = {
    "list_images": read.list_images,
    "create_image": write.create_image,
    "describe_image": read.describe_image,
    "delete_image": delete.delete_image,
    "list_image_versions": read.list_image_versions,
    "create_version": write.create_version,
    "describe_version": read.describe_version,
    "update_version": write.update_version,
    "delete_version": delete.delete_version,
    "delete_versions": delete.delete_versions,
    "list_image_builds": read.list_image_builds,
    "get_build_logs": logs.get_build_logs,
    "get_build_logs_download": downloads.get_build_logs_download,
}
"""The handlers by operationId; an operation without one is responded to with 501."""
