"""Times logarrow and its peers on one generated log: same columns, same file, values checked.

    python benches/python/compare.py --size 64MB --threads 1,2 --repeat 5
    python benches/python/compare.py --peers-only --cases full,three

Each peer and case runs in a process of its own, bound to as many CPUs as it may use threads, with the thread knob of its
library set as well. The first repetition warms caches and allocators and does not count; of the others the median is
reported. Rates are megabytes of (uncompressed) input per second of user time, the steadier figure on a shared machine;
wall time stands beside it. After timing, the last result is compared with the oracle, value by value. A peer that
refuses the log because of a few odd lines is timed on a copy without them, and the table says so.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import resource
import sys
from pathlib import Path

from harness import (
    HERE,
    WORK,
    bind,
    chosen,
    generate,
    generator,
    heading,
    parser,
    publish,
    rates,
    record,
    run_worker,
    timed,
)

CASES = ["full", "three", "filter_all", "filter_three", "parquet", "gzip", "gzip_files"]
THREE = ["time", "status", "path"]
#: logarrow only: batches made and dropped.
STREAMED = "stream"


def prepare(size_text: str, seed: int) -> dict:
    """Makes the log and what derives from it, once for each size and seed."""
    import pyarrow.parquet as pq

    import oracle

    program = generator()
    stem = WORK / f"combined-{size_text}-{seed}"
    files = {
        "log": f"{stem}.log",
        "clean": f"{stem}-clean.log",
        "oracle": f"{stem}.parquet",
        "oracle_clean": f"{stem}-clean.parquet",
        "gz": [f"{stem}.log.gz"],
        "gz_files": [f"{stem}-{part}.log.gz" for part in range(4)],
        "gz_clean": [f"{stem}-clean.log.gz"],
        "gz_files_clean": [f"{stem}-clean-{part}.log.gz" for part in range(4)],
        "counts": f"{stem}.json",
    }
    newer = Path(files["counts"])
    if newer.exists() and newer.stat().st_mtime > program.stat().st_mtime:
        return files
    counts = generate("combined", size_text, seed, files["log"])
    lines = Path(files["log"]).read_bytes().splitlines(keepends=True)
    clean = [line for line in lines if is_plain(line)]
    Path(files["clean"]).write_bytes(b"".join(clean))
    for part, one, many in ((lines, "gz", "gz_files"), (clean, "gz_clean", "gz_files_clean")):
        for paths in (files[one], files[many]):
            step = -(-len(part) // len(paths))
            for number, path in enumerate(paths):
                Path(path).write_bytes(gzip.compress(b"".join(part[number * step : (number + 1) * step]), 6, mtime=0))
    table = oracle.read(files["log"])
    sums = {name: __import__("pyarrow.compute").compute.sum(table[name]).as_py() for name in ("status", "bytes")}
    wanted = sum(int(status) * n for status, n in counts["status"].items())
    if (table.num_rows, sums["status"], sums["bytes"]) != (counts["rows"], wanted, counts["sum_bytes"]):
        raise SystemExit(f"the oracle and the generator disagree: {table.num_rows}, {sums} against {counts}")
    pq.write_table(table, files["oracle"])
    pq.write_table(oracle.read(files["clean"]), files["oracle_clean"])
    counts["refused_by_strict_peers"] = len(lines) - len(clean)
    newer.write_text(json.dumps(counts))
    return files


def is_plain(line: bytes) -> bool:
    """A line that splitting by spaces and quotes gets right: ten fields, valid UTF-8."""
    parts = line.split(b'"')
    if b"\\" in line or len(parts) != 7 or parts[0].count(b" ") != 5 or not line.isascii():
        return False
    return parts[1].count(b" ") == 2


def inputs(files: dict, case: str, clean: bool) -> list[str]:
    if case.startswith("gzip"):
        return files[("gz_files" if case == "gzip_files" else "gz") + ("_clean" if clean else "")]
    return [files["clean" if clean else "log"]]


# ---- one peer and case, in a process of its own


def worker(spec: dict) -> dict:
    """Runs one case `repeat + 1` times and checks the last result."""
    bind(spec["threads"])
    sys.path.insert(0, str(HERE))
    import pyarrow as pa
    import pyarrow.parquet as pq

    import oracle
    import peers

    pa.set_cpu_count(spec["threads"])
    peer = peers.PEERS[spec["peer"]]()
    case, files, out = spec["case"], spec["files"], str(WORK / "out.parquet")
    paths = inputs(files, case, spec["clean"])
    input_bytes = os.path.getsize(files["clean" if spec["clean"] else "log"])
    if peer.limit_bytes:
        if case not in ("full", "three", "filter_all", "filter_three") or spec["threads"] > 1:
            return {"skipped": "not timed"}
        with open(paths[0], "rb") as whole:
            head = whole.read(peer.limit_bytes).rpartition(b"\n")[0] + b"\n"
        paths, input_bytes = [str(WORK / "head.log")], len(head)
        Path(paths[0]).write_bytes(head)
    columns = THREE if case in ("three", "filter_three") else oracle.COLUMNS
    errors_only = case.startswith("filter")

    def run():
        if case == "parquet":
            return peer.parquet(paths[0], out, spec["threads"])
        if case == STREAMED:
            return peer.stream(paths, columns, errors_only, spec["threads"])
        return peer.table(paths, columns, errors_only, spec["threads"])

    runs, result = timed(run, spec["repeat"])
    expected = pq.read_table(files["oracle_clean" if spec["clean"] else "oracle"]).select(columns)
    if errors_only:
        status = pq.read_table(files["oracle_clean" if spec["clean"] else "oracle"], columns=["status"])["status"]
        expected = expected.filter(pa.compute.greater_equal(status, 500))
    answer = {"input_bytes": input_bytes, "runs": runs, "versions": peer.versions()}
    answer["peak_rss_bytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if case == STREAMED:
        return answer | {
            "right": result == expected.num_rows,
            "wrong": "" if result == expected.num_rows else f"{result} rows",
        }
    if case == "parquet":
        answer["output_bytes"] = os.path.getsize(out)
        answer["row_groups"] = pq.ParquetFile(out).num_row_groups
        found = pq.read_table(out)
    else:
        found = peer.to_arrow(result)
    if peer.limit_bytes:
        expected = expected.slice(0, found.num_rows)
    return answer | oracle.compare(expected, found)


def measure(peer: str, case: str, threads: int, repeat: int, files: dict) -> dict:
    spec = {"peer": peer, "case": case, "threads": threads, "repeat": repeat, "files": files}
    error, load = "", os.getloadavg()[0]
    for clean in (False, True):
        found = run_worker(__file__, spec | {"clean": clean}, threads)
        if "failed" not in found:
            break
        error = f"{error}; and a copy without odd lines: {found['failed']}" if error else found["failed"]
        found = {"failed": error}
    found |= {"peer": peer, "case": case, "threads": threads, "load": load, "clean": clean and "failed" not in found}
    if found["clean"]:
        found["refused"] = error
    if "runs" in found:
        found |= rates(found["runs"], found["input_bytes"])
    return found


# ---- the report


def markdown(record: dict) -> str:
    """The record as tables, one for each case and number of threads."""
    out = [
        *heading(record, f"{record['size']} combined log"),
        "MB/s are of input per second of user time; *ratio* is how many times slower than logarrow, by user time. The",
        "spread is (slowest - fastest) / median of user time. *copy*: the peer refuses the log and was given one without odd lines.",
    ]
    for case in dict.fromkeys(row["case"] for row in record["results"]):
        for threads in dict.fromkeys(row["threads"] for row in record["results"]):
            rows = [
                row
                for row in record["results"]
                if (row["case"], row["threads"]) == (case, threads) and "skipped" not in row
            ]
            if not rows:
                continue
            ours = next(
                (row["user_s"] / row["input_bytes"] for row in rows if row["peer"] == "logarrow" and "user_s" in row),
                None,
            )
            out += ["", f"## {case}, {threads} thread{'s' * (threads > 1)}", ""]
            size_column = case == "parquet"
            out.append(
                "| peer | MB/s user | MB/s wall | user s | wall s | spread | ratio |"
                + (" MB out |" if size_column else "")
                + " values |"
            )
            out.append("|---|---|---|---|---|---|---|" + ("---|" if size_column else "") + "---|")
            rows.sort(key=lambda row: -row.get("mb_per_user_s", 0))
            for row in rows:
                if "failed" in row:
                    out.append(
                        f"| {row['peer']} | | | | | | |{' |' if size_column else ''} failed: {row['failed'][:120].replace('|', '/')} |"
                    )
                    continue
                ratio = f"{row['user_s'] / row['input_bytes'] / ours:.1f}" if ours else ""
                values = (
                    ("right" if row["right"] else row["wrong"])
                    + ("" if row.get("order", True) else ", other order")
                    + (" (copy)" if row["clean"] else "")
                )
                out.append(
                    f"| {row['peer']} | {row['mb_per_user_s']:.0f} | {row['mb_per_wall_s']:.0f} | {row['user_s']:.3f} | "
                    f"{row['wall_s']:.3f} | {row['spread']:.0%} | {ratio} |"
                    + (f" {row['output_bytes'] / 1e6:.1f} |" if size_column else "")
                    + f" {values} |"
                )
    return "\n".join(out) + "\n"


def main() -> None:
    arguments = parser(__doc__.splitlines()[0], "64MB")
    arguments.add_argument("--threads", default="1,2", help="comma-separated (default 1,2)")
    arguments.add_argument("--cases", default=",".join(CASES), help=f"of {', '.join([*CASES, STREAMED])}")
    arguments.add_argument("--peers", help="comma-separated names (default all)")
    arguments.add_argument("--peers-only", action="store_true", help="without logarrow")
    arguments.add_argument(
        "--name", default=platform.machine(), help="the machine's name in the record (default its architecture)"
    )
    options = arguments.parse_args()
    if options.worker:
        print(json.dumps(worker(json.loads(options.worker))))
        return
    sys.path.insert(0, str(HERE))
    import peers

    names = chosen(options.peers, peers.PEERS, "peer")
    names = [name for name in names if not (options.peers_only and name == "logarrow")]
    load = os.getloadavg()[0]
    files = prepare(options.size, options.seed)
    results, versions = [], {}
    for case in chosen(options.cases, [*CASES, STREAMED], "case"):
        for threads in map(int, options.threads.split(",")):
            for name in names:
                if case == STREAMED and name != "logarrow":
                    continue
                result = measure(name, case, threads, options.repeat, files)
                versions |= result.pop("versions", {})
                results.append(result)
                words = (
                    result.get("failed") or result.get("skipped") or ("right" if result["right"] else result["wrong"])
                )
                words = ("on a copy: " if result["clean"] else "") + words
                print(
                    f"{case} {threads} {name:18} {result.get('mb_per_user_s', 0):7.0f} MB/s user  {words[:150]}",
                    file=sys.stderr,
                    flush=True,
                )
    counts = json.loads(Path(files["counts"]).read_text())
    found = record(options, versions, load, counts=counts, results=results)
    publish(found, options.name, markdown, options.json)


if __name__ == "__main__":
    main()
