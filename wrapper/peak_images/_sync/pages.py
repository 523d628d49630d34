# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""From pages to elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from peak_images._concurrency import Ahead
from peak_images._payload import Payload
from peak_images.errors import PeakImagesError


def iterate(fetch: Callable[[int], Payload[Any]], key: str, model: str, *, prefetch: bool) -> Iterator[Payload[Any]]:
    """Yield the elements of all pages. A page is fetched when its first element is wanted.

    Args:
        fetch: Gets a page by its number, from 1.
        key: Where a page has its elements.
        model: The model of an element.
        prefetch: Whether to fetch the next page already while the elements of one are consumed.

    Raises:
        PeakImagesError: The service answers one page after the other with the same elements, or something else than
            a page.
    """
    number, before = 1, None
    page = fetch(number)
    while True:
        elements = _elements(page, key)
        if elements and elements == before:
            raise PeakImagesError(f"pages {number - 1} and {number} have the same {key}: the service goes in circles")
        page_count = page.get("pageCount")
        is_last = not elements or not isinstance(page_count, int) or number >= page_count
        number, before = number + 1, elements
        ahead = Ahead(partial(fetch, number)) if prefetch and not is_last else None
        try:
            for element in elements:
                yield Payload(element, model)
            if is_last:
                return
            page = fetch(number) if ahead is None else ahead.result()
        finally:
            if ahead is not None:
                ahead.cancel()


def _elements(page: Payload[Any], key: str) -> list[dict[str, Any]]:
    elements = page.get(key)
    if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
        raise PeakImagesError(f"the service's answer has no list of {key}")
    return elements
