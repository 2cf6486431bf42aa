"""Texts for people: log bytes are hostile, so all of them pass here before a terminal or a notebook shows them."""

from __future__ import annotations

import html as _html
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

# Escape sequences of terminals: CSI, OSC and other strings up to their end, then the two-byte ones.
_SEQUENCE = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]?")
# What is left of C0, DEL, C1, and the marks that reorder or hide text.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)


def plain(value: object) -> str:
    """`value` as text without control characters and terminal sequences.

    >>> plain("a\\x1b[31mb\\tc")
    'ab c'
    """
    return _CONTROL.sub(lambda found: " " if found[0] in "\t\n\r" else "", _SEQUENCE.sub("", str(value)))


def visible(value: str) -> str:
    """`value` with each control character spelled out, so that a place in it can be pointed at.

    >>> visible("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    return _CONTROL.sub(
        lambda found: f"\\x{ord(found[0]):02x}" if found[0] < "\xff" else f"\\u{ord(found[0]):04x}", value
    )


def html(value: object) -> str:
    """`value` escaped for HTML, and without control characters.

    >>> html("<b>&")
    '&lt;b&gt;&amp;'
    """
    return _html.escape(plain(value), quote=True)


def html_table(head: Sequence[object], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A plain HTML table; every cell is escaped, None is empty."""
    out = ["<table>"]
    if caption:
        out.append(f"<caption>{html(caption)}</caption>")
    out.append("<thead><tr>" + "".join(f"<th>{html(cell)}</th>" for cell in head) + "</tr></thead><tbody>")
    for row in rows:
        out.append("<tr>" + "".join(f"<td>{'' if cell is None else html(cell)}</td>" for cell in row) + "</tr>")
    out.append("</tbody></table>")
    return "".join(out)


def columns(rows: Sequence[Sequence[object]], indent: str = "") -> str:
    """Rows as aligned lines of plain text; numbers stand to the right.

    >>> print(columns([["rows", 12], ["rejected", 3]]))
    rows      12
    rejected   3
    """
    cells = [["" if cell is None else _number(cell) for cell in row] for row in rows]
    widths = [
        max((len(row[at]) for row in cells if at < len(row)), default=0)
        for at in range(max(map(len, cells), default=0))
    ]
    lines = []
    for row, texts in zip(rows, cells):
        padded = [
            text.rjust(width) if isinstance(cell, (int, float)) else text.ljust(width)
            for cell, text, width in zip(row, texts, widths)
        ]
        lines.append((indent + "  ".join(padded)).rstrip())
    return "\n".join(lines)


def _number(cell: object) -> str:
    return f"{cell:,}" if isinstance(cell, int) else plain(cell)


def parse_size(value: Any, name: str) -> int:
    """Bytes from a number or a text such as `"256MB"` (10^6) or `"256MiB"` (2^20).

    **Errors**: `TypeError`, `ValueError`, naming the option.

    >>> parse_size("1.5kB", "chunk_bytes"), parse_size("2MiB", "chunk_bytes")
    (1500, 2097152)
    """
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError(f"option {name!r} is a number of bytes or a text such as '256MB', not {type(value).__name__}")
    if isinstance(value, int):
        size = value
    else:
        found = _SIZE.fullmatch(value)
        if found is None:
            raise ValueError(
                f"option {name!r} is a number of bytes or a text such as '256MB' or '256MiB', not {value!r}"
            )
        power = " kmgt".index(found[2].lower() or " ")
        size = int(float(found[1]) * (1024 if found[3] else 1000) ** power)
    if not 0 < size <= sys.maxsize:
        raise ValueError(f"option {name!r} must be at least 1, not {value!r}")
    return size


def human_bytes(size: float) -> str:
    """A number of bytes in decimal units.

    >>> human_bytes(1234567)
    '1.2 MB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
