"""Times logarrow and its peers on generated JSON logs, on one thread; every cell is held against Python's `json`.

    python benches/python/compare_json.py --size 64MB --repeat 5
    python benches/python/compare_json.py --tasks full,three --ways logarrow,pyarrow --json

Each way runs in a process of its own, bound to one CPU: the whole log to a materialised table of typed columns, by user
time, medians after a warm-up. Then the last result is checked. `documents/` says what is read and how.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from importlib.metadata import PackageNotFoundError, version

from harness import (
    HERE,
    WORK,
    best_peer,
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

OURS = "logarrow"
LIBRARIES = ["logarrow", "polars", "pyarrow", "datafusion", "duckdb", "chdb"]
#: CloudTrail delivers many files, none of them large.
FILE_BYTES = 4_000_000
UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def bytes_of(size_text: str) -> int:
    digits = size_text.rstrip("KMGB")
    return int(digits) * UNITS[size_text[len(digits) :]]


def prepare(task, size_text: str, seed: int) -> dict:
    """Makes the log of a task, and what Python's `json` makes of it, once for each size and seed."""
    import pyarrow.parquet as pq
    from documents import expected

    folder = WORK / f"{task.log_format}-{size_text}-{seed}"
    done = folder / "counts"
    newest = max(generator().stat().st_mtime, *(part.stat().st_mtime for part in (HERE / "documents").glob("*.py")))
    if not done.exists() or done.stat().st_mtime < newest:
        folder.mkdir(exist_ok=True)
        paths = [folder / f"part-{number}.json" for number in range(parts(task, size_text))]
        size_of_each = size_text if len(paths) == 1 else f"{FILE_BYTES}B"
        counts = [generate(task.log_format, size_of_each, seed + number, path) for number, path in enumerate(paths)]
        table = expected.read(task, [str(path) for path in paths])
        if table.num_rows != sum(count["rows"] for count in counts):
            raise SystemExit(f"Python's json finds {table.num_rows} rows in the log of {task.name}, not {counts}")
        pq.write_table(table, folder / "expected.parquet")
        if not task.records:
            packed = gzip.compress(paths[0].read_bytes(), 6, mtime=0)
            (folder / "part-0.json.gz").write_bytes(packed)
        done.write_text(json.dumps(counts))
    counts = json.loads(done.read_text())
    suffix = ".json.gz" if task.gzip else ".json"
    return {
        "paths": [str(folder / f"part-{number}{suffix}") for number in range(len(counts))],
        "expected": str(folder / "expected.parquet"),
        "bytes": sum(count["bytes_written"] for count in counts),
        "rows": sum(count["rows"] for count in counts),
    }


def parts(task, size_text: str) -> int:
    return max(1, bytes_of(size_text) // FILE_BYTES) if task.records else 1


# ---- one way, in a process of its own


def worker(spec: dict) -> dict:
    bind(1)
    import pyarrow as pa
    import pyarrow.parquet as pq
    from cells import differences, leaves
    from documents import TASKS, WAYS, expected

    pa.set_cpu_count(1)
    task, way, paths = TASKS[spec["task"]], WAYS[spec["way"]], spec["log"]["paths"]
    runs, result = timed(lambda: way(task, paths), spec["repeat"])
    table = result if isinstance(result, pa.Table) else result.to_arrow()
    want = expected.wanted(task, pq.read_table(spec["log"]["expected"]))
    answer = {"runs": runs, "rows": table.num_rows, "columns": table.num_columns, "compared": 0}
    if table.num_rows != want.num_rows:
        return answer | {"wrong": f"{table.num_rows} rows, not {want.num_rows}"}
    answer["compared"], answer["wrong"] = differences(leaves(want), expected.cells(task, table))
    return answer


# ---- the report


def run(task, options, ways: list[str]) -> dict:
    """All ways of a task, ours first."""
    log = prepare(task, options.size, options.seed)
    results = []
    for way in ways:
        result = run_worker(__file__, {"task": task.name, "way": way, "log": log, "repeat": options.repeat})
        result |= {"way": way, "load": round(os.getloadavg()[0], 2)}
        if "failed" not in result:
            result |= rates(result["runs"], log["bytes"])
        results.append(result)
        words = result.get("failed") or result["wrong"] or "right"
        print(
            f"{task.name:10} {way:12} {result.get('mb_per_user_s', 0):7.0f} MB/s user  {words[:150]}", file=sys.stderr
        )
    return {
        "task": task.name,
        "wanted": task.wanted,
        "rows": log["rows"],
        "bytes": log["bytes"],
        "files": len(log["paths"]),
        "results": results,
        **best_peer(results, OURS),
    }


def markdown(record: dict) -> str:
    out = [
        *heading(record, f"JSON logs, {record['size']} each"),
        "One thread. MB/s are of (uncompressed) input per second of user time, whole log to a materialised table. *Ratio*:",
        "user time of the best peer over logarrow's. *Values*: cells compared with those of Python's `json`, all of them; of",
        "a struct its members, of a list its elements. Peers that read objects only as objects lack CloudTrail's JSON texts.",
        "",
        "| task | logarrow MB/s | best peer | MB/s | ratio | wanted |",
        "|---|---|---|---|---|---|",
    ]
    for task in record["tasks"]:
        if "ratio" not in task:
            continue
        rate = {result["way"]: result.get("mb_per_user_s") for result in task["results"]}
        out.append(
            f"| {task['task']} | {rate[OURS]:.0f} | {task['best_peer']} | {rate[task['best_peer']]:.0f} | "
            f"{task['ratio']:.1f} | {task['wanted'] or ''} |"
        )
    for task in record["tasks"]:
        files = f" in {task['files']} files" if task["files"] > 1 else ""
        out += ["", f"## {task['task']}: {task['rows']} records{files}", ""]
        out += ["| way | MB/s user | MB/s wall | spread | rows | columns | values |", "|---|---|---|---|---|---|---|"]
        for result in sorted(task["results"], key=lambda result: -result.get("mb_per_user_s", 0)):
            if "failed" in result:
                out.append(f"| {result['way']} | | | | | | failed: {result['failed'][:120].replace('|', '/')} |")
                continue
            out.append(
                f"| {result['way']} | {result['mb_per_user_s']:.0f} | {result['mb_per_wall_s']:.0f} | "
                f"{result['spread']:.0%} | {result['rows']} | {result['columns']} | {result['wrong'] or 'right'} |"
            )
    return "\n".join(out) + "\n"


def main() -> None:
    arguments = parser(__doc__.splitlines()[0], "64MB")
    arguments.add_argument("--tasks", help="comma-separated (default all)")
    arguments.add_argument("--ways", help="comma-separated (default all)")
    options = arguments.parse_args()
    if options.worker:
        print(json.dumps(worker(json.loads(options.worker))))
        return
    sys.path.insert(0, str(HERE))
    from documents import TASKS, WAYS

    load, ways = os.getloadavg()[0], chosen(options.ways, WAYS, "way")
    tasks = [run(TASKS[name], options, ways) for name in chosen(options.tasks, TASKS, "task")]
    versions = {library: installed(library) for library in LIBRARIES if any(way.startswith(library) for way in ways)}
    publish(record(options, versions, load, tasks=tasks), "json", markdown, options.json)


if __name__ == "__main__":
    main()
