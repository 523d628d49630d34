# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""From pages to elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Self

from peak_images._concurrency import Ahead
from peak_images._payload import Payload
from peak_images.errors import PeakImagesError


class Elements(Iterator[Payload[Any]]):
    """The elements of all pages. A page is fetched when its first element is wanted.

    An iterator and no generator: one that isn't used up leaves nothing to clean up behind.

    Args:
        fetch: Gets a page by its number, from 1.
        key: Where a page has its elements.
        model: The model of an element.
        begun: Where a page that is fetched already, while the elements of one are consumed, is named; without it none
            is.
    """

    def __init__(self, fetch: Callable[[int], Payload[Any]], key: str, model: str, begun: set[Any] | None) -> None:
        self._fetch = fetch
        self._key = key
        self._model = model
        self._begun = begun
        self._ahead: Ahead[Payload[Any]] | None = None
        self._number = 0
        self._elements: list[dict[str, Any]] = []
        self._next = 0
        self._is_last = False

    def _repr_html_(self) -> str:
        from peak_images._html import iterator_html

        return iterator_html(self._key, self._number, self._elements, self._next)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Payload[Any]:
        if self._next == len(self._elements):
            if self._is_last:
                raise StopIteration
            self._turn_page()
            if not self._elements:
                raise StopIteration
        self._next += 1
        return Payload(self._elements[self._next - 1], self._model)

    def _turn_page(self) -> None:
        number = self._number + 1
        ahead, self._ahead = self._ahead, None
        page = self._fetch(number) if ahead is None else ahead.result()
        elements = page.get(self._key)
        if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
            raise PeakImagesError(f"the service's answer has no list of {self._key}")
        if elements and elements == self._elements:
            raise PeakImagesError(f"pages {number - 1} and {number} have the same {self._key}: it goes in circles")
        page_count = page.get("pageCount")
        self._is_last = not elements or not isinstance(page_count, int) or number >= page_count
        self._number, self._elements, self._next = number, elements, 0
        if self._begun is not None and not self._is_last:
            self._ahead = Ahead(partial(self._fetch, number + 1), self._begun)
