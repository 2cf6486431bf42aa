"""Tables on a terminal: across where they fit, else on their side, so that no column vanishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._text import plain

if TYPE_CHECKING:
    import pyarrow as pa

# A cell is cut after so many characters; what is cut ends in an ellipsis.
_CELL = 40
# Borders and padding of a cell.
_FRAME = 3


def terminal_table(table: pa.Table, width: int, title: str | None = None) -> Any:
    """A rich table of all columns of `table`, no wider than `width` characters.

    Where the columns do not fit side by side, each becomes a line with the values of as many rows as fit.
    """
    from rich.table import Table
    from rich.text import Text

    cells = [
        ["" if cell is None else plain(cell) for cell in table.column(at).to_pylist()]
        for at in range(table.num_columns)
    ]
    heads = [(plain(field.name), str(field.type)) for field in table.schema]
    widths = [min(_CELL, max(map(len, [*head, *column]))) for head, column in zip(heads, cells)]
    out = Table(title=title, title_justify="left")
    if sum(widths) + _FRAME * len(widths) + 1 <= width:
        for (name, kind), limit in zip(heads, widths):
            out.add_column(
                Text(name).append(f"\n{kind}", "dim"),
                overflow="ellipsis",
                no_wrap=True,
                max_width=limit,
                justify="right" if "int" in kind else "left",
            )
        for row in zip(*cells):
            out.add_row(*map(Text, row))
        return out
    # The names and types are never cut: what is left is for the rows.
    sides = [max((len(part) for part in parts), default=0) for parts in zip(*heads)]
    room = width - sum(sides) - _FRAME * len(sides) - 1
    shown = max(1, min(table.num_rows, room // (_CELL // 2 + _FRAME)))
    for head, style, side in zip(("column", "type"), ("none", "dim"), sides):
        out.add_column(head, style=style, no_wrap=True, min_width=max(side, len(head)))
    limit = max(_CELL // 2, room // shown - _FRAME)
    for at in range(shown):
        out.add_column(f"row {at + 1}", overflow="ellipsis", no_wrap=True, max_width=limit)
    for (name, kind), column in zip(heads, cells):
        out.add_row(Text(name), Text(kind), *map(Text, column[:shown]))
    return out
