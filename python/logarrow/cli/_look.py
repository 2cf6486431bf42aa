"""`logarrow head`, `schema` and `check`: looks at a log without writing anything."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Iterator
from typing import Any

import click

from .._errors import LogarrowWarning
from .._report import Report
from .._show import terminal_table
from .._text import columns, plain, visible
from ._common import (
    ScanCommand,
    Share,
    as_json,
    make_scan,
    out,
    print_json,
    scan_options,
    sources,
    status_of,
    to_terminal,
)
from ._convert import json_lines

#: Rows that `head` shows unless told.
_HEAD_ROWS = 10
#: Columns of a line shown with a caret under it.
_WIDTH = 100


@click.command(cls=ScanCommand)
@sources
@click.option("-n", "rows", type=click.IntRange(min=0), default=_HEAD_ROWS, show_default=True, help="Rows.")
@scan_options
@as_json
def head(src: tuple[str, ...], rows: int, as_json: bool, **options: Any) -> int:
    """Show the first rows: a table on a terminal, tab-separated lines elsewhere."""
    scan = make_scan(src, options)
    table = scan.head(rows)
    if as_json:
        for batch in table.to_batches():
            for line in json_lines(batch):
                click.echo(line.decode("utf-8", "replace"), nl=False)
        return 0
    if not to_terminal():
        out("\t".join(table.column_names))
        for row in table.to_pylist():
            out("\t".join("" if cell is None else plain(cell) for cell in row.values()))
        return 0
    from rich.console import Console

    console = Console()
    console.print(terminal_table(table, console.width))
    return 0


@click.command(cls=ScanCommand)
@sources
@scan_options
@click.option("--max-rejects", type=Share(), help="More malformed records than this make the exit status 3.")
@click.option("--show", type=click.IntRange(min=0), default=5, show_default=True, metavar="N", help="Rejects shown.")
@as_json
def check(src: tuple[str, ...], max_rejects: Any, show: int, as_json: bool, **options: Any) -> int:
    """Read all and report: counts, nulls, and rejects with the place shown."""
    scan = make_scan(src, options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogarrowWarning)
        for _ in scan.to_batches():
            pass
    report, rejects = scan.report, scan.rejects().slice(0, show).to_pylist()
    if as_json:
        print_json({"format": scan.format.name, **report.to_dict(), "rejects": rejects})
    else:
        out(f"format {plain(scan.format.name)}")
        out(repr(report))
        out(_null_shares(report))
        for reject in rejects:
            out()
            for line in show_reject(reject):
                out(line)
    return status_of(report, max_rejects)


def _null_shares(report: Report) -> str:
    rows = [[name, count, f"{count / max(report.rows, 1):.1%}"] for name, count in report.nulls.items()]
    return columns([["column", "nulls", "share"], *rows])


def show_reject(reject: dict[str, Any]) -> Iterator[str]:
    """A reject as lines of text: place and reason, the line, a caret under the byte, the hint.

    >>> print("\\n".join(show_reject({"source": "a.log", "line": 7, "byte": 90, "at": 3, "column": None, "raw": "ab\\x1bc",
    ...     "reason": "expected a blank", "hint": None})))
    a.log:7:4 (byte 93): expected a blank
      ab\\x1bc
            ^
    """
    at = reject["at"] or 0
    place = [plain(reject["source"] or "?")] + (
        [str(reject["line"]), str(at + 1)] if reject["line"] is not None else []
    )
    column = f'column "{plain(reject["column"])}": ' if reject["column"] else ""
    yield f"{':'.join(place)} (byte {(reject['byte'] or 0) + at}): {column}{plain(reject['reason'])}"
    if reject["raw"] is not None:
        # Of a bad value the raw text is the value itself; of a record, `at` is a place in it.
        yield from _pointed(reject["raw"], 0 if reject["column"] else at, len(reject["raw"]) if reject["column"] else 1)
    if reject["hint"]:
        yield f"  hint: {plain(reject['hint'])}"


def _pointed(raw: str, at: int, length: int) -> Iterator[str]:
    """A text, cut to what is around byte `at`, and carets under it."""
    before = raw.encode("utf-8", "replace")[:at].decode("utf-8", "ignore")
    start = len(before)
    prefix, rest = visible(before), visible(raw[start:])
    if len(prefix) > _WIDTH * 2 // 3:
        prefix = "..." + prefix[-(_WIDTH // 2) :]
    room = max(_WIDTH - len(prefix), 10)
    marked = min(len(visible(raw[start : start + length])) or 1, room)
    yield "  " + prefix + (rest if len(rest) <= room else rest[: room - 3] + "...")
    yield "  " + " " * _cells(prefix) + "^" * marked


def _cells(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
