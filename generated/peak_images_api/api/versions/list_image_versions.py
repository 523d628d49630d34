# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...types import UNSET, Response, Unset, to_json

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.build_status import BuildStatus
    from ...models.error import Error
    from ...models.image_status import ImageStatus
    from ...models.version_page import VersionPage


def _get_kwargs(
    image_id: int,
    *,
    page_size: int | Unset = UNSET,
    page_number: int | Unset = UNSET,
    search_term: str | Unset = UNSET,
    status: list[ImageStatus] | Unset = UNSET,
    last_build_status: list[BuildStatus] | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {
        "pageSize": to_json(page_size),
        "pageNumber": to_json(page_number),
        "searchTerm": to_json(search_term),
        "status": to_json(status),
        "lastBuildStatus": to_json(last_build_status),
        "tags": to_json(tags),
    }
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/images/{image_id}/versions".format(
            image_id=quote(str(image_id), safe=""),
        ),
        "params": _params,
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> Error | VersionPage:
    from ...models.error import Error  # noqa: PLC0415
    from ...models.version_page import VersionPage  # noqa: PLC0415

    if response.status_code == 200:
        response_200 = VersionPage.from_dict(response.json())

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
    page_size: int | Unset = UNSET,
    page_number: int | Unset = UNSET,
    search_term: str | Unset = UNSET,
    status: list[ImageStatus] | Unset = UNSET,
    last_build_status: list[BuildStatus] | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
) -> Response[Error | VersionPage]:
    """List the versions of an image, newest first.

    ``GET /images/{image_id}/versions``

    The filters are combined: a version must match all of them.

    Args:
        client: Where the service is and how to talk to it.
        image_id: The id of the image.
        page_size: The number of versions on a page.
        page_number: The page to get, from 1.
        search_term: Only versions that contain this text; `0.0.1` also finds `0.0.10`.
        status: Only versions in one of these states.
        last_build_status: Only versions whose last build is in one of these states.
        tags: Only versions with at least one of these tags.

    Returns:
        The response. Its ``parsed`` is the body as its model.

    Raises:
        httpx.HTTPError: No response, or an incomplete one.
    """

    request = _get_kwargs(
        image_id=image_id,
        page_size=page_size,
        page_number=page_number,
        search_term=search_term,
        status=status,
        last_build_status=last_build_status,
        tags=tags,
    )
    return Response(client.get_httpx_client().request(**request), _parse_response)


async def asyncio_detailed(
    image_id: int,
    *,
    client: AuthenticatedClient | Client,
    page_size: int | Unset = UNSET,
    page_number: int | Unset = UNSET,
    search_term: str | Unset = UNSET,
    status: list[ImageStatus] | Unset = UNSET,
    last_build_status: list[BuildStatus] | Unset = UNSET,
    tags: list[str] | Unset = UNSET,
) -> Response[Error | VersionPage]:
    """Do what ``sync_detailed`` does, asynchronously."""
    request = _get_kwargs(
        image_id=image_id,
        page_size=page_size,
        page_number=page_number,
        search_term=search_term,
        status=status,
        last_build_status=last_build_status,
        tags=tags,
    )
    return Response(await client.get_async_httpx_client().request(**request), _parse_response)
