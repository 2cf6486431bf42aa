"""Charts of a report as SVG, for pages that load nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from .._text import html
from . import share

#: Pixels of the chart of rows over time, and of what stands left of and below it.
_WIDTH, _HEIGHT, _LEFT, _BELOW, _ABOVE = 960, 190, 56, 24, 8


def stacked(parts: Sequence[tuple[str, int]], label: str) -> str:
    """A bar of parts, each with the colour of its name; the least that there is can be seen."""
    total = sum(count for _, count in parts)
    if not total:
        return ""
    present = [(name, count) for name, count in parts if count]
    # A part is 4 of 1000 wide at least, and the others give it.
    widths = [max(count / total * 1000, 4) for _, count in present]
    scale = 1000 / sum(widths)
    out = [
        f'<svg class="stacked" viewBox="0 0 1000 18" preserveAspectRatio="none" role="img" aria-label="{html(label)}">'
    ]
    at = 0.0
    for (name, count), width in zip(present, widths):
        told = f"{name}: {count:,} ({share(count, total)})"
        out.append(
            f'<rect class="{html(name)}" x="{at:.2f}" y="0" width="{width * scale:.2f}" height="18"><title>{html(told)}</title></rect>'
        )
        at += width * scale
    return "".join([*out, "</svg>"])


def meter(count: int, total: int, kind: str) -> str:
    """A thin bar of a share of all."""
    width = 0.0 if not count else max(count / max(total, 1) * 100, 1.5)
    told = f"{count:,} of {total:,}"
    return (
        f'<svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{told}"><title>{told}</title>'
        f'<rect class="track" width="100" height="6"/><rect class="{kind}" width="{width:.2f}" height="6"/></svg>'
    )


def over_time(bars: Sequence[tuple[dt.datetime, int]], step: dt.timedelta) -> str:
    """Rows by time as columns, with an axis for each."""
    top = nice(max(rows for _, rows in bars))
    wide, high = _WIDTH - _LEFT, _HEIGHT - _BELOW - _ABOVE
    pitch = wide / len(bars)
    gap = min(pitch * 0.2, 2)
    out = [f'<svg class="times" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="rows over time">']
    for part in (0, 1, 2):
        y, rows = _ABOVE + high - high * part / 2, top * part // 2
        out.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        if part != 1 or top % 2 == 0:
            out.append(f'<text class="axis" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{short(rows)}</text>')
    for at, (time, rows) in enumerate(bars):
        if not rows:
            continue
        height = max(rows / top * high, 1)
        x, y = _LEFT + at * pitch + gap / 2, _ABOVE + high - height
        told = f"{time:%Y-%m-%d %H:%M:%S} UTC: {rows:,} rows"
        out.append(
            f'<rect class="rows" x="{x:.2f}" y="{y:.2f}" width="{max(pitch - gap, 0.5):.2f}" height="{height:.2f}"><title>{told}</title></rect>'
        )
    for at, label in _ticks(bars, step):
        anchor = "start" if at == 0 else "middle"
        x = _LEFT + at * pitch + (pitch / 2 if at else 0)
        out.append(f'<text class="axis" x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="{anchor}">{label}</text>')
    return "".join([*out, "</svg>"])


def _ticks(bars: Sequence[tuple[dt.datetime, int]], step: dt.timedelta) -> list[tuple[int, str]]:
    """Up to six labels of the time axis; a label names the day where it is another one than that before."""
    wanted = min(len(bars), 6)
    out, before = [], None
    for number in range(wanted):
        at = number * len(bars) // wanted
        time = bars[at][0]
        if step >= dt.timedelta(days=1):
            told = f"{time:%Y-%m-%d}"
        else:
            clock = f"{time:%H:%M:%S}" if step < dt.timedelta(minutes=1) else f"{time:%H:%M}"
            told = clock if before == time.date() else f"{time:%Y-%m-%d} {clock}"
        before = time.date()
        out.append((at, told))
    return out


def nice(most: int) -> int:
    """The end of an axis that holds `most`, a number with one figure or an even one with two.

    >>> nice(1), nice(3), nice(12), nice(137), nice(2400)
    (1, 3, 12, 140, 2400)
    """
    power = int("1" + "0" * (len(str(most)) - 2))
    steps = -(-most // power)
    return (steps + steps % 2 if steps > 10 else steps) * power


def short(number: int) -> str:
    """A number of an axis.

    >>> short(950), short(1500), short(20_000_000)
    ('950', '1.5k', '20M')
    """
    for size, unit in ((10**9, "G"), (10**6, "M"), (1000, "k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return str(number)
