"""Rows over time, counted as batches go by."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_SECOND = 1_000_000
#: Widths that a bar may have, in microseconds: each is a multiple of the one before.
WIDTHS = [
    seconds * _SECOND
    for seconds in (
        1,
        10,
        30,
        60,
        300,
        900,
        1800,
        3600,
        7200,
        21600,
        43200,
        86400,
        7 * 86400,
        28 * 86400,
        364 * 86400,
        3640 * 86400,
    )
]
#: Bars kept while counting, which bounds the memory whatever times a log holds.
_MOST_KEPT = 20_000


class Times:
    """Counts of rows in steps of time."""

    def __init__(self, column: str) -> None:
        #: The column whose times are counted.
        self.column = column
        #: Microseconds of a step.
        self.width = WIDTHS[0]
        #: Rows by number of the step since 1970 UTC.
        self.counts: dict[int, int] = {}

    def add(self, batch: pa.RecordBatch) -> None:
        """Counts the rows of a batch; nulls are none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        times = batch.column(batch.schema.get_field_index(self.column))
        numbers = times.drop_null().cast(pa.timestamp("us"), safe=False).cast(pa.int64())
        for one in pc.value_counts(pc.divide(numbers, self.width)).to_pylist():
            self.counts[one["values"]] = self.counts.get(one["values"], 0) + one["counts"]
        while len(self.counts) > _MOST_KEPT and self._widen():
            pass

    def _widen(self) -> bool:
        wider = [width for width in WIDTHS if width > self.width]
        if not wider:
            return False
        self.counts, self.width = self._summed(wider[0]), wider[0]
        return True

    def _summed(self, width: int) -> dict[int, int]:
        out: dict[int, int] = {}
        for step, count in self.counts.items():
            wide = step * self.width // width
            out[wide] = out.get(wide, 0) + count
        return out

    def bars(self, most: int) -> list[tuple[dt.datetime, int]]:
        """At most so many bars from the first time to the last, those without rows too: when each begins, and its rows.

        Times far from all others would leave nothing to see: where the span is too long for `most`, it is cut to the
        steps around the middle row.
        """
        for width in [width for width in WIDTHS if width >= self.width]:
            counts = self._summed(width)
            first, last = min(counts), max(counts)
            if last - first < most:
                break
        else:
            steps, half, seen = sorted(counts), sum(counts.values()) / 2, 0
            for first in steps:
                seen += counts[first]
                if seen >= half:
                    break
            first, last = first - most // 2, first + most // 2 - 1
        return [(_time(step * width), counts.get(step, 0)) for step in range(first, last + 1)]

    def step(self, most: int) -> dt.timedelta:
        """How long a bar lasts."""
        bars = self.bars(most)
        return bars[1][0] - bars[0][0] if len(bars) > 1 else dt.timedelta(microseconds=self.width)

    def to_dict(self, most: int = 1_000) -> dict[str, Any]:
        """The bars, ready for JSON."""
        bars = [{"time": time.isoformat() + "Z", "rows": rows} for time, rows in self.bars(most)]
        return {"column": self.column, "seconds": int(self.step(most).total_seconds()), "bars": bars}


def watch(schema: pa.Schema) -> Times | None:
    """The counts of the first column of times, if there is one."""
    import pyarrow as pa

    for field in schema:
        if pa.types.is_timestamp(field.type):
            return Times(field.name)
    return None


def spoken(step: dt.timedelta) -> str:
    """How long a bar lasts, in words.

    >>> spoken(dt.timedelta(seconds=30)), spoken(dt.timedelta(minutes=15)), spoken(dt.timedelta(days=7))
    ('30 seconds', '15 minutes', '7 days')
    """
    seconds = int(step.total_seconds())
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            seconds //= size
            return f"{seconds} {name}{'s' * (seconds > 1)}"
    return f"{seconds} second{'s' * (seconds > 1)}"


def _time(microseconds: int) -> dt.datetime:
    try:
        return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=microseconds)
    except OverflowError:
        return dt.datetime.max if microseconds > 0 else dt.datetime.min
