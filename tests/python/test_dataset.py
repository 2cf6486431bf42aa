"""Datasets: what readers find in them, on disk and in a bucket, also after a job was killed."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from logs import COMBINED
from s3_server import BUCKET, Server, s3_server

import logarrow as la
from logarrow import _logarrow

FORMAT = "apache.combined"
DAYS = ["2026-03-05", "2026-03-06", "2026-03-07"]


def log_of(rows: range) -> bytes:
    """Lines over three days, whose path is their number."""
    line = '192.0.2.7 - ana [{:02}/Mar/2026:10:00:01 +0000] "GET /{} HTTP/1.1" {} 512 "-" "curl/8.9"\n'
    return "".join(line.format(5 + n % 3, n, 200 + n % 2 * 204) for n in rows).encode()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two files, one of them compressed."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log").write_bytes(log_of(range(300)))
    (folder / "b.log.gz").write_bytes(gzip.compress(log_of(range(300, 500))))
    return folder


def scan_of(logs: Path, **options: Any) -> la.Scan:
    return la.scan(str(logs), FORMAT, derive={"dt": "date(time)"}, **options)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


def numbers(table: pa.Table) -> list[int]:
    return sorted(int(path[1:]) for path in table["path"].to_pylist())


def test_a_dataset_lists_its_files(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = scan_of(logs).write_parquet(f"{out}/", partition_by="dt", job_id="daily")
    names = [os.path.relpath(file["path"], out) for file in report.written]
    assert names == [f"dt={day}/part-daily-00001-0000{at}.parquet" for at, day in enumerate(DAYS)]
    assert sum(file["rows"] for file in report.written) == report.rows == 500
    assert [file["bytes"] for file in report.written] == [os.path.getsize(file["path"]) for file in report.written]
    assert la.committed(out) == report.written
    record = json.loads((out / "_logarrow" / "commits" / "daily-00001.json").read_text())
    assert (record["rows"], record["report"]["rows"], record["mode"]) == (500, 500, "error")
    assert record["bytes"] == sum(file["bytes"] for file in report.written)
    assert [file["name"] for file in record["report"]["files"]] == [str(logs / "a.log"), str(logs / "b.log.gz")]


def test_readers_agree(logs: Path, tmp_path: Path) -> None:
    duckdb, pl = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    scan = scan_of(logs, columns=["time", "path", "status", "bytes", "user", "dt"])
    scan.write_parquet(tmp_path / "out", partition_by=["dt"], sort_by=["status", "time"])
    want = scan.to_arrow().sort_by([("path", "ascending")])
    order = want.column_names
    found = ds.dataset(
        tmp_path / "out", partitioning=ds.partitioning(pa.schema([("dt", pa.date32())]), flavor="hive")
    ).to_table()
    assert found.select(order).sort_by([("path", "ascending")]).cast(want.schema).equals(want)
    glob = str(tmp_path / "out" / "*" / "*.parquet")
    lazy = pl.scan_parquet(glob, hive_partitioning=True, try_parse_hive_dates=True).select(order).sort("path")
    assert lazy.collect().equals(pl.from_arrow(want))
    query = f"SELECT * FROM read_parquet('{glob}', hive_partitioning=true, hive_types={{'dt': DATE}}) ORDER BY path"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        rows = connection.sql(query).select(*order).to_arrow_table()
    assert rows.to_pylist() == want.to_pylist()
    for file in la.committed(tmp_path / "out"):
        status = pq.read_table(file["path"], partitioning=None)["status"].to_pylist()
        assert status == sorted(status)


def test_hostile_values_name_directories(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    agents = ["a/b", "..", "../../x", "k=v", "100%", 'q"', "é", "sp ace", "a:b", "{x}", "-", "C:\\x", "%41", "#?"]
    line = '192.0.2.7 - - [05/Mar/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 5 "-" "{}"\n'
    text = "".join(line.format(agent.replace("\\", "\\\\").replace('"', '\\"')) for agent in agents).encode()
    out = tmp_path / "deep" / "out"
    scan = la.scan(text, FORMAT, columns=["path", "user_agent"])
    want = scan.to_arrow()["user_agent"].to_pylist()
    assert sorted(map(str, want)) == sorted(agent if agent != "-" else "None" for agent in agents)
    scan.write_parquet(out, partition_by="user_agent")
    assert sorted(os.listdir(tmp_path)) == ["deep"] and os.listdir(tmp_path / "deep") == ["out"]
    assert all(name.startswith(("user_agent=", "_logarrow")) for name in os.listdir(out))
    schema = pa.schema([("user_agent", pa.string())])
    table = ds.dataset(out, partitioning=ds.partitioning(schema, flavor="hive")).to_table()
    assert sorted(map(str, table["user_agent"].to_pylist())) == sorted(map(str, want))
    query = (
        f"SELECT user_agent FROM read_parquet('{out}/*/*.parquet', hive_partitioning=true, hive_types_autocast=false)"
    )
    rows = duckdb.sql(query).fetchall()
    assert sorted(str(row[0]) for row in rows if row[0] != "__HIVE_DEFAULT_PARTITION__") == sorted(
        value for value in want if value is not None
    ) or len(rows) == len(want)


def test_modes_and_jobs(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    scan = scan_of(logs)
    scan.write_parquet(out, partition_by="dt")
    first = la.committed(out)
    # The same job again replaces its rows, however many threads it gets; a job of other rows is refused.
    scan.with_options(threads=1).write_parquet(out, partition_by="dt")
    assert la.committed(out) != first and numbers(pq.read_table(out)) == list(range(500))
    with pytest.raises(FileExistsError, match="append"):
        scan.filter("status = 200").write_parquet(out, partition_by="dt")
    scan.filter("status = 404").write_parquet(out, partition_by="dt", mode="append")
    assert pq.read_table(out).num_rows == 750
    scan.filter("path = '/3'").write_parquet(out, partition_by="dt", mode="overwrite_partitions")
    assert numbers(pq.read_table(out / f"dt={DAYS[0]}")) == [3]
    scan.write_parquet(out, partition_by="dt", mode="overwrite")
    assert numbers(pq.read_table(out)) == list(range(500))
    # Bytes have no name that would tell one from another.
    text = la.scan(COMBINED, FORMAT)
    for _ in range(2):
        text.write_parquet(tmp_path / "bytes", mode="append")
    assert pq.read_table(tmp_path / "bytes").num_rows == 6
    with pytest.raises(TypeError, match="mode='overwrite'"):
        scan.write_parquet(out, partition_by="dt", overwrite=True)


def test_a_path_with_an_ending_is_one_file(logs: Path, tmp_path: Path) -> None:
    scan_of(logs).write_parquet(tmp_path / "one.parquet")
    assert pq.read_table(tmp_path / "one.parquet").num_rows == 500
    with pytest.raises(la.SchemaError, match="no column"):
        scan_of(logs).write_parquet(tmp_path / "new", partition_by="day")
    with pytest.raises(TypeError, match="max_partitions"):
        scan_of(logs).write_parquet(tmp_path / "new", partition_by="dt", max_partitons=5)
    assert not (tmp_path / "new").exists()


WORKER = """
import json, sys
import logarrow as la
source, dest, options, storage = sys.argv[1:]
scan = la.scan(source, "apache.combined", derive={"dt": "date(time)"}, threads=1, batch_rows=50)
scan.write_parquet(dest, partition_by="dt", target_file_bytes=1500, job_id="daily",
                   storage_options=json.loads(storage), **json.loads(options))
