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

#: Files that hold lines of several kinds, which no guess fits: each line is one of these.
MIXED = {
    "apache_access/crowdsec-apache2-logs": [
        "apache.combined",
        "apache.vhost_combined",
        "apache.common",
        "apache.error",
    ],
    "apache_access/apachelogs-vhost_combined": ["apache.vhost_combined"],
    "nginx_access/crowdsec-nginx_http-logs": ["nginx.combined", "nginx.error", "apache.vhost_combined"],
}
#: Lines that none of the formats takes, and why.
REJECTED = {("apache_access/apachelogs-vhost_combined", 5): "reads 'Bad line', put there to be refused"}
#: Labels that projects add to a line, and, by their beginning, other spellings of a value that is stated as well.
LABELS = {"EventId", "EventTemplate", "program"}
TWICE = ("_", "directives.", "request_time_fields.")
#: Stated values that no column holds, by case, line and field, and why.
EXCEPTIONS = {
    (case, line, field): why
    for case, lines, fields, why in [
        (
            "apache_access/crowdsec-apache2-logs",
            [8, 9],
            ["errorcode", "message"],
            "httpd writes the number (AH01618) as part of the message, and so is it given",
        ),
        (
            "apache_access/crowdsec-apache2-logs",
            [8],
            ["username", "target_uri"],
            "taken out of the prose of one module's message",
        ),
        (
            "apache_error/loghub-Apache_head",
            [132],
            ["Content"],
            "stated with [client ...] before it, which is column client here",
        ),
        (
            "nginx_error/crowdsec-nginx_req_limit_exceeded",
            [7, 8, 9],
            ["verb", "request"],
            "the request has no protocol, so its whole text is the path; stated is the target without its https:",
        ),
    ]
    for line in lines
    for field in fields
}


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
    for known in ("%d/%b/%Y:%H:%M:%S %z", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S.%f %Y", "%Y/%m/%d %H:%M:%S"):
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
    if text.startswith("HTTP/"):
        # Some state the version alone.
        out |= spellings(text[5:])
    return out


def rows_of(name: str, case: dict[str, Any], log: Path) -> tuple[dict[int, list[dict[str, Any]]], set[int]]:
    """Rows by line, of all formats the file may be in, and the lines that none takes."""
    if case["format"] == "apache_logformat":
        formats = [la.Format.apache(case["pattern"])]
    else:
        formats = [la.Format.named(known) for known in MIXED.get(name, [])] or [la.scan(log).format]
    rows = collections.defaultdict(list)
    refused: set[int] | None = None
    for fmt in formats:
        scan = la.scan(log, fmt, columns=[field["name"] for field in fmt.fields], include=["line", "raw"])
        for row in scan.to_arrow().to_pylist():
            rows[row.pop("_line")].append(row)
        report = scan.report
        assert report.records == report.rows + report.filtered + report.rejected + report.skipped == case["lines"]
        bad = {reject["line"] for reject in scan.rejects().to_pylist() if reject["column"] is None}
        assert len(bad) == report.rejected
        refused = bad if refused is None else refused & bad
    return rows, refused or set()


@pytest.mark.parametrize("path", CASES, ids=IDS)
def test_case(path: Path) -> None:
    name = f"{path.parent.name}/{path.name}"
    case = json.loads((path / "case.json").read_text("utf-8"))
    rows, refused = rows_of(name, case, path / "input.log")
    assert {(name, line) for line in refused} == {key for key in REJECTED if key[0] == name}

    expected = path / "expected.jsonl"
    stated = [json.loads(line) for line in expected.read_text("utf-8").splitlines()] if expected.exists() else []
    differ = set()
    for want in stated:
        known = {text for row in rows[want["_line"]] for value in row.values() for text in spellings(value)}
        for field, value in want.items():
            skipped = field.startswith(TWICE) or field in case.get("ignore", []) or field in LABELS
            if not skipped and not spellings(value) & (known | {_NULL}):
                differ.add((name, want["_line"], field))
    assert differ == {key for key in EXCEPTIONS if key[0] == name}


def test_listed_cases_are_there() -> None:
    named = {*MIXED, *(key[0] for key in REJECTED), *(key[0] for key in EXCEPTIONS)}
    assert not CASES or named <= set(IDS)
