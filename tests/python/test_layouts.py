"""Layouts of application logs: what Python's own logging writes is read back, whichever way it is told to write."""

from __future__ import annotations

import datetime as dt
import io
import logging
import pickle
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import logarrow as la

ATTRIBUTES = {
    "name": ("name", "shop.cart"),
    "levelname": ("level", "WARNING"),
    "levelno": ("levelno", 30),
    "pathname": ("pathname", "/srv/a b/cart.py"),
    "filename": ("filename", "cart.py"),
    "module": ("module", "cart"),
    "lineno": ("lineno", 12),
    "funcName": ("func_name", "<module>"),
    "created": ("created", dt.datetime(2026, 3, 5, 10, 0, 1, 123456, tzinfo=dt.timezone.utc)),
    "msecs": ("msecs", 123.0),
    "relativeCreated": ("relative_created", 4711.5),
    "thread": ("thread", 140231),
    "threadName": ("thread_name", "Thread-1 (serve)"),
    "process": ("process", 99),
    "processName": ("process_name", "MainProcess"),
    "taskName": ("task_name", "Task-7"),
    "message": ("message", "added 3 of 5"),
    "request_id": ("request_id", "r-1"),
}
STYLES = {"%": "%({})s", "{": "{{{}}}", "$": "${{{}}}"}


def record(**changes: Any) -> logging.LogRecord:
    made = logging.LogRecord("shop.cart", logging.WARNING, "/srv/a b/cart.py", 12, "added %d of %d", (3, 5), None)
    values: dict[str, Any] = {
        "funcName": "<module>",
        "created": 1772704801.123456,
        "msecs": 123.0,
        "relativeCreated": 4711.5,
        "thread": 140231,
        "threadName": "Thread-1 (serve)",
        "process": 99,
        "processName": "MainProcess",
        "taskName": "Task-7",
        "request_id": "r-1",
    }
    made.__dict__.update({**values, **changes})
    return made


def formatter(fmt: str, datefmt: str | None = None, style: Any = "%") -> logging.Formatter:
    made = logging.Formatter(fmt, datefmt, style)
    made.converter = time.gmtime  # type: ignore[assignment]
    return made


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_attribute_comes_back(style: str, attribute: str) -> None:
    fmt = f"{STYLES[style].format('asctime')} [{STYLES[style].format(attribute)}]"
    line = formatter(fmt, style=style).format(record())
    name, value = ATTRIBUTES[attribute]
    (row,) = la.read(line.encode(), la.Format.python_logging(fmt, style=style)).to_pylist()
    assert (row["time"].isoformat(), row[name]) == ("2026-03-05T10:00:01.123000+00:00", value)
    assert row.get("traceback") is None


@pytest.mark.parametrize(
    "datefmt", ["%Y-%m-%dT%H:%M:%S%z", "%d/%b/%Y %I:%M:%S %p", "%c", "%D %T", "%A, %d %B %Y %X", "%y%j %H%M%S"]
)
def test_times_come_back(datefmt: str) -> None:
    fmt = "%(levelname)-8s %(asctime)s - %(message)s"
    line = formatter(fmt, datefmt).format(record())
    (row,) = la.read(line.encode(), la.Format.python_logging(fmt, datefmt=datefmt)).to_pylist()
    assert (row["time"].isoformat(), row["message"]) == ("2026-03-05T10:00:01+00:00", "added 3 of 5")


@pytest.mark.parametrize(
    ("fmt", "style"),
    [
        ("%(asctime)s.%(msecs)03d %(levelname)-8s %(name)15s [%(threadName)-20.20s] %(message)s", "%"),
        ("{asctime}.{msecs:03.0f} {levelname:<8} {name:>15} [{threadName:^20}] {message}", "{"),
    ],
)
def test_padding_and_tracebacks(fmt: str, style: str) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(fmt, "%Y-%m-%d %H:%M:%S", style))
    try:
        raise ValueError("two\nlines")
    except ValueError as err:
        handler.handle(record())
        handler.handle(record(exc_info=(type(err), err, err.__traceback__), levelname="ERROR", msg="lost", args=()))
        handler.handle(record(msg="first\n\nsecond", args=()))
    native = la.Format.python_logging(fmt, style=style, datefmt="%Y-%m-%d %H:%M:%S")
    scan = la.scan(stream.getvalue().encode(), native)
    rows = scan.to_arrow().to_pylist()
    assert [row["level"] for row in rows] == ["WARNING", "ERROR", "WARNING"]
    assert {(row["name"], row["thread_name"]) for row in rows} == {("shop.cart", "Thread-1 (serve)")}
    assert {row["time"].isoformat() for row in rows} == {"2026-03-05T10:00:01.123000+00:00"}
    assert (rows[0]["message"], rows[2]["message"]) == ("added 3 of 5", "first\n\nsecond")
    assert rows[1]["message"].startswith("lost\nTraceback (most recent call last):\n  File ")
    assert rows[1]["message"].endswith("ValueError: two\nlines")
    assert scan.report["rejected"] == 0


