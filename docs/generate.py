"""Writes `docs/formats.md` from the built-in formats: `python docs/generate.py`."""

from __future__ import annotations

from pathlib import Path

import logarrow as la

PAGE = Path(__file__).with_name("formats.md")
HEAD = """\
# Formats

<!-- Made by `python docs/generate.py` from the files in `src/format/builtin/`; a test fails when it is stale. -->

Every column may be null. Times are `timestamp[us, UTC]`. Columns marked *when named* are made only if `columns`, `where` or
`derive` names them. `logarrow formats NAME` shows the same on a terminal.
"""


def cell(text: object) -> str:
    """A text inside a Markdown table."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


def code(text: str) -> str:
    """A code span, which may hold backticks."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}".replace("|", "\\|")


def section(fmt: la.Format) -> str:
    """A format: what defines it, its columns, a record of it with what is made of that."""
    out = [f"## {fmt.name}", "", f"{fmt.title}. Defined by <{fmt.source}>."]
    if fmt.aliases:
        out[-1] += f" Also called {', '.join(map(code, fmt.aliases))}."
    line = max(fmt.samples, key=lambda sample: len(sample["row"]))["line"]
    (row,) = la.scan(line.encode(), fmt, columns=[field["name"] for field in fmt.fields]).to_arrow().to_pylist()
    out += ["", "```", line, "```", ""]
    out += ["| column | type | unit | meaning | in this line |", "| --- | --- | --- | --- | --- |"]
    for field in fmt.fields:
        doc = cell(field["doc"]) + (" (*when named*)" if field["on_demand"] else "")
        shown = "" if row[field["name"]] is None else code(str(row[field["name"]]))
        out.append(f"| {field['name']} | {cell(field['type'])} | {cell(field['unit'] or '')} | {doc} | {shown} |")
    return "\n".join([*out, ""])


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *map(section, la.formats())])


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
