"""Writes that meet a full disk or a bad store: they succeed all the same, or say why not and leave nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import python
from s3_proxy import s3_proxy
from s3_server import BUCKET, Server, s3_server

import logarrow as la

LINE = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0000] "GET /%d HTTP/1.1" 200 5 "-" "curl/8.9"\n'
TEXT = b"".join(LINE % (n * 7919 % 100_003) for n in range(30_000))

FULL = """
import resource, signal, sys
import logarrow as la
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
scan = la.scan(sys.stdin.buffer.read(), "apache.combined")
try:
    getattr(scan, sys.argv[1])(sys.argv[2])
except OSError as err:
    print(err)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("write_parquet", "set/"),
        ("write_parquet", "out.parquet"),
        ("write_ipc", "o.arrow"),
        ("write_csv", "o.csv"),
        ("write_json", "o.jsonl"),
    ],
)
def test_a_full_disk(tmp_path: Path, method: str, name: str) -> None:
    """The system refuses to make a file longer, as it does when the disk is full."""
    done = python(FULL, method, tmp_path / name if name[-1] != "/" else f"{tmp_path}/{name}", stdin=TEXT)
    assert done.returncode == 0, done.stderr.decode()
    assert b"file too large" in done.stdout.lower() and name.rstrip("/").encode() in done.stdout, done.stdout
    assert os.listdir(tmp_path) == []


def objects(server: Server, prefix: str) -> list[str]:
    return [entry["Key"] for entry in server.client().list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])]


@pytest.mark.parametrize("kind", ["slow", "reset", "lost"])
def test_a_store_that_stumbles(server: Server, kind: str) -> None:
    """Every third request is throttled, or its connection ends before or behind what it asked for."""
    scan = la.scan(TEXT, "apache.combined")
    with s3_proxy(server.endpoint, lambda method, path, count: kind if count % 3 == 0 else None) as (endpoint, made):
        options = {**server.options, "endpoint": endpoint}
        for _ in range(2):
            scan.write_parquet(
                f"s3://{BUCKET}/{kind}", job_id="daily", target_file_bytes=50_000, storage_options=options
            )
        files = la.committed(f"s3://{BUCKET}/{kind}", storage_options=options)
    assert len(made) > 5
    found = [key for key in objects(server, kind) if key.endswith(".parquet")]
    assert found == [file["path"].removeprefix(f"s3://{BUCKET}/") for file in files]
    bodies = [server.client().get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in found]
    assert sum(pq.read_table(pa.BufferReader(body)).num_rows for body in bodies) == 30_000
    assert [key for key in objects(server, kind) if "/_logarrow/" in key] == [
        f"{kind}/_logarrow/commits/daily-00002.json"
    ]


def test_a_store_that_refuses(server: Server) -> None:
    """Credentials that end half way: the second file may not be completed."""
    completed = []

    def fault(method: str, path: str, count: int) -> str | None:
        if method == "POST" and "uploadId=" in path:
            completed.append(path)
            return "deny" if len(completed) == 2 else None
        return None

    scan = la.scan(TEXT, "apache.combined", batch_rows=2000)
    with s3_proxy(server.endpoint, fault) as (endpoint, made):
        options = {**server.options, "endpoint": endpoint}
        with pytest.raises(PermissionError, match="credentials"):
            scan.write_parquet(f"s3://{BUCKET}/denied", target_file_bytes=5000, storage_options=options)
    assert made == ["deny"]
    assert objects(server, "denied") == []
