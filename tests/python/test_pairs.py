"""Key-value formats from Python: columns that are keys, streams, maps, dialects of one's own."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pytest

import logarrow as la

LOG = b'level=info msg="a b" http.status=200\nlevel=warn msg=x\ndebug level=warn late=1\n'


def test_columns_are_keys() -> None:
    table = la.read(LOG)
    assert table.column_names == ["level", "msg", "http.status", "debug", "late", "_extra"]
    assert table.to_pylist()[2] == {
        "level": "warn",
        "msg": None,
        "http.status": None,
        "debug": "",
        "late": "1",
        "_extra": None,
    }
    typed = la.read(LOG, "logfmt", types={"http.status": "int16"}, columns=["http.status", "never"])
    assert typed.to_pydict() == {"http.status": [200, None, None], "never": [None] * 3}
    assert la.read(LOG, "logfmt", where="late = '1'").num_rows == 1


def test_streams_keep_what_was_looked_at() -> None:
    for stream in (io.BytesIO(LOG), io.BytesIO(LOG * 20000)):
        scan = la.scan(stream, "logfmt")
        names = scan.schema.names
        table = scan.to_arrow()
        assert table.column_names == names and table.num_rows % 3 == 0 and table["level"][0].as_py() == "info"


def test_maps(tmp_path: Path) -> None:
    scan = la.scan(LOG, "logfmt", columns=["fields"])
    assert scan.to_arrow()["fields"].to_pylist()[1] == [("level", "warn"), ("msg", "x")]
    scan.write_parquet(tmp_path / "a.parquet")
    import pyarrow.parquet

    assert pyarrow.parquet.read_table(tmp_path / "a.parquet")["fields"].type.equals(scan.schema.field("fields").type)
    with pytest.raises(la.SchemaError, match="map"):
        la.read(LOG, "logfmt", where="fields = 'x'")
    parsed = la.parse(pa.array(["a=1 b", None, "no pair"]), la.Format.logfmt())
    assert parsed.to_pylist() == [{"fields": [("a", "1"), ("b", None)]}, None, None]


def test_dialects() -> None:
    ltsv = la.Format.ltsv(delimiter=",", label_delimiter="=")
    assert la.read(b"a=1,b=2 3\n", ltsv).to_pylist() == [{"a": "1", "b": "2 3", "_extra": None}]
    assert la.Format.ltsv() == la.Format.named("ltsv")
    fmt = la.Format.key_value(quotes="", escape="cef", until_key=True)
    assert la.read(b"a=x y b=1\\=2\n", fmt).to_pylist() == [{"a": "x y", "b": "1=2", "_extra": None}]
    for wrong in ({"assign": "=="}, {"separator": "="}, {"escape": "xml"}):
        with pytest.raises(la.FormatError):
            la.Format.key_value(**wrong)  # type: ignore[arg-type]
