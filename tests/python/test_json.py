"""JSON, as a user meets it: nothing named, a schema of any kind, files as AWS and Fluentd leave them."""

import gzip
import json
import os
import random
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest

import logarrow as la

CORPUS = Path(os.environ.get("LOGARROW_CORPUS", "../shared/corpus"))
RECORDS = [
    {
        "id": n,
        "at": f"2026-03-05T10:00:{n % 60:02}.500Z",
        "user": {"name": f"u{n % 7}", "tags": ["a", "b"][: n % 3]},
        "ok": n % 2 == 0,
    }
    for n in range(200)
]


def lines(records: list) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def plain(value: object) -> object:
    """A value of ours without the members that are null: what JSON does not say."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if hasattr(value, "isoformat") else value


FRAMINGS = {
    "lines": lines(RECORDS),
    "nothing between": b"".join(json.dumps(record).encode() for record in RECORDS),
    "pretty": b"\n".join(json.dumps(record, indent=2).encode() for record in RECORDS),
    "array": json.dumps(RECORDS).encode(),
    "pretty array": json.dumps(RECORDS, indent=1).encode(),
    "records": json.dumps({"Records": RECORDS}).encode(),
    "separated": b"".join(b"\x1e" + json.dumps(record).encode() + b"\n" for record in RECORDS),
}


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("chunk_bytes", [100, 5000, 1 << 20])
def test_records_are_found_whatever_is_between(framing: str, chunk_bytes: int) -> None:
    scan = la.scan(FRAMINGS[framing], "json.lines", chunk_bytes=chunk_bytes, threads=2)
    assert [plain({**row, "_extra": None}) for row in scan.to_arrow().to_pylist()] == RECORDS
    assert scan.report.rejected == scan.report.bad_values == 0


def test_schemas_of_any_kind() -> None:
    schema = pa.schema(
        [("id", pa.int32()), ("user", pa.struct([("name", pa.string())])), ("at", pa.timestamp("us", "UTC"))]
    )
    texts = {"id": "int32", "user": "struct<name: utf8>", "at": "timestamp"}
    ddl = (
        "CREATE EXTERNAL TABLE t (id int, user struct<name:string>, at timestamp) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://b/'"
    )
    wanted = [{"id": record["id"], "user": {"name": record["user"]["name"]}} for record in RECORDS]
    for given in (schema, texts, json.dumps(texts), ddl):
        fmt = la.Format.json(given)
        rows = la.read(FRAMINGS["lines"], fmt, columns=["id", "user"])
        assert rows.to_pylist() == wanted
    assert la.Format.json(schema).schema.field("user").type == schema.field("user").type


def test_one_broken_record_costs_that_record_alone() -> None:
    rng = random.Random(7)
    for framing in ("lines", "pretty array", "records"):
        parts, hit = [], set()
        for number, record in enumerate(RECORDS):
            text = bytearray(json.dumps(record, indent=1 if framing == "pretty array" else None).encode())
            if number % 20 == 3:
                hit.add(number)
                text[rng.randrange(1, len(text) - 1)] = rng.choice(b'"{}[],:x\\')
            parts.append(bytes(text))
        log = {
            "lines": b"\n".join(parts),
            "pretty array": b"[\n" + b",\n".join(parts) + b"\n]",
            "records": b'{"Records":[\n' + b",\n".join(parts) + b"\n]}",
        }[framing]
        records = ["Records"] if framing == "records" else [] if framing == "pretty array" else None
        scan = la.scan(log, la.Format.json({"id": "int64", "ok": "bool"}, records=records))
        found = {row["id"] for row in scan.to_arrow().to_pylist()}
        assert {record["id"] for number, record in enumerate(RECORDS) if number not in hit} <= found, framing
        report = scan.report
        assert report.records == report.rows + report.rejected + report.filtered + report.skipped


def test_types_that_conflict_are_bad_values() -> None:
    log = b'{"a": 1, "b": {"c": 2}}\n{"a": {"x": 1}, "b": [1]}\n{"a": "3", "b": null}\n'
    scan = la.scan(log, la.Format.json({"a": "int64", "b": "struct<c: int64>"}))
    assert scan.to_arrow().to_pylist() == [{"a": 1, "b": {"c": 2}}, {"a": None, "b": None}, {"a": 3, "b": None}]
    assert scan.rejects()["column"].to_pylist() == ["a", "b"]
    assert scan.report.bad_values == 2


def test_fluentds_object_is_read_with_no_option(tmp_path: Path) -> None:
    rows = [
        {"message": f"order {n}", "status": 200 + n % 3, "kubernetes": {"pod_name": f"shop-{n % 2}"}} for n in range(50)
    ]
    members = [
        b"".join(f"2026-03-05T10:00:{n:02}+09:00\tapp.web\t{json.dumps(rows[n])}\n".encode() for n in part)
        for part in (range(20), range(20, 21), range(21, 50))
    ]
    path = tmp_path / "20260305_0.gz"
    path.write_bytes(b"".join(gzip.compress(member) for member in members))
    table = la.read(path)
    assert table.num_rows == 50
    assert table["status"].to_pylist() == [row["status"] for row in rows]
    assert [row["kubernetes"] for row in table.select(["kubernetes"]).to_pylist()] == [
        row["kubernetes"] for row in rows
    ]
    assert table["tag"].to_pylist() == ["app.web"] * 50
    kept = la.scan(path, where="status = 201", columns=["message"]).to_arrow()
    assert kept["message"].to_pylist() == [row["message"] for row in rows if row["status"] == 201]


def test_a_web_log_in_dockers_json() -> None:
    line = '192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=\\"1\\" HTTP/1.1" 200 512 "-" "curl/8.9"'
    log = lines(
        [
            {"log": line + "\n", "stream": "stdout", "time": "2026-03-05T01:00:01.5Z"},
            {"log": "no log", "stream": "stderr"},
        ]
    )
    scan = la.scan(log, "json.lines", inner={"log": "apache.combined"})
    first, second = scan.to_arrow().to_pylist()
    assert (first["status"], first["path"], first["stream"]) == (200, '/a?b="1"', "stdout")
    assert (second["status"], second["stream"]) == (None, "stderr")
    assert scan.report.bad_values == 1


def same(found: object, wanted: object) -> bool:
    """Whether a cell says what Python's reader says: as JSON text where kinds are mixed, scalars then as text."""
    if isinstance(wanted, dict | list) and isinstance(found, str):
        return json.loads(found) == wanted
    if isinstance(wanted, dict):
        return (found is None and not wanted) or all(same(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if hasattr(found, "isoformat"):
        return found == datetime.fromisoformat(wanted.replace("Z", "+00:00"))
    return found == wanted or found == json.dumps(wanted)


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
def test_cloudtrail_has_the_values_of_pythons_json() -> None:
    as_written = {"requestParameters", "responseElements", "additionalEventData", "serviceEventDetails"}
    cases = sorted((CORPUS / "aws_cloudtrail").glob("cloudtrail-*/input.log"))
    assert cases
    for path in cases:
        records = json.loads(path.read_bytes())["Records"]
        found, typed = la.read(path, "json.lines").to_pylist(), la.read(path, "aws.cloudtrail").to_pylist()
        assert len(found) == len(typed) == len(records)
        for record, row, event in zip(records, found, typed):
            assert [key for key in record if not same(row.get(key), record[key])] == []
            for key in as_written & record.keys():
                name = "".join("_" + c.lower() if c.isupper() else c for c in key)
                assert (json.loads(event[name]) if event[name] else None) == record[key]
            assert event["event_name"] == record["eventName"]
            assert event["user_identity"]["type"] == record["userIdentity"]["type"]


def test_the_schema_of_a_scan() -> None:
    given = pa.schema([("id", pa.int32()), ("user", pa.struct([("name", pa.string())])), ("none", pa.date32())])
    texts = {"id": pa.int32(), "user": {"name": "utf8"}, "none": "date"}
    ddl = (
        "CREATE EXTERNAL TABLE t (id int, user struct<name:string>, none date) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://b/'"
    )
    text = "struct<id: int32, user: struct<name: string>, none: date>"
    wanted = [{"id": record["id"], "user": {"name": record["user"]["name"]}, "none": None} for record in RECORDS]
    for schema in (given, texts, '{"id": "int32", "user": {"name": "utf8"}, "none": "date"}', ddl, text):
        for framing in ("lines", "array", "records"):
            scan = la.scan(FRAMINGS[framing], "json.lines", schema=schema)
            assert scan.schema.names == ["id", "user", "none", "_extra"]
            assert scan.schema.field("id").type == pa.int32()
            assert scan.to_arrow().select(["id", "user", "none"]).to_pylist() == wanted
    scan = la.scan(FRAMINGS["lines"], "json.lines", schema=given, extra="count", where="id < 3")
    assert scan.to_arrow().schema == given
    assert scan.with_options(schema=None).schema.names[:2] == ["id", "at"]
    rows = la.parse(['{"id": 7}'], "json.lines", schema={"id": "utf8"}, extra="count")
    assert rows.to_pylist() == [{"id": "7"}]


def test_the_schema_of_other_formats() -> None:
    log = b'192.0.2.7 - - [05/Mar/2026:10:00:01 +0900] "GET /a HTTP/1.1" 200 512\n'
    fmt = la.Format.named("apache.common")
    assert la.read(log, fmt, schema=fmt.schema) == la.read(log, fmt)
    assert la.read(log, fmt, schema={"status": "int64"}).schema.field("status").type == pa.int64()
    assert la.read(b"b,a\nx,1\n", "csv", schema={"a": "int64"}).to_pylist() == [{"a": 1}]
    alb = la.Format.named("aws.alb")
    assert la.scan(b"", alb, schema=alb.schema).schema == alb.schema
    with pytest.raises(la.SchemaError, match='no column "statos"') as err:
        la.scan(log, fmt, schema={"statos": "int64"})
    assert "status" in (err.value.hint or "")
    with pytest.raises(la.SchemaError, match="int7"):
        la.scan(log, fmt, schema={"status": "int7"})
    with pytest.raises(ValueError, match="'schema' and 'types'"):
        la.scan(log, fmt, schema={"status": "int64"}, types={"bytes": "int32"})
    with pytest.raises(TypeError, match="not int"):
        la.scan(log, fmt, schema=7)
