"""Hive's own SerDes, run by a Spark session, beside `Format.hive` of the same statement on the same lines.

The statements have the shape of those in Athena's documentation for load balancers and S3: the same groups and the same
quirks, put together here. Lines are the samples of the built-in formats, and what is left of them after some damage.
"""

from __future__ import annotations

import datetime as dt
import importlib
import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import logarrow as la

# Where everything must be shown nothing is skipped: without Spark or Java the tests fail.
if "CI" not in os.environ:
    pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs a Java", allow_module_level=True)
pyspark_sql = importlib.import_module("pyspark.sql")

WORD, DIGITS, NUMBER, COUNT = "([^ ]*)", "([0-9]*)", "([-0-9.]*)", "([0-9-]*)"
QUOTED, EITHER = '\\"([^\\"]*)\\"', '(\\"[^\\"]*\\"|-)'
REGEX_SERDE = "org.apache.hadoop.hive.serde2.RegexSerDe"


def statement(columns: str, regex: str, more: str = "") -> str:
    """A table whose lines match `regex`, which is written as SQL wants it."""
    return (
        f"CREATE EXTERNAL TABLE IF NOT EXISTS `{{name}}` ({columns})\nROW FORMAT SERDE '{REGEX_SERDE}'\n"
        f"WITH SERDEPROPERTIES ({more}'serialization.format' = '1', 'input.regex' = '{regex}')\nLOCATION '{{location}}'"
    )


def together(*pieces: str) -> str:
    return " ".join(pieces)


def fields(names: str, dtype: str = "string") -> str:
    return ", ".join(f"{name} {dtype}" for name in names.split())


ALB = statement(
    f"""{fields("type time elb client_ip")}, client_port int, target_ip string, target_port int,
    {fields("request_processing_time target_processing_time response_processing_time", "double")},
    elb_status_code int, target_status_code string, {fields("received_bytes sent_bytes", "bigint")},
    {fields("request_verb request_url request_proto user_agent ssl_cipher ssl_protocol target_group_arn trace_id")},
    {fields("domain_name chosen_cert_arn matched_rule_priority request_creation_time actions_executed redirect_url")},
    {fields("lambda_error_reason target_port_list target_status_code_list classification classification_reason")},
    conn_trace_id string""",
    together(
        *[WORD] * 3,
        f"{WORD}:{DIGITS}",
        f"{WORD}[:-]{DIGITS}",
        *[NUMBER] * 3,
        "(|[-0-9]+)",
        "(-|[-0-9]*)",
        COUNT,
        COUNT,
        '\\"([^ ]*) (.*) (- |[^ ]*)\\"',
        QUOTED,
        "([0-9A-Z-_]+)",
        "([.0-9A-Za-z-]*)",
        WORD,
        *[QUOTED] * 3,
        NUMBER,
        WORD,
        *[QUOTED] * 2,
        '\\"([^ ]*)\\"',
        '\\"(\\\\S+?)\\"',
        '\\"(\\\\S+)\\"',
        *['\\"([^ ]*)\\"'] * 2,
        "?([^ ]*)?(?: .*)?",
    ),
)
ELB = statement(
    f"""timestamp string, {fields("elb_name request_ip")}, request_port int, backend_ip string, backend_port int,
    {fields("request_processing_time backend_processing_time client_response_time", "double")},
    {fields("elb_response_code backend_response_code")}, {fields("received_bytes sent_bytes", "bigint")},
    {fields("request_verb url protocol user_agent ssl_cipher ssl_protocol")}""",
    together(
        WORD,
        WORD,
        f"{WORD}:{DIGITS}",
        f"{WORD}[:-]{DIGITS}",
        *[NUMBER] * 3,
        "(|[-0-9]+)",
        "(-|[-0-9]*)",
        COUNT,
        COUNT,
        '\\"([^ ]*) ([^ ]*) (- |[^ ]*)\\"',
        '(\\"[^\\"]*\\")',
        "([0-9A-Z-]+)",
        "([.0-9A-Za-z-]*)$",
    ),
)
S3 = statement(
    f"""{fields("bucketowner bucket_name requestdatetime remoteip requester requestid operation key request_uri")},
    {fields("httpstatus errorcode")}, {fields("bytessent objectsize", "bigint")},
    {fields("totaltime turnaroundtime referrer useragent versionid hostid sigv ciphersuite authtype endpoint")},
    {fields("tlsversion accesspointarn aclrequired")}""",
    together(WORD, WORD, "\\\\[(.*?)\\\\]", *[WORD] * 5, EITHER, "(-|[0-9]*)", *[WORD] * 5, EITHER, EITHER, WORD)
    + f"(?: {' '.join([WORD] * 5)})?(?: {WORD} {WORD} {WORD})?.*$",
)
# Every type that the SerDe knows, groups that may take no part, and letters of any case.
TYPES = statement(
    """a tinyint, b smallint, c int, d bigint, e float, f double, g boolean, h date, i timestamp, j decimal(8,2),
    k string, l varchar(400)""",
    ",".join(["([^,]*)"] * 10) + "(?: END=(\\\\w+))?;?(.*)",
    "'input.regex.case.insensitive' = 'true', ",
)
GREEDY = statement(
    "a string, b string, c string, d string",
    "^(?:(\\\\d+)|(\\\\w+?))\\\\s*(?<named>[a-z\\\\d]*+):(.{0,9}?)\\\\s?$",
)
DELIMITED = (
    "CREATE EXTERNAL TABLE `{name}` (a string, b int, c bigint, d double, e boolean, f date, g timestamp, "
    "h array<string>, i string, m map<string,string>)\nROW FORMAT DELIMITED FIELDS TERMINATED BY '|' ESCAPED BY '\\\\' "
    "COLLECTION ITEMS TERMINATED BY ';' MAP KEYS TERMINATED BY ':'\nSTORED AS TEXTFILE LOCATION '{location}'\n"
    # Spark 3.5 reads NULL DEFINED AS, and does without.
    "TBLPROPERTIES ('serialization.null.format' = 'nil')"
)
# Texts of a length, and binary, as columns and as items.
LENGTHS = statement("a varchar(3), b char(3)", "([^|]*)\\\\|([^|]*)")
LAZY_LENGTHS = (
    "CREATE EXTERNAL TABLE `{name}` (a varchar(3), b char(3), c array<varchar(2)>, d array<char(2)>, e binary, f array<binary>)\n"
    "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' COLLECTION ITEMS TERMINATED BY ';' LOCATION '{location}'"
)
CSV = (
    "CREATE EXTERNAL TABLE `{name}` (a string, b string, c string)\n"
    "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'\nLOCATION '{location}'"
)

