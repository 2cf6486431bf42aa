"""Statements for warehouses: what sqlglot's parser makes of them, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from logs import COMBINED
from sqlglot import exp
from test_cli import call

import logarrow as la
from logarrow.warehouse import DIALECTS, Lengths, add_partitions, ddl, manifest, measure

SQL = [dialect for dialect in DIALECTS if dialect != "glue"]
SQLGLOT = {"spectrum": "redshift"}
HOSTILE = ['x"; DROP TABLE t; --', "select", "a b", "x'y", "é", "Ünïcode", "a.b", "a\\b"]
SCALARS = pa.schema(
    [
        ("flag", pa.bool_()),
        ("small", pa.int16()),
        ("middle", pa.int32()),
        ("big", pa.int64()),
        ("real", pa.float32()),
        ("wide", pa.float64()),
        ("text", pa.string()),
        ("large", pa.large_string()),
        ("word", pa.dictionary(pa.int32(), pa.string())),
        ("price", pa.decimal128(38, 9)),
        ("day", pa.date32()),
        ("time", pa.timestamp("us", "UTC")),
        ("clock", pa.timestamp("ms")),
    ]
)
NESTED = pa.schema(
    [
        ("id", pa.int64()),
        ("tags", pa.list_(pa.string())),
        ("pairs", pa.map_(pa.string(), pa.float64())),
        ("who", pa.struct([("name", pa.string()), ("at", pa.list_(pa.struct([("x y", pa.int32())])))])),
    ]
)
#: The type of each column of SCALARS, as sqlglot names it.
TYPES = {
    "redshift": "BOOLEAN SMALLINT INT BIGINT FLOAT DOUBLE VARCHAR VARCHAR VARCHAR DECIMAL DATE TIMESTAMP TIMESTAMP",
    "hive": "BOOLEAN SMALLINT INT BIGINT FLOAT DOUBLE TEXT TEXT TEXT DECIMAL DATE TIMESTAMP TIMESTAMP",
    "spark": "BOOLEAN SMALLINT INT BIGINT FLOAT DOUBLE TEXT TEXT TEXT DECIMAL DATE TIMESTAMPTZ TIMESTAMPNTZ",
}
TYPES["spectrum"], TYPES["athena"] = TYPES["redshift"], TYPES["hive"]


def make(dialect: str, schema: pa.Schema, table: Any = "logs.web", **options: Any) -> str:
    location = None if dialect == "redshift" else "s3://b/web"
    return ddl(schema, dialect, table, **{"location": location, **options})


def parsed(text: str, dialect: str) -> exp.Create:
    """The tree of the first statement, which must be one that the parser knows."""
    tree = sqlglot.parse(text, dialect=SQLGLOT.get(dialect, dialect))[0]
    assert isinstance(tree, exp.Create), text
    return tree


def columns(tree: exp.Create) -> dict[str, exp.DataType]:
    return {column.this.name: column.kind for column in tree.this.expressions if isinstance(column, exp.ColumnDef)}


@pytest.mark.parametrize("dialect", SQL)
def test_columns_and_types_are_the_schemas(dialect: str) -> None:
    tree = parsed(make(dialect, SCALARS), dialect)
    found = columns(tree)
    assert list(found) == SCALARS.names
    assert [kind.this.name for kind in found.values()] == TYPES[dialect].split()
    assert [int(size.name) for size in found["price"].expressions] == [38, 9]
    table = tree.this.this
    assert (table.db, table.name) == ("logs", "web")


@pytest.mark.parametrize("dialect", SQL)
def test_partition_columns_are_apart(dialect: str) -> None:
    schema = pa.schema([("dt", pa.date32()), ("n", pa.int64()), ("region", pa.string())])
    if dialect == "redshift":
        with pytest.raises(la.SchemaError, match="partition_by"):
            make(dialect, schema, partition_by=["dt"])
        return
    tree = parsed(make(dialect, schema, partition_by=["dt", "region"]), dialect)
    found = tree.find(exp.PartitionedByProperty)
    assert found is not None
    keys = [node.name for node in found.this.expressions]
    assert keys == ["dt", "region"]
    # Spark's names the columns above, types and all; the others name them there only.
    assert list(columns(tree)) == (["n", "dt", "region"] if dialect == "spark" else ["n"])


@pytest.mark.parametrize("dialect", [dialect for dialect in SQL if dialect != "athena"])
def test_hostile_names_stay_names(dialect: str) -> None:
    hostile = HOSTILE if dialect in ("redshift", "spectrum") else [name for name in HOSTILE if ";" not in name]
    schema = pa.schema([(name, pa.int64()) for name in hostile])
    told = make(
        dialect, schema, ["logs", hostile[0]], **({} if dialect == "redshift" else {"location": "s3://b/it's\\x"})
    )
    tree = parsed(told, dialect)
    assert list(columns(tree)) == hostile
    assert tree.this.this.name == hostile[0]
    trees = [tree for tree in sqlglot.parse(told, dialect=SQLGLOT.get(dialect, dialect)) if tree is not None]
    assert len(trees) == 1
    if dialect != "redshift":
        found = tree.find(exp.LocationProperty)
        assert found is not None and found.this.name == "s3://b/it's\\x/"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_names_that_no_warehouse_takes(dialect: str) -> None:
    for name in ("a\nb", "a\x00b", " ", "n" * 300):
        with pytest.raises(la.SchemaError, match="hint: derive it under another name"):
            make(dialect, pa.schema([(name, pa.int64())]))
    with pytest.raises(la.SchemaError, match='"a" and "A" are one'):
        make(dialect, pa.schema([("a", pa.int64()), ("A", pa.int64())]))
    for table in ("", "a..b", "a.b.c.d", 'a"b'):
        with pytest.raises(ValueError, match="no table name"):
            make(dialect, SCALARS, table)
    if dialect in ("athena", "glue"):
        with pytest.raises(la.SchemaError, match="letters, digits and _"):
            make(dialect, pa.schema([("a b", pa.int64())]))


@pytest.mark.parametrize(
    ("dtype", "hint"),
    [
        (pa.uint8(), 'types={"x": "int16"}'),
        (pa.uint16(), 'types={"x": "int32"}'),
        (pa.uint32(), 'types={"x": "int64"}'),
        (pa.uint64(), "decimal"),
        (pa.timestamp("ns", "UTC"), 'time_unit="us"'),
        (pa.time64("us"), "utf8"),
        (pa.decimal256(40, 2), "float64"),
        (pa.float16(), "float32"),
        (pa.null(), "no value was seen"),
        (pa.duration("us"), "utf8"),
        (pa.binary(4), "utf8"),
        (pa.struct([]), "columns"),
    ],
)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_types_that_are_not_read_from_parquet(dialect: str, dtype: pa.DataType, hint: str) -> None:
    if dialect == "redshift" and pa.types.is_struct(dtype):
        return
    for schema in (pa.schema([("x", dtype)]), pa.schema([("x", pa.list_(dtype))])):
        with pytest.raises(la.SchemaError, match='column "x') as raised:
            make(dialect, schema)
        assert hint in str(raised.value)


def test_redshift_has_types_of_its_own() -> None:
    for dtype, hint in ((pa.int8(), "int16"), (pa.binary(), "utf8")):
        for dialect in ("redshift", "spectrum"):
            with pytest.raises(la.SchemaError, match=hint):
                make(dialect, pa.schema([("x", dtype)]))
        assert "x" in columns(parsed(make("hive", pa.schema([("x", dtype)])), "hive"))


def test_nested_columns() -> None:
    found = columns(parsed(make("redshift", NESTED), "redshift"))
    assert [kind.this.name for kind in found.values()] == ["BIGINT", "SUPER", "SUPER", "SUPER"]
    told = make("redshift", NESTED, location="s3://b/web/manifest.json", iam_role="arn:aws:iam::1:role/it's")
    copy = sqlglot.parse(told, dialect="redshift")[1]
    assert isinstance(copy, exp.Copy)
    # The parser takes a word for the value of the one before.
    given = [part.name for param in copy.args["params"] for part in (param.this, param.expression) if part is not None]
    assert given == ["FORMAT", "PARQUET", "SERIALIZETOJSON", "MANIFEST"]
    assert copy.args["files"][0].name == "s3://b/web/manifest.json"
    assert "IAM_ROLE 'arn:aws:iam::1:role/it''s'" in told
    for dialect in ("hive", "athena", "spark"):
        schema = NESTED if dialect != "athena" else pa.schema([NESTED.field(at) for at in range(3)])
        types = columns(parsed(make(dialect, schema), dialect))
        assert [kind.this.name for kind in types.values()][:3] == ["BIGINT", "ARRAY", "MAP"]
    who = columns(parsed(make("spark", NESTED), "spark"))["who"]
    assert [member.name for member in who.expressions] == ["name", "at"]


def test_copy_says_what_it_reads() -> None:
    def copy(location: str) -> str:
        return ddl(SCALARS, "redshift", "web", location=location).split("COPY")[1]

    assert "FROM 's3://b/web/'" in copy("s3://b/web") and "MANIFEST" not in copy("s3://b/web")
    assert "FROM 's3://b/web/x.parquet'" in copy("s3://b/web/x.parquet")
    assert "MANIFEST" in copy("s3://b/web/x.manifest") and "IAM_ROLE default" in copy("s3://b/web")
    assert "SERIALIZETOJSON" not in copy("s3://b/web")
    with pytest.raises(ValueError, match="s3://"):
        copy("/data/web")
    told = ddl(SCALARS, "redshift", "web", sort_by=["time", "big"])
    assert 'SORTKEY ("time", "big")' in told and parsed(told, "redshift")
    with pytest.raises(la.SchemaError, match="sort by"):
        ddl(SCALARS, "redshift", "web", sort_by=["nothing"])


@pytest.mark.parametrize(
    ("longest", "complete", "width"),
    [
        (0, True, 16),
        (8, True, 16),
        (9, True, 32),
        (100, True, 256),
        (40_000, True, 65535),
        (8, False, 256),
        (100, False, 512),
    ],
)
def test_width_of_a_varchar(longest: int, complete: bool, width: int) -> None:
    lengths = Lengths(text=longest)
    lengths.complete = complete
    told = ddl(SCALARS, "redshift", "web", lengths=lengths)
    assert f'"text" VARCHAR({width})' in told and '"large" VARCHAR(65535)' in told
    with pytest.raises(la.SchemaError, match="65,535"):
        ddl(SCALARS, "redshift", "web", lengths={"text": 65_536})


def test_measure_counts_bytes_of_all_batches(tmp_path: Path) -> None:
    table = pa.table({"a": ["x", None, "éé"], "d": pa.array(["aaa", "b", None]).dictionary_encode(), "n": [1, 2, 3]})
    assert measure(table) == {"a": 4, "d": 3} and measure(table).complete
    some = measure(table, 1)
    assert (some, some.complete) == ({"a": 1, "d": 3}, False)
    assert measure(table, 3).complete
    assert measure(pa.table({"a": pa.array([None], pa.string())})) == {}
    scan = la.scan(COMBINED, "apache.combined", strings="view")
    assert measure(scan)["path"] == len("/api/v1/items")
    # As wide as it says, the rows written fit.
    scan.write_parquet(tmp_path / "o.parquet")
    assert max(map(len, scan.to_arrow()["user_agent"].to_pylist()[:2])) <= measure(scan)["user_agent"]


def test_projection() -> None:
    schema = pa.schema([("n", pa.int64()), ("dt", pa.date32()), ("hr", pa.int32()), ("zone", pa.string())])
    keys = ["dt", "hr", "zone"]
    given = {"hr": (0, 23), "zone": ["a", "b"], "dt": ("2024-01-01", "NOW")}
    for dialect in ("athena", "glue"):
        told = make(dialect, schema, partition_by=keys, projection=given)
        properties = (
            json.loads(told)["Parameters"]
            if dialect == "glue"
            else {
                node.this.name: node.args["value"].name
                for node in parsed(told, "athena").find_all(exp.Property)
                if type(node) is exp.Property
            }
        )
        assert properties["projection.enabled"] == "true"
        assert properties["projection.dt.range"] == "2024-01-01,NOW"
        assert (properties["projection.hr.type"], properties["projection.hr.range"]) == ("integer", "0,23")
        assert (properties["projection.zone.type"], properties["projection.zone.values"]) == ("enum", "a,b")
        assert properties["storage.location.template"] == "s3://b/web/dt=${dt}/hr=${hr}/zone=${zone}/"
        injected = make(dialect, schema, partition_by=keys, projection={**given, "zone": "injected"})
        assert "injected" in injected and "MSCK" not in told
        for bad in (
            {"dt": "NOW"},
            {"zone": ["a,b"], "hr": (0, 1)},
            {"n": (0, 1)},
            {"hr": (0, 23)},
            {**given, "dt": ("x", "NOW")},
        ):
            with pytest.raises(ValueError, match="projection"):
                make(dialect, schema, partition_by=keys, projection=bad)
    # Where values are not known, they are looked for.
    told = make("athena", schema, partition_by=keys)
    assert "projection" not in told and "MSCK REPAIR TABLE" in told
    with pytest.raises(ValueError, match="s3://"):
        make("athena", schema, location="/data")


def test_glue_is_json_of_the_api() -> None:
    told = json.loads(make("glue", pa.schema([*NESTED, pa.field("dt", pa.date32())]), partition_by=["dt"]))
    storage = told["StorageDescriptor"]
    assert [column["Type"] for column in storage["Columns"]] == [
        "bigint",
        "array<string>",
        "map<string,double>",
        "struct<name:string,at:array<struct<`x y`:int>>>",
    ]
    assert told["PartitionKeys"] == [{"Name": "dt", "Type": "date"}]
    assert (told["TableType"], storage["Location"]) == ("EXTERNAL_TABLE", "s3://b/web/")
    assert storage["InputFormat"].endswith("MapredParquetInputFormat")


def test_manifest() -> None:
    files = [{"path": "s3://b/a.parquet", "bytes": 812, "rows": 3}, {"path": 's3://b/ü".parquet', "bytes": 1}]
    told = json.loads(manifest(files))
    assert told["entries"][0] == {"url": "s3://b/a.parquet", "mandatory": True, "meta": {"content_length": 812}}
    assert [entry["url"] for entry in told["entries"]] == [file["path"] for file in files]
    assert json.loads(manifest([])) == {"entries": []}
    for bad in (
        {"path": "/data/a.parquet", "bytes": 1},
        {"path": "s3://b/", "bytes": 1},
        {"path": "s3://b/c", "bytes": 0},
    ):
        with pytest.raises(ValueError, match=r"S3|bytes"):
            manifest([bad])
    with pytest.raises(ValueError, match="twice"):
        manifest([files[0], files[0]])


def test_partitions_are_added() -> None:
    files = [
        {"path": f"s3://b/it's/dt=2026-03-{day:02}/zone=a%2Fb%27/part-{n}.parquet", "bytes": 1}
        for day in (2, 1)
        for n in (0, 1)
    ]
    for dialect in ("spectrum", "hive", "athena", "spark"):
        told = add_partitions(dialect, "logs.web", files, location="s3://b/it's")
        assert told.count("PARTITION (") == 2 and told.index("2026-03-01") < told.index("2026-03-02")
        # The parser knows statements of one partition.
        one = add_partitions(dialect, "logs.web", files[:2], location="s3://b/it's")
        (tree,) = sqlglot.parse(one, dialect="redshift" if dialect == "spectrum" else "hive")
        assert tree is not None and tree.find(exp.Command) is None, one
        literals = {node.this for node in tree.find_all(exp.Literal)}
        assert literals == {"2026-03-02", "a/b'", "s3://b/it's/dt=2026-03-02/zone=a%2Fb%27/"}
    many = [f"/d/n={n}/f.parquet" for n in range(250)]
    assert add_partitions("hive", "web", many, location="/d").count("ALTER TABLE") == 3
    assert add_partitions("hive", "web", [], location="/d") == ""
    null = ["/d/n=__HIVE_DEFAULT_PARTITION__/f.parquet"]
    assert "__HIVE_DEFAULT_PARTITION__" in add_partitions("hive", "web", null, location="/d")
    with pytest.raises(la.SchemaError, match="nulls"):
        add_partitions("spectrum", "l.web", null, location="/d")
    for bad in (["/e/n=1/f"], ["/d/f"], ["/d/x/f"], ["/d/n=1/f", "/d/m=1/f"]):
        with pytest.raises(ValueError, match=r"below|partition"):
            add_partitions("hive", "web", bad, location="/d")
    with pytest.raises(ValueError, match="no partitions"):
        add_partitions("redshift", "web", many, location="/d")


def test_scans_have_tables() -> None:
    scan = la.scan(COMBINED, "apache.combined", derive={"dt": "date(time)"})
    tree = parsed(scan.ddl("athena", "logs.web", location="s3://b/web/", partition_by=["dt"]), "athena")
    assert list(columns(tree)) == [name for name in scan.schema.names if name != "dt"]
    comment = next(tree.find_all(exp.CommentColumnConstraint))
    assert comment.this.name == scan.format.fields[0]["doc"]
    for dialect, options, error in [
        ("oracle", {}, ValueError),
        ("hive", {"iam_role": "x"}, TypeError),
        ("hive", {"partition_by": "dt"}, TypeError),
        ("hive", {"location": "  "}, ValueError),
        ("hive", {}, ValueError),
        ("spectrum", {"location": "s3://b/web", "partition_by": ["nothing"]}, la.SchemaError),
    ]:
        with pytest.raises(error, match="hint: "):
            scan.ddl(dialect, "logs.web", **options)
    with pytest.raises(la.SchemaError, match="partition"):
        ddl(NESTED, "hive", "web", location="/data", partition_by=["tags"])


def test_command(log: Path) -> None:
    args = ["schema", log, "--ddl", "redshift", "--table", "public.web", "--location", "s3://b/web/manifest.json"]
    status, told, errors = call(*args, "--columns", "path,status", "--derive", "dt=date(time)")
    assert (status, errors) == (0, "")
    # The whole log is its sample.
    assert list(columns(parsed(told, "redshift"))) == ["path", "status", "dt"]
    assert '"path" VARCHAR(32)' in told and "MANIFEST" in told
    assert '"path" VARCHAR(65535)' in call(*args, "--lengths", "none")[1]
    assert '"path" VARCHAR(32)' in call(*args, "--lengths", "all")[1]
    log.write_bytes(COMBINED * 4000)
    assert '"path" VARCHAR(256)' in call(*args, "-f", "apache.combined")[1]
    spark = ["schema", "-f", "apache.common", "--ddl", "spark", "--table", "t", "--location", "/x"]
    assert "PARTITIONED BY (`status`)" in call(*spark, "--partition-by", "status")[1]
    for bad in (
        spark[:5],
        [*spark, "--json"],
        [*spark, "--iam-role", "x"],
        ["schema", log, "--table", "t"],
        [*spark[:4], "oracle"],
    ):
        status, _, errors = call(*bad)
        assert status == 2 and "Error" in errors, bad
    status, _, errors = call(*args, "--time-unit", "ns")
    assert status == 1 and 'time_unit="us"' in errors
