"""Find images, versions and builds by name, status and time."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn

from peak_images._async.waiters import AsyncWaiterOperations
from peak_images._payload import Payload, require
from peak_images._synchronization import gather_async, lock_async
from peak_images._validation import largest_page
from peak_images._values import Since, as_list, parse_since, plain, validate_id
from peak_images.errors import InvalidInputError, NotFoundError, quoted

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from peak_images_api import bodies, models, responses

_CONCURRENCY: Final = 8
"""The number of images whose builds are listed at once."""

Builds = list[Payload[Any]]

ImageReference = int | str | Mapping[str, Any]
"""An image: its id, its name, or a response that has its id (``imageId`` of a create, or a described image)."""


class AsyncLookupOperations(AsyncWaiterOperations):
    """Find images, versions and builds."""

    async def find_image(self, name: str) -> responses.Image | None:
        """Find the image of exactly this name. ``GET /images/`` in the contract, page by page.

        The tenant's own image takes precedence over a global one of this name.

        Args:
            name: The whole name. ``list_images(name=…)`` finds parts of it.

        Returns:
            The image, as ``list_images`` gives it; ``None`` if there is none.

        Raises:
            InvalidInputError: The name is empty.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.find_image("another-image") is None
            True
        """
        name = _require_text("name", name)
        global_image = None
        async for image in self.list_images(page_size=largest_page("list_images"), name=name):
            if image.get("name") == name:
                if image.get("scope") != "global":
                    return image
                global_image = global_image or image
        return global_image

    async def find_version(self, image: ImageReference, version: str) -> responses.Version | None:
        """Find the version of exactly this name. ``GET /images/{imageId}/versions`` in the contract.

        Args:
            image: The image: its id, its name, or what ``create_image`` or ``describe_image`` returned.
            version: The whole version, such as ``0.0.1``. ``list_image_versions(version=…)`` finds ``0.0.10`` too.

        Returns:
            The version, as ``list_image_versions`` gives it; ``None`` if there is none, or no such image.

        Raises:
            InvalidInputError: An argument is invalid.
            NotFoundError: No image has this id.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.find_version("an-image", "99.0.0") is None
            True
        """
        version = _require_text("version", version)
        image_id = await self._find_image_id(image)
        if image_id is None:
            return None
        async for found in self.list_image_versions(
            image_id, page_size=largest_page("list_image_versions"), version=version
        ):
            if found.get("version") == version:
                return found
        return None

    def list_all_builds(
        self,
        build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = None,
        since: Since | None = None,
        *,
        name: str | None = None,
    ) -> AsyncIterator[Payload[models.Build]]:
        """List the builds of all images, newest first.

        ``GET /images/`` and, for eight images at a time, ``GET /images/{imageId}/builds`` in the contract. All are
        fetched when the first one is needed, since their order is known only then.

        Args:
            build_status: Only builds in these states: ``building``, ``failed``, ``success``, ``stopping``,
                ``stopped``.
            since: Only builds started since then: how long ago (a ``timedelta``, or text such as ``7d``), or a point
                in time (a ``datetime``, a ``date`` or ISO 8601 text). (default: the service's, 90 days ago)
            name: Only builds of images whose name contains this text.

        Returns:
            An iterator over builds, each as ``list_image_builds`` gives it, and with ``imageId``, ``imageName`` and
            ``duration``, in seconds (``None`` until it has finished).

        Raises:
            InvalidInputError: An argument is invalid.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> async for build in client.list_all_builds(build_status=["failed"], since="7d"):
            ...     print(build["imageName"], build["version"], build["duration"])
        """
        start = None if since is None else parse_since("since", since)
        states = None if build_status is None else as_list("build_status", build_status)
        return AsyncCollected(lambda: self._builds_of_images(name, date_from=start, build_status=states))

    async def _builds_of_images(self, name: str | None, **filters: Any) -> Builds:
        images = [image async for image in self.list_images(page_size=largest_page("list_images"), name=name)]
        found: Builds = []
        for first in range(0, len(images), _CONCURRENCY):
            calls = [partial(self._builds_of_image, image, **filters) for image in images[first : first + _CONCURRENCY]]
            for result in await gather_async(calls):
                if isinstance(result, Exception):
                    raise result
                found += result
        return sorted(found, key=lambda build: str(build.get("startedAt") or ""), reverse=True)

    async def _builds_of_image(self, image: Payload[Any], **filters: Any) -> Builds:
        image_id = require(image, "id")
        names = {"imageId": image_id, "imageName": image.get("name")}
        listed = self.list_image_builds(image_id, page_size=largest_page("list_image_builds"), **filters)
        try:
            return [Payload({**build, **names, "duration": duration_of(build)}, "Build") async for build in listed]
        except NotFoundError:
            return []  # deleted since it was listed

    async def _find_image_id(self, image: ImageReference) -> int | None:
        """Return the id of an image that is given by its id, its name or a response."""
        if isinstance(image, Mapping):
            image = image.get("imageId", image.get("id", ""))
        if isinstance(image, str) and not re.fullmatch(r"[0-9]{1,18}", image):
            found = await self.find_image(image)
            return None if found is None else validate_id("image", require(found, "id"))
        return validate_id("image", image)

    async def _require_image_id(self, image: ImageReference) -> int:
        image_id = await self._find_image_id(image)
        if image_id is None:
            raise InvalidInputError("image", f"no image is named {quoted(image)}", image)
        return image_id


class AsyncCollected(AsyncIterator[Payload[Any]]):
    """Elements that are all fetched when the first one is needed."""

    def __init__(self, fetch: Callable[[], Awaitable[Builds]]) -> None:
        self._fetch = fetch
        self._lock = lock_async()
        self._elements: Iterator[Payload[Any]] | None = None

    async def __anext__(self) -> Payload[Any]:
        async with self._lock:  # several tasks may share the iterator
            if self._elements is None:
                self._elements = iter(await self._fetch())
        for element in self._elements:
            return element
        raise StopAsyncIteration

    def __repr__(self) -> str:
        state = "nothing fetched yet, iterate to fetch" if self._elements is None else "all fetched"
        return f"{type(self).__name__}(builds; {state})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an iterator over builds can't be pickled or copied; make a list of it first")


def _require_text(field: str, value: object) -> str:
    text = plain(value)
    if not isinstance(text, str) or not text:
        raise InvalidInputError(field, f"{quoted(value)} must be a non-empty str", value)
    return text


def duration_of(build: Mapping[str, Any]) -> float | None:
    """Return how long a build took, in seconds; ``None`` if it hasn't finished, or its times can't be read."""
    try:
        started = datetime.fromisoformat(build["startedAt"])
        return max(0.0, (datetime.fromisoformat(build["finishedAt"]) - started).total_seconds())
    except (KeyError, TypeError, ValueError):
        return None
