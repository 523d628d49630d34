"""Names for annotations: bodies as ``TypedDict``, and responses as dictionaries whose keys are typed.

Example:
    >>> body: images.types.ImageCreateBody = {"name": "an-image", "type": "workflow"}
"""

from peak_images_api.bodies import *  # noqa: F403
from peak_images_api.responses import *  # noqa: F403
