"""The quality of a log as one HTML file, which loads nothing and runs nothing. Whatever comes from a log is escaped."""

from __future__ import annotations

import html as _html
from collections.abc import Iterator
from typing import Any

from .. import __version__
from .._text import html, human_bytes, plain
from . import Quality, share
from ._charts import meter, over_time, stacked
from ._reject import cells, heading, pointed
from ._style import STYLE
from ._times import spoken

#: What is shown at most of what a log may have any number of.
_MOST_BARS, _MOST_REASONS, _MOST_FILES, _MOST_COLUMNS = 120, 25, 25, 500
#: Nothing is loaded, whatever a browser finds in the text.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(quality: Quality) -> str:
    """The page."""
    report = quality.report
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{html(_title(quality))}: quality of the log</title><style>{STYLE}</style></head><body><main>",
        *_head(quality),
        *_damaged(quality),
        *_outcomes(quality),
        *_times(quality),
        *(_reasons(quality) if report.reasons else ()),
        *_columns(quality),
        *_files(quality),
        *_rejects(quality),
        f"<footer>made by logarrow {html(__version__)}</footer>",
        "</main></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _title(quality: Quality) -> str:
    first = quality.sources[0] if quality.sources else "?"
    return first if len(quality.sources) == 1 else f"{first} and {len(quality.sources) - 1:,} more"


def _head(quality: Quality) -> Iterator[str]:
    report = quality.report
    is_bad = report.malformed or report.bad_values or report.damaged
    verdict = html(quality.verdict())
    yield f'<h1{" class=bad" if is_bad else ""}><span class="mark"></span>{verdict[:1].upper()}{verdict[1:]}</h1>'
    notes = [f"<code>{html(_title(quality))}</code>", html(quality.format), html(human_bytes(report.bytes))]
    notes.append(f"read in {report.seconds:.2f} s, {report.megabytes_per_second:,.0f} MB/s")
    if not report.complete and not report.damaged:
        notes.append("not all of it was read")
    yield f'<p class="about">{" · ".join(notes)}</p>'


def _damaged(quality: Quality) -> Iterator[str]:
    files = quality.report.damaged
    if files:
        yield '<section class="alert"><h2>Damaged files: what stands before the damage was read</h2><table>'
        for file in files[:_MOST_FILES]:
            yield f'<tr><td class="name">{html(file["name"])}</td><td>{html(file["damage"])}</td></tr>'
        yield f"</table>{_more(len(files) - _MOST_FILES)}</section>"


def _outcomes(quality: Quality) -> Iterator[str]:
    report = quality.report
    yield '<section><div class="tiles">'
    yield f'<div class="tile all"><b>{report.records:,}</b><span>records</span></div>'
    for name, count in quality.outcomes():
        told = f"{name} {share(count, report.records)}"
        yield f'<div class="tile"><b>{count:,}</b><span><i class="{name}"></i>{told}</span></div>'
    if report.bad_values:
        yield f'<div class="tile"><b class="wrong">{report.bad_values:,}</b><span>bad values</span></div>'
    yield f"</div>{stacked(quality.outcomes(), 'records by outcome')}</section>"


def _times(quality: Quality) -> Iterator[str]:
    if (times := quality.times) is not None:
        bars, step = times.bars(_MOST_BARS), times.step(_MOST_BARS)
        yield f'<section><h2>Rows over time <span class="quiet">by {html(times.column)}, UTC, {html(spoken(step))} a bar</span></h2>'
        yield f"{over_time(bars, step)}</section>"


def _reasons(quality: Quality) -> Iterator[str]:
    reasons = quality.reasons()
    most = reasons[0]["count"]
    yield '<section><h2>Rejects by reason</h2><table><tr><th class="number">count</th><th></th><th>column</th><th>reason</th></tr>'
    for reason in reasons[:_MOST_REASONS]:
        column = '<span class="quiet">(record)</span>' if reason["column"] is None else html(reason["column"])
        yield (
            f'<tr><td class="number">{reason["count"]:,}</td><td class="chart">{meter(reason["count"], most, "rejected")}</td>'
            f'<td class="name">{column}</td><td>{html(reason["reason"])}</td></tr>'
        )
    yield f"</table>{_more(len(reasons) - _MOST_REASONS)}</section>"


def _columns(quality: Quality) -> Iterator[str]:
    report, bad = quality.report, quality.bad_values()
    yield (
        "<section><h2>Columns</h2><table><tr><th>column</th><th>type</th><th>nulls</th>"
        '<th class="number"></th><th class="number"></th><th class="number">bad values</th></tr>'
    )
    for name, kind in quality.columns[:_MOST_COLUMNS]:
        nulls, wrong = report.nulls.get(name, 0), bad.get(name, 0)
        yield (
            f'<tr><td class="name">{html(name)}</td><td class="quiet">{html(kind)}</td>'
            f'<td class="chart">{meter(nulls, report.rows, "nulls")}</td>'
            f'<td class="number">{share(nulls, report.rows) if nulls else ""}</td>'
            f'<td class="number quiet">{f"{nulls:,}" if nulls else ""}</td>'
            f'<td class="number wrong">{f"{wrong:,}" if wrong else ""}</td></tr>'
        )
    yield f"</table>{_more(len(quality.columns) - _MOST_COLUMNS)}</section>"


def _files(quality: Quality) -> Iterator[str]:
    files = sorted(quality.report.files, key=lambda file: (-file["malformed"], -file["bad_values"]))
    if len(files) < 2:
        return
    yield (
        '<section><h2>Files <span class="quiet">with the most rejects first</span></h2><table><tr><th>file</th>'
        '<th>records by outcome</th><th class="number">records</th><th class="number">malformed</th><th class="number">bad values</th></tr>'
    )
    for file in files[:_MOST_FILES]:
        parts = [(name, file[name]) for name, _ in quality.outcomes()]
        numbers = [
            f"{file['records']:,}",
            *(f"{file[name]:,}" if file[name] else "" for name in ("malformed", "bad_values")),
        ]
        cells = "".join(
            f'<td class="number{" wrong" if at else ""}">{number}</td>' for at, number in enumerate(numbers)
        )
        yield f'<tr><td class="name">{html(file["name"])}</td><td class="chart">{stacked(parts, "records by outcome")}</td>{cells}</tr>'
    yield f"</table>{_more(len(files) - _MOST_FILES)}</section>"


def _rejects(quality: Quality) -> Iterator[str]:
    if quality.rejects:
        yield "<section><h2>The first rejects</h2>"
        for reject in quality.rejects:
            yield _reject(reject)
        yield "</section>"


def _reject(reject: dict[str, Any]) -> str:
    out = [f'<div class="reject"><p>{html(heading(reject))}</p>']
    if (text := pointed(reject)) is not None:
        # Control characters are spelled out in it.
        before, marked, after = (_html.escape(part) for part in text)
        caret = " " * cells(text.before) + "^" * max(len(text.marked), 1)
        out.append(f"<pre>{before}<mark>{marked}</mark>{after}\n<b>{caret}</b></pre>")
    if reject["hint"]:
        out.append(f'<p class="quiet">hint: {html(plain(reject["hint"]))}</p>')
    return "".join([*out, "</div>"])


def _more(count: int) -> str:
    return f'<p class="quiet">and {count:,} more</p>' if count > 0 else ""
