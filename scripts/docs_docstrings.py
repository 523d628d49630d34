"""How the code is read for the reference, where Griffe would read it otherwise."""

from __future__ import annotations

import re
from typing import Any

from griffe import Class, Extension, Function, Object


class AsWeWrite(Extension):
    """Some habits of this project's code."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """What stands below ``Example:`` is an example, not a paragraph: Griffe knows the plural only."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)

    def on_function(self, *, func: Function, **_: Any) -> None:
        """What comes back of a function with overloads is what comes back of them."""
        if func.overloads:
            func.returns = " | ".join(dict.fromkeys(str(overload.returns) for overload in func.overloads))

    def on_class(self, *, cls: Class, **_: Any) -> None:
        """A private base is no base to show; a model's fields have their examples where the generator writes them."""
        cls.bases = ["PeakImagesError" if str(base) == "_RequestError" else base for base in cls.bases]
        if cls.docstring is not None and cls.path.startswith("peak_images_api.models."):
            cls.docstring.value = _EXAMPLE.sub(_as_code, cls.docstring.value)


_EXAMPLE = re.compile(r"\.?\s+Example:\s+(.+?)\.?(?=\n +\w+ \(|\s*\Z)", re.DOTALL)
"""From the end of a description to the next field, or to the end."""


def _as_code(found: re.Match[str]) -> str:
    example = re.sub(r"\s+", " ", re.sub(r"-\n\s+", "-", found[1]))
    return f". Example: `{example}`"
