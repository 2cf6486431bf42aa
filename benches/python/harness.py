"""What both comparisons share: the generated log, the clock, the machine."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import time
from collections.abc import Callable
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
