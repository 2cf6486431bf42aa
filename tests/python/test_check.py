"""The quality report: its numbers, its charts, and that nothing in it comes from a log unescaped."""

from __future__ import annotations

import datetime as dt
import html.parser
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pyarrow as pa
import pytest
from logs import COMBINED, odd_log
from test_cli import call

import logarrow as la
from logarrow.quality import look, share
from logarrow.quality._html import page
from logarrow.quality._times import Times, watch

EVIL = b'\x1b]0;x\x07\x1b[31m<script>alert("1")</script> onload=x &amp; \xe6\x9c\x88\n'


class Page(html.parser.HTMLParser):
    """The tags and the text of a page; raises where tags do not nest."""

    VOID = ("meta",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self._open = "", ["#"]
        self.feed(text)
        assert self._open == ["#"], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1] != "style":
            self.text += data


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs <b>"
    folder.mkdir()
    (folder / "a.log").write_bytes(odd_log(3, odd=0.3) + b"\n" + EVIL)
    (folder / "b.log").write_bytes(COMBINED)
    return folder


def test_the_page_has_the_numbers_of_the_report(logs: Path) -> None:
    quality = look(la.scan(logs, "apache.combined", where="status <> 200"), 20)
    report = quality.report
    assert report.filtered and report.rejected and report.skipped and report.bad_values
    found = Page(page(quality))
    for name in ("records", "rows", "filtered", "rejected", "skipped", "bad_values"):
        assert f"{report[name]:,}" in found.text, name
    for name, count in report.nulls.items():
        assert name in found.text and (not count or f"{count:,}" in found.text)
    titles = re.findall(r"(\w+): ([\d,]+) \(", found.text)
    assert [(name, int(count.replace(",", ""))) for name, count in titles[:4]] == quality.outcomes()
    assert len([tag for tag, _ in found.tags if tag == "pre"]) == len(quality.rejects) == 20
    # Files, the worst first.
    assert found.text.index("a.log") < found.text.index("b.log")
    assert "time" in found.text and quality.times is not None
    drawn = re.findall(r"UTC: ([\d,]+) rows", found.text)
    assert sum(int(count.replace(",", "")) for count in drawn) == sum(rows for _, rows in quality.times.bars(120))


def test_the_page_is_one_harmless_file(logs: Path) -> None:
    text = page(look(la.scan(logs, "apache.combined"), 1000))
    found = Page(text)
    allowed = {
        *(
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "section",
            "h1",
            "h2",
            "p",
            "div",
            "span",
            "b",
            "i",
        ),
        *("code", "pre", "mark", "table", "tr", "th", "td", "svg", "rect", "line", "text", "footer"),
    }
    assert {tag for tag, _ in found.tags} <= allowed
    for tag, attributes in found.tags:
        assert not any(name.startswith("on") or name in ("src", "href", "style") for name in attributes), tag
    assert "url(" not in text and "@import" not in text and "default-src 'none'" in text
    assert (
        "<script" not in text and '\\x1b]0;x\\x07\\x1b[31m<script>alert("1")</script> onload=x &amp; 月' in found.text
    )
    assert "logs <b>" in found.text and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
    charts = re.findall(r"<svg.*?</svg>", text)
    assert len(charts) > 10
    for chart in charts:
        root = ET.fromstring(chart)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for rect in root.iter("rect"):
            box = {name: float(rect.attrib.get(name, 0)) for name in ("x", "y", "width", "height")}
            assert box["x"] >= 0 and box["x"] + box["width"] <= width + 0.05, chart
            assert box["y"] >= 0 and box["height"] > 0 and box["y"] + box["height"] <= height + 0.05, chart


def test_pages_of_little(tmp_path: Path) -> None:
    empty = tmp_path / "e.log"
    empty.write_bytes(b"")
    assert "There are no records" in page(look(la.scan(empty, "apache.combined"), 5))
    good = page(look(la.scan(COMBINED, "apache.combined", columns=["status"]), 5))
    assert "All of 3 records are well-formed" in good and "class=bad" not in good and "Rows over time" not in good
    cut = page(look(la.scan(__import__("gzip").compress(COMBINED)[:-9], "apache.combined"), 5))
    assert "1 of 1 files broke off" in cut and "Damaged files" in cut


