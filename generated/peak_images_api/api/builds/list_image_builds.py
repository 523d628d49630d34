# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...types import UNSET, Response, Unset, to_json

if TYPE_CHECKING:
    import datetime

    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.build_page import BuildPage
    from ...models.build_status import BuildStatus
    from ...models.error import Error


def _get_kwargs(
    image_id: int,
    *,
    date_from: datetime.datetime | Unset = UNSET,
    date_to: datetime.datetime | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_number: int | Unset = UNSET,
    count: int | Unset = UNSET,
    versions: list[int] | Unset = UNSET,
    build_status: list[BuildStatus] | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {
        "dateFrom": to_json(date_from),
        "dateTo": to_json(date_to),
        "pageSize": to_json(page_size),
        "pageNumber": to_json(page_number),
        "count": to_json(count),
        "versions": to_json(versions),
        "buildStatus": to_json(build_status),
    }
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/images/{image_id}/builds".format(
            image_id=quote(str(image_id), safe=""),
        ),
        "params": _params,
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> BuildPage | Error:
    from ...models.build_page import BuildPage  # noqa: PLC0415
    from ...models.error import Error  # noqa: PLC0415

    if response.status_code == 200:
        response_200 = BuildPage.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Error.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Error.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Error.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Error.from_dict(response.json())

        return response_404

    if response.status_code == 422:
        response_422 = Error.from_dict(response.json())

        return response_422

    if response.status_code == 500:
        response_500 = Error.from_dict(response.json())

        return response_500

    raise errors.UnexpectedStatus(response.status_code, response.content)


def sync_detailed(
    image_id: int,
    *,
    client: AuthenticatedClient | Client,
    date_from: datetime.datetime | Unset = UNSET,
    date_to: datetime.datetime | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_number: int | Unset = UNSET,
    count: int | Unset = UNSET,
    versions: list[int] | Unset = UNSET,
    build_status: list[BuildStatus] | Unset = UNSET,
) -> Response[BuildPage | Error]:
    """List the builds of an image, newest first.

    ``GET /images/{image_id}/builds``

    The filters are combined: a build must match all of them.

    Args:
        client: Where the service is and how to talk to it.
        image_id: The id of the image.
        date_from: Only builds started at or after this time (default: 90 days ago).
        date_to: Only builds started at or before this time (default: now).
        page_size: The number of builds on a page.
        page_number: The page to get, from 1.
        count: At most this many builds, newest first; `-1` for all in the date range.
        versions: Only builds of the versions with these ids.
        build_status: Only builds in one of these states.

    Returns:
        The response. Its ``parsed`` is the body as its model.

    Raises:
        httpx.HTTPError: No response, or an incomplete one.
    """

    request = _get_kwargs(
        image_id=image_id,
        date_from=date_from,
        date_to=date_to,
        page_size=page_size,
        page_number=page_number,
        count=count,
        versions=versions,
        build_status=build_status,
    )
    return Response(client.get_httpx_client().request(**request), _parse_response)


async def asyncio_detailed(
    image_id: int,
    *,
    client: AuthenticatedClient | Client,
    date_from: datetime.datetime | Unset = UNSET,
    date_to: datetime.datetime | Unset = UNSET,
    page_size: int | Unset = UNSET,
    page_number: int | Unset = UNSET,
    count: int | Unset = UNSET,
    versions: list[int] | Unset = UNSET,
    build_status: list[BuildStatus] | Unset = UNSET,
) -> Response[BuildPage | Error]:
    """Do what ``sync_detailed`` does, asynchronously."""
    request = _get_kwargs(
        image_id=image_id,
        date_from=date_from,
        date_to=date_to,
        page_size=page_size,
        page_number=page_number,
        count=count,
        versions=versions,
        build_status=build_status,
    )
    return Response(await client.get_async_httpx_client().request(**request), _parse_response)