"""


def work(source: Path, dest: str, point: str = "", storage: dict | None = None, **options: Any) -> int:
    """The job in a process of its own, which ends at `point`."""
    args = [str(source), dest, json.dumps(options), json.dumps(storage or {})]
    env = {**os.environ, "LOGARROW_FAIL_POINT": point}
    done = subprocess.run([sys.executable, "-c", WORKER, *args], env=env, capture_output=True, timeout=120)
    assert done.returncode in (0, -signal.SIGABRT), done.stderr.decode()[-3000:]
    return done.returncode


def objects(server: Server, prefix: str) -> list[str]:
    pages = server.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def table_of(server: Server, keys: list[str]) -> list[int]:
    """The numbers of the rows in objects, each of which must be whole."""
    client, found = server.client(), []
    for key in keys:
        body = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        found += numbers(pq.read_table(pa.BufferReader(body), columns=["path"]))
    return sorted(found)


def seen(server: Server, prefix: str) -> list[int]:
    return table_of(server, [key for key in objects(server, prefix) if key.endswith(".parquet")])


def recorded(server: Server, dest: str) -> list[int]:
    files = la.committed(dest, storage_options=server.options)
    return table_of(server, [file["path"].removeprefix(f"s3://{BUCKET}/") for file in files])


def test_a_bucket_takes_a_dataset(server: Server, logs: Path) -> None:
    dest = f"s3://{BUCKET}/plain/"
    report = scan_of(logs).write_parquet(dest, partition_by="dt", storage_options=server.options, sort_by="status")
    assert [file["path"].rsplit("/", 2)[1] for file in report.written] == [f"dt={day}" for day in DAYS]
    assert seen(server, "plain/") == recorded(server, dest) == list(range(500))
    sizes = {
        entry["Key"]: entry["Size"]
        for entry in server.client().list_objects_v2(Bucket=BUCKET, Prefix="plain/")["Contents"]
    }
    assert all(sizes[file["path"].removeprefix(f"s3://{BUCKET}/")] == file["bytes"] for file in report.written)
    assert sorted(key.split("/")[1] for key in sizes) == ["_logarrow", *[f"dt={day}" for day in DAYS]]
    with pytest.raises(FileExistsError):
        scan_of(logs).filter("status = 200").write_parquet(dest, storage_options=server.options)
    wrong = {**server.options, "secret_access_key": "wrong"}
    with pytest.raises(PermissionError) as caught:
        scan_of(logs).write_parquet(dest, storage_options=wrong)
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_killed_at_every_step_in_a_bucket(server: Server, tmp_path: Path, mode: str) -> None:
    few, all_of_it = tmp_path / "few.log", tmp_path / "all.log"
    few.write_bytes(log_of(range(60)))
    all_of_it.write_bytes(log_of(range(150)))
    for point in _logarrow.fail_points():
        prefix = f"killed-{mode}-{point}"
        dest = f"s3://{BUCKET}/{prefix}"
        assert work(few, dest, storage=server.options) == 0
        assert work(all_of_it, dest, point, server.options, mode=mode) == -signal.SIGABRT, f"{point} was not reached"
        assert recorded(server, dest) in (list(range(60)), list(range(150))), point
        seen(server, prefix)
        assert work(all_of_it, dest, storage=server.options, mode=mode) == 0
        assert recorded(server, dest) == seen(server, prefix) == list(range(150)), point
        left = [key for key in objects(server, prefix) if not key.endswith(".parquet")]
        assert len(left) == 1 and "/_logarrow/commits/daily-" in left[0], point


def test_two_live_jobs_in_a_bucket(server: Server, tmp_path: Path) -> None:
    key = "locked/_logarrow/lock"
    other = {"job": "other", "host": "elsewhere", "system": "", "pid": 1, "born": "", "token": 1}
    server.client().put_object(Bucket=BUCKET, Key=key, Body=json.dumps(other).encode())
    scan = la.scan(COMBINED, FORMAT)
    with pytest.raises(OSError, match=r"job other \(process 1 on elsewhere\)"):
        scan.write_parquet(f"s3://{BUCKET}/locked", storage_options=server.options)
    assert objects(server, "locked") == [key]


def test_single_objects(server: Server, bad_log: Path) -> None:
    base = f"s3://{BUCKET}/single"
    scan = la.scan(bad_log, FORMAT, rejects_to=f"{base}/rejects.parquet")
    report = scan.write_json(f"{base}/rows.jsonl.gz", storage_options=server.options)
    body = server.client().get_object(Bucket=BUCKET, Key="single/rows.jsonl.gz")["Body"].read()
    assert len(gzip.decompress(body).splitlines()) == report.rows and report.written[0]["bytes"] == len(body)
    body = server.client().get_object(Bucket=BUCKET, Key="single/rejects.parquet")["Body"].read()
    assert pq.read_table(pa.BufferReader(body))["line"].to_pylist() == [2, 4]
    with pytest.raises(FileExistsError):
        scan.with_options(rejects_to=None).write_json(f"{base}/rows.jsonl.gz", storage_options=server.options)


def test_text_files(tmp_path: Path) -> None:
    import csv

    scan = la.scan(COMBINED, FORMAT, columns=["time", "path", "status", "bytes", "user"])
    want = scan.to_arrow().to_pylist()
    scan.write_csv(tmp_path / "rows.csv")
    rows = list(csv.DictReader((tmp_path / "rows.csv").open(newline="")))
    assert [row["path"] for row in rows] == [row["path"] for row in want]
    assert [dt.datetime.fromisoformat(row["time"].replace("Z", "+00:00")) for row in rows] == [
        row["time"] for row in want
    ]
    scan.write_json(tmp_path / "rows.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines()]
    assert [list(line) for line in lines] == [list(row) for row in want]
    assert [line["status"] for line in lines] == [row["status"] for row in want]
    scan.write_csv(tmp_path / "rows.tsv.gz", delimiter="\t", header=False)
    assert gzip.decompress((tmp_path / "rows.tsv.gz").read_bytes()).count(b"\t") == 4 * len(want)
    with pytest.raises(ValueError, match="delimiter"):
        scan.write_csv(tmp_path / "x.csv", delimiter="ab")
    with pytest.raises(FileExistsError):
        scan.write_csv(tmp_path / "rows.csv")


def test_nested_columns_as_text(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    text = b"level=info msg=hello who=you\nlevel=warn msg=bye\n"
    scan = la.scan(text, "logfmt")
    nested = [field.name for field in scan.schema if pa.types.is_nested(field.type)]
    scan = scan if nested else scan.select(*scan.schema.names, "pairs")
    scan.write_csv(tmp_path / "rows.csv")
    scan.write_json(tmp_path / "rows.jsonl")
    assert duckdb.sql(f"SELECT * FROM '{tmp_path}/rows.csv'").fetchall()
    assert [json.loads(line)["level"] for line in (tmp_path / "rows.jsonl").open()] == ["info", "warn"]
