# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from enum import StrEnum


class BuildStatus(StrEnum):
    BUILDING = "building"
    FAILED = "failed"
    STOPPED = "stopped"
    STOPPING = "stopping"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
