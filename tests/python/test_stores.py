"""Sources by URL: a real S3 server, a web server that is slow or fails, and fsspec."""

from __future__ import annotations

import gzip
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from logs import COMBINED
from s3_server import BUCKET, Server, s3_server
from web_server import web_server

import logarrow as la

FORMAT = "apache.combined"


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose bucket has a few logs."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        for key in KEYS:
            server.put(key, gzip.compress(COMBINED) if key.endswith(".gz") else COMBINED)
        yield server


ODD = ["odd/a b+c.log", "odd/50%25.log", "odd/月 é.log", "odd/a&b=c;d.log", "odd/(x)~y.log"]
KEYS = [
    "app/2026/03/04/a.log", "app/2026/03/05/a.log", "app/2026/03/05/b.log.gz", "app/2026/03/06/_SUCCESS",
    "app/2026/03/06/a.log", "app/_temporary/0/x.log", "app.log", *ODD,
]  # fmt: skip


def paths(bucket: Server, *patterns: str, **options: Any) -> list[str]:
    """The keys that patterns name."""
    urls = [f"s3://{BUCKET}/{pattern}" for pattern in patterns]
    table = la.read(urls, FORMAT, storage_options=bucket.options, include=["path"], columns=["_path"], **options)
    names = table["_path"].to_pylist()
    assert len(names) % 3 == 0
    prefix = f"s3://{BUCKET}/"
    return [name.removeprefix(prefix) if hasattr(name, "removeprefix") else name[len(prefix) :] for name in names[::3]]


@pytest.mark.parametrize(
    ("pattern", "want"),
    [
        ("app.log", ["app.log"]),
        ("app/2026/03/05/", ["app/2026/03/05/a.log", "app/2026/03/05/b.log.gz"]),
        ("app/2026/03/05", ["app/2026/03/05/a.log", "app/2026/03/05/b.log.gz"]),
        ("app/2026/*/05/*.gz", ["app/2026/03/05/b.log.gz"]),
        ("app/2026/03/0[45]/a.log", ["app/2026/03/04/a.log", "app/2026/03/05/a.log"]),
        ("app/**/a.log", ["app/2026/03/04/a.log", "app/2026/03/05/a.log", "app/2026/03/06/a.log"]),
        ("app/2026/03/?6", ["app/2026/03/06/a.log"]),
        ("app/", [key for key in KEYS if key.startswith("app/2026") and "_S" not in key]),
        ("*.log", ["app.log"]),
        ("app/_temporary/", ["app/_temporary/0/x.log"]),
        ("app/2026/03/06/_*", ["app/2026/03/06/_SUCCESS"]),
        ("odd/", sorted(ODD, key=str.encode)),
    ],
)
def test_keys_prefixes_and_globs(bucket: Server, pattern: str, want: list[str]) -> None:
    assert paths(bucket, pattern) == want


def test_lists_keep_their_order_and_name_each_once(bucket: Server) -> None:
    assert paths(bucket, "app/2026/03/06/", "app.log", "app/2026/03/06/a.log") == ["app/2026/03/06/a.log", "app.log"]


@pytest.mark.parametrize("key", ODD)
def test_odd_keys(bucket: Server, key: str) -> None:
    assert paths(bucket, key) == [key]


def test_dates(bucket: Server) -> None:
    pattern = "{app}/{yyyy}/{MM}/{dd}/"
    assert paths(bucket, pattern, dates=("2026-03-05", "2026-03-09"))[::2] == [
        "app/2026/03/05/a.log",
        "app/2026/03/06/a.log",
    ]
    assert paths(bucket, pattern, dates="2026-03-04") == ["app/2026/03/04/a.log"]
    with pytest.raises(FileNotFoundError, match="matches no object"):
        paths(bucket, pattern, dates=("2027-01-01", "2027-01-02"))
    with pytest.raises(ValueError, match="no place for the dates"):
        paths(bucket, "app/", dates="2026-03-04")