CELLS = ["", "-", "0", "7", "-7", "+7", "127", "128", "-129", "32768", "2147483648", "9223372036854775808", "1.5", "-1"]
CELLS += [".5", "5.", "1e3", "-0.25", "abc", "true", "TRUE", "false", "yes", " 7", "7 ", "2026-03-05", "2026-3-5"]
CELLS += [
    "2026-03-05 10:00:01",
    "2026-03-05 10:00:01.25",
    "2026-03-05T10:00:01",
    " 2026-3-5 1:2:3",
    "123456.78",
    "1234567",
    "é",
    "nil",
]


def samples(name: str) -> list[str]:
    fmt = la.Format.named(name)
    return [sample["line"] for sample in fmt.samples]


def damaged(line: str, rng: random.Random) -> Iterator[bytes]:
    """The line, and others made of it."""
    yield line.encode()
    words = line.split(" ")
    for cell in ["", "-", "x", "99999999999", "é", '"', "a:b", "[x]"]:
        at = rng.randrange(len(words))
        yield " ".join([*words[:at], cell, *words[at + 1 :]]).encode()
    for more in [" x", ' "y z"', "  ", " 1 2 3 4 5 6 7 8", '"']:
        yield (line + more).encode()
    for _ in range(12):
        at = rng.randrange(1, len(line))
        yield line[:at].encode()
        yield (line[:at] + rng.choice(['"', " ", "-", "é", "\t", ":"]) + line[at:]).encode()
        yield (line[: at - 1] + line[at:]).encode()
        yield line[:at].encode() + rng.choice([b"\xff", b"\xe2\x82", b"\xc3"]) + line[at:].encode()


def typed(rng: random.Random) -> Iterator[bytes]:
    # Each text in each column, and then at random.
    for cell in CELLS:
        for tail in ["", " end=x", ";y z", " End=é;"]:
            yield (",".join([cell] * 10) + tail).encode()
    for _ in range(200):
        yield (",".join(rng.choice(CELLS) for _ in range(rng.choice([10, 10, 10, 9, 11]))) + ";").encode()


