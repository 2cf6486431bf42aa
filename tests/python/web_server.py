"""A web server on loopback that is slow or fails as told."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Answers a request by itself, or gives the number of seconds after which the page is served.
Fault = Callable[[BaseHTTPRequestHandler], "float | None"]


@contextmanager
def web_server(pages: dict[str, bytes], fault: Fault = lambda _: 0.0) -> Iterator[tuple[str, list[str]]]:
    """Serves `pages` by path, ranges too; gives its URL, and the requests that it got."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            requests.append(f"{self.command} {self.path}")
            delay = fault(self)
            if delay is None:
                return
            time.sleep(delay)
            body = pages.get(self.path)
            if body is None:
                self.send_error(404)
                return
            first, last, status = 0, len(body), 200
            if (given := self.headers.get("Range")) is not None:
                start, _, end = given[len("bytes=") :].partition("-")
                first, last, status = int(start), int(end) + 1 if end else last, 206
            self.send_response(status)
            if status == 206:
                self.send_header("Content-Range", f"bytes {first}-{min(last, len(body)) - 1}/{len(body)}")
            part = body[first:last]
            self.send_header("Content-Length", str(len(part)))
            self.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
            self.send_header("Last-Modified", "Thu, 05 Mar 2026 10:00:00 GMT")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(part)

        do_HEAD = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", requests
    finally:
        server.shutdown()
        server.server_close()
