"""From pages to elements."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from peak_images._payload import Payload
from peak_images.errors import PeakImagesError


async def iterate(fetch: Callable[[int], Awaitable[Payload[Any]]], key: str, model: str) -> AsyncIterator[Payload[Any]]:
    """Yield the elements of all pages. A page is fetched when its first element is wanted.

    Args:
        fetch: Gets a page by its number, from 1.
        key: Where a page has its elements.
        model: The model of an element.

    Raises:
        PeakImagesError: The service answers one page after the other with the same elements, or something else than
            a page.
    """
    number, before = 1, None
    while True:
        page = await fetch(number)
        elements = _elements(page, key)
        if elements and elements == before:
            raise PeakImagesError(f"pages {number - 1} and {number} have the same {key}: the service goes in circles")
        for element in elements:
            yield Payload(element, model)
        page_count = page.get("pageCount")
        if not elements or not isinstance(page_count, int) or number >= page_count:
            return
        number, before = number + 1, elements


def _elements(page: Payload[Any], key: str) -> list[dict[str, Any]]:
    elements = page.get(key)
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise PeakImagesError(f"the answer has no list of {key}")
    return elements
