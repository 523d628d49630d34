"""Names for annotations: bodies as ``TypedDict``, and responses as dictionaries whose keys are typed.

Example:
    >>> body: images.types.ImageCreateBody = {"name": "an-image", "type": "workflow"}
"""

from __future__ import annotations

from peak_images_api import bodies, responses
from peak_images_api.bodies import *  # noqa: F403
from peak_images_api.responses import *  # noqa: F403

__all__: list[str] = []
__all__ += bodies.__all__
__all__ += responses.__all__
