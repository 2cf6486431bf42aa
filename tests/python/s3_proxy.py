"""A proxy in front of an S3 server that answers as told: it throttles, resets connections, refuses."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlparse

SLOW_DOWN = (
    b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
)
DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'

#: Gets method, path and the count of requests so far; says `"slow"`, `"reset"`, `"lost"` (done, but the answer is not
#: sent), `"deny"`, or None to pass it on.
Fault = Callable[[str, str, int], "str | None"]


@contextlib.contextmanager
def s3_proxy(target: str, fault: Fault) -> Iterator[tuple[str, list[str]]]:
    """Its endpoint, and a list of the faults it made so far."""
    host = urlparse(target).netloc
    made: list[str] = []
    count, lock = [0], threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            with lock:
                count[0] += 1
                kind = fault(self.command, self.path, count[0])
                if kind:
                    made.append(kind)
            if kind == "reset":
                self.close_connection = True
                return
            if kind in ("slow", "deny"):
                return self.answer(503 if kind == "slow" else 403, {}, SLOW_DOWN if kind == "slow" else DENIED)
            upstream = http.client.HTTPConnection(host, timeout=30)
            # As signed, with the proxy's own name in Host.
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(body)
            answer = upstream.getresponse()
            content = answer.read()
            if kind == "lost":
                self.close_connection = True
                return
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in ("connection", "date")}
            self.answer(answer.status, headers, content)
            upstream.close()

        def answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding"):
                    self.send_header(name, value)
            length = headers.get("Content-Length", str(len(content))) if self.command == "HEAD" else str(len(content))
            if status != 204:
                self.send_header("Content-Length", length)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", made
    finally:
        server.shutdown()
        server.server_close()
