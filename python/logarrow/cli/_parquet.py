"""Options of Parquet files, for commands that write them."""

from __future__ import annotations

from typing import Any

import click

from ._common import Advanced, Command, Names


class _Switches(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """`column=on,column=off`."""

    name = "column=on|off,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, bool]:
        if isinstance(value, dict):
            return value
        out = {}
        for part in value.split(","):
            column, _, word = part.rpartition("=")
            if not column.strip() or word.strip() not in ("on", "off"):
                self.fail("expected column=on or column=off, between commas", param, ctx)
            out[column.strip()] = word.strip() == "on"
        return out


_OPTIONS = [
    click.option(
        "--row-group-bytes",
        cls=Advanced,
        type=click.IntRange(min=1),
        metavar="N",
        help="Of Parquet: bytes in a row group, at most.",
    ),
    click.option(
        "--page-bytes",
        cls=Advanced,
        type=click.IntRange(min=1),
        metavar="N",
        help="Of Parquet: bytes in a page, about.",
    ),
    click.option(
        "--statistics",
        cls=Advanced,
        type=click.Choice(["none", "chunk", "page"]),
        help="Of Parquet: least and greatest values.",
    ),
    click.option(
        "--dictionary",
        cls=Advanced,
        type=_Switches(),
        help="Of Parquet: columns that have a dictionary, or none; by the values unless given.",
    ),
    click.option(
        "--delta-encodings/--no-delta-encodings",
        cls=Advanced,
        default=None,
        help="Of Parquet: delta encodings, which old readers do not know.",
    ),
    click.option("--bloom-filters", cls=Advanced, type=Names(), help="Of Parquet: columns that have one."),
]
_NAMES = ("row_group_bytes", "page_bytes", "statistics", "dictionary", "delta_encodings", "bloom_filters")


def parquet_options(command: Command) -> Command:
    """The options of Parquet that few need."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def take_parquet(options: dict[str, Any]) -> dict[str, Any]:
    """Those that were given, taken out of `options`."""
    taken = {name: options.pop(name) for name in _NAMES}
    return {name: value for name, value in taken.items() if value is not None}
