"""A server that responds with given bytes, and injects faults."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

RESET = object()
"""In place of a response, or after one: the connection is reset."""

SILENCE = object()
"""In place of a response, or after one: nothing more comes, and the connection stays open."""


def response(status, body=b"{}", *headers, length=None):
    """Return a response after which the connection is closed."""
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status} Said So", f"Content-Length: {length}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


class RawServer:
    """Responds to each request with the next of its responses, the last one repeatedly.

    A response is a tuple of what is sent: bytes, seconds or an event to wait for, and at the end perhaps ``RESET`` or
    ``SILENCE``.

    One that is ``deaf`` reads no more of a request than its first byte, so that a long one can't be sent.
    """

    def __init__(self, *responses, deaf=False):
        self._deaf = deaf
        self._responses = [given if isinstance(given, tuple) else (given,) for given in responses]
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.received = []
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    @property
    def bodies(self):
        """The bodies of the requests received so far."""
        return [request.partition(b"\r\n\r\n")[2] for request in self.received]

    def _serve(self):
        silent = []
        with suppress(OSError):
            while not self._stopping.is_set():
                connection, _ = self._socket.accept()
                if not self._respond(connection):
                    silent.append(connection)
        for connection in silent:
            connection.close()

    def _respond(self, connection):
        """Serve one request; whether the connection is done with."""
        connection.settimeout(30)
        # What is sent just before a reset would otherwise wait until the bytes before it are acknowledged.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        request = connection.recv(1) if self._deaf else _read(connection)
        if not request:
            connection.close()
            return True
        self.received.append(request)
        chunks = self._responses.pop(0) if len(self._responses) > 1 else self._responses[0]
        with suppress(ConnectionError):  # a client that has disconnected
            return self._send(connection, chunks)
        connection.close()
        return True

    def _send(self, connection, chunks):
        for chunk in chunks:
            if chunk is SILENCE:
                return False
            if chunk is RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif isinstance(chunk, float):
                self._stopping.wait(chunk)
            elif isinstance(chunk, threading.Event):
                chunk.wait(30)
            else:
                connection.sendall(chunk)
        connection.close()
        return True


def _read(connection):
    """Return a request: its head, and its body by Content-Length or chunked encoding."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += (chunk := connection.recv(65536))
        if not chunk:
            return b""
    head, _, body = request.partition(b"\r\n\r\n")
    named = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(named.get(b"content-length", 0))
    while len(body) < length or (b"transfer-encoding" in named and not body.endswith(b"0\r\n\r\n")):
        body += (chunk := connection.recv(65536))
        if not chunk:
            break
    return head + b"\r\n\r\n" + body
