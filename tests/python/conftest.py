"""Fixtures shared by all tests. They take no network, no clock and no local zone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from logs import BAD_SIZE, COMBINED, TRUNCATED


@pytest.fixture(autouse=True)
def _odd_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local zone that no answer may depend on."""
    monkeypatch.setenv("TZ", "Asia/Kathmandu")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three good lines."""
    path = tmp_path / "access.log"
    path.write_bytes(COMBINED)
    return path


@pytest.fixture
def bad_log(tmp_path: Path) -> Path:
    """A good line, a truncated one, a blank one, one with a bad value, two good ones."""
    path = tmp_path / "bad.log"
    first, *rest = COMBINED.splitlines(keepends=True)
    path.write_bytes(first + TRUNCATED + b"\n" + BAD_SIZE + b"".join(rest))
    return path


def python(code: str, *args: object, stdin: bytes = b"", timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
    """Runs `code` in a process of its own."""
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(
        command, input=stdin, capture_output=True, timeout=timeout, env={**os.environ, "COLUMNS": "120"}
    )
