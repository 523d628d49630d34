"""The documented import of the Images client: ``from peak.resources import images``.

The names are those of ``peak_images``, loaded on first use. There is deliberately no ``__init__.py`` in ``peak`` or
``peak/resources``: beside another distribution that has these packages, this one adds to them.
"""

from __future__ import annotations

import peak_images

TYPE_CHECKING = False  # type checkers take it for true; typing itself takes longer to load than all of this
if TYPE_CHECKING:
    from typing import Any

    from peak_images import *  # noqa: F403 - the same names, for type checkers

__all__ = peak_images.__all__


def __getattr__(name: str) -> Any:
    if name not in peak_images.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(peak_images, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