def test_shares_are_not_rounded_away() -> None:
    assert [share(*pair) for pair in ((0, 5), (5, 5), (1, 9999), (9998, 9999), (1, 8))] == [
        "0%",
        "100%",
        "<0.1%",
        ">99.9%",
        "12.5%",
    ]


def batch(*times: dt.datetime | None) -> pa.RecordBatch:
    return pa.record_batch([pa.array(times, pa.timestamp("us", "UTC"))], ["t"])


def test_rows_over_time() -> None:
    start = dt.datetime(2026, 3, 5, 10, tzinfo=dt.timezone.utc)
    times = watch(batch().schema)
    assert times is not None and times.column == "t"
    for minute in range(90):
        times.add(batch(*[start + dt.timedelta(minutes=minute)] * (minute % 3 + 1), None))
    bars = times.bars(100)
    assert (
        len(bars) == 90
        and bars[0] == (dt.datetime(2026, 3, 5, 10), 1)
        and [rows for _, rows in bars[:4]] == [1, 2, 3, 1]
    )
    few = times.bars(20)
    assert len(few) <= 20 and sum(rows for _, rows in few) == 180
    assert (
        {after[0] - before[0] for before, after in zip(few, few[1:])} == {times.step(20)} == {dt.timedelta(minutes=5)}
    )
    # Before 1970 too, and whatever the unit.
    old = Times("t")
    old.add(pa.record_batch([pa.array([-1, 0, 1], pa.timestamp("s"))], ["t"]))
    assert [rows for _, rows in old.bars(10)] == [1, 1, 1]
    assert watch(pa.schema([("a", pa.int64())])) is None


def test_times_far_apart_take_no_memory() -> None:
    times = Times("t")
    spread = [dt.datetime(1, 1, 1) + dt.timedelta(days=3 * step, seconds=step) for step in range(200_000)]
    times.add(pa.record_batch([pa.array(spread, pa.timestamp("us"))], ["t"]))
    assert len(times.counts) <= 20_000 and sum(times.counts.values()) == 200_000
    ends = pa.array([-(2**63), 2**63 - 1, 0, 0, 0], pa.timestamp("us"))
    odd = Times("t")
    odd.add(pa.record_batch([ends], ["t"]))
    bars = odd.bars(50)
    assert len(bars) <= 50 and max(rows for _, rows in bars) == 3


def test_the_terminal_shows_it(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    from logarrow.quality._terminal import render

    quality = look(la.scan(logs, "apache.combined", where="status <> 200"), 400)
    for width in (60, 140):
        console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None, highlight=False)
        for part in render(quality, 3, width):
            console.print(part)
        told = console.file.getvalue()  # type: ignore[attr-defined]
        assert "\x1b" not in told and "\x07" not in told
        assert max(map(len, told.splitlines())) <= width
        bar = next(line for line in told.splitlines() if line.startswith("█"))
        assert len(bar.rstrip()) == min(width, 100)
        for name, count in quality.outcomes():
            assert f"{name} {count:,}" in " ".join(told.split())
        assert told.count("hint: ") == 3 and "malformed" in told
    monkeypatch.setattr("logarrow.cli._check.to_terminal", lambda: True)
    assert "✘" in call("check", logs, "-f", "apache.combined")[1]
    assert "✔" in call("check", logs / "b.log")[1]


def test_command(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    out.write_text("an older one")
    status, told, errors = call("check", logs, "-f", "apache.combined", "--html", out, "--max-rejects", "0")
    assert status == 3 and "records" in told and "--max-rejects" in errors
    rejects = la.scan(logs, "apache.combined")
    rejects.to_arrow()
    assert out.read_text().count('class="reject"') == min(rejects.rejects().num_rows, 20)
    assert told.count("hint: ") == 5
    status, told, errors = call("check", logs / "b.log", "--html", "-")
    assert (status, errors) == (0, "") and told.startswith("<!doctype html>") and told.endswith("</html>\n")
    status, told, _ = call("check", logs, "-f", "apache.combined", "--json", "--html", out, "--show", "2")
    report = json.loads(told)
    assert len(report["rejects"]) == 2 == out.read_text().count('class="reject"')
    times = report["rows_over_time"]
    assert times["column"] == "time" and sum(bar["rows"] for bar in times["bars"]) <= report["rows"]
    status, _, errors = call("check", logs / "b.log", "--html", tmp_path / "no" / "r.html")
    assert status == 1 and "r.html" in errors
    assert sorted(os.listdir(tmp_path)) == ["logs <b>", "report.html"]
