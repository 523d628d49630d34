# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from enum import StrEnum


class ImageScope(StrEnum):
    CUSTOM = "custom"
    GLOBAL = "global"

    def __str__(self) -> str:
        return str(self.value)