def greedy(rng: random.Random) -> Iterator[bytes]:
    for _ in range(300):
        yield "".join(rng.choice("ab1 :é_") for _ in range(rng.randrange(1, 14))).encode()


def delimited(rng: random.Random) -> Iterator[bytes]:
    texts = ["x", "nil", "", "a\\|b", "a\\\\b", "a\\nb", '"q"', "é"]
    whole = ["0", "-7", "2147483648", "", "nil", "x", "-"]
    real = ["0.5", "-1", "1e3", " 1.", "", "nil", "x"]
    rest = [["true", "FALSE", "yes", "", "nil"], ["2026-03-05", "", "nil", "x"]]
    rest += [
        ["2026-03-05 10:00:01", "2026-03-05 10:00:01.25", "nil", "x"],
        ["a;b", "", "nil", "a;nil;c", "a\\;b;c"],
        texts,
    ]
    maps = ["", "nil", "k:v", "k:v;l:w:x", "k:v;k:w", "k", "k:", "k: v; l:nil", "k\\:l:v\\;w", "k:é;;l:v", ":v", "k:v;"]
    choices = [texts, whole, whole, real, *rest, maps]
    for _ in range(300):
        cells = [rng.choice(choice) for choice in choices]
        yield "|".join(cells[: rng.choice([10, 10, 10, 9, 5])]).encode() + rng.choice([b"", b"", b"|more"])


LONG = [
    "",
    "a",
    "abc",
    "abcdef",
    " a",
    "a  ",
    "ab    ",
    "   ",
    "äöüßé",
    "\U0001f600b cd",
    "e\u0301e\u0301",
    "\\N",
    "a\t\t ",
]


def lengths(rng: random.Random) -> Iterator[bytes]:
    for _ in range(200):
        yield "|".join(rng.choice(LONG) for _ in range(rng.choice([2, 2, 2, 3]))).encode()


def lazy_lengths(rng: random.Random) -> Iterator[bytes]:
    # Base64 of both alphabets, with white space, with too few signs, with something behind its end; and what is none.
    signs = "aGVsbG8=+/-_ \t!é"
    for _ in range(400):
        texts = ["".join(rng.choice(signs) for _ in range(rng.randrange(9))) for _ in range(2)] + ["aGVsbG8=", "\\N"]
        items = [rng.choice(LONG) + ";" + rng.choice(LONG) for _ in range(2)]
        cells = [rng.choice(LONG), rng.choice(LONG), *items, rng.choice(texts), ";".join(rng.sample(texts, 2))]
        yield "|".join(cells).encode()


def csv(rng: random.Random) -> Iterator[bytes]:
    fields = ["x", "", '"q"', '"a,b"', '"a""b"', '"a\\"b"', '"a\\\\b"', '""', "a b", "é", '""""', "c\\d", '"a\\nb"']
    for number in range(300):
        cells = [rng.choice(fields) for _ in range(rng.choice([3, 3, 3, 2, 4]))]
        yield ",".join(cells if number % 9 else ["x", '"open']).encode()


def of_samples(name: str) -> Any:
    return lambda rng: (line for sample in samples(name) for line in damaged(sample, rng))


