"""A proxy between any client and the local service, which records every exchange."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx

from tests.integration.recording import Exchange

IMAGES = "/image-management/"
DOWNLOADS = "/downloads/"


class Forwarder:
    """What is asked of the Images service is passed on; what the SDK asks beside it gets an empty response.

    Attributes:
        exchanges: Those with the Images service.
        others: The method and path of those beside it.
    """

    def __init__(self, target):
        self._target = urlsplit(target).netloc
        self.exchanges = []
        self.others = []
        forwarder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # The head and the body of a response are two writes.
            disable_nagle_algorithm = True

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except ConnectionError:
                    self.close_connection = True

            def do(self):
                forwarder._serve(self)

            def log_message(self, *_):
                pass

            do_GET = do_POST = do_PATCH = do_DELETE = do  # noqa: N815 - the names that http.server looks for

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def taken(self):
        """Return the exchanges with the Images service since this was last called."""
        exchanges, self.exchanges = self.exchanges, []
        return exchanges

    def _serve(self, request):
        sent = request.rfile.read(int(request.headers.get("content-length", 0)))
        if not request.path.startswith((IMAGES, DOWNLOADS)):
            self.others.append((request.command, request.path))
            self._answer(request, 200, [("Content-Type", "application/json")], b"{}")
            return
        exchange = Exchange(request.command, httpx.URL(self.url + request.path), httpx.Headers(request.headers.items()))
        exchange.sent += sent
        self.exchanges.append(exchange)
        service = http.client.HTTPConnection(self._target, timeout=30)
        service.request(request.command, request.path, sent or None, dict(request.headers.items()))
        response = service.getresponse()
        content = response.read()
        service.close()
        exchange.status, exchange.headers = response.status, httpx.Headers(response.getheaders())
        exchange.received += content
        exchange.complete = True
        kept = [
            item for item in response.getheaders() if item[0].lower() not in ("content-length", "connection", "date")
        ]
        self._answer(request, response.status, kept, content)

    def _answer(self, request, status, headers, content):
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        if status != 204:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)
