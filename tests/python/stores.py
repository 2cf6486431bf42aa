"""A real S3 server on loopback, and a web server that is slow or fails as told."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEYS = {"aws_access_key_id": "testkey", "aws_secret_access_key": "testsecret"}


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, and neither on the port 10,000 above, where the server has its other protocol."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
            if port > 50_000 or port in found:
                continue
            try:
                other.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
            found.append(port)
    return found


class Bucket:
    """A bucket of the server, and plain requests to it."""

    def __init__(self, port: int, name: str) -> None:
        self.port, self.name = port, name

    @property
    def options(self) -> dict[str, str]:
        """Storage options that reach it."""
        return {"endpoint": f"http://127.0.0.1:{self.port}", "region": "us-east-1", **KEYS}

    def request(self, method: str, path: str, body: bytes = b"") -> int:
        """A signed request; gives the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, _signed(method, f"127.0.0.1:{self.port}", path, body))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def put(self, key: str, body: bytes) -> None:
        """Writes an object."""
        status = self.request("PUT", f"/{self.name}/{urllib.parse.quote(key)}", body)
        assert status == 200, (key, status)


def _signed(method: str, host: str, path: str, body: bytes) -> dict[str, str]:
    """The headers of a request as AWS signs them, version 4."""
    import hmac

    def mac(key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    day, digest = now[:8], hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": now}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = "\n".join([method, path, "", lines, names, digest])
    scope = f"{day}/us-east-1/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + KEYS["aws_secret_access_key"]).encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        key = mac(key, part)
    signature = mac(key, text).hex()
    credential = f"{KEYS['aws_access_key_id']}/{scope}"
    headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return headers


@contextmanager
def s3_server(folder: Path) -> Iterator[int]:
    """SeaweedFS; gives the port of its S3 service."""
    import sysconfig

    master, volume, filer, s3 = free_ports(4)
    config = {
        "identities": [
            {
                "name": "tests",
                "credentials": [{"accessKey": KEYS["aws_access_key_id"], "secretKey": KEYS["aws_secret_access_key"]}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            }
        ]
    }
    (folder / "s3.json").write_text(json.dumps(config))
    weed = Path(sysconfig.get_path("scripts")) / "weed"
    command = [
        str(weed), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder}", "-s3", f"-s3.port={s3}",
        f"-s3.config={folder / 's3.json'}", f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}",
        "-master.volumeSizeLimitMB=64", "-volume.max=20",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, start_new_session=True)
    try:
        probe = Bucket(s3, "probe")
        deadline = time.monotonic() + 90
        while True:
            try:
                if probe.request("PUT", "/probe") in (200, 409):
                    probe.put("ready", b"x")
                    break
            except (OSError, AssertionError, http.client.HTTPException):
                pass
            assert server.poll() is None and time.monotonic() < deadline, folder / "log"
            time.sleep(0.2)
        yield s3
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


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
