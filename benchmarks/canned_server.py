"""A server that is never the bottleneck: fixed bytes over plain sockets, in a process of its own.

Run as ``python canned_server.py``; it prints its address and serves until its standard input ends. It responds with
what the benchmarks need, whoever the client is: pages of images, one image, builds, uploads, a log of 500 MB, and what
the official SDK asks for beside its calls. Below ``/slow`` each response takes 20 ms; below ``/few`` there are 2 pages
of images and below ``/many`` 2,000, otherwise 200. ``/requests`` is how many requests came since it was last read.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from functools import cache
from typing import Any

API = "/image-management/api/v2"
PAGE_SIZE = 100
LOG_SIZE = 500 * 10**6
LATENCY = 0.02

_VERSION = {
    "version": "0.0.1-python3.12",
    "description": "What the images of a tenant look like",
    "status": "ready",
    "lastBuildStatus": "success",
    "createdAt": "2023-06-01T18:00:00.000Z",
    "createdBy": "someone@peak.ai",
    "updatedAt": "2023-06-01T18:00:00.000Z",
    "updatedBy": "someone@peak.ai",
    "pullUrl": "110011001100.dkr.ecr.eu-west-1.amazonaws.com/default-images-latest:an-image-0.0.1",
    "size": 10,
    "tags": [{"name": "hello", "color": "#000000"}],
    "lastBuildAt": "2023-06-01T18:00:00.000Z",
    "buildDetails": {"source": "github"},
}


def _image(number: int) -> dict[str, Any]:
    image = {"id": number, "name": f"image-{number}", "type": "workflow", "scope": "custom"}
    return {**image, "latestVersion": {"id": number, **_VERSION}}


def _response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


_HEAD = re.compile(rb"(\w+) (\S+) HTTP/1.1\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HOST = re.compile(rb"\r\nhost: *(\S+)", re.IGNORECASE)
_PAGE_NUMBER = re.compile(rb"pageNumber=(\d+)")

# An identifier for each image: elements that come twice are counted once by this package.
_PAGE = _json([_image(-1) for _ in range(PAGE_SIZE)]).replace(b'"id":-1,"name":"image--1"', b'"id":%d,"name":"image"')
_PAGE = _PAGE.replace(b'"latestVersion":{"id":-1', b'"latestVersion":{"id":1')
_PAGES = b'{"imageCount":%d,"pageSize":100,"pageNumber":%d,"pageCount":%d,"images":'
_PAGE_COUNTS = {b"few": 2, b"many": 2_000}
_ONE_IMAGE = _response(_json(_image(1)))
_CREATED = _response(_json({"imageId": 1, "versionId": 2, "buildId": 3}))
_BUILD = {"buildId": 1, "versionId": 2, "version": "0.0.1", "status": "failed", "startedAt": "2023-06-01T18:00:00.000Z"}
_BUILDS = _response(_json({"buildCount": 1, "pageSize": 100, "pageNumber": 1, "pageCount": 1, "builds": [_BUILD]}))
_LOG_CHUNK = b"2023-06-01T18:00:00.000Z Step 4/9: RUN pip install --no-cache-dir -r requirements.txt\n" * 12_000


@cache
def _page(number: int, pages: int) -> bytes:
    first = (number - 1) * PAGE_SIZE + 1
    head = _PAGES % (pages * PAGE_SIZE, number, pages)
    return _response(head + _PAGE % tuple(range(first, first + PAGE_SIZE)) + b"}")


class Connection(asyncio.Protocol):
    """One connection: requests in, responses out, one after the other."""

    requests = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._head = bytearray()
        self._body_left = 0
        self._respond: Any = None
        self._log_left = 0
        self._may_write = asyncio.Event()
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        if self._body_left:
            self._body_left -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self._prepare(bytes(self._head[: end + 2]))
            self._body_left -= len(self._head) - end - 4
            self._head.clear()
        if self._body_left <= 0:
            self._body_left = 0
            self._respond()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def _prepare(self, head: bytes) -> None:
        found = _HEAD.match(head)
        if found is None:
            self._transport.abort()
            return
        length = _LENGTH.search(head)
        self._body_left = int(length[1]) if length else 0
        method, target = found[1], found[2]
        if target == b"/requests":
            body, Connection.requests = _json(Connection.requests), 0
            self._respond = lambda: self._transport.write(_response(body))
            return
        Connection.requests += 1
        if target == b"/log":
            self._respond = lambda: asyncio.ensure_future(self._send_log())
            return
        content = self._content(method, target, head)
        if target.startswith(b"/slow"):
            self._respond = lambda: asyncio.get_running_loop().call_later(LATENCY, self._transport.write, content)
        else:
            self._respond = lambda: self._transport.write(content)

    def _content(self, method: bytes, target: bytes, head: bytes) -> bytes:
        path, _, query = target.partition(b"?")
        start, _, path = path.partition(API.encode())
        if path == b"/images/" and method == b"GET":
            number = _PAGE_NUMBER.search(query)
            return _page(int(number[1]) if number else 1, _PAGE_COUNTS.get(start.rpartition(b"/")[2], 200))
        if path == b"/images/":
            return _CREATED
        if path.endswith(b"/logs/download"):
            host = _HOST.search(head)[1].decode()  # type: ignore[index]
            return _response(_json({"downloadUrl": f"http://{host}/log"}))
        if path.endswith(b"/builds"):
            return _BUILDS
        if path.startswith(b"/images/"):
            return _ONE_IMAGE
        return _response(b"{}")

    async def _send_log(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % LOG_SIZE)
        left = LOG_SIZE
        while left:
            chunk = _LOG_CHUNK[:left]
            left -= len(chunk)
            await self._may_write.wait()
            self._transport.write(chunk)


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
