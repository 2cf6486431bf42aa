"""Formats, sniffing, and parsing of single values."""

from __future__ import annotations

import copy
import decimal
import io
import pickle
from pathlib import Path

import pyarrow as pa
import pytest
from logs import COMBINED, TRUNCATED

import logarrow as la

LINES = COMBINED.decode().splitlines()
NAMES = [fmt.name for fmt in la.formats()]


def test_the_library() -> None:
    assert sorted(NAMES) == NAMES and len(NAMES) >= 7
    for fmt in la.formats():
        assert la.Format.named(fmt.name) == fmt
        assert all(la.Format.named(alias) == fmt for alias in fmt.aliases)
        assert fmt.title and fmt.source.startswith("https://") and fmt.samples
        shown = [field["name"] for field in fmt.fields if not field["on_demand"]]
        names = [name for name in fmt.schema.names if name != "_extra"]
        # What an envelope carries is taken apart, and is no column then.
        assert [name for name in shown if name in names or name != "record"] == names
        assert fmt.name in fmt.explain() or fmt.explain()


@pytest.mark.parametrize("name", NAMES)
def test_samples_read_as_they_say(name: str) -> None:
    def without_nulls(value: object) -> object:
        if isinstance(value, list):
            return [without_nulls(item) for item in value]
        if isinstance(value, dict):
            return {key: without_nulls(item) for key, item in value.items() if item is not None}
        # As a sample spells them.
        if isinstance(value, bytes):
            return value.hex()
        return str(value) if isinstance(value, decimal.Decimal) else value

    fmt = la.Format.named(name)
    assert len(fmt.samples) >= 3
    for sample in fmt.samples:
        names = dict.fromkeys([field["name"] for field in fmt.fields] + list(sample["row"]))
        scan = la.scan(sample["line"].encode() + b"\n", fmt, columns=list(names))
        (row,) = scan.to_arrow().to_pylist()
        told = {key: value for key, value in row.items() if value is not None and not hasattr(value, "tzinfo")}
        # Times, dates and maps are compared by the tests in Rust.
        plain = (str, int, float, list, type(None))
        stated = {key: value for key, value in sample["row"].items() if isinstance(row[key], plain)}
        stated = {key: value for key, value in stated.items() if isinstance(value, list) == isinstance(row[key], list)}
        assert {key: without_nulls(told.get(key)) for key in stated} == stated


def test_format_strings_give_the_named_formats() -> None:
    apache = la.Format.apache(r'%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"')
    nginx = la.Format.nginx(
        '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
    )
    named = la.read(COMBINED, "apache.combined")
    assert la.read(COMBINED, apache).to_pydict() == named.to_pydict()
    rows = la.read(COMBINED, nginx, columns=["status", "bytes", "method"])
    assert rows["status"].to_pylist() == named["status"].to_pylist()
    for broken in (lambda: la.Format.apache("%h %Q"), lambda: la.Format.nginx("$remote_addr$status")):
        with pytest.raises(la.FormatError):
            broken()


