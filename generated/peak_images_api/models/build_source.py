# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from enum import StrEnum


class BuildSource(StrEnum):
    DOCKERFILE = "dockerfile"
    GITHUB = "github"
    UPLOAD = "upload"

    def __str__(self) -> str:
        return str(self.value)
