"""What commands share: options, the scan they make, exit statuses, texts."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from .._format import Format
from .._report import Report
from .._scan import Scan
from .._text import plain

#: Done, but with more rejects than `--max-rejects` allows.
TOO_MANY_REJECTS = 3

Command = TypeVar("Command", bound=Callable[..., Any])


class Names(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """Names between commas."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        names = value if isinstance(value, list) else [name.strip() for name in value.split(",")]
        if not all(names):
            self.fail("expected names between commas", param, ctx)
        return names


class _Pair(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """`name=text`."""

    name = "name=..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, text = value.partition("=")
        if not equals or not name.strip() or not text.strip():
            self.fail(f"expected name=..., found {plain(value)!r}", param, ctx)
        return name.strip(), text.strip()


class _Pairs(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """`name=text,name=text`."""

    name = "name=type,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, str]:
        if isinstance(value, dict):
            return value
        return dict(_Pair().convert(part, param, ctx) for part in _outside_parentheses(value))


class _Time(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """An ISO 8601 time with a zone."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        if isinstance(value, dt.datetime):
            return value
        try:
            # Before Python 3.11 a Z was no zone.
            time = dt.datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
        except ValueError:
            self.fail(f"expected a time such as 2026-03-05T10:00:00Z, found {plain(value)!r}", param, ctx)
        return time if time.tzinfo else time.replace(tzinfo=dt.timezone.utc)


class ScanCommand(click.Command):
    """A command whose rarely needed options stand in a section of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, is_advanced in (("Options", False), ("Advanced options", True)):
            shown = [param for param in self.get_params(ctx) if isinstance(param, _Advanced) == is_advanced]
            rows = [record for param in shown if (record := param.get_help_record(ctx)) is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class _Advanced(click.Option):
    """An option that few need."""


class Share(click.ParamType):  # type: ignore[type-arg, unused-ignore]
    """A number of records, or a share of them in percent: gives a function from a report to whether it is exceeded."""

    name = "N|P%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if callable(value):
            return value
        try:
            if value.endswith("%"):
                percent = float(value[:-1])
                return lambda report: report.malformed * 100 > percent * report.records
            most = int(value)
            return lambda report: report.malformed > most
        except ValueError:
            self.fail(f"expected a number of records or a share such as 0.5%, found {plain(value)!r}", param, ctx)


def _outside_parentheses(text: str) -> list[str]:
    """Parts between commas; those inside brackets, as in `decimal(10, 2)` or `timestamp[us, tz=UTC]`, do not count."""
    parts, depth = [""], 0
    for char in text:
        depth += (char in "([<") - (char in ")]>")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


_OPTIONS = [
    click.option(
        "-f", "--format", "format", metavar="F", help="Name of a format, or a .toml file; guessed unless given."
    ),
    click.option("--columns", type=Names(), help="Columns wanted, between commas."),
    click.option("--where", metavar="SQL", help='Keep rows for which this is true: "status >= 500".'),
    click.option("--derive", type=_Pair(), multiple=True, help="A new column: dt='date(time)'. Can be repeated."),
    click.option("--types", type=_Pairs(), help="Other types for columns: status=int32,bytes=int64."),
    click.option("--include", type=Names(), help="Add path, line, offset or raw as _path, _line, ..."),
    click.option("--extra", type=click.Choice(["column", "count", "reject"]), help="Text behind the last known field."),
    click.option(
        "--inner",
        multiple=True,
        metavar="[COLUMN=]F",
        help="Format of the records in a column, log=apache.combined; with nothing behind the = they are text. Can be repeated.",
    ),
    click.option("--limit", type=click.IntRange(min=0), metavar="N", help="At most so many rows."),
    click.option(
        "--on-error",
        type=click.Choice(["reject", "skip", "null", "raise"]),
        help="What happens to bad records; they are rejected unless given.",
    ),
    click.option(
        "--timezone", metavar="ZONE", help="Zone of times without one, and of date() and hour(): UTC unless given."
    ),
    click.option("--reference-time", type=_Time(), help="For times without a year: 2026-03-05T10:00:00Z."),
    click.option("--time-unit", type=click.Choice(["us", "ns"]), help="Unit of timestamps: us unless given."),
    click.option("--input-compression", metavar="CODEC", help="gzip, zstd or none; by the first bytes unless given."),
    click.option("--encoding", help="utf-8, latin-1 or utf-16; utf-8 unless given or marked as utf-16."),
    click.option("--max-record-bytes", metavar="SIZE", help="Longer records are rejected: 16MiB unless given."),
    click.option("--memory-bytes", metavar="SIZE", help="What it may hold at a time: 256MiB unless given."),
    click.option("--threads", type=click.IntRange(min=0), metavar="N", help="0, the default, is one a core."),
]


_ADVANCED = [
    click.option(
        "--tables",
        cls=_Advanced,
        type=_Pair(),
        multiple=True,
        metavar="NAME=FILE",
        help="A table for lookup(), a CSV file of two columns: words=words.csv. Can be repeated.",
    ),
    click.option(
        "--strings",
        cls=_Advanced,
        type=click.Choice(["utf8", "view", "large", "dictionary"]),
        help="Layout of text columns: utf8 unless given.",
    ),
    click.option(
        "--reject-raw",
        cls=_Advanced,
        type=click.Choice(["full", "prefix", "none"]),
        help="How much of a rejected text is kept: full unless given.",
    ),
    click.option("--unordered", cls=_Advanced, is_flag=True, help="Rows in any order."),
    click.option(
        "--batch-rows", cls=_Advanced, type=click.IntRange(min=1), metavar="N", help="Rows in a batch, at most."
    ),
    click.option(
        "--chunk-bytes", cls=_Advanced, metavar="SIZE", help="What a thread works on at a time: 4MiB unless given."
    ),
    click.option(
        "--simd",
        cls=_Advanced,
        type=click.Choice(["avx512", "avx2", "sse2", "scalar"]),
        help="Which kernels run, for bug reports.",
    ),
]


def scan_options(command: Command) -> Command:
    """The options that say what is read and how."""
    for option in reversed([*_OPTIONS, *_ADVANCED]):
        command = option(command)
    return command


as_json = click.option("--json", "as_json", is_flag=True, help="For machines.")
sources = click.argument("src", nargs=-1, required=True, metavar="SRC...")


def make_scan(src: Sequence[str] | bytes, options: dict[str, Any], **more: Any) -> Scan:
    """The scan that the options of the command line say, of files or of a text.

    **Errors**: `click.UsageError` for options that make no sense; those of `logarrow.scan`.
    """
    from .._read import scan

    given = {name: value for name, value in options.items() if value not in (None, (), {})}
    if derive := given.get("derive"):
        given["derive"] = dict(derive)
    if inner := given.get("inner"):
        given["inner"] = _inner(inner)
    if tables := given.get("tables"):
        given["tables"] = dict(tables)
    if given.pop("unordered", False):
        given["ordered"] = False
    if codec := given.pop("input_compression", None):
        given["compression"] = codec
    fmt = given.pop("format", None)
    try:
        return scan(
            src if isinstance(src, bytes) else list(src), named_format(fmt) if fmt else None, **{**given, **more}
        )
    except (TypeError, ValueError) as err:
        raise click.UsageError(str(err)) from err


def _inner(given: Sequence[str]) -> Any:
    """Formats by column, or the one for the usual column."""
    pairs = [text.rpartition("=") for text in given]
    if [column for column, _, _ in pairs] == [""]:
        return named_format(given[0])
    if not all(column for column, _, _ in pairs):
        raise click.UsageError("--inner without a column stands alone: write COLUMN=F for each")
    return {column: named_format(name) if name else None for column, _, name in pairs}


def named_format(text: str) -> Format:
    """A format by its name or its file."""
    return Format.from_toml(text) if text.endswith(".toml") else Format.named(text)


def out(text: str = "") -> None:
    """A line of text, which the caller has made fit for terminals with `plain`."""
    click.echo(text)


def print_json(value: Any) -> None:
    """A JSON text on a line."""
    click.echo(json.dumps(value, default=str, ensure_ascii=False))


def to_terminal() -> bool:
    """Whether standard output is a terminal."""
    return sys.stdout.isatty()


def status_of(report: Report, exceeds: Callable[[Report], bool] | None) -> int:
    """The exit status of a scan that came to its end."""
    if report.damaged:
        for file in report.damaged:
            click.echo(f"error: {plain(file['name'])}: {plain(file['damage'])}", err=True)
        click.echo("hint: all rows before the damage were read; get the file anew for the rest", err=True)
        return 1
    if exceeds is not None and exceeds(report):
        click.echo(
            f"error: {report.malformed:,} of {report.records:,} records are malformed, over --max-rejects", err=True
        )
        return TOO_MANY_REJECTS
    return 0