def test_pattern_languages() -> None:
    log = b"192.0.2.7 GET 12\n192.0.2.8 PUT x\nno\n"
    regex = la.Format.regex(r"^(?P<host>\S+) (?P<verb>[A-Z]+)(?: (?P<n>\d+))?")
    grok = la.Format.grok("^%{IP:host} %{VERB:verb}(?: %{INT:n:int})?", definitions={"VERB": "GET|PUT"})
    dissect = la.Format.dissect("%{host} %{verb} %{n|long}")
    assert la.read(log, regex).to_pydict()["n"] == ["12", None]
    assert la.read(log, grok).to_pydict()["n"] == la.read(log, dissect).to_pydict()["n"] == [12, None]
    for fmt in (regex, grok, dissect):
        rows = la.read(log, fmt, columns=["host", "verb"]).to_pylist()
        assert rows == [{"host": "192.0.2.7", "verb": "GET"}, {"host": "192.0.2.8", "verb": "PUT"}]
        assert (pickle.loads(pickle.dumps(fmt)) == fmt and "regex" in fmt.explain()) or fmt == dissect
    assert la.read(log, la.Format.regex("([a-z]+)", anchored=True)).to_pydict() == {"group_1": ["no"]}
    assert la.Format.regex(["(a)(b)", "(c)(d)"], columns=["x", "y"], anchored="start").schema.names == ["x", "y"]
    assert la.read(b"1 2\n", la.Format.dissect("%{a} %{+a}", append_separator=None)).to_pydict() == {"a": ["1 2"]}
    assert la.read(b"1 2\n", la.Format.dissect("%{a} %{+a}", append_separator="-")).to_pydict() == {"a": ["1-2"]}
    with pytest.raises(la.FormatError, match="look-behind") as raised:
        la.Format.regex(r"(?P<a>x)(?<!y)z")
    assert raised.value.hint is not None
    for broken in (lambda: la.Format.grok("%{NIX:a}"), lambda: la.Format.dissect("x"), lambda: la.Format.regex([])):
        with pytest.raises(la.FormatError):
            broken()
    with pytest.raises(ValueError, match="anchored"):
        la.Format.regex("(a)", anchored="end")


def test_formats_pickle_copy_and_go_through_toml(tmp_path: Path) -> None:
    for fmt in [
        *la.formats(),
        la.Format.apache('%h "%r" %>s'),
        la.Format.named("apache.common").with_types({"status": "int32"}),
    ]:
        for other in (pickle.loads(pickle.dumps(fmt)), copy.copy(fmt), copy.deepcopy(fmt)):
            assert other == fmt and hash(other) == hash(fmt) and other.schema.equals(fmt.schema)
        path = tmp_path / "format.toml"
        path.write_text(fmt.to_toml(), encoding="utf-8")
        assert la.Format.from_toml(path) == la.Format.from_toml(str(path)) == fmt
        assert la.Format.from_toml(io.StringIO(fmt.to_toml())) == fmt
        assert la.Format.from_toml(io.BytesIO(fmt.to_toml().encode())) == fmt
    assert la.Format.named("apache.common") != la.Format.named("apache.combined")
    assert la.Format.named("apache.common") != "apache.common"


