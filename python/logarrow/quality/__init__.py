"""The quality of a log as a report to look at: what `logarrow check` shows on terminals and as HTML."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

from .._errors import LogarrowWarning
from .._report import Report
from .._scan import Scan
from ._times import Times, watch

__all__ = ["Quality", "look"]


@dataclasses.dataclass(frozen=True)
class Quality:
    """What a scan did, and what is shown of it."""

    sources: list[str]
    format: str
    #: Names and types of the columns.
    columns: list[tuple[str, str]]
    report: Report
    #: The first rejects, dicts as in `Scan.rejects`.
    rejects: list[dict[str, Any]]
    #: Rows over time; None without a column of times, or without a value in it.
    times: Times | None

    def outcomes(self) -> list[tuple[str, int]]:
        """What became of the records; the counts add up to all of them."""
        return [(name, self.report[name]) for name in ("rows", "filtered", "rejected", "skipped")]

    def bad_values(self) -> dict[str, int]:
        """Cells that did not decode, by column."""
        out: dict[str, int] = {}
        for reason in self.report.reasons:
            if reason["column"] is not None:
                out[reason["column"]] = out.get(reason["column"], 0) + reason["count"]
        return out

    def reasons(self) -> list[dict[str, Any]]:
        """Why records and values were rejected, the most frequent first."""
        return sorted(self.report.reasons, key=lambda reason: -reason["count"])

    def verdict(self) -> str:
        """All of it in a sentence."""
        report = self.report
        if not report.records:
            return "there are no records"
        told = []
        if report.damaged:
            told.append(f"{len(report.damaged):,} of {len(report.files):,} files broke off, damaged")
        if report.malformed:
            told.append(
                f"{report.malformed:,} of {report.records:,} records ({share(report.malformed, report.records)}) are malformed"
            )
        if report.bad_values:
            told.append(
                f"{report.bad_values:,} {'values do' if report.bad_values > 1 else 'value does'} not fit the type of the column"
            )
        return "; ".join(told) or f"all of {report.records:,} records are well-formed"

    def to_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        times = self.times.to_dict() if self.times else None
        return {"format": self.format, **self.report.to_dict(), "rejects": self.rejects, "rows_over_time": times}


def look(scan: Scan, show: int) -> Quality:
    """Reads all of a scan, and keeps the first `show` rejects.

    **Errors**: those of `Scan.to_batches`.
    """
    columns = [(field.name, str(field.type)) for field in scan.schema]
    times = watch(scan.schema)
    with warnings.catch_warnings():
        # Damaged files stand in the report.
        warnings.simplefilter("ignore", LogarrowWarning)
        for batch in scan.to_batches():
            if times is not None:
                times.add(batch)
    rejects = scan.rejects().slice(0, show).to_pylist()
    seen = times if times is not None and times.counts else None
    return Quality(scan._source.names(), scan.format.name, columns, scan.report, rejects, seen)


def share(count: int, total: int) -> str:
    """A share in percent, in which nothing is rounded to nothing or to all.

    >>> share(1, 3), share(1, 100_000), share(99_999, 100_000), share(0, 0)
    ('33.3%', '<0.1%', '>99.9%', '0%')
    """
    if count in (0, total):
        return "100%" if count else "0%"
    told = f"{count / total:.1%}"
    return {"0.0%": "<0.1%", "100.0%": ">99.9%"}.get(told, told)
