"""Real logs with the values that other projects state for them.

The corpus stands outside the repository: LOGARROW_CORPUS, else `shared/corpus` beside it. Without it there is nothing to
collect here. Values are compared as texts, numbers or times in one spelling each; a stated value may be in any column of
the row, since names are each project's own.
"""

from __future__ import annotations

import collections
import datetime as dt
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest

import logarrow as la

CORPUS = Path(os.environ.get("LOGARROW_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
CASES = sorted(path.parent for family in ("apache", "nginx") for path in CORPUS.glob(f"{family}_*/*/case.json"))
IDS = [f"{case.parent.name}/{case.name}" for case in CASES]

#: Where guessing cannot do: formats by the kind of case; all others are guessed.
FORMATS = {"apache_access/apachelogs-vhost_combined": "apache.vhost_combined"}
#: Fields that are no part of the line: labels that projects add to it.
LABELS = {"EventId", "EventTemplate", "program", "message"}
#: Stated values that differ, and why. Keys: case and field.
EXCEPTIONS: dict[tuple[str, str], str] = {}
#: Lines that give no row, and why. Keys: case; values: how many and the reason.
REJECTED: dict[str, tuple[int, str]] = {}

_NULL = "(null)"


def spellings(value: Any) -> set[str]:
    """A value in every spelling by which it may equal another."""
    if value is None or value in ("", "-"):
        return {_NULL}
    if isinstance(value, dt.datetime):
        return {f"t{value.timestamp():.3f}"}
    if isinstance(value, bool):
        return {str(value).lower()}
    text = " ".join(str(value).split())
    out = {text}
    try:
        number = float(text)
        out |= {repr(round(number, 6))} if math.isfinite(number) else set()
    except ValueError:
        pass
    for known in ("%d/%b/%Y:%H:%M:%S %z", "%a %b %d %H:%M:%S %Y", "%Y/%m/%d %H:%M:%S"):
        try:
            time = dt.datetime.strptime(text, known)
        except ValueError:
            continue
        out.add(f"t{(time if time.tzinfo else time.replace(tzinfo=dt.timezone.utc)).timestamp():.3f}")
    try:
        time = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
        out.add(f"t{(time if time.tzinfo else time.replace(tzinfo=dt.timezone.utc)).timestamp():.3f}")
    except ValueError:
        pass
    return out


def scan_of(name: str, case: dict[str, Any], path: Path) -> la.Scan:
    """The scan that takes all columns a case may state."""
    if case["format"] == "apache_logformat":
        fmt: Any = la.Format.apache(case["pattern"])
    else:
        fmt = FORMATS.get(name) or la.scan(path / "input.log").format
    fmt = la.Format.named(fmt) if isinstance(fmt, str) else fmt
    return la.scan(path / "input.log", fmt, columns=[field["name"] for field in fmt.fields], include=["line"])


@pytest.mark.parametrize("path", CASES, ids=IDS)
def test_case(path: Path) -> None:
    name = f"{path.parent.name}/{path.name}"
    case = json.loads((path / "case.json").read_text("utf-8"))
    scan = scan_of(name, case, path)
    rows = scan.to_arrow().to_pylist()
    report = scan.report
    assert report.records == report.rows + report.filtered + report.rejected + report.skipped
    assert report.records == case["lines"]
    assert report.rows == len(rows)
    assert report.rejected == REJECTED.get(name, (0, ""))[0], scan.rejects().to_pylist()[:3]

    expected = path / "expected.jsonl"
    stated = [json.loads(line) for line in expected.read_text("utf-8").splitlines()] if expected.exists() else []
    by_line = collections.defaultdict(list)
    for row in rows:
        by_line[row["_line"]].append(row)
    line_texts = (path / "input.log").read_text("utf-8", "replace").splitlines()
    differ = []
    for want in stated:
        found = by_line[want["_line"]]
        known = {text for row in found for key, value in row.items() if key != "_line" for text in spellings(value)}
        for field, value in want.items():
            skipped = field.startswith(("_", "directives.", "request_time_fields.")) or field in case.get("ignore", [])
            if skipped or field in LABELS:
                continue
            if (name, field) not in EXCEPTIONS and not spellings(value) & (known | {_NULL}):
                differ.append((want["_line"], field, value, line_texts[want["_line"] - 1][:120]))
    assert not differ


def test_exceptions_are_used() -> None:
    """An exception about a case that is not there says nothing."""
    named = {name for name, _ in EXCEPTIONS} | set(REJECTED) | set(FORMATS)
    assert not CASES or named <= set(IDS)
