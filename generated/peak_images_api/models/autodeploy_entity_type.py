# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from enum import StrEnum


class AutodeployEntityType(StrEnum):
    API = "api"
    WEBAPP = "webapp"
    WORKFLOW = "workflow"
    WORKSPACE = "workspace"

    def __str__(self) -> str:
        return str(self.value)
