# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The documented methods of the synchronous client."""

from .builds import BuildsMethods
from .images import ImagesMethods
from .versions import VersionsMethods


class Methods(ImagesMethods, VersionsMethods, BuildsMethods):
    """Every operation of the contract as a method."""


__all__ = ["Methods"]
