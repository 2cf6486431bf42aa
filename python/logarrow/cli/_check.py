"""`logarrow check`: the quality of a log, on a terminal, as HTML, as JSON."""

from __future__ import annotations

from typing import Any

import click

from .._files import write_whole
from .._text import columns, plain
from ..quality import Quality, look
from ..quality._reject import show_reject
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

#: Rejects that are shown unless told.
_SHOWN, _SHOWN_IN_HTML = 5, 20


@click.command(cls=ScanCommand)
@sources
@scan_options
@click.option("--max-rejects", type=Share(), help="More malformed records than this make the exit status 3.")
@click.option(
    "--show",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Rejects shown: {_SHOWN} unless given, {_SHOWN_IN_HTML} in HTML.",
)
@click.option("--rejects-to", type=click.Path(dir_okay=False), help="A Parquet file for all rejects.")
@click.option("--html", metavar="FILE", help="Write the report as one HTML file with charts, - for standard output.")
@click.option("--progress/--no-progress", default=None, help="A bar, on a terminal unless given.")
@as_json
def check(
    src: tuple[str, ...],
    max_rejects: Any,
    show: int | None,
    rejects_to: str | None,
    html: str | None,
    progress: bool | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Read all and report: counts, nulls, rows over time, and rejects with the place shown."""
    scan = make_scan(src, options, rejects_to=rejects_to, progress=progress is not False and not as_json)
    shown = show if show is not None else _SHOWN
    quality = look(scan, max(shown, _SHOWN_IN_HTML) if html and show is None else shown)
    if html is not None:
        _write_html(quality, html)
    if html != "-":
        _tell(quality, shown, as_json)
    return status_of(quality.report, max_rejects)


def _tell(quality: Quality, shown: int, as_json: bool) -> None:
    if as_json:
        told = quality.to_dict()
        print_json({**told, "rejects": told["rejects"][:shown]})
        return
    if to_terminal():
        from rich.console import Console

        from ..quality._terminal import render

        console = Console(highlight=False)
        for part in render(quality, shown, console.width):
            console.print(part)
        return
    report = quality.report
    out(f"format {plain(quality.format)}")
    out(repr(report))
    rows = [[name, count, f"{count / max(report.rows, 1):.1%}"] for name, count in report.nulls.items()]
    out(columns([["column", "nulls", "share"], *rows]))
    for reject in quality.rejects[:shown]:
        out()
        for line in show_reject(reject):
            out(line)


def _write_html(quality: Quality, path: str) -> None:
    """Writes the page; a file of an earlier one is replaced when the new one is whole."""
    from ..quality._html import page

    text = page(quality)
    if path == "-":
        click.echo(text, nl=False)
        return
    write_whole(path, text)
