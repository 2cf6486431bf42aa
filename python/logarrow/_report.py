"""What a scan did: every record accounted for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ._text import columns, html, html_table, human_bytes, plain

_COUNTS = [
    "records",
    "rows",
    "filtered",
    "rejected",
    "skipped",
    "malformed",
    "bad_values",
    "replaced",
    "extra",
    "duplicate_keys",
]


@dataclasses.dataclass(frozen=True, repr=False)
class Report(Mapping[str, Any]):
    """Counts of a scan; `records == rows + filtered + rejected + skipped`, always.

    Attributes can be taken as keys too: `report.rows`, `report["rows"]`, `dict(report)`.
    """

    #: Would-be rows, and the lines that are none.
    records: int
    #: Rows given.
    rows: int
    #: Records that `where` left out.
    filtered: int
    #: Malformed records that gave no row.
    rejected: int
    #: Blank lines, headers, comments.
    skipped: int
    #: Malformed records, whether or not they gave a row of nulls.
    malformed: int
    #: Cells that did not decode and are null.
    bad_values: int
    #: Cells in which bytes that are no UTF-8 became U+FFFD.
    replaced: int
    #: Rows with text behind the last known field.
    extra: int
    #: Keys that a JSON object had twice; the last of them counts.
    duplicate_keys: int
    #: Records that took the fast path.
    fast_records: int
    #: Bytes of decompressed text.
    bytes: int
    #: Lines.
    lines: int
    #: Seconds from start to end.
    seconds: float
    #: Whether all input was read; False after a `limit` or an error.
    complete: bool
    #: Nulls by column, of the columns given.
    nulls: dict[str, int]
    #: Dicts of `column` (None for a whole record), `reason`, `count`.
    reasons: list[dict[str, Any]]
    #: One dict a file: `name`, the counts, `damage` (None, or what ended it early), `reference_time_us`,
    #: `encoding` (as it was read, once it has ended).
    files: list[dict[str, Any]]
    #: What times without a year were held against, in microseconds since 1970 UTC; None where files have their own.
    reference_time_us: int | None
    #: Files written: dicts of `path`, `rows`, `bytes`; empty for a read.
    written: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    @property
    def damaged(self) -> list[dict[str, Any]]:
        """The files that ended early because they are damaged."""
        return [file for file in self.files if file["damage"]]

    @property
    def megabytes_per_second(self) -> float:
        """10^6 bytes of decompressed text a second."""
        return self.bytes / 1e6 / max(self.seconds, 1e-9)

    @property
    def reference_time(self) -> dt.datetime | None:
        """What times without a year were held against; None where each file has a time of its own, see `files`."""
        if self.reference_time_us is None:
            return None
        return dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(microseconds=self.reference_time_us)

    def to_dict(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return dataclasses.asdict(self)

    def __getitem__(self, name: str) -> Any:
        if name not in _FIELDS:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        return iter(_FIELDS)

    def __len__(self) -> int:
        return len(_FIELDS)

    __hash__ = None  # type: ignore[assignment]

    def _summary(self) -> list[list[Any]]:
        # The balance always; of the rest, what there is.
        shown = [[name, self[name]] for name in _COUNTS if self[name] or name in _COUNTS[:5]]
        return [*shown, ["lines", self.lines]]

    def _notes(self) -> list[str]:
        out = [f"{human_bytes(self.bytes)} in {self.seconds:.2f} s, {self.megabytes_per_second:.0f} MB/s"]
        if not self.complete:
            out.append("not all input was read")
        out += [f"damaged: {plain(file['name'])}: {plain(file['damage'])}" for file in self.damaged[:5]]
        out += [f"wrote {plain(file['path'])}: {human_bytes(file['bytes'])}" for file in self.written[:5]]
        return out

    def _reason_rows(self) -> list[list[Any]]:
        shown = sorted(self.reasons, key=lambda reason: -reason["count"])[:5]
        return [[reason["count"], reason["column"] or "(record)", reason["reason"]] for reason in shown]

    def _null_rows(self) -> list[list[Any]]:
        shown = sorted(((count, name) for name, count in self.nulls.items() if count), key=lambda pair: -pair[0])
        return [[name, count] for count, name in shown[:12]]

    def __repr__(self) -> str:
        out = [columns(self._summary()), *self._notes()]
        if self.reasons:
            out += ["rejects:", columns(self._reason_rows(), "  ")]
        if nulls := self._null_rows():
            out += ["nulls: " + ", ".join(f"{plain(name)} {count:,}" for name, count in nulls)]
        return "\n".join(out)

    def _repr_html_(self) -> str:
        out = [html_table(["count", "records"], ([name, f"{count:,}"] for name, count in self._summary()), "report")]
        out += [f"<div>{html(note)}</div>" for note in self._notes()]
        if self.reasons:
            out.append(html_table(["count", "column", "reason"], self._reason_rows(), "rejects"))
        if nulls := self._null_rows():
            out.append(html_table(["column", "nulls"], nulls, "nulls"))
        return "".join(out)


_FIELDS = tuple(field.name for field in dataclasses.fields(Report))


def make(native: Mapping[str, Any], written: list[dict[str, Any]] | None = None) -> Report:
    """The public face of a native report."""
    values = {name: native[name] for name in _FIELDS if name != "written"}
    return Report(**values, written=list(written or []))


def exceeds(most: int | str | None) -> Callable[[Report], bool]:
    """Whether a report has more malformed records than `most`: a number of them, or a share such as `"0.5%"`.

    **Errors**: `ValueError` for a text that is neither.
    """
    if most is None:
        return lambda report: False
    try:
        if isinstance(most, str) and most.endswith("%"):
            percent = float(most[:-1])
            return lambda report: report.malformed * 100 > percent * report.records
        count = int(most)
    except ValueError:
        raise ValueError(f"expected a number of records or a share such as 0.5%, found {plain(most)!r}") from None
    return lambda report: report.malformed > count
