"""Adjust how Griffe reads the code for the reference."""

from __future__ import annotations

import re
from typing import Any

from griffe import Class, Extension, Function, Object


class ProjectConventions(Extension):
    """The conventions of this project's docstrings and types."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Read an ``Example:`` section as ``Examples:``, the only spelling that Griffe supports."""
        if obj.docstring is not None:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)

    def on_function(self, *, func: Function, **_: Any) -> None:
        """Show the union of the overloads' return types as the return type of a function."""
        if func.overloads:
            types = " | ".join(str(overload.returns) for overload in func.overloads)
            func.returns = " | ".join(dict.fromkeys(types.split(" | ")))

    def on_class(self, *, cls: Class, **_: Any) -> None:
        """Replace a private base by the public one, and mark up the examples of a model's fields."""
        cls.bases = ["PeakImagesError" if str(base) == "_RequestError" else base for base in cls.bases]
        if cls.docstring is not None and cls.path.startswith("peak_images_api.models."):
            cls.docstring.value = _EXAMPLE.sub(_as_code, cls.docstring.value)


_EXAMPLE = re.compile(r"\.?\s+Example:\s+(.+?)\.?(?=\n +\w+ \(|\s*\Z)", re.DOTALL)
"""From the end of a description to the next field, or to the end."""


def _as_code(found: re.Match[str]) -> str:
    example = re.sub(r"\s+", " ", re.sub(r"-\n\s+", "-", found[1]))
    return f". Example: `{example}`"