def test_log4j() -> None:
    log = (
        b"2026-03-05 10:00:01,123 INFO  [main] a.B - one\n"
        b"2026-03-05 10:00:02,123 ERROR [http 1] a.B - two\njava.io.IOException: gone\n\tat a.B.c(B.java:7)\n"
    )
    fmt = la.Format.log4j("%d{ISO8601}{UTC} %-5p [%t] %c{1} - %m%n")
    rows = la.read(log, fmt).to_pylist()
    assert [row["level"] for row in rows] == ["INFO", "ERROR"] and rows[1]["thread"] == "http 1"
    assert rows[1]["message"] == "two\njava.io.IOException: gone\n\tat a.B.c(B.java:7)"
    assert pickle.loads(pickle.dumps(fmt)) == fmt and "a record starts with each line like" in fmt.explain()
    struct = la.parse(["2026-03-05T10:00:01,123 WARN  [x] a - b", "no"], fmt)
    assert struct[0].as_py()["message"] == "b" and struct[1].as_py() is None
    with pytest.raises(la.FormatError, match="unknown conversion %q") as raised:
        la.Format.log4j("%d %q")
    assert raised.value.column_byte == 4 and raised.value.hint is not None
    with pytest.raises(la.FormatError, match="% without a name"):
        la.Format.python_logging("%(message)s %")
    with pytest.raises(ValueError, match="style"):
        la.Format.python_logging("x", style="?")


def test_each_flow_log_has_its_own_header(tmp_path: Path) -> None:
    (tmp_path / "1.log").write_bytes(b"vpc-id bytes action\nvpc-1 7 ACCEPT\n")
    (tmp_path / "2.log").write_bytes(b"action packets vpc-id bytes\nREJECT 3 vpc-2 8\n" * 2)
    for threads in (1, 4):
        scan = la.scan(str(tmp_path / "*.log"), "aws.vpc_flow", threads=threads)
        rows = scan.to_arrow().to_pylist()
        assert rows[0] == {"vpc_id": "vpc-1", "bytes": 7, "action": "ACCEPT", "_extra": None}
        assert rows[1:] == [{"vpc_id": "vpc-2", "bytes": 8, "action": "REJECT", "_extra": "3"}] * 2
        assert (scan.report["rows"], scan.report["skipped"], scan.report["bad_values"]) == (3, 3, 0)


def test_fields_that_were_picked() -> None:
    fmt = la.Format.vpc_flow("${vpc-id} ${bytes} ${start}")
    rows = la.read(b"vpc-id bytes start\nvpc-1 7 1772704801\nvpc-2 - -\n", fmt).to_pylist()
    assert [(row["vpc_id"], row["bytes"]) for row in rows] == [("vpc-1", 7), ("vpc-2", None)]
    assert rows[0]["start"] == dt.datetime(2026, 3, 5, 10, 0, 1, tzinfo=dt.timezone.utc)
    # A file's own header says it all, and is what sniffs as such.
    log = b"vpc-id tcp-flags flow-direction\nvpc-1 18 egress\n"
    assert la.read(log, "aws.vpc_flow").schema.field("tcp_flags").type == pa.int32()
    real_time = la.Format.cloudfront_realtime(["c-ip", "timestamp"])
    assert real_time.schema.names == ["timestamp", "c_ip", "_extra"]
    assert pickle.loads(pickle.dumps(real_time)) == real_time
    for broken in (lambda: la.Format.vpc_flow("${a},${b}"), lambda: la.Format.cloudfront_realtime([])):
        with pytest.raises(la.FormatError):
            broken()