TABLES = {
    "alb": (ALB, of_samples("aws.alb")),
    "elb": (ELB, of_samples("aws.elb_classic")),
    "s3": (S3, of_samples("aws.s3_access")),
    "types": (TYPES, typed),
    "greedy": (GREEDY, greedy),
    "delimited": (DELIMITED, delimited),
    "lengths": (LENGTHS, lengths),
    "lazy_lengths": (LAZY_LENGTHS, lazy_lengths),
    "csv": (CSV, csv),
}


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One session with a metastore of its own."""
    home = tmp_path_factory.mktemp("spark")
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    java = f"-Duser.timezone=UTC -Dderby.system.home={home}"
    config = {
        "spark.driver.extraJavaOptions": java,
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={home}/metastore;create=true",
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "1",
        "spark.ui.enabled": "false",
        "spark.local.dir": str(home),
        "spark.driver.memory": "1g",
    }
    builder = pyspark_sql.SparkSession.builder.master("local[1]").appName("logarrow").enableHiveSupport()
    for key, value in config.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def plain(value: Any) -> Any:
    if not isinstance(value, dt.datetime):
        return value
    text = value.isoformat(" ")
    return text.rstrip("0") if "." in text else text


def serde_rows(spark: Any, name: str, ddl: str) -> list[dict[str, Any]]:
    """What the SerDe makes of the lines; times as text."""
    spark.sql(ddl)
    table = spark.table(name)
    times = [field.name for field in table.schema.fields if field.dataType.typeName() == "timestamp"]
    for column in times:
        table = table.withColumn(column, table[column].cast("string"))
    return [row.asDict() for row in table.collect()]


def test_partitions_are_the_tables(spark: Any, tmp_path: Path) -> None:
    """Columns of partitions: the values of folders, as the metastore that looked for them gives them."""
    ddl = (
        "CREATE EXTERNAL TABLE parts (a string) PARTITIONED BY (dt date, hr int, r string, t timestamp, f double, ok boolean,"
        f" price decimal(5,2)) STORED AS TEXTFILE LOCATION '{tmp_path.as_uri()}'"
    )
    none = "__HIVE_DEFAULT_PARTITION__"
    values = [
        ["2026-03-05", "07", "eu%2Fa", "2026-03-05 10%3A00%3A01", "1.50", "true", "1.234"],
        ["2026-3-5", "-5", "a%3Db c", "2026-03-05 10%3A00%3A01.25", "2", "TRUE", "7"],
        [none, none, "x", none, none, none, none],
    ]
    for number, row in enumerate(values):
        folder = tmp_path.joinpath(
            *(f"{key}={value}" for key, value in zip(["dt", "hr", "r", "t", "f", "ok", "price"], row))
        )
        folder.mkdir(parents=True)
        (folder / "lines.log").write_text(f"{number}\n")
    spark.sql(ddl)
    spark.sql("MSCK REPAIR TABLE parts")
    table = spark.table("parts")
    theirs = [row.asDict() for row in table.withColumn("t", table["t"].cast("string")).orderBy("a").collect()]
    rows = la.read(tmp_path, la.Format.hive(ddl)).sort_by("a").to_pylist()
    assert [{key: plain(value) for key, value in row.items()} for row in rows] == theirs
    some = la.read(tmp_path, la.Format.hive(ddl), where="dt = '2026-03-05' AND hr > 0")
    assert some["a"].to_pylist() == ["0"]


@pytest.mark.parametrize("name", list(TABLES))
def test_rows_are_the_serdes(spark: Any, tmp_path: Path, name: str) -> None:
    ddl, make = TABLES[name]
    lines = [line for line in make(random.Random(7)) if line.strip()]
    folder = tmp_path / name
    folder.mkdir()
    (folder / "lines.log").write_bytes(b"\n".join(lines) + b"\n")
    ddl = ddl.replace("{name}", name).replace("{location}", folder.as_uri())
    theirs = serde_rows(spark, name, ddl)
    assert len(theirs) == len(lines)

    scan = la.scan(folder / "lines.log", la.Format.hive(ddl), include=["line"])
    ours = {row.pop("_line"): row for row in scan.to_arrow().to_pylist()}
    malformed = {row["line"]: row for row in scan.rejects().to_pylist() if row["column"] is None}
    assert scan.report.records == len(lines) == len(ours) + len(malformed)
    for number, (line, row) in enumerate(zip(lines, theirs), 1):
        if name == "csv" and line.endswith(b'"open'):
            # Hive makes a row of what stands before a quote that never closes, or of what stands behind it.
            assert malformed[number]["reason"] == 'expected a closing "', line
            continue
        if "SERDE" in ddl and all(value is None for value in row.values()):
            # Hive's silence: a row of NULLs, of which nobody learns.
            assert number in malformed and malformed[number]["reason"] and malformed[number]["hint"], line
            continue
        got = {key: plain(value) for key, value in ours[number].items()} if number in ours else malformed[number]
        if got.get("m") is not None:
            got["m"] = dict(got["m"])
        assert got == row, line
    # Fields between delimiters always fit.
    shares = {"matched": len(ours), "malformed": len(malformed)}
    assert all(count > 20 for count in shares.values()) or "SERDE" not in ddl, shares


@pytest.mark.parametrize("dialect", ["hive", "spark"])
def test_tables_are_what_was_written(spark: Any, tmp_path: Path, dialect: str) -> None:
    """Statements made from a scan, run: columns of every type and odd names, read back from partitioned files."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from logarrow.warehouse import add_partitions, ddl

    day, time = dt.date(2026, 3, 5), dt.datetime(2026, 3, 5, 10, 0, 1, 250, tzinfo=dt.timezone.utc)
    decimal = pa.scalar("1.50").cast(pa.decimal128(10, 2)).as_py()
    cells: dict[str, tuple[pa.DataType, Any]] = {
        "flag": (pa.bool_(), True),
        "small": (pa.int16(), -7),
        "select": (pa.int32(), 8),
        "a b": (pa.int64(), 2**40),
        "it's": (pa.float64(), 0.5),
        "é": (pa.string(), "月"),
        "price": (pa.decimal128(10, 2), decimal),
        "day": (pa.date32(), day),
        "time": (pa.timestamp("us", "UTC"), time),
        "raw": (pa.binary(), b"\x00\xff"),
        "tags": (pa.list_(pa.string()), ["x", None]),
        "pairs": (pa.map_(pa.string(), pa.int64()), {"k": 1}),
        "who": (pa.struct([("name", pa.string()), ("x_y", pa.int32())]), {"name": "ana", "x_y": 3}),
    }
    schema = pa.schema([*((name, kind) for name, (kind, _) in cells.items()), ("dt", pa.date32())])
    folder = tmp_path / f"it's {dialect}" / "dt=2026-03-05"
    folder.mkdir(parents=True)
    values = {name: list(value.items()) if name == "pairs" else value for name, (_, value) in cells.items()}
    table = pa.table([pa.array([values[name], None], kind) for name, (kind, _) in cells.items()], schema.names[:-1])
    pq.write_table(table, folder / "part-0.parquet")

    told = ddl(schema, dialect, f"default.made_{dialect}", location=str(folder.parent), partition_by=["dt"])
    for statement in told.strip().split(";\n"):
        spark.sql(statement.rstrip(";"))
    found = spark.table(f"default.made_{dialect}")
    assert found.columns == schema.names
    rows = [row.asDict(recursive=True) for row in found.withColumn("time", found["time"].cast("string")).collect()]
    (full,) = [row for row in rows if row["flag"]]
    assert full == {
        **{name: value for name, (_, value) in cells.items()},
        "time": "2026-03-05 10:00:01.00025",
        "dt": day,
    }
    assert len(rows) == 2 and all(row["dt"] == day for row in rows)

    # Partitions that come later are entered by name.
    later = folder.parent / "dt=2026-03-06"
    later.mkdir()
    pq.write_table(table, later / "part-0.parquet")
    more = add_partitions(dialect, f"default.made_{dialect}", [f"{later}/part-0.parquet"], location=str(folder.parent))
    spark.sql(more.rstrip(";\n"))
    assert spark.table(f"default.made_{dialect}").where("dt = '2026-03-06'").count() == 2


