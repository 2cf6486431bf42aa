"""Progress: a bar on a terminal, or calls to a function."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

#: Seconds between two calls.
_INTERVAL_S = 0.1


class Progress:
    """Shows how far a scan is, while the `with` block runs. `wanted` is what option `progress` says."""

    def __init__(self, wanted: Any, label: str = "reading") -> None:
        if not (wanted is None or isinstance(wanted, bool) or callable(wanted)):
            raise TypeError(f"option 'progress' takes True, False or a function, not {type(wanted).__name__}")
        self._function: Callable[[dict[str, Any]], None] | None = wanted if callable(wanted) else None
        self._shown = wanted is True and sys.stderr.isatty()
        self._label = label
        self._bar: Any = None
        self._task: Any = None
        self._last = 0.0

    @property
    def is_on(self) -> bool:
        """Whether anyone looks."""
        return self._shown or self._function is not None

    def __enter__(self) -> Progress:
        if self._shown:
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
            from rich.progress import Progress as Bar

            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(self._label, total=None)
        return self

    def is_due(self) -> bool:
        """Whether someone looks, and it is time to tell them."""
        now = time.monotonic()
        if not self.is_on or now - self._last < _INTERVAL_S:
            return False
        self._last = now
        return True

    def update(self, state: dict[str, Any]) -> None:
        """Tells of a new state: `stored_bytes`, `total_bytes`, the counts of a report, `seconds`, `complete`."""
        if self._bar is not None:
            self._bar.update(self._task, completed=state["stored_bytes"], total=state["total_bytes"])
        if self._function is not None:
            self._function(state)

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
