# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from enum import StrEnum


class ImageType(StrEnum):
    API = "api"
    WEBAPP = "webapp"
    WORKFLOW = "workflow"
    WORKSPACE_PYTHON = "workspace-python"
    WORKSPACE_R = "workspace-r"

    def __str__(self) -> str:
        return str(self.value)
