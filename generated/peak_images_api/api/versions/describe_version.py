# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...types import Response

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.error import Error
    from ...models.version_detail import VersionDetail


def _get_kwargs(
    image_id: int,
    version_id: int,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/images/{image_id}/versions/{version_id}".format(
            image_id=quote(str(image_id), safe=""),
            version_id=quote(str(version_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> Error | VersionDetail:
    from ...models.error import Error  # noqa: PLC0415
    from ...models.version_detail import VersionDetail  # noqa: PLC0415

    if response.status_code == 200:
        response_200 = VersionDetail.from_dict(response.json())

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
    version_id: int,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Error | VersionDetail]:
    """Describe a version.

    ``GET /images/{image_id}/versions/{version_id}``

    The response also has the name and the type of the image.

    Args:
        client: Where the service is and how to talk to it.
        image_id: The id of the image.
        version_id: The id of the version.

    Returns:
        The response. Its ``parsed`` is the body as its model.

    Raises:
        httpx.HTTPError: No response, or an incomplete one.
    """

    request = _get_kwargs(
        image_id=image_id,
        version_id=version_id,
    )
    return Response(client.get_httpx_client().request(**request), _parse_response)


async def asyncio_detailed(
    image_id: int,
    version_id: int,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Error | VersionDetail]:
    """Do what ``sync_detailed`` does, asynchronously."""
    request = _get_kwargs(
        image_id=image_id,
        version_id=version_id,
    )
    return Response(await client.get_async_httpx_client().request(**request), _parse_response)
