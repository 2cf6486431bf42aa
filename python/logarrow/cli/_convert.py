"""`logarrow convert`: logs to a file or to standard output."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

import click

from .._errors import LogarrowWarning
from .._files import kind_of
from .._report import Report
from .._scan import Scan
from .._source import is_dataset
from ._common import Names, ScanCommand, Share, as_json, make_scan, scan_options, sources, status_of
from ._parquet import parquet_options, take_parquet

if TYPE_CHECKING:
    import pyarrow


@click.command(cls=ScanCommand)
@sources
@click.option(
    "-o",
    "--output",
    "dest",
    required=True,
    metavar="DEST",
    help="A .parquet, .arrow, .feather, .csv .jsonl (these two also .gz, .zst) or .hyper file, a directory or URL for a "
    "dataset of Parquet files, or -.",
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
@click.option("--overwrite", is_flag=True, help="Replace DEST if it is there; --mode overwrite of a dataset.")
@click.option(
    "--partition-by", type=Names(), metavar="COLUMNS", help="Of a dataset: name its directories, dt=2026-03-05/."
)
@click.option("--sort-by", type=Names(), metavar="COLUMNS", help="Of a dataset: the order of the rows in each file.")
@click.option(
    "--mode",
    type=click.Choice(["error", "append", "overwrite", "overwrite_partitions"]),
    help="Of a dataset: what becomes of the files of others; error unless given.",
)
@click.option(
    "--job-id", metavar="NAME", help="Of a dataset: a job replaces what it wrote before. A hash unless given."
)
@click.option("--target-file-bytes", metavar="SIZE", help="Of a dataset: a file ends at this size, 256MB unless given.")
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
    partition_by: list[str] | None,
    sort_by: list[str] | None,
    mode: str | None,
    job_id: str | None,
    target_file_bytes: str | None,
    rejects_to: str | None,
    max_rejects: Any,
    progress: bool | None,
    as_json: bool,
    **options: Any,
) -> int:
    """Write logs as Parquet (or Arrow, CSV, JSON lines) and tell what became of every line."""
    dataset = {
        "partition_by": partition_by,
        "sort_by": sort_by,
        "mode": mode,
        "job_id": job_id,
        "target_file_bytes": target_file_bytes,
    }
    dataset = {name: value for name, value in dataset.items() if value is not None}
    kind = _kind(dest, kind, bool(dataset))
    if is_dataset(dest) and kind == "parquet" and overwrite:
        dataset.setdefault("mode", "overwrite")
        overwrite = False
    parquet = take_parquet(options)
    # A bar is shown on a terminal only, so that asking for one never fills a log file.
    scan = make_scan(src, options, rejects_to=rejects_to, progress=progress is not False and not as_json)
    given = {"compression": compression, "compression_level": compression_level, "row_group_rows": row_group_rows}
    written: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    written.update(dataset, **parquet)
    if "://" in dest and (storage := options.get("storage_options")):
        # Those of the sources are those of the destination.
        written["storage_options"] = dict(storage)
    with warnings.catch_warnings():
        # The exit status and an error line say it.
        warnings.simplefilter("ignore", LogarrowWarning)
        report = _write(scan, dest, kind, overwrite, written)
    if as_json:
        click.echo(json.dumps({"output": dest, **report.to_dict()}, default=str), err=dest == "-")
    else:
        click.echo(repr(report), err=dest == "-")
    return status_of(report, max_rejects)


def _kind(dest: str, kind: str | None, is_parted: bool) -> str:
    """What to write."""
    if dest == "-":
        return kind or "jsonl"
    kind = kind or kind_of(dest) or ("parquet" if is_dataset(dest) or is_parted else None)
    if kind is None:
        raise click.BadParameter(f"the ending of {dest!r} says no kind of file; give --to", param_hint="--output")
    if kind != "parquet" and (os.path.isdir(dest) or dest.endswith("/")):
        raise click.BadParameter(
            f"{dest!r} is a directory, which is for Parquet files; name a file", param_hint="--output"
        )
    return kind


def _write(scan: Scan, dest: str, kind: str, overwrite: bool, options: dict[str, Any]) -> Report:
    if dest != "-":
        writes: dict[str, Callable[..., Report]] = {
            "parquet": scan.write_parquet,
            "arrow": scan.write_ipc,
            "csv": scan.write_csv,
            "jsonl": scan.write_json,
            "hyper": scan.write_hyper,
        }
        try:
            return writes[kind](dest, overwrite=overwrite, **options)
        except (TypeError, ValueError) as err:
            raise click.UsageError(str(err)) from err
    if options:
        raise click.UsageError(f"{kind} to standard output takes no options of files")
    if kind in ("parquet", "hyper"):
        raise click.UsageError(f"{kind} cannot be written to a pipe; use --to arrow")
    {"arrow": _write_stream, "csv": _write_csv, "jsonl": _write_json}[kind](scan, sys.stdout.buffer)
    sys.stdout.buffer.flush()
    return scan.report


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
