# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The documented methods of the asynchronous client."""

from .builds import AsyncBuildsMethods
from .images import AsyncImagesMethods
from .versions import AsyncVersionsMethods


class AsyncMethods(AsyncImagesMethods, AsyncVersionsMethods, AsyncBuildsMethods):
    """Every operation of the contract as a method."""


__all__ = ["AsyncMethods"]
