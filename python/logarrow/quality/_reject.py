"""A reject as text: its place, its line, and carets under the byte."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

from .._text import plain, visible

#: Columns of a line shown with a caret under it.
_WIDTH = 100


class Pointed(NamedTuple):
    """A line cut to what is around a place in it, each part fit to be shown."""

    before: str
    marked: str
    after: str


def heading(reject: dict[str, Any]) -> str:
    """Place and reason."""
    at = reject["at"] or 0
    lined = [str(reject["line"]), str(at + 1)] if reject["line"] is not None else []
    column = f'column "{plain(reject["column"])}": ' if reject["column"] else ""
    place = ":".join([plain(reject["source"] or "?"), *lined])
    return f"{place} (byte {(reject['byte'] or 0) + at}): {column}{plain(reject['reason'])}"


def pointed(reject: dict[str, Any]) -> Pointed | None:
    """The text around the fault; None if it was not kept."""
    if (raw := reject["raw"]) is None:
        return None
    # Of a bad value the raw text is the value itself; of a record, `at` is a place in it.
    at, length = (0, len(raw)) if reject["column"] else (reject["at"] or 0, 1)
    before = raw.encode("utf-8", "replace")[:at].decode("utf-8", "ignore")
    start = len(before)
    prefix, rest = visible(before), visible(raw[start:])
    if len(prefix) > _WIDTH * 2 // 3:
        prefix = "..." + prefix[-(_WIDTH // 2) :]
    room = max(_WIDTH - len(prefix), 10)
    marked = min(len(visible(raw[start : start + length])), room)
    rest = rest if len(rest) <= room else rest[: room - 3] + "..."
    return Pointed(prefix, rest[:marked], rest[marked:])


def show_reject(reject: dict[str, Any]) -> Iterator[str]:
    """A reject as lines of text: place and reason, the line, a caret under the byte, the hint.

    >>> print("\\n".join(show_reject({"source": "a.log", "line": 7, "byte": 90, "at": 3, "column": None, "raw": "ab\\x1bc",
    ...     "reason": "expected a blank", "hint": None})))
    a.log:7:4 (byte 93): expected a blank
      ab\\x1bc
            ^
    """
    yield heading(reject)
    if (text := pointed(reject)) is not None:
        yield "  " + text.before + text.marked + text.after
        yield "  " + " " * cells(text.before) + "^" * max(len(text.marked), 1)
    if reject["hint"]:
        yield f"  hint: {plain(reject['hint'])}"


def cells(text: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
