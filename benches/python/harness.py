"""What the comparisons share: the command line, the generated log, workers, the clock, the machine, the record."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "target" / "compare"
RECORD = ROOT / "benches" / "record"
KNOBS = [
    "POLARS_MAX_THREADS",
    "OMP_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "ARROW_IO_THREADS",
    "DATAFUSION_EXECUTION_TARGET_PARTITIONS",
]


def size(text: str) -> str:
    return text if text[-1:].isalpha() else text + "B"


def parser(description: str, size_text: str) -> argparse.ArgumentParser:
    """The options that every comparison has."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--size", default=size_text, type=size)
    arguments.add_argument("--seed", default=1, type=int)
    arguments.add_argument("--repeat", default=5, type=int)
    arguments.add_argument("--json", action="store_true", help="print the record, and write nothing to benches/record/")
    arguments.add_argument("--worker", help=argparse.SUPPRESS)
    return arguments


def chosen(text: str | None, known: Iterable[str], kind: str) -> list[str]:
    """The names in a comma-separated list, or all that are known."""
    known = list(known)
    names = text.split(",") if text else known
    if unknown := set(names) - set(known):
        raise SystemExit(f"no {kind} is named {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return names


def run_worker(program: str, spec: dict, threads: int = 1) -> dict:
    """What a process of its own says of `spec`, on so many threads; `failed` says why it gave nothing."""
    command = [sys.executable, program, "--worker", json.dumps(spec)]
    environment = os.environ | dict.fromkeys(KNOBS, str(threads))
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    except subprocess.TimeoutExpired:
        return {"failed": "took over 15 minutes"}
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        named = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
        return {"failed": (named or lines)[-1][:300]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def generator() -> Path:
    """The program that makes logs, built if its source is newer."""
    WORK.mkdir(parents=True, exist_ok=True)
    program = ROOT / "target" / "generate"
    source = ROOT / "benches" / "generate.rs"
    parts = [source, *(ROOT / "benches" / "generate").iterdir()]
    if not program.exists() or program.stat().st_mtime < max(part.stat().st_mtime for part in parts):
        subprocess.run(["rustc", "--edition", "2024", "-O", str(source), "-o", str(program)], check=True)
    return program


def generate(log_format: str, size_text: str, seed: int, path: str | Path) -> dict:
    """Makes a log and says what is in it."""
    command = [generator(), "--format", log_format, "--seed", str(seed), "--counts", "-o", str(path), size_text]
    return json.loads(subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr)


def bind(threads: int) -> None:
    """Keeps this process on as many CPUs as it may use threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])


def timed(run: Callable[[], object], repeat: int) -> tuple[list[tuple[float, float, float]], object]:
    """User, system and wall seconds of each of `repeat` runs after a warm-up, and what the last one gave."""
    runs, result = [], None
    for repetition in range(repeat + 1):
        result = None
        before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        result = run()
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
        if repetition:
            runs.append((after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime, wall))
    return runs, result


def rates(runs: list, input_bytes: int) -> dict:
    """Medians, megabytes a second, and the spread: (slowest - fastest) / median of user time."""
    user, system, wall = (statistics.median(run[i] for run in runs) for i in range(3))
    megabytes = input_bytes / 1e6
    return {
        "user_s": user,
        "system_s": system,
        "wall_s": wall,
        "mb_per_user_s": megabytes / user,
        "mb_per_cpu_s": megabytes / (user + system),
        "mb_per_wall_s": megabytes / wall,
        "spread": (max(run[0] for run in runs) - min(run[0] for run in runs)) / user,
    }


def machine() -> dict:
    model = platform.processor() or platform.machine()
    simd = []
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            info = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines() if ":" in line)
        info = {key.strip(): value.strip() for key, value in info.items()}
        model = info.get("model name", model)
        simd = [flag for flag in ("sse2", "avx2", "avx512bw", "avx512_vbmi2") if flag in info.get("flags", "").split()]
    return {
        "cpu": model,
        "cpus": len(os.sched_getaffinity(0)),
        "simd": simd,
        "system": platform.system(),
        "kernel": platform.release().split("-")[0],
    }


def record(options: argparse.Namespace, versions: dict, load_before: float, **found) -> dict:
    """What was measured, with the circumstances."""
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": versions,
        "command": " ".join(["python", f"benches/python/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "size": options.size,
        "seed": options.seed,
        "repeat": options.repeat,
        "load_before": round(load_before, 2),
        "load_after": round(os.getloadavg()[0], 2),
        **found,
    }


def heading(record: dict, title: str) -> list[str]:
    """How a record's page begins."""
    about = record["machine"]
    return [
        f"# {record['date']}: {title}, seed {record['seed']}",
        "",
        f"{about['cpu']}, {about['cpus']} CPUs ({', '.join(about['simd'])}), Python {record['python']}, "
        f"{', '.join(f'{name} {version}' for name, version in record['versions'].items())}.",
        f"Load average {record['load_before']} before and {record['load_after']} after; median of {record['repeat']} runs "
        "after a warm-up.",
        f"`{record['command']}`",
        "",
    ]


def publish(record: dict, name: str, markdown: Callable[[dict], str], as_json: bool) -> None:
    """Writes the record and its page, or prints it."""
    if as_json:
        print(json.dumps(record, indent=1))
        return
    stem = RECORD / f"{record['date']}-{name}"
    stem.parent.mkdir(exist_ok=True)
    stem.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    stem.with_suffix(".md").write_text(markdown(record))
    print(markdown(record))


def best_peer(results: list[dict], ours: str, beside: Iterable[str] = ()) -> dict:
    """The best peer of those that were timed, and how many times faster we are."""
    timed_ways = [result for result in results if "user_s" in result]
    peers = [r for r in timed_ways if not r["way"].startswith(ours) and r["way"] not in beside]
    own = next((r for r in timed_ways if r["way"] == ours), None)
    if not peers or own is None:
        return {}
    best = min(peers, key=lambda result: result["user_s"])
    return {"best_peer": best["way"], "ratio": best["user_s"] / own["user_s"]}