def test_format_files_that_are_wrong(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('name = "x"\nline = "{a"\n')
    with pytest.raises(la.FormatError, match=r"bad\.toml"):
        la.Format.from_toml(path)
    with pytest.raises(FileNotFoundError):
        la.Format.from_toml(tmp_path / "none.toml")
    with pytest.raises(TypeError):
        la.Format()


def test_sniff() -> None:
    guesses = la.sniff(COMBINED)
    assert guesses[0].name == "apache.combined"
    assert (guesses[0].share, guesses[0].lines, guesses[0].matched, guesses[0].why) == (1.0, 3, 3, None)
    shares = [guess.share for guess in guesses]
    assert shares == sorted(shares, reverse=True)
    assert all(guess.why for guess in guesses if guess.share < 1)
    with pytest.raises(TypeError, match="columns"):
        la.sniff(COMBINED, columns=["a"])


def test_every_sample_sniffs_as_a_format_that_reads_it() -> None:
    for fmt in la.formats():
        # In a file of its own, the first record of csv and tsv is a header.
        samples = fmt.samples[:1] if fmt.name in ("csv", "tsv") else fmt.samples
        # On lines of their own, JSON records are those of json.lines.
        between = b"" if fmt.name == "firehose" else b"\n"
        log = b"".join(sample["line"].encode() + between for sample in samples)
        assert la.sniff(log)[0].share == 1.0
        assert fmt.name in [guess.name for guess in la.sniff(log) if guess.share == 1.0]


VALUES = [LINES[0], None, TRUNCATED.decode().strip(), LINES[2], ""]


@pytest.mark.parametrize(
    "values",
    [
        VALUES,
        [value and value.encode() for value in VALUES],
        pa.array(VALUES),
        pa.array(VALUES, pa.large_string()),
        pa.array(VALUES, pa.binary()),
        pa.array(VALUES).dictionary_encode(),
        pa.chunked_array([VALUES[:1], VALUES[1:]]),
        pa.array(["x", *VALUES])[1:],
    ],
    ids=["list", "bytes", "array", "large", "binary", "dictionary", "chunked", "sliced"],
)
def test_parse_keeps_the_length(values: object) -> None:
    got = la.parse(values, "apache.combined", columns=["status", "path"])
    first, last = {"status": 200, "path": "/a?b=1"}, {"status": 503, "path": "/api/v1/items"}
    assert got.to_pylist() == [first, None, None, last, None]


def test_parse_takes_series() -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    expected = la.parse(LINES, "apache.combined")
    assert la.parse(pandas.Series(LINES), "apache.combined").equals(expected)
    assert la.parse(polars.Series(LINES), "apache.combined").equals(expected)


def test_parse_says_why() -> None:
    got = la.parse(VALUES[:3], "apache.combined", columns=["status"], error=True).to_pylist()
    assert got[0] == {"status": 200, "_error": None}
    assert "expected" in got[2]["_error"]


def test_parse_corner_cases() -> None:
    assert len(la.parse([], "apache.combined")) == 0
    assert la.parse([None, None], "apache.combined").null_count == 2
    assert len(la.parse(pa.chunked_array([], pa.string()), "apache.combined")) == 0
    with pytest.raises(TypeError, match="list or array"):
        la.parse(LINES[0], "apache.combined")
    with pytest.raises(TypeError):
        la.parse(3, "apache.combined")
    with pytest.raises(la.SchemaError, match="Int64"):
        la.parse([1, 2], "apache.combined")


@pytest.mark.parametrize("option", ["where", "limit", "include", "rejects_to", "ordered", "no_such"])
def test_parse_refuses_options_about_rows(option: str) -> None:
    with pytest.raises(TypeError, match=option):
        la.parse(LINES, "apache.combined", **{option: 1})


def test_parse_on_error() -> None:
    assert la.parse(VALUES, "apache.combined", on_error="null").null_count == 3
    with pytest.raises(la.DecodeError):
        la.parse(VALUES, "apache.combined", on_error="raise")
    with pytest.raises(ValueError, match="left out"):
        la.parse(VALUES, "apache.combined", on_error="skip")


def test_parse_takes_types_and_derive() -> None:
    options = {"columns": ["status"], "types": {"status": "int64"}, "derive": {"word": "lookup(status, 'http_status')"}}
    got = la.parse(LINES[1:2], "apache.combined", **options)
    assert got.type.field("status").type == pa.int64()
    assert got.to_pylist() == [{"status": 404, "word": "Not Found"}]


@pytest.mark.parametrize(
    "options", [{}, {"time_unit": "ns"}, {"strings": "large"}, {"strings": "dictionary"}, {"strings": "view"}]
)
def test_types_that_a_schema_prints_can_be_asked_for(options: dict) -> None:
    if options.get("strings") == "view" and not hasattr(pa, "string_view"):
        pytest.skip("this pyarrow has no string views")
    for fmt in la.formats():
        schema = la.scan(b"", fmt, **options).schema
        given = [field for field in schema if not field.name.startswith("_")]
        for types in ({field.name: str(field.type) for field in given}, {field.name: field.type for field in given}):
            again = la.scan(b"", fmt, types=types).schema
            assert [again.field(field.name).type for field in given] == [field.type for field in given], fmt.name


def test_a_column_may_have_a_layout_of_its_own() -> None:
    names = ["path", "method", "protocol", "user"]
    types = {"method": "large_string", "path": "dictionary", "protocol": "string"}
    rows = la.read(COMBINED, "apache.combined", types=types, columns=names, where="method = 'GET'")
    plain = la.read(COMBINED, "apache.combined", columns=names, where="method = 'GET'")
    assert rows.to_pylist() == plain.to_pylist() and rows.num_rows > 0
    kinds = [pa.dictionary(pa.int32(), pa.string()), pa.large_string(), pa.string(), pa.string()]
    assert [rows.schema.field(name).type for name in names] == kinds
