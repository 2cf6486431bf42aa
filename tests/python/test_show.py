"""What people see: short reprs, plain HTML, nothing hostile in either."""

from __future__ import annotations

import gzip
import html.parser
import io
from pathlib import Path

import pyarrow as pa
import pytest
from logs import COMBINED

import logarrow as la
from logarrow import _text
from logarrow._progress import Progress
from logarrow._report import Report

HOSTILE = b'<script>alert(1)</script>\x1b[31m\x1b]0;title\x07\x9b5m "&\r\n'


class Tags(html.parser.HTMLParser):
    """Collects tags, and checks that they are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


PLAIN_TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td", "div"}


def is_plain(text: str) -> bool:
    return not any((ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160 for char in text)


@pytest.fixture
def hostile(tmp_path: Path) -> la.Scan:
    path = tmp_path / "<img src=x onerror=y>\x1b[1m.log"
    path.write_bytes(COMBINED + HOSTILE)
    return la.scan(path, "apache.combined", derive={"<b>x\x1b[7m": "path"})


def shown(hostile: la.Scan) -> list[object]:
    hostile.to_arrow()
    fmt = la.Format.apache("%h %l").with_types({})
    return [hostile, hostile.report, la.sniff(HOSTILE * 3), la.formats(), fmt, la.Format.named("apache.error")]


def test_html_escapes_what_logs_say(hostile: la.Scan) -> None:
    for value in shown(hostile):
        text = value._repr_html_()
        assert Tags(text).seen <= PLAIN_TAGS, value
        assert is_plain(text)
    assert "&lt;img src=x onerror=y&gt;.log" in hostile._repr_html_()
    assert "&lt;b&gt;x" in hostile._repr_html_()


def test_html_of_a_report_with_hostile_names() -> None:
    counts = dict.fromkeys(["records", "rows", "filtered", "rejected", "skipped", "malformed", "bad_values"], 1)
    counts |= dict.fromkeys(["replaced", "extra", "duplicate_keys", "fast_records", "bytes", "lines"], 2)
    bad = HOSTILE.decode("latin-1")
    report = Report(
        **counts,
        seconds=0.0,
        complete=False,
        nulls={bad: 1},
        reasons=[{"column": bad, "reason": bad, "count": 3}],
        files=[{"name": bad, "damage": bad}],
        reference_time_us=None,
        written=[{"path": bad, "rows": 1, "bytes": 1}],
    )
    assert Tags(report._repr_html_()).seen <= PLAIN_TAGS
    assert "&lt;script&gt;" in report._repr_html_()
    assert is_plain(repr(report)) and is_plain(report._repr_html_())
    assert "not all input was read" in repr(report)
    assert report.reference_time is None


def test_reprs_are_short_and_plain(hostile: la.Scan) -> None:
    assert repr(hostile).startswith("<Scan, nothing read yet>")
    for value in shown(hostile):
        text = repr(value)
        assert is_plain(text), text
        assert len(text.splitlines()) <= 24
    assert not repr(hostile).startswith("<Scan, nothing")


def test_report_is_one_screen(bad_log: Path) -> None:
    scan = la.scan(bad_log, "apache.combined", where="status > 200")
    scan.to_arrow()
    lines = repr(scan.report).splitlines()
    told = dict(line.split()[:2] for line in lines[:5])
    assert told == {"records": "6", "rows": "2", "filtered": "2", "rejected": "1", "skipped": "1"}
    assert any("bytes" in line and "1" in line for line in lines if "nulls" in line)
    assert len(lines) <= 24


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a\x1b[31mb\x1b[0m", "ab"),
        ("\x1b]0;evil\x07x", "x"),
        ("\x1b]0;evil\x1b\\x", "x"),
        ("\x1b]8;;http://e", "8;;http://e"),
        ("\x1b(Bx\x1bcy", "xy"),
        ("\x9b31mx", "x"),
        ("a\tb\r\nc", "a b  c"),
        ("a\x00\x07\x7f\x85b", "ab"),
        ("a\u202eb\u2066c\u200b", "abc"),
        ("\ud800x", "x"),
        ("月ä", "月ä"),
    ],
)
def test_plain(text: str, plain: str) -> None:
    assert _text.plain(text) == plain
    assert _text.visible(plain) == plain


def test_visible_spells_out() -> None:
    assert _text.visible("a\x1b\u202e\n") == "a\\x1b\\u202e\\x0a"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("256MB", 256 * 10**6),
        ("256MiB", 256 << 20),
        ("1.5 kB", 1500),
        ("2g", 2 * 10**9),
        (7, 7),
        ("3 KiB", 3072),
    ],
)
def test_sizes(text: str | int, size: int) -> None:
    assert _text.parse_size(text, "x") == size


@pytest.mark.parametrize("text", ["", "MB", "1XB", "-1", "1e99", 0, -1, "0", None, True, 1.0, "99999999TB"])
def test_wrong_sizes(text: object) -> None:
    with pytest.raises((TypeError, ValueError), match="'x'"):
        _text.parse_size(text, "x")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("shown", [True, False])
def test_the_bar_is_for_terminals(shown: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal() if shown else io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    table = la.read(io.BytesIO(gzip.compress(COMBINED * 1000)), "apache.combined", progress=True)
    assert table.num_rows == 3000
    assert bool(stream.getvalue()) == shown


def test_progress_off_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    for wanted in (False, None):
        with Progress(wanted) as progress:
            assert not progress.is_on
    la.read(COMBINED, "apache.combined")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_a_table_on_its_side_keeps_names_and_types(width: int) -> None:
    from rich.console import Console

    from logarrow._show import terminal_table

    columns = [f"column_{at}" for at in range(12)]
    table = pa.table({name: ["a text that is as long as a path may be"] * 3 for name in columns})
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(terminal_table(table, width))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    for name in columns:
        assert any(name in line and "string" in line for line in lines), name
