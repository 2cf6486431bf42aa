"""`logarrow convert`: logs to a file or to standard output."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from .._errors import LogarrowWarning
from .._report import Report
from .._scan import Scan
from ._common import ScanCommand, Share, as_json, make_scan, scan_options, sources, status_of
from ._parquet import parquet_options, take_parquet

if TYPE_CHECKING:
    import pyarrow

_KINDS = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".hyper": "hyper",
}


@click.command(cls=ScanCommand)
@sources
@click.option(
    "-o",
    "--output",
    "dest",
    required=True,
    metavar="DEST",
    help="A .parquet, .arrow, .feather, .csv, .jsonl or .hyper file, a directory, or -.",
)
@click.option(
    "--to",
    "kind",
    type=click.Choice(["parquet", "arrow", "csv", "jsonl", "hyper"]),
    help="What to write, where DEST does not say.",
)
@scan_options
@click.option("--compression", metavar="CODEC", help="Of the output: zstd unless given, snappy, lz4, none.")
@click.option("--compression-level", type=int, metavar="N")
@click.option("--row-group-rows", type=click.IntRange(min=1), metavar="N", help="Rows in a row group, at most.")
@parquet_options
@click.option("--overwrite", is_flag=True, help="Replace DEST if it is there.")
@click.option("--rejects-to", type=click.Path(dir_okay=False), help="A Parquet file for all rejects.")
@click.option("--max-rejects", type=Share(), help="More malformed records than this make the exit status 3.")
@click.option("--progress/--no-progress", default=None, help="A bar, on a terminal unless given.")
@as_json
def convert(
    src: tuple[str, ...],
    dest: str,
    kind: str | None,
    compression: str | None,
    compression_level: int | None,
    row_group_rows: int | None,
    overwrite: bool,
    rejects_to: str | None,
    max_rejects: Any,
    progress: bool | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Write logs as Parquet (or Arrow, CSV, JSON lines) and tell what became of every line."""
    dest, kind = _destination(dest, kind)
    parquet = take_parquet(options)
    # A bar is shown on a terminal only, so that asking for one never fills a log file.
    scan = make_scan(src, options, rejects_to=rejects_to, progress=progress is not False and not as_json)
    written = {"compression": compression, "compression_level": compression_level, "row_group_rows": row_group_rows}
    written = {**{name: value for name, value in written.items() if value is not None}, **parquet}
    with warnings.catch_warnings():
        # The exit status and an error line say it.
        warnings.simplefilter("ignore", LogarrowWarning)
        report = _write(scan, dest, kind, overwrite, written)
    if as_json:
        click.echo(json.dumps({"output": dest, **report.to_dict()}, default=str), err=dest == "-")
    else:
        click.echo(repr(report), err=dest == "-")
    return status_of(report, max_rejects)


def _destination(dest: str, kind: str | None) -> tuple[str, str]:
    """Where to write, and what."""
    if dest == "-":
        return dest, kind or "jsonl"
    if os.path.isdir(dest) or dest.endswith("/"):
        os.makedirs(dest, exist_ok=True)
        kind = kind or "parquet"
        return os.path.join(dest, f"part-0.{kind}"), kind
    kind = kind or _KINDS.get(Path(dest).suffix.lower())
    if kind is None:
        raise click.BadParameter(f"the ending of {dest!r} says no kind of file; give --to", param_hint="--output")
    return dest, kind


def _write(scan: Scan, dest: str, kind: str, overwrite: bool, options: dict[str, Any]) -> Report:
    if dest != "-" and kind in ("parquet", "arrow"):
        write: Callable[..., Report] = scan.write_parquet if kind == "parquet" else scan.write_ipc
        try:
            return write(dest, overwrite=overwrite, **options)
        except (TypeError, ValueError) as err:
            raise click.UsageError(str(err)) from err
    if options:
        raise click.UsageError(
            f"{kind} to {'standard output' if dest == '-' else 'a file'} takes no compression options"
        )
    if dest == "-" and kind in ("parquet", "hyper"):
        raise click.UsageError(f"{kind} cannot be written to a pipe; use --to arrow")
    if kind == "hyper":
        return scan.write_hyper(dest, overwrite=overwrite)
    with _opened(dest, overwrite) as file:
        {"arrow": _write_stream, "csv": _write_csv, "jsonl": _write_json}[kind](scan, file)
    return scan.report


@contextlib.contextmanager
def _opened(dest: str, overwrite: bool) -> Iterator[IO[bytes]]:
    """Standard output, or a file that appears when it is whole."""
    if dest == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if os.path.exists(dest) and not overwrite:
        raise FileExistsError(f"{dest}: file exists\nhint: --overwrite replaces it")
    partial = f"{dest}.{os.getpid()}.partial"
    try:
        with open(partial, "xb") as file:
            yield file
        os.replace(partial, dest)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(partial)


def _write_stream(scan: Scan, file: IO[bytes]) -> None:
    import pyarrow.ipc

    with pyarrow.ipc.new_stream(file, scan.schema) as writer:
        for batch in scan.to_batches():
            writer.write_batch(batch)


def _write_csv(scan: Scan, file: IO[bytes]) -> None:
    import pyarrow.csv

    with pyarrow.csv.CSVWriter(file, scan.schema) as writer:
        for batch in scan.to_batches():
            writer.write_batch(batch)


def _write_json(scan: Scan, file: IO[bytes]) -> None:
    for batch in scan.to_batches():
        file.writelines(json_lines(batch))


def json_lines(batch: pyarrow.RecordBatch) -> Iterator[bytes]:
    """Each row as a JSON object on a line; times are ISO 8601."""
    for row in batch.to_pylist():
        yield json.dumps(row, default=_json_value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _json_value(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.hex() if isinstance(value, bytes) else str(value)
