"""`make demo`: a large access log to Parquet, its typed head, the account of every line, and a peer doing the same job."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "target" / "demo"
sys.path.insert(0, str(Path(__file__).resolve().parent))


def make_log(size: str) -> Path:
    """The log, made once for each size."""
    DEMO.mkdir(parents=True, exist_ok=True)
    log = DEMO / f"access-{size}.log"
    if not log.exists():
        partial = log.with_suffix(".partial")
        subprocess.run([ROOT / "target" / "generate", "-o", partial, size], check=True)
        partial.rename(log)
    return log


def show_head(path: Path, rows: int = 5) -> None:
    """The first rows of a Parquet file with the type under each name."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from rich.console import Console

    from logarrow._show import terminal_table

    batch = next(pq.ParquetFile(path).iter_batches(rows))
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    title = f"{path.relative_to(ROOT)}, first {rows} rows"
    console.print(terminal_table(pa.Table.from_batches([batch]), console.width, title))


def timed(job) -> tuple[float, float]:
    """Wall and CPU seconds of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", default="200MB")
    log = make_log(parser.parse_args().size)
    megabytes = log.stat().st_size / 1e6

    import logarrow

    out = DEMO / "access.parquet"
    print(f"{log.relative_to(ROOT)} ({megabytes:.0f} MB) -> {out.relative_to(ROOT)}", flush=True)
    scan = logarrow.scan(str(log), format="apache.combined", progress=True)
    ours = timed(lambda: scan.write_parquet(str(out), compression="zstd", compression_level=3, overwrite=True))
    show_head(out)
    print(scan.report, flush=True)

    from peers import PolarsRegex

    theirs_out = DEMO / "access-polars.parquet"
    theirs = timed(lambda: PolarsRegex().parquet(str(log), str(theirs_out), 0))
    print("\nThe same columns to Parquet (zstd 3), all values right, every CPU:")
    for name, (wall, cpu), path in (("logarrow", ours, out), ("polars with regular expressions", theirs, theirs_out)):
        size = path.stat().st_size / 1e6
        print(f"  {name:32} {wall:6.2f} s wall  {cpu:6.2f} s CPU  {megabytes / wall:7.0f} MB/s  {size:6.1f} MB out")
    print(f"  logarrow took {theirs[0] / ours[0]:.1f} times less wall time")


if __name__ == "__main__":
    main()
