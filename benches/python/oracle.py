"""The slow, exact reader of combined logs that every fast one is checked against.

It reads line by line with Python's `re`, decodes escapes and null tokens as the design says, and gives an Arrow table of
eleven columns. `compare` then says how another table differs from it: rows missing or added, cells changed by column.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

SCHEMA = pa.schema(
    [
        ("remote_host", pa.string()),
        ("ident", pa.string()),
        ("user", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("method", pa.string()),
        ("path", pa.string()),
        ("protocol", pa.string()),
        ("status", pa.int16()),
        ("bytes", pa.int64()),
        ("referer", pa.string()),
        ("user_agent", pa.string()),
    ]
)
COLUMNS = SCHEMA.names

_QUOTED = rb'"((?:[^"\\]|\\.)*)"'
_LINE = re.compile(
    rb"(\S+) (\S+) (.+?) \[([^\]]{26})\] " + _QUOTED + rb" (\d{3}) (\d+|-) " + _QUOTED + b" " + _QUOTED + rb"\r?"
)
_REQUEST = re.compile(rb"([A-Z]+) (\S+) (HTTP/\S+)")
_ESCAPES = re.compile(rb'(?:\\x[0-9a-fA-F]{2})+|\\["\\bnrtv]')
_NAMED = {b'\\"': b'"', b"\\\\": b"\\"}


def _unescape(match: re.Match) -> bytes:
    text = match[0]
    if not text.startswith(b"\\x"):
        return _NAMED.get(text, text)
    decoded = bytes.fromhex(text.replace(b"\\x", b"").decode())
    try:
        return decoded if decoded.decode().isprintable() else text
    except UnicodeDecodeError:
        return text


def _text(raw: bytes) -> str | None:
    if raw == b"-":
        return None
    if b"\\" in raw:
        raw = _ESCAPES.sub(_unescape, raw)
    return raw.decode("utf-8", "replace")


_times: dict[bytes, datetime.datetime] = {}


def _time(raw: bytes) -> datetime.datetime:
    if raw not in _times:
        _times[raw] = datetime.datetime.strptime(raw.decode(), "%d/%b/%Y:%H:%M:%S %z")
    return _times[raw]


def rows(data: bytes):
    """The eleven values of each well-formed line, as a tuple; malformed and blank lines give nothing."""
    for line in data.split(b"\n"):
        match = _LINE.fullmatch(line)
        if not match:
            continue
        host, ident, user, time, request, status, size, referer, agent = match.groups()
        parts = _REQUEST.fullmatch(request)
        method, path, protocol = (_text(part) for part in (parts.groups() if parts else (b"-", request, b"-")))
        yield (
            *map(_text, (host, ident, user)),
            _time(time),
            method,
            path,
            protocol,
            int(status),
            None if size == b"-" else int(size),
            _text(referer),
            _text(agent),
        )


def read(path: str) -> pa.Table:
    """The whole file as a table."""
    with open(path, "rb") as file:
        columns = list(zip(*rows(file.read()), strict=True))
    return pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def _valid(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """`column` as text; bytes that are not UTF-8, which some readers let through, are spelled out as `\\xe9`."""
    raw = column.cast(pa.large_string() if pa.types.is_string_view(column.type) else column.type).cast(
        pa.large_binary()
    )
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        texts = [value if value is None else value.decode("utf-8", "backslashreplace") for value in raw.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])


def normalise(table: pa.Table) -> pa.Table:
    """`table` with the oracle's types, where that loses nothing: peers may use wider integers, views, other zones."""
    columns = []
    for name in table.column_names:
        column, wanted = table[name], SCHEMA.field(name).type
        if pa.types.is_timestamp(wanted) and pa.types.is_timestamp(column.type) and column.type.tz is None:
            column = column.cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
        column = _valid(column) if pa.types.is_string(wanted) else column.cast(wanted)
        if name == "path":  # an empty request may be an empty text or null
            column = pc.if_else(pc.equal(column, ""), pa.scalar(None, wanted), column)
        columns.append(column)
    return pa.table(columns, names=table.column_names)


def compare(expected: pa.Table, found: pa.Table) -> dict:
    """How `found` differs from `expected`: `right`, and what is wrong in words."""
    aggregates = {
        "rows": found.num_rows,
        **{f"sum_{name}": pc.sum(found[name]).as_py() for name in ("status", "bytes") if name in found.column_names},
        "nulls": {name: found[name].null_count for name in found.column_names if found[name].null_count},
    }
    if "status" in found.column_names:
        aggregates["statuses"] = len(pc.unique(found["status"]))
    expected, found = normalise(expected.select(found.column_names)), normalise(found)
    if expected.equals(found):
        return {"right": True, "wrong": "", "aggregates": aggregates}
    want, have = (list(zip(*(c.to_pylist() for c in t.columns), strict=True)) for t in (expected, found))
    unordered = False
    missing, added, changed = _walk(want, have, found.column_names)
    if len(changed) > 1 and missing + added + changed.total() > len(want) // 100:
        # Many differences are mostly rows in another order, which some engines give on several threads.
        common = sum((Counter(want) & Counter(have)).values())
        if common > len(want) * 99 // 100:
            unordered, missing, added, changed = True, len(want) - common, len(have) - common, Counter()
    if unordered and not missing and not added:
        return {"right": True, "wrong": "", "order": False, "aggregates": aggregates}
    words = ["rows in another order"] * unordered
    words += [f"{n} rows {what}" for n, what in ((missing, "missing"), (added, "added")) if n]
    words += [f"{name}: {n} wrong" for name, n in changed.items()]
    return {"right": False, "wrong": ", ".join(words), "aggregates": aggregates}


def _walk(want: list, have: list, names: list[str], reach: int = 6) -> tuple[int, int, Counter]:
    """Walks two lists of rows side by side; at a difference, looks a few rows ahead for the place where they meet."""
    i = j = missing = added = 0
    changed: Counter = Counter()
    while i < len(want) and j < len(have):
        if want[i] == have[j]:
            i, j = i + 1, j + 1
            continue
        differing = [name for name, a, b in zip(names, want[i], have[j], strict=True) if a != b]
        skip = next((k for k in range(1, reach) if i + k < len(want) and want[i + k] == have[j]), 0)
        extra = next((k for k in range(1, reach) if j + k < len(have) and want[i] == have[j + k]), 0)
        if len(differing) > 3 and skip:
            i, missing = i + skip, missing + skip
        elif len(differing) > 3 and extra:
            j, added = j + extra, added + extra
        else:
            changed.update(differing)
            i, j = i + 1, j + 1
    return missing + len(want) - i, added + len(have) - j, changed
