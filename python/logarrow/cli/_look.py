"""`logarrow head`: the first rows."""

from __future__ import annotations

from typing import Any

import click

from .._show import terminal_table
from .._text import plain
from ._common import (
    ScanCommand,
    as_json,
    make_scan,
    out,
    scan_options,
    sources,
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
