"""Iterate over the elements of all pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any, Final, NoReturn, Self

from peak_images._payload import Payload, require_elements
from peak_images._synchronization import gather_async, lock_async
from peak_images._tracebacks import shorten_traceback
from peak_images.errors import PeakImagesError

PREFETCH_PAGES: Final = 8
"""How many pages are fetched at once with ``prefetch``."""

MAX_REPEATED_PAGES: Final = 3
"""Maximum number of pages in a row with nothing new, if the list hasn't changed."""

MAX_EMPTY_PAGES: Final = 1000
"""Maximum number of empty pages in a row before the last one."""


class AsyncPaginator(AsyncIterator[Payload[Any]]):
    """The elements of all pages, each once. A page is fetched when its first element is needed.

    The list may change meanwhile: an element that moves to a later page isn't repeated, and when elements have been
    deleted, earlier pages are read again for elements that have moved there. Elements that are created during the
    iteration may or may not be included.

    Args:
        fetch: Fetches a page by its number, from 1.
        pagination: How the operation pages, by its description.
        prefetch: Whether to fetch several pages at once.
    """

    # An iterator and not a generator: one that isn't exhausted needs no cleanup.

    def __init__(
        self, fetch: Callable[[int], Awaitable[dict[str, Any]]], pagination: Any, *, prefetch: bool = False
    ) -> None:
        self._fetch = fetch
        self._items, self._model = pagination["items"], pagination["model"]
        self._batch_size = PREFETCH_PAGES if prefetch else 1
        self._batch: list[dict[str, Any] | Exception] = []
        self._lock = lock_async()
        self._number = 0
        self._page: list[dict[str, Any]] = []
        self._remaining: Iterator[dict[str, Any]] = iter(())
        self._yielded = 0
        self._seen: set[int | str] = set()
        self._page_count: int | None = None
        self._total: int | None = None
        self._is_last = False
        self._stale_pages = self._explained_pages = self._empty_pages = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Payload[Any]:
        try:
            while True:
                remaining = self._remaining
                for element in remaining:
                    self._yielded += 1
                    return Payload(element, self._model)
                async with self._lock:
                    # If several tasks share the iterator, another one may have fetched a page meanwhile.
                    if self._remaining is not remaining:
                        continue
                    if self._is_last:
                        raise StopAsyncIteration
                    await self._fetch_next_page()
        except PeakImagesError as error:
            shorten_traceback(error)
            raise

    async def _fetch_next_page(self) -> None:
        number = self._number + 1
        if not self._batch:
            last = min(self._page_count or number, self._number + self._batch_size)
            numbers = range(number, max(number, last) + 1)
            self._batch = await gather_async([partial(self._fetch, one) for one in numbers])
        page, *following = self._batch
        # Kept only if the page can be used: otherwise the next iteration fetches again.
        self._batch = []
        if isinstance(page, Exception):
            raise page
        if self._consume(number, page):
            self._batch = following

    def _consume(self, number: int, page: dict[str, Any]) -> bool:
        """Continue with the elements of a page; return whether the following pages are still those that follow."""
        elements = require_elements(page, self._items)
        page_size = max(1, parse_int(page.get("pageSize")) or len(self._page) or len(elements))
        total, before = parse_int(page.get(f"{self._items.removesuffix('s')}Count")), self._total
        change = 0 if total is None or before is None else total - before
        self._total, self._page_count = total, parse_int(page.get("pageCount"))
        if self._page_count is not None and self._page_count < bool(elements):
            self._page_count = None  # no count of pages
        unseen = self._unseen(elements)
        self._check_for_loop(bool(elements), bool(unseen), -(-abs(change) // page_size))
        if change < 0 and number > 1:
            # The following elements have moved forward by as many as were deleted.
            self._number = max(0, number - 1 + change // page_size)
            return False
        self._seen.update(unseen)
        # Without a readable count, an empty page is the last one.
        self._is_last = not elements if self._page_count is None else number >= self._page_count
        self._number, self._page = number, list(unseen.values())
        self._remaining = iter(self._page)
        return True

    def _unseen(self, elements: list[dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
        """Return the elements that are new, by what identifies each."""
        # A list has thousands, so no function is called for each.
        unseen = {}
        for element in elements:
            identity = element.get("id") or element.get("buildId")
            if not isinstance(identity, (int, str)):
                identity = repr(element)
            if identity not in self._seen:
                unseen[identity] = element
        return unseen

    def _check_for_loop(self, has_elements: bool, has_unseen: bool, explained: int) -> None:
        self._empty_pages = 0 if has_elements else self._empty_pages + 1
        if has_unseen:
            self._stale_pages = self._explained_pages = 0
        elif has_elements:
            self._stale_pages += 1
        # A list that has grown or shrunk repeats as many pages, but no more than there are.
        self._explained_pages = min(self._explained_pages + explained, self._page_count or 0)
        if self._stale_pages > MAX_REPEATED_PAGES + self._explained_pages or self._empty_pages > MAX_EMPTY_PAGES:
            raise PeakImagesError(f"pagination loop: the service keeps returning the same pages of {self._items}")

    def __repr__(self) -> str:
        if not self._number:
            return f"{type(self).__name__}({self._items}; nothing fetched yet, iterate to fetch)"
        pages = "" if self._page_count is None else f" of {self._page_count}"
        return f"{type(self).__name__}({self._items}; page {self._number}{pages}, {self._yielded} read)"

    def _repr_html_(self) -> str:
        from peak_images._notebook import iterator_html

        return iterator_html(self._items, repr(self), self._page)

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"an iterator over {self._items} can't be pickled or copied; make a list of it first")


def parse_int(value: object) -> int | None:
    """Return a value as an integer, or ``None`` if it isn't one."""
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError, OverflowError):
        return None
