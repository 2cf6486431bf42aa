"""How much memory a conversion takes on top of the process, whatever the size of the input.

A pipe of --size is converted to Parquet by a child process; its peak resident size is compared with its size right after
`import logarrow`. Rows are checked against the counts of the generator. A file of --file-size is read lazily likewise.

    python benches/python/memory.py --size 10GB --file-size 2GB --threads 2
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BUDGET_MIB = 256
# The pipe repeats one generated block: making ten gigabytes would take longer than reading them.
BLOCK = "200MB"
UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}

CHILD = """
import json, sys
import logarrow as la

def field(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith(name + ":"))

import pyarrow
import pyarrow.parquet
before = field("VmRSS")
source, target, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
scan = la.scan(source, format="apache.combined", threads=threads)
if target:
    scan.write_parquet(target, overwrite=True)
else:
    for batch in scan.to_batches():
        pass
print(json.dumps({"before": before, "peak": field("VmHWM"), "rows": scan.report.rows, "records": scan.report.records,
                  "seconds": scan.report.seconds, "bytes": scan.report.bytes}))
"""


def size(text: str) -> int:
    match = re.fullmatch(r"(\d+)([KMG]?)B?", text.upper())
    if not match:
        raise argparse.ArgumentTypeError(f"not a size: {text}")
    return int(match[1]) * UNITS[match[2]]


def child(source: str, target: str, threads: int, stdin: int | None = None) -> dict[str, float]:
    command = [sys.executable, "-c", CHILD, source, target, str(threads)]
    return json.loads(subprocess.run(command, stdin=stdin, check=True, capture_output=True).stdout)


def tell(name: str, found: dict[str, float], rows: int) -> bool:
    if found["rows"] != rows:
        raise SystemExit(f"{name}: {found['rows']} rows instead of {rows}")
    above = found["peak"] - found["before"]
    speed = found["bytes"] / 1e6 / found["seconds"]
    print(
        f"{name}: {found['bytes'] / 1e9:.1f} GB, {rows} rows, {above} MiB above {found['before']} MiB, {speed:.0f} MB/s"
    )
    return above <= BUDGET_MIB


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=size, default=size("10GB"))
    parser.add_argument("--file-size", type=size, default=size("2GB"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--generate", default="target/generate", help="the generator's binary")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        block = Path(scratch, "block.log")
        made = subprocess.run(
            [args.generate, "--counts", BLOCK, "-o", block], check=True, capture_output=True, text=True
        )
        rows = json.loads(made.stderr)["rows"]
        good = True
        for name, wanted, pipe in [("pipe to Parquet", args.size, True), ("file, lazily", args.file_size, False)]:
            repeats = max(1, wanted // block.stat().st_size)
            feed = f'i=0; while [ "$i" -lt {repeats} ]; do cat "$0"; i=$((i + 1)); done'
            if pipe:
                with subprocess.Popen(["sh", "-c", feed, block], stdout=subprocess.PIPE) as feeder:
                    target = str(Path(scratch, "out.parquet"))
                    good &= tell(name, child("-", target, args.threads, feeder.stdout.fileno()), rows * repeats)
            else:
                log = Path(scratch, "large.log")
                with open(log, "wb") as file:
                    subprocess.run(["sh", "-c", feed, block], stdout=file, check=True)
                good &= tell(name, child(str(log), "", args.threads), rows * repeats)
                os.unlink(log)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
