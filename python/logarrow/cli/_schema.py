"""`logarrow schema`: the columns of a log, and the tables of warehouses made of them."""

from __future__ import annotations

from typing import Any

import click

from .._scan import Scan
from .._text import columns
from ..warehouse import DIALECTS, Lengths, measure
from ._common import Names, ScanCommand, as_json, make_scan, out, print_json, scan_options

#: Rows that texts are measured in, unless all are asked for.
_SAMPLE_ROWS = 10_000


@click.command(cls=ScanCommand)
@click.argument("src", nargs=-1, metavar="[SRC...]")
@click.option("--ddl", "dialect", type=click.Choice(DIALECTS), help="Print the statements that make a table of it.")
@click.option("--table", metavar="NAME", help="With --ddl: the table, schema.table.")
@click.option(
    "--location",
    metavar="URL",
    help="With --ddl: where the Parquet files are, s3://bucket/prefix/; for Redshift's COPY a manifest.json is better.",
)
@click.option("--partition-by", type=Names(), help="With --ddl: columns that are in the names of directories.")
@click.option(
    "--iam-role", metavar="ARN", help="With --ddl redshift: who reads the files; the default role unless given."
)
@click.option("--sort-by", type=Names(), help="With --ddl redshift: the sort key.")
@click.option(
    "--lengths",
    type=click.Choice(["sample", "all", "none"]),
    help=f"With --ddl redshift or spectrum: what a VARCHAR is sized by, the first {_SAMPLE_ROWS:,} rows unless given.",
)
@scan_options
@as_json
def schema(
    src: tuple[str, ...],
    dialect: str | None,
    table: str | None,
    location: str | None,
    partition_by: list[str] | None,
    iam_role: str | None,
    sort_by: list[str] | None,
    lengths: str | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Show the columns of a log (of a format alone with --format), or print a table for a warehouse."""
    if not src and not options["format"]:
        raise click.UsageError("give SRC or --format")
    # A format's schema is that of no log at all.
    scan = make_scan(src or b"", options)
    given: dict[str, Any] = {"iam_role": iam_role, "sort_by": sort_by, "lengths": lengths}
    given = {name: value for name, value in given.items() if value}
    if dialect is not None:
        if as_json:
            raise click.UsageError("--ddl prints statements, not --json")
        if "lengths" in given or (src and dialect in ("redshift", "spectrum")):
            given["lengths"] = _lengths(scan, lengths or "sample")
        return _ddl(scan, dialect, table, location, partition_by or [], given)
    for name, value in {"table": table, "location": location, "partition-by": partition_by, **given}.items():
        if value:
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --ddl")
    told = {field["name"]: field for field in scan.format.fields}
    rows = []
    for field in scan.schema:
        known = told.get(field.name, {})
        rows.append({"name": field.name, "type": str(field.type), "unit": known.get("unit"), "doc": known.get("doc")})
    if as_json:
        print_json({"format": scan.format.name, "columns": rows})
    else:
        out(columns([list(row.values()) for row in rows]))
    return 0


def _lengths(scan: Scan, wanted: str) -> Lengths | None:
    if wanted == "none":
        return None
    if wanted == "all":
        return measure(scan)
    # A row more tells whether there are more.
    return measure(scan.limit(_SAMPLE_ROWS + 1), _SAMPLE_ROWS)


def _ddl(
    scan: Scan, dialect: str, table: str | None, location: str | None, partition_by: list[str], options: dict[str, Any]
) -> int:
    if not table:
        raise click.UsageError("--ddl needs --table")
    try:
        told = scan.ddl(dialect, table, location=location, partition_by=partition_by, **options)
    except (TypeError, ValueError) as err:
        raise click.UsageError(str(err)) from err
    click.echo(told, nl=False)
    return 0