def test_spark_reads_a_dataset(spark: Any, tmp_path: Path) -> None:
    line = '192.0.2.7 - ana [{:02}/Mar/2026:10:00:01 +0000] "GET /{} HTTP/1.1" {} 512 "-" "a:{}/%\'"\n'
    text = "".join(line.format(5 + n % 3, n, 200 + n % 2 * 204, n % 4) for n in range(300)).encode()
    columns = ["time", "path", "status", "bytes", "user", "dt", "user_agent"]
    scan = la.scan(text, "apache.combined", columns=columns, derive={"dt": "date(time)"})
    scan.write_parquet(tmp_path / "out", partition_by=["dt", "user_agent"], target_file_bytes=1000)
    frame = spark.read.parquet(str(tmp_path / "out"))
    types = {"time": "timestamp", "path": "string", "status": "smallint", "bytes": "bigint", "user": "string"}
    assert dict(frame.dtypes) == {**types, "dt": "date", "user_agent": "string"}
    found = sorted((row.asDict() for row in frame.select(*columns).collect()), key=lambda row: row["path"])
    want = sorted(scan.to_arrow().to_pylist(), key=lambda row: row["path"])
    for row in want:
        row["time"] = row["time"].replace(tzinfo=None)
    offset = dt.datetime.fromtimestamp(want[0]["time"].replace(tzinfo=dt.timezone.utc).timestamp()) - want[0]["time"]
    for row in found:
        # Python's Spark gives times in the zone of the machine.
        row["time"] -= offset
    assert found == want
