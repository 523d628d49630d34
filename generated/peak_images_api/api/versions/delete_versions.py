# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from ... import errors
from ...types import UNSET, Response, to_json

if TYPE_CHECKING:
    from typing import cast

    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.deleting import Deleting
    from ...models.error import Error


def _get_kwargs(
    image_id: int,
    *,
    version_ids: list[int],
) -> dict[str, Any]:

    _params: dict[str, Any] = {
        "versionIds": to_json(version_ids),
    }
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/images/{image_id}/versions".format(
            image_id=quote(str(image_id), safe=""),
        ),
        "params": _params,
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> Any | Deleting | Error:
    from ...models.deleting import Deleting  # noqa: PLC0415
    from ...models.error import Error  # noqa: PLC0415

    if response.status_code == 200:
        response_200 = Deleting.from_dict(response.json())

        return response_200

    if response.status_code == 204:
        response_204 = cast(Any, None)
        return response_204

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

    if response.status_code == 409:
        response_409 = Error.from_dict(response.json())

        return response_409

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
    version_ids: list[int],
) -> Response[Any | Deleting | Error]:
    """Delete several versions.

    ``DELETE /images/{image_id}/versions``

    The versions go to `deleting` and are deleted asynchronously. A version that can't be deleted goes to
    `delete-failed`.

    Args:
        client: Where the service is and how to talk to it.
        image_id: The id of the image.
        version_ids: The ids of the versions to delete, at least one.

    Returns:
        The response. Its ``parsed`` is the body as its model.

    Raises:
        httpx.HTTPError: No response, or an incomplete one.
    """

    request = _get_kwargs(
        image_id=image_id,
        version_ids=version_ids,
    )
    return Response(client.get_httpx_client().request(**request), _parse_response)


async def asyncio_detailed(
    image_id: int,
    *,
    client: AuthenticatedClient | Client,
    version_ids: list[int],
) -> Response[Any | Deleting | Error]:
    """Do what ``sync_detailed`` does, asynchronously."""
    request = _get_kwargs(
        image_id=image_id,
        version_ids=version_ids,
    )
    return Response(await client.get_async_httpx_client().request(**request), _parse_response)
