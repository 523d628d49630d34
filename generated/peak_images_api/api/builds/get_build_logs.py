# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ... import errors
from ...types import UNSET, Response, Unset, to_json

if TYPE_CHECKING:
    import httpx

    from ...client import AuthenticatedClient, Client
    from ...models.build_logs import BuildLogs
    from ...models.error import Error


def _get_kwargs(
    image_id: int,
    build_id: int | str,
    *,
    next_token: str | Unset = UNSET,
) -> dict[str, Any]:

    _params: dict[str, Any] = {
        "nextToken": to_json(next_token),
    }
    _params = {name: value for name, value in _params.items() if value is not UNSET and value is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/images/{image_id}/builds/{build_id}/logs".format(
            image_id=quote(str(image_id), safe=""),
            build_id=quote(str(build_id), safe=""),
        ),
        "params": _params,
    }

    return _kwargs


def _parse_response(response: httpx.Response) -> BuildLogs | Error:
    from ...models.build_logs import BuildLogs  # noqa: PLC0415
    from ...models.error import Error  # noqa: PLC0415

    if response.status_code == 200:
        response_200 = BuildLogs.from_dict(response.json())

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
    build_id: int | str,
    *,
    client: AuthenticatedClient | Client,
    next_token: str | Unset = UNSET,
) -> Response[BuildLogs | Error]:
    """Read a chunk of a build's log.

    ``GET /images/{image_id}/builds/{build_id}/logs``

    The response has a chunk of the log, oldest entries first, and the token of the next chunk.

    Args:
        client: Where the service is and how to talk to it.
        image_id: The id of the image.
        build_id: The id of the build, from the list of builds.
        next_token: Continue after this token, the `nextToken` of the previous chunk (default: the start of the
            log).

    Returns:
        The response. Its ``parsed`` is the body as its model.

    Raises:
        httpx.HTTPError: No response, or an incomplete one.
    """

    request = _get_kwargs(
        image_id=image_id,
        build_id=build_id,
        next_token=next_token,
    )
    return Response(client.get_httpx_client().request(**request), _parse_response)


async def asyncio_detailed(
    image_id: int,
    build_id: int | str,
    *,
    client: AuthenticatedClient | Client,
    next_token: str | Unset = UNSET,
) -> Response[BuildLogs | Error]:
    """Do what ``sync_detailed`` does, asynchronously."""
    request = _get_kwargs(
        image_id=image_id,
        build_id=build_id,
        next_token=next_token,
    )
    return Response(await client.get_async_httpx_client().request(**request), _parse_response)
