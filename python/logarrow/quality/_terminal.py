"""The quality of a log on a terminal, in colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._text import human_bytes, plain
from . import Quality, share
from ._reject import cells, heading, pointed
from ._times import spoken

#: Styles of the outcomes, in their order.
_STYLES = {"rows": "green", "filtered": "blue", "rejected": "red", "skipped": "bright_black"}
_STEPS = " ▁▂▃▄▅▆▇█"
#: Characters of a bar in a table.
_BAR = 20
_MOST_REASONS = 10


def render(quality: Quality, shown: int, width: int) -> Iterator[Any]:
    """What rich prints, part by part, on a terminal `width` characters wide, with so many rejects."""
    from rich.text import Text

    report = quality.report
    is_good = not (report.malformed or report.bad_values or report.damaged)
    yield Text.assemble(
        ("✔ " if is_good else "✘ ", "bold green" if is_good else "bold red"), (quality.verdict(), "bold")
    )
    names = ", ".join(map(plain, quality.sources[:3])) + (
        f" and {len(quality.sources) - 3:,} more" if len(quality.sources) > 3 else ""
    )
    speed = f"{human_bytes(report.bytes)} in {report.seconds:.2f} s, {report.megabytes_per_second:.0f} MB/s"
    yield Text(f"  {names}: {plain(quality.format)}, {speed}", "dim")
    yield Text()
    yield from _outcomes(quality, min(width, 100))
    if quality.times is not None:
        yield Text()
        yield from _times(quality, min(width, 100))
    yield Text()
    yield _columns(quality)
    if report.reasons:
        yield Text()
        yield _reasons(quality)
    for reject in quality.rejects[:shown]:
        yield Text()
        yield from _reject(reject)


def _outcomes(quality: Quality, width: int) -> Iterator[Any]:
    from rich.text import Text

    total = max(quality.report.records, 1)
    bar, legend, left = Text(), Text(), width
    present = [(name, count) for name, count in quality.outcomes() if count]
    for at, (name, count) in enumerate(present):
        # The least that there is gets a character.
        room = (
            left
            if at == len(present) - 1
            else min(max(round(count / total * width), 1), left - (len(present) - at - 1))
        )
        bar.append("█" * room, _STYLES[name])
        left -= room
    for name, count in quality.outcomes():
        legend.append("■ ", _STYLES[name]).append(f"{name} {count:,}").append(f" {share(count, total)}   ", "dim")
    yield bar
    yield legend


def _times(quality: Quality, width: int) -> Iterator[Any]:
    from rich.text import Text

    assert quality.times is not None
    bars = quality.times.bars(width)
    most = max(rows for _, rows in bars) or 1
    # A bar with rows is never blank.
    line = "".join(_STEPS[-(-rows * 8 // most)] for _, rows in bars)
    yield Text(line, "green")
    first, last = (f"{bars[at][0]:%Y-%m-%d %H:%M:%S}" for at in (0, -1))
    yield Text(
        f"{first} to {last} UTC by {plain(quality.times.column)}: {spoken(quality.times.step(width))} a bar, {most:,} rows at most",
        "dim",
    )


def _columns(quality: Quality) -> Any:
    from rich.table import Table
    from rich.text import Text

    report, bad = quality.report, quality.bad_values()
    table = Table("column", "type", "nulls", "", "", "bad values", box=None, header_style="dim", padding=(0, 2, 0, 0))
    for at in (2, 3, 5):
        table.columns[at].justify = "right"
    for name, kind in quality.columns:
        nulls, wrong = report.nulls.get(name, 0), bad.get(name, 0)
        filled = -(-nulls * _BAR // max(report.rows, 1))
        bar = Text("━" * filled, "yellow").append("━" * (_BAR - filled), "bright_black")
        table.add_row(
            Text(plain(name)),
            Text(kind, "dim"),
            f"{nulls:,}" if nulls else "",
            share(nulls, report.rows) if nulls else "",
            bar,
            Text(f"{wrong:,}", "red") if wrong else "",
        )
    return table


def _reasons(quality: Quality) -> Any:
    from rich.table import Table
    from rich.text import Text

    reasons = quality.reasons()
    most = reasons[0]["count"]
    table = Table("rejects", "", "column", "reason", box=None, header_style="dim", padding=(0, 2, 0, 0))
    table.columns[0].justify = "right"
    for reason in reasons[:_MOST_REASONS]:
        column = Text(plain(reason["column"])) if reason["column"] is not None else Text("(record)", "dim")
        bar = Text("━" * max(-(-reason["count"] * _BAR // most), 1), "red")
        table.add_row(f"{reason['count']:,}", bar, column, Text(plain(reason["reason"])))
    if len(reasons) > _MOST_REASONS:
        table.add_row("", "", "", Text(f"and {len(reasons) - _MOST_REASONS:,} more", "dim"))
    return table


def _reject(reject: dict[str, Any]) -> Iterator[Any]:
    from rich.text import Text

    yield Text(heading(reject), "bold")
    if (text := pointed(reject)) is not None:
        yield Text.assemble("  ", text.before, (text.marked, "bold red underline"), text.after)
        yield Text("  " + " " * cells(text.before) + "^" * max(len(text.marked), 1), "red")
    if reject["hint"]:
        yield Text(f"  hint: {plain(reject['hint'])}", "cyan")