def test_what_is_refused(bucket: Server) -> None:
    url = "s3://logs/app.log"
    with pytest.raises(PermissionError, match="credentials") as refused:
        la.read(url, FORMAT, storage_options={**bucket.options, "secret_access_key": "wrong-secret"})
    assert "wrong-secret" not in str(refused.value)
    with pytest.raises(FileNotFoundError, match="no such bucket"):
        la.read("s3://nobucket/a.log", FORMAT, storage_options=bucket.options)
    with pytest.raises(FileNotFoundError, match="matches no object"):
        la.read("s3://logs/app/none*.log", FORMAT, storage_options=bucket.options)
    with pytest.raises(ValueError, match='no option "regoin"'):
        la.read(url, FORMAT, storage_options={**bucket.options, "regoin": "x"})


def test_options_are_neither_shown_nor_pickled(bucket: Server, log: Path) -> None:
    scan = la.scan("s3://logs/app.log", FORMAT, storage_options=bucket.options)
    assert "testsecret" not in repr(scan) + scan._repr_html_() + repr(scan._source._where) + str(scan._options)
    with pytest.raises(TypeError, match="storage_options cannot be pickled"):
        pickle.dumps(scan)
    assert "testsecret" not in str(scan.to_arrow().schema) + str(scan.report)
    assert pickle.loads(pickle.dumps(la.scan(str(log), FORMAT))).to_arrow().num_rows == 3


def test_environment_and_profile(bucket: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    endpoint = bucket.options["endpoint"]
    (tmp_path / "config").write_text(f"[profile tests]\nregion = us-east-1\nendpoint_url = {endpoint}\n")
    (tmp_path / "credentials").write_text("[tests]\naws_access_key_id = testkey\naws_secret_access_key = testsecret\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "tests")
    scan = la.scan("s3a://logs/app.log", FORMAT)
    # Nothing secret is in it, so it travels.
    assert pickle.loads(pickle.dumps(scan)).to_arrow().num_rows == 3


def test_command_line(bucket: Server) -> None:
    options = [part for name, value in bucket.options.items() for part in ("--storage-option", f"{name}={value}")]
    command = [
        sys.executable,
        "-m",
        "logarrow",
        "head",
        "s3://logs/app/{yyyy}/{MM}/{dd}/",
        "--dates",
        "2026-03-05..2026-03-06",
    ]
    done = subprocess.run([*command, "-f", FORMAT, *options, "--json"], capture_output=True, timeout=120)
    assert done.returncode == 0 and b"/api/v1/items" in done.stdout, done.stderr


def test_a_tree_of_many_small_objects(bucket: Server) -> None:
    """2,000 gzip objects under keys as AWS makes them: every row once."""
    from concurrent.futures import ThreadPoolExecutor

    body = gzip.compress(COMBINED)

    def put(number: int) -> None:
        region, day = ("eu-west-1", "us-east-1")[number % 2], number % 5 + 1
        bucket.put(f"AWSLogs/123456789012/elb/{region}/2026/03/{day:02}/{number:04}.log.gz", body)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(2000)))
    scan = la.scan("s3://logs/AWSLogs/", FORMAT, storage_options=bucket.options, include=["path"])
    table = scan.to_arrow()
    assert table.num_rows == 6000 == scan.report.records
    assert len(set(table["_path"].to_pylist())) == 2000
    pattern = "s3://logs/AWSLogs/{account}/elb/{region}/{yyyy}/{MM}/{dd}/"
    some = la.read(pattern, FORMAT, storage_options=bucket.options, dates=("2026-03-02", "2026-03-03"))
    assert some.num_rows == 2400


def test_requests_overlap() -> None:
    """200 pages of a server that answers after 50 ms take no 10 s, and no 20 with the look at each."""
    pages = {f"/{number}.log": COMBINED for number in range(200)}
    with web_server(pages, lambda _: 0.05) as (url, requests):
        began = time.monotonic()
        table = la.read([url + name for name in pages], FORMAT, threads=2)
        took = time.monotonic() - began
    assert table.num_rows == 600
    assert len(requests) == 400
    assert took < 8, took


