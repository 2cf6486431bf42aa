"""Times logarrow and its peers on one generated log of each family, on one thread; cells are compared.

    python benches/python/compare_families.py --size 32MB --repeat 5
    python benches/python/compare_families.py --families rfc5424,ltsv --json

Each way runs in a process of its own, bound to one CPU: the whole log to a materialised table of typed columns, by user
time, medians after a warm-up. Then the rows, statuses and sums that logarrow found are held against what the generator
counted, and the cells of each peer against logarrow's. `families/` says what each way does and what it leaves undone.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

from cells import differences, normal
from harness import (
    HERE,
    WORK,
    best_peer,
    bind,
    chosen,
    generate,
    heading,
    parser,
    publish,
    rates,
    record,
    run_worker,
    timed,
)

OURS = "logarrow"
LIBRARIES = ["logarrow", "pyarrow", "polars", "duckdb", "chdb"]


def prepare(family, size_text: str, seed: int) -> tuple[str, dict]:
    """Makes the log of a family; a plain one has the lines that any pattern gets right."""
    from compare import is_plain

    path = WORK / f"family-{family.name}.log"
    counts = generate(family.log_format, size_text, seed, path)
    if family.plain:
        lines = path.read_bytes().splitlines(keepends=True)
        kept = [line for line in lines if is_plain(line)]
        path.write_bytes(b"".join(kept))
        counts = {"rows": len(kept), "bytes_written": path.stat().st_size}
    return str(path), counts


# ---- one way, in a process of its own


def worker(spec: dict) -> dict:
    bind(1)
    import pyarrow as pa
    import pyarrow.parquet as pq
    from families import FAMILIES

    pa.set_cpu_count(1)
    family = FAMILIES[spec["family"]]
    way = family.ways[spec["way"]]
    runs, result = timed(lambda: way(spec["path"]), spec["repeat"])
    table = result if isinstance(result, pa.Table) else result.to_arrow()
    kept = [normal(table[name]) for name in table.column_names if name in family.checked]
    names = [name for name in table.column_names if name in family.checked]
    pq.write_table(pa.table(kept, names=names), spec["out"])
    columns = [f"{field.name}: {field.type}" for field in table.schema]
    return {"runs": runs, "rows": table.num_rows, "columns": columns}


# ---- what came of it


def columns(table) -> dict:
    return dict(zip(table.column_names, table.columns, strict=True))


def check_counts(family, counts: dict, rows: int, table) -> str:
    """What differs between the generator's counts and a table; empty if nothing does."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wrong = [] if rows == counts["rows"] else [f"{rows} rows, not {counts['rows']}"]
    if family.counted and not family.plain:
        column = table[family.counted]
        column = column.cast(pa.int64()) if pa.types.is_string(column.type) else column
        found = {str(item["values"]): item["counts"] for item in pc.value_counts(column.drop_null()).to_pylist()}
        if found != counts["status"]:
            wrong.append(f"{family.counted} is distributed otherwise")
    if family.summed and not family.plain:
        column = table[family.summed]
        if family.summed == "message":
            column = pc.binary_length(column)
        elif pa.types.is_string(column.type):
            column = column.cast(pa.int64())
        if (total := pc.sum(column).as_py()) != counts["sum_bytes"]:
            wrong.append(f"the sum of {family.summed} is {total}, not {counts['sum_bytes']}")
    return "; ".join(wrong)


def measure(family, way: str, path: str, repeat: int) -> dict:
    out = str(WORK / f"family-{family.name}-{way.replace(' ', '-').replace(',', '')}.parquet")
    found = run_worker(__file__, {"family": family.name, "way": way, "path": path, "repeat": repeat, "out": out})
    found |= {"way": way, "load": round(os.getloadavg()[0], 2), "out": out}
    return found if "failed" in found else found | rates(found["runs"], os.path.getsize(path))


def run(family, size_text: str, seed: int, repeat: int) -> dict:
    """All ways of a family, ours first, cells compared."""
    import pyarrow.parquet as pq

    path, counts = prepare(family, size_text, seed)
    results, ours = [], None
    for way in family.ways:
        result = measure(family, way, path, repeat)
        out = result.pop("out")
        if "failed" not in result:
            table = pq.read_table(out)
            if way == OURS:
                ours = table
                result["wrong"] = check_counts(family, counts, result["rows"], table)
            elif result["rows"] != counts["rows"]:
                result["compared"], result["wrong"] = 0, f"{result['rows']} rows, not {counts['rows']}"
            elif ours is not None:
                result["compared"], result["wrong"] = differences(columns(ours), columns(table))
            Path(out).unlink()
        results.append(result)
        words = result.get("failed") or result.get("wrong") or "right"
        print(
            f"{family.name:10} {way:24} {result.get('mb_per_user_s', 0):7.0f} MB/s user  {words[:150]}", file=sys.stderr
        )
    return {
        "family": family.name,
        "wanted": family.wanted,
        "counts": counts,
        "results": results,
        **best_peer(results, OURS, family.beside),
    }


def markdown(record: dict) -> str:
    out = [
        *heading(record, f"logs by family, {record['size']} each"),
        "One thread. MB/s are of input per second of user time, whole log to a materialised table. *Ratio*: user time of the",
        "best peer over logarrow's. *Cells*: columns compared with logarrow's, cell by cell; of logarrow, with the",
        "generator's counts.",
        "",
        "| family | logarrow MB/s | best peer | MB/s | ratio | wanted |",
        "|---|---|---|---|---|---|",
    ]
    for family in record["families"]:
        if "ratio" not in family:
            continue
        rate = {result["way"]: result.get("mb_per_user_s") for result in family["results"]}
        out.append(
            f"| {family['family']} | {rate[OURS]:.0f} | {family['best_peer']} | {rate[family['best_peer']]:.0f} | "
            f"{family['ratio']:.1f} | {family['wanted']} |"
        )
    for family in record["families"]:
        out += ["", f"## {family['family']}: {family['counts']['rows']} rows", ""]
        out += ["| way | MB/s user | MB/s wall | spread | columns | cells |", "|---|---|---|---|---|---|"]
        for result in family["results"]:
            if "failed" in result:
                out.append(f"| {result['way']} | | | | | failed: {result['failed'][:120].replace('|', '/')} |")
                continue
            right = "right" if result["way"] == OURS else f"{result.get('compared', 0)} columns right"
            out.append(
                f"| {result['way']} | {result['mb_per_user_s']:.0f} | {result['mb_per_wall_s']:.0f} | "
                f"{result['spread']:.0%} | {len(result['columns'])} | {result['wrong'] or right} |"
            )
    return "\n".join(out) + "\n"


def main() -> None:
    arguments = parser(__doc__.splitlines()[0], "32MB")
    arguments.add_argument("--families", help="comma-separated (default all)")
    options = arguments.parse_args()
    if options.worker:
        print(json.dumps(worker(json.loads(options.worker))))
        return
    sys.path.insert(0, str(HERE))
    from families import FAMILIES

    load = os.getloadavg()[0]
    names = chosen(options.families, FAMILIES, "family")
    families = [run(FAMILIES[name], options.size, options.seed, options.repeat) for name in names]
    versions = {library: version(library) for library in LIBRARIES}
    publish(record(options, versions, load, families=families), "families", markdown, options.json)


if __name__ == "__main__":
    main()
