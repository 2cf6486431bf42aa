"""`logarrow sniff` and `formats`: what a log may be, and what is known."""

from __future__ import annotations

from typing import Any

import click

from .._format import field_rows
from .._format import formats as all_formats
from .._read import sniff as sniff_source
from .._text import columns, plain
from ._common import as_json, complete_format, named_format, out, print_json


@click.command()
@click.argument("src", nargs=-1, required=True, metavar="SRC...")
@click.option("--input-compression", metavar="CODEC", help="gzip, zstd or none; by the first bytes unless given.")
@click.option("--encoding", help="utf-8, latin-1 or utf-16; utf-8 unless given or marked as utf-16.")
@as_json
def sniff(src: tuple[str, ...], input_compression: str | None, encoding: str | None, as_json: bool) -> int:
    """Guess the format; exit status 1 if no format fits a single line."""
    guesses = sniff_source(list(src), compression=input_compression, encoding=encoding)
    if as_json:
        print_json([{**guess._asdict(), "format": guess.name} for guess in guesses])
    else:
        rows = [
            [guess.name, f"{guess.share:.1%}", f"{guess.matched:,}/{guess.lines:,}", guess.why] for guess in guesses
        ]
        out(columns([["format", "fits", "lines", "why not all"], *rows]))
    return 0 if guesses and guesses[0].matched else 1


@click.command()
@click.argument("name", required=False, shell_complete=complete_format)
@as_json
def formats(name: str | None, as_json: bool) -> int:
    """List the formats, or tell all about one."""
    if name is None:
        known = all_formats()
        if as_json:
            print_json([{"name": fmt.name, "title": fmt.title, "aliases": fmt.aliases} for fmt in known])
        else:
            out(columns([[fmt.name, fmt.title] for fmt in known]))
        return 0
    fmt = named_format(name)
    if as_json:
        about: dict[str, Any] = {"name": fmt.name, "title": fmt.title, "aliases": fmt.aliases, "source": fmt.source}
        print_json({**about, "fields": fmt.fields, "samples": fmt.samples})
        return 0
    out(f"{plain(fmt.name)}: {plain(fmt.title)}")
    if fmt.aliases:
        out(f"also called {', '.join(map(plain, fmt.aliases))}")
    if fmt.source:
        out(plain(fmt.source))
    out()
    out(columns(list(field_rows(fmt))))
    for sample in fmt.samples[:1]:
        out()
        out(plain(sample.get("line", "")))
    return 0