def test_limited_scans_fetch_no_more_than_they_need() -> None:
    pages = {f"/{number}.log": COMBINED for number in range(20)}
    with web_server(pages) as (url, requests):
        assert la.scan([url + name for name in pages], FORMAT).head(2).num_rows == 2
    assert [line for line in requests if line.startswith("GET")] == ["GET /0.log"]


def test_faults_are_retried() -> None:
    """Each page fails twice, with what servers say when they are busy."""
    seen: dict[str, int] = {}

    def fault(request: Any) -> float | None:
        seen[request.path] = seen.get(request.path, 0) + 1
        if request.command == "HEAD" or seen[request.path] > 3:
            return 0
        request.send_error(503 if seen[request.path] == 2 else 500)
        return None

    with web_server({"/a.log": COMBINED}, fault) as (url, requests):
        assert la.read(f"{url}/a.log", FORMAT).num_rows == 3
    assert requests == ["HEAD /a.log", "GET /a.log", "GET /a.log", "GET /a.log"]


def test_a_body_that_breaks_off_is_fetched_on() -> None:
    body = COMBINED * 4000
    broken: list[str] = []

    def fault(request: Any) -> float | None:
        if request.command == "HEAD" or broken:
            return 0
        import hashlib

        broken.append(request.path)
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("ETag", f'"{hashlib.md5(body).hexdigest()}"')
        request.end_headers()
        request.wfile.write(body[:100_000])
        request.wfile.flush()
        request.connection.shutdown(socket.SHUT_RDWR)
        request.close_connection = True
        return None

    with web_server({"/a.log": body}, fault) as (url, _):
        assert la.read(f"{url}/a.log", FORMAT).num_rows == 12_000
    assert broken == ["/a.log"]


def test_pages() -> None:
    with web_server({"/a%20b.log": COMBINED}) as (url, _):
        assert la.read(f"{url}/a%20b.log", FORMAT).num_rows == 3
        with pytest.raises(FileNotFoundError):
            la.read(f"{url}/none.log", FORMAT)
        with pytest.raises(ValueError, match="query"):
            la.read(f"{url}/a.log?key=1", FORMAT)


def test_fsspec() -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    for name in ("/mem/a.log", "/mem/b.log.gz", "/mem/_c.log", "/mem/deep/d.log"):
        memory.pipe(name, gzip.compress(COMBINED) if name.endswith(".gz") else COMBINED)

    def names(source: Any, **options: Any) -> list[str]:
        table = la.read(source, FORMAT, include=["path"], columns=["_path"], **options)
        return [name.rpartition("/mem/")[2] for name in table["_path"].to_pylist()[::3]]

    assert names("/mem", filesystem=memory) == ["a.log", "b.log.gz", "deep/d.log"]
    assert names("/mem/*.log*", filesystem=memory) == ["a.log", "b.log.gz"]
    assert names(["/mem/deep/d.log", "/mem/a.log"], filesystem=memory) == ["deep/d.log", "a.log"]
    assert names("memory://mem/a.log") == ["a.log"]
    assert names(fsspec.open("memory://mem/b.log.gz")) == ["b.log.gz"]
    with memory.open("/mem/a.log") as file:
        assert la.read(file, FORMAT).num_rows == 3
    scan = la.scan("/mem/a.log", FORMAT, filesystem=memory)
    assert scan.to_arrow().equals(scan.to_arrow())
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(scan)
    with pytest.raises(FileNotFoundError):
        la.read("/mem/none*", FORMAT, filesystem=memory)
    with pytest.raises(TypeError, match="takes a file system"):
        la.read("/mem/a.log", FORMAT, filesystem="memory")


def test_pyarrow_file_systems(log: Path) -> None:
    pytest.importorskip("fsspec")
    from pyarrow.fs import LocalFileSystem

    assert la.read(str(log), FORMAT, filesystem=LocalFileSystem()).num_rows == 3
