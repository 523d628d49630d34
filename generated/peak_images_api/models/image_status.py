# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from enum import StrEnum


class ImageStatus(StrEnum):
    DELETE_FAILED = "delete-failed"
    DELETING = "deleting"
    IN_USE = "in-use"
    NOT_READY = "not-ready"
    READY = "ready"

    def __str__(self) -> str:
        return str(self.value)
