"""Read by mypy, never run: what users write has the types they expect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import logarrow as la


def uses() -> None:
    scan: la.Scan = la.scan(Path("x.log"), "apache.combined", columns=["a"], where=la.col("a") > 1, threads=2)
    scan = scan.select("a", "b").filter("a > 1", la.col("b").is_null()).derive(c="a + 1").limit(3)
    la.scan(b"", on_error="null", memory_bytes="256MB", include=["line"], progress=lambda state: None)
    la.scan(["a", Path("b")], la.Format.named("apache.common").with_types({"status": "int32"}))
    report: la.Report = scan.write_parquet("o.parquet", compression="zstd", overwrite=True)
    rows: int = report.rows + report["rows"]
    expr: la.Expr = (la.col("a") == 1) & ~(la.col("b") < "x") | la.when("a > 1").then("x").otherwise(None)
    guess: la.Guess = la.sniff("x")[0]
    values: Any = la.parse(["x"], "apache.common", error=True)
    print(rows, expr, guess.share, values)

    la.scan("x", on_error="ignore")  # type: ignore[arg-type]
    la.scan("x", colums=["a"])  # type: ignore[call-arg]
    la.scan("x", None, ["a"])  # type: ignore[call-arg, arg-type]
