# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""From pages to elements."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from operator import length_hint
from typing import Any, Final, Self

from peak_images._payload import Payload
from peak_images._synchronization import Ahead, lock_sync
from peak_images.errors import PeakImagesError

PREFETCH_PAGES: Final = 8
"""How many pages are on their way at once, where they are fetched ahead."""

MAX_REPEATED_PAGES: Final = 3
"""So many pages in a row that have come before are no longer due to what was created meanwhile."""


class Paginator(Iterator[Payload[Any]]):
    """The elements of all pages. A page is fetched when its first element is wanted.

    An iterator and no generator: one that isn't used up leaves nothing to clean up behind.

    Args:
        fetch: Gets a page by its number, from 1.
        key: Where a page has its elements.
        model: The model of an element.
        begun: Where pages that are fetched already, while the elements of one are consumed, are named; without it none
            are.
    """

    def __init__(self, fetch: Callable[[int], Payload[Any]], key: str, model: str, begun: set[Any] | None) -> None:
        self._fetch = fetch
        self._key = key
        self._model = model
        self._begun = begun
        self._ahead: deque[Ahead[Payload[Any]]] = deque()
        self._number = 0
        self._elements: list[dict[str, Any]] = []
        self._waiting: Iterator[dict[str, Any]] = iter(())
        self._turning = lock_sync()
        self._is_last = False
        self._seen: set[int] = set()
        self._repeats = 0

    def _repr_html_(self) -> str:
        from peak_images._notebook import iterator_html

        taken = len(self._elements) - length_hint(self._waiting)
        return iterator_html(self._key, self._number, self._elements, taken)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Payload[Any]:
        for element in self._waiting:
            return Payload(element, self._model)
        with self._turning:
            # Again: where several share the iterator, another one may have turned the page meanwhile.
            while True:
                for element in self._waiting:
                    return Payload(element, self._model)
                if self._is_last:
                    raise StopIteration
                self._fetch_next_page()

    def _fetch_next_page(self) -> None:
        number = self._number + 1
        try:
            page = self._ahead[0].result() if self._ahead else self._fetch(number)
            elements = self._elements_of(page)
        except Exception:
            # Whoever goes on asks for the same page again.
            self._ahead.clear()
            raise
        # Not before: whoever was interrupted while waiting, and goes on, wants this page and not the next.
        if self._ahead:
            self._ahead.popleft()
        count = parse_int(page.get("pageCount"))
        # Without a readable count, an empty page is the end.
        self._is_last = not elements or (count is not None and number >= count)
        self._number, self._elements, self._waiting = number, elements, iter(elements)
        if self._begun is not None and not self._is_last:
            self._fetch_ahead(self._begun, number + 1 if count is None else count)

    def _elements_of(self, page: Payload[Any]) -> list[dict[str, Any]]:
        elements = page.get(self._key)
        if not isinstance(elements, list) or not all(isinstance(element, dict) for element in elements):
            raise PeakImagesError(f"the service's response has no list of {self._key}")
        self._check_for_loop(elements)
        return elements

    def _fetch_ahead(self, begun: set[Any], last: int) -> None:
        begin = self._number + len(self._ahead) + 1
        for number in range(begin, min(last, self._number + PREFETCH_PAGES) + 1):
            self._ahead.append(Ahead(partial(self._fetch, number), begun))

    def _check_for_loop(self, elements: list[dict[str, Any]]) -> None:
        # By their ids, where they have them: to look at all of a page takes longer than to give it.
        ids = [element.get("id", element.get("buildId")) for element in elements]
        fingerprint = hash(repr(elements if None in ids else ids))
        self._repeats = self._repeats + 1 if elements and fingerprint in self._seen else 0
        self._seen.add(fingerprint)
        if self._repeats >= MAX_REPEATED_PAGES:
            raise PeakImagesError(f"the service goes in circles: its pages of {self._key} come again")


def parse_int(value: object) -> int | None:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None
