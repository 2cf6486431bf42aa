"""Job files: what they do, what they refuse and where, and `logarrow run`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from logs import COMBINED
from test_cli import call

import logarrow as la
from logarrow.job import Job, JobError
from logarrow.job._file import to_toml

JOB = """\
name = "failed requests"
source = ["{dir}/${{day}}/*.log", "{dir}/more.log"]
format = "apache.combined"
columns = ["time", "status", "path"]
where = "status >= ${{least}}"
include = ["line"]
max_rejects = "50%"

[vars]
day = "2026-03-05"
least = 400

[derive]
word = "lookup(status, 'http_status')"
upper = "word || '!'"

[types]
status = "int32"

[options]
timezone = "Asia/Tokyo"
threads = 1
memory_bytes = "64MiB"

[sink]
path = "{dir}/out.parquet"
compression = "snappy"
overwrite = true
dictionary = {{ path = false }}

[[ddl]]
dialect = "redshift"
table = "public.failed"
location = "s3://clean/failed/manifest.json"
file = "{dir}/failed.sql"

[[ddl]]
dialect = "spark"
table = "failed"
file = "{dir}/failed.spark.sql"
"""


@pytest.fixture
def job(tmp_path: Path) -> Path:
    for day in ("2026-03-05", "2026-03-06"):
        (tmp_path / day).mkdir()
        (tmp_path / day / "a.log").write_bytes(COMBINED * (1 if day.endswith("5") else 2))
    (tmp_path / "more.log").write_bytes(COMBINED + b"what is this\n")
    path = tmp_path / "job.toml"
    path.write_text(JOB.format(dir=tmp_path).replace("upper = \"word || '!'\"\n", ""))
    return path


def expected(job: Path, day: str = "2026-03-05", least: int = 400) -> Any:
    return la.read(
        [str(job.parent / day / "*.log"), str(job.parent / "more.log")],
        "apache.combined",
        columns=["time", "status", "path"],
        where=f"status >= {least}",
        include=["line"],
        derive={"word": "lookup(status, 'http_status')"},
        types={"status": "int32"},
    )


def edited(job: Path, old: str, new: str) -> Path:
    text = job.read_text()
    assert old in text
    job.write_text(text.replace(old, new, 1))
    return job


def test_a_job_does_what_it_says(job: Path) -> None:
    report = Job.from_toml(job).run()
    out = job.parent / "out.parquet"
    assert pq.read_table(out).equals(expected(job))
    assert (report.rows, report.rejected, report.records) == (4, 1, 7)
    column = pq.ParquetFile(out).metadata.row_group(0).column(0)
    assert column.compression == "SNAPPY"
    redshift, spark = (job.parent / "failed.sql").read_text(), (job.parent / "failed.spark.sql").read_text()
    # Sized by what was written.
    assert '"path" VARCHAR(32)' in redshift and "FROM 's3://clean/failed/manifest.json'" in redshift
    assert f"LOCATION '{out}/'" in spark and "`word` STRING" in spark
    assert not list(job.parent.glob("*.partial"))


def test_changes(job: Path) -> None:
    changes = {"day": "2026-03-06", "least": 500, "sink.path": str(job.parent / "o.arrow"), "columns": ["path"]}
    with pytest.raises(JobError, match=r'key "sink.compression"|key "sink.dictionary"'):
        Job.from_toml(job, changes=changes)
    edited(edited(job, 'compression = "snappy"\n', ""), "dictionary = { path = false }\n", "")
    made = Job.from_toml(job, changes=changes)
    assert made.source[0] == str(job.parent / "2026-03-06" / "*.log")
    made.run()
    assert feather.read_table(job.parent / "o.arrow").num_rows == 3
    status, told, errors = call(
        "run", job, "--set", "least=500", "--set", f"sink.path={job.parent}/p.parquet", "--json"
    )
    assert (status, errors) == (0, "")
    assert (json.loads(told)["rows"], json.loads(told)["job"]) == (2, "failed requests")
    assert pq.read_table(job.parent / "p.parquet").equals(expected(job, least=500))


def test_check_plans_and_writes_nothing(job: Path) -> None:
    before = sorted(os.listdir(job.parent))
    status, told, errors = call("run", "--check", job)
    assert (status, errors) == (0, "")
    assert "failed requests" in told and "apache.combined" in told and "status >= 400" in told and "snappy" in told
    plan = json.loads(call("run", "--check", "--json", job)[1])
    assert plan["sources"] == 2 and plan["sink"]["method"] == "write_parquet"
    assert [column["name"] for column in plan["columns"]] == expected(job).column_names
    assert len(plan["ddl"]) == 2
    assert sorted(os.listdir(job.parent)) == before


#: What is changed in the file, the line that is told, and words of the error.
MISTAKES = [
    ('source = ["', 'sources = ["', 2, ['"sources"', "did you mean 'source'"]),
    ('name = "failed requests"', "name = 3", 1, ['"name"', "expected a text, found a whole number"]),
    ('columns = ["time", "status", "path"]', 'columns = ["time", "statos"]', 4, ['"columns"', "statos"]),
    ('columns = ["time", "status", "path"]', "columns = [1]", 4, ['"columns[0]"', "expected a text"]),
    ("status >= ${least}", "status >= ${most}", 5, ['"where"', "no variable 'most'", "day, least"]),
    ("status >= ${least}", "status >", 5, ['"where"']),
    ("status >= ${least}", "status >= 'x'", 5, ['"where"']),
    ('include = ["line"]', 'include = ["lines"]', 6, ['"include"', "lines"]),
    ('max_rejects = "50%"', 'max_rejects = "few"', 7, ['"max_rejects"', "0.5%"]),
    ('day = "2026-03-05"', "day = [1]", 10, ['"vars.day"', "an array"]),
    ("least = 400", "least = 400\nwhere = 3", 12, ['"vars.where"', "name of a key"]),
    ("lookup(status, 'http_status')", "lookup(status, 'http')", 14, ['"derive.word"', "http"]),
    ('status = "int32"', 'status = "int99"', 17, ['"types.status"', "int99"]),
    ("threads = 1", "threads = true", 21, ['"options.threads"', "a whole number, found true or false"]),
    ("threads = 1", "thread = 1", 21, ['"options.thread"', "did you mean 'threads'"]),
    ("threads = 1", "limit = 1", 21, ['"options.limit"']),
    ('timezone = "Asia/Tokyo"', 'timezone = "Asia/Tokio"', 20, ['"options.timezone"', "Tokio"]),
    ('path = "{dir}/out.parquet"\n', "", 24, ['"sink.path" is missing']),
    ('compression = "snappy"', 'compresion = "snappy"', 26, ['"sink.compresion"', "did you mean 'compression'"]),
    ("overwrite = true", "nested = { overwrite = true }", 27, ['"sink.nested"']),
    ('dialect = "redshift"', 'dialect = "oracle"', 31, ['"ddl[0].dialect"', "redshift"]),
    ('table = "public.failed"\n', "", 30, ['"ddl[0]"', "'table' is missing"]),
    ('table = "public.failed"', 'table = "a..b"', 30, ['"ddl[0]"', "no table name"]),
    ('file = "{dir}/failed.spark.sql"', 'file = "{dir}/failed.sql"', 39, ['"ddl[1].file"', "twice"]),
    ('file = "{dir}/failed.sql"', 'file = "s3://b/failed.sql"', 34, ['"ddl[0].file"', "on this machine"]),
    ('file = "{dir}/failed.sql"', 'file = "{dir}/no/failed.sql"', 34, ['"ddl[0].file"', "no directory"]),
    ('timezone = "Asia/Tokyo"', 'time_unit = "ns"', 30, ['"ddl[0]"', 'time_unit="us"']),
    ('format = "apache.combined"', 'format = "apache.combine"', 3, ['"format"', "apache.combined"]),
    ('format = "apache.combined"', 'format = { line = "{a" }', 3, ['"format"']),
    ('format = "apache.combined"', "format = { apache = 3 }", 3, ['"format.apache"', "expected a text"]),
    ('format = "apache.combined"', "format = ", 3, []),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES)
def test_mistakes_are_told_with_key_and_line(job: Path, old: str, new: str, line: int, words: list[str]) -> None:
    edited(job, *(text.replace("{dir}", str(job.parent)) for text in (old, new)))
    status, told, errors = call("run", "--check", job)
    assert (status, told) == (2, ""), told
    first, *_ = (part for part in errors.splitlines() if part.startswith("Error: "))
    assert first.startswith(f"Error: {job}:{line}:"), errors
    assert all(word in errors for word in words), errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    "text",
    [
        "password = 'hunter2'",
        "[sink]\nstorage_options = { aws_secret_access_key = 'hunter2' }",
        "[sink]\naws_session_token = 'hunter2'",
        "[vars]\napi_key = 'hunter2'",
        "[options.storage_options]\naccount_key = 'hunter2'",
        "description = 'AKIAIOSFODNN7HUNTER2'",
        "source = 'https://ana:hunter2@example.org/a.log'",
        "source = 'https://example.org/a.log?X-Amz-Signature=hunter2'",
    ],
)
def test_no_secrets(tmp_path: Path, text: str) -> None:
    path = tmp_path / "job.toml"
    path.write_text(text + "\n")
    status, _, errors = call("run", path)
    assert status == 2 and "looks like a secret" in errors and "environment" in errors
    assert "hunter2" not in errors.lower()


def test_names_of_columns_are_no_secrets(job: Path) -> None:
    edited(job, "[types]\n", "token = \"'x'\"\n[types]\n")
    # Nor is what a filter looks for.
    edited(job, "status >= ${least}", "status >= ${least} AND path NOT LIKE '%?sig=%' AND referer NOT LIKE '%://a:b@%'")
    Job.from_toml(job).check()


def test_exit_statuses(job: Path) -> None:
    assert call("run", job)[0] == 0
    assert call("run", job, "--set", "max_rejects=0")[0] == 3
    assert call("run", job, "--set", "where=status > 1", "--set", "max_rejects=1")[0] == 0
    status, _, errors = call("run", job, "--set", "sink.overwrite=false")
    assert status == 1 and "exists" in errors
    status, _, errors = call("run", job, "--set", f"source={job.parent}/none.log")
    assert status == 1 and errors.startswith("error: ") and "none.log" in errors
    status, _, errors = call("run", job, "--set", "dai=2026-03-05")
    assert status == 2 and '--set: key "dai"' in errors
    assert call("run", job.parent / "none.toml")[0] == 2
    assert call("run", job, "--set", "day")[0] == 2
    assert call("run", job, "--set", "options.on_error=raise")[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        'format = { line = \'{host} {ident} {user} [{time}] "{request}" {status} {rest}\', columns = { status = { type = "int16" } } }',
        'format = { apache = \'%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-agent}i"\' }',
        "format = { grok = '%{COMBINEDAPACHELOG}' }",
        'format = { nginx = \'$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"\' }',
    ],
)
def test_a_format_within_the_job(job: Path, text: str) -> None:
    edited(job, 'format = "apache.combined"', text)
    edited(job, 'columns = ["time", "status", "path"]\nwhere = "status >= ${least}"\n', "")
    text = job.read_text()
    job.write_text(text[: text.index("[derive]")] + text[text.index("[sink]") : text.index("dictionary")])
    report = Job.from_toml(job).run()
    assert (report.rows, report.rejected) == (6, 1)


def test_values_as_toml_are_read_back() -> None:
    values = {
        "name": 'a"b\\\n\x7f\u2028é',
        "skip": 3,
        "on": True,
        "list": ["x", 1.5, {"a b": [True]}],
        "deep": {"": {"k": "v"}},
    }
    read, _ = la._logarrow.parse_toml(to_toml(values), "x")
    assert read == values


def test_lines_of_keys() -> None:
    text = "a = 1\n\n[b]\nc = [\n  1,\n  2]\n'd.e' = {f = 1}\n[[g]]\nh = 1\n[[g]]\nh = '''\n\n'''\ni = 07:00:00\n"
    values, lines = la._logarrow.parse_toml(text, "x.toml")
    assert values["g"] == [{"h": 1}, {"h": "\n", "i": "07:00:00"}] and list(values) == ["a", "b", "g"]
    assert lines["a",] == 1 and lines["b", "c", 1] == 6 and lines["b", "d.e", "f"] == 7
    assert lines["g", 1, "h"] == 11 and lines["g", 1, "i"] == 14
    with pytest.raises(la.FormatError, match=r"x\.toml:2:5") as raised:
        la._logarrow.parse_toml("a = 1\nb = ?\n", "x.toml")
    assert raised.value.line == 2


def test_texts_and_files(tmp_path: Path) -> None:
    made = Job.from_toml('source = "a.log"\nsink.path = "o.parquet"\n')
    assert (made.name, made.source, made.sink) == ("job", ["a.log"], {"path": "o.parquet"})
    assert "a.log" in repr(made)
    with pytest.raises(OSError):
        Job.from_toml(tmp_path / "none.toml")
    (tmp_path / "l.toml").write_bytes(b"name = '\xff'\n")
    with pytest.raises(JobError, match="UTF-8"):
        Job.from_toml(tmp_path / "l.toml")
    assert Job.from_toml("source = 'a$$b${x}'\nsink.path = 'o.parquet'\nvars.x = 2026-03-05\n").source == [
        "a$b2026-03-05"
    ]


def test_the_job_of_the_page_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")
    text = page.split("```toml\n")[1].split("```")[0]
    made = Job.from_toml(text, changes={"day": "2026/03/06"})
    assert made.source[0].endswith("/2026/03/06/*.log.gz") and made.sink["path"] == "failed.parquet"


def test_places_of_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `scan` takes days and options of stores, a job gives them."""
    given: dict[str, Any] = {}
    real = la.scan

    def scan(
        source: Any, format: Any = None, *, dates: Any = None, storage_options: Any = None, **options: Any
    ) -> la.Scan:
        given.update(source=source, dates=dates, storage_options=storage_options)
        return real(COMBINED, format, **options)

    monkeypatch.setattr("logarrow._read.scan", scan)
    text = """source = "s3://b/{yyyy}/{MM}/{dd}/"
format = "apache.combined"
sink.path = "o.parquet"
storage_options = { endpoint = "http://127.0.0.1:1/${x}", region = "eu-west-1" }
vars.x = 1
dates = """
    for dates, days in [
        ('"2026-03-05"', ("2026-03-05",) * 2),
        ('"2026-03-01..2026-03-05"', ("2026-03-01", "2026-03-05")),
        ('[2026-03-01, "2026-03-05"]', ("2026-03-01", "2026-03-05")),
    ]:
        Job.from_toml(f"{text}{dates}\n").check()
        assert given["dates"] == days and given["storage_options"]["endpoint"] == "http://127.0.0.1:1/1"
    for dates in ("[]", '["a", "b", "c"]', "3"):
        with pytest.raises(JobError, match=r'job\.toml:6: key "dates"'):
            Job.from_toml(f"{text}{dates}\n")
    with pytest.raises(JobError, match="looks like a secret"):
        Job.from_toml(f'{text}"2026-03-05"\n'.replace("region", "secret_access_key"))


def test_partitions_and_manifest_of_what_was_written(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a sink on S3 reports its files, which is all that the statements stand on."""
    write = la.Scan.write_parquet

    def to_s3(self: la.Scan, path: str, *, partition_by: Any = None, **options: Any) -> la.Report:
        report = write(self, job.parent / "out.parquet", overwrite=True)
        report.written[:] = [{"path": f"{path}dt=2026-03-05/part-0.parquet", "rows": 4, "bytes": 812}]
        return report

    monkeypatch.setattr(la.Scan, "write_parquet", to_s3)
    text = job.read_text()
    text = f"""{text[: text.index("[derive]")]}[derive]
dt = "date(time)"
[sink]
path = "s3://clean/web/"
partition_by = ["dt"]
[[ddl]]
dialect = "spectrum"
table = "logs.web"
file = "{job.parent}/web.sql"
manifest = "{job.parent}/manifest.json"
"""
    Job.from_toml(text).run()
    told = (job.parent / "web.sql").read_text()
    assert "PARTITION (\"dt\" = '2026-03-05') LOCATION 's3://clean/web/dt=2026-03-05/'" in told
    entries = json.loads((job.parent / "manifest.json").read_text())["entries"]
    assert [entry["meta"]["content_length"] for entry in entries] == [812]


def test_kinds_of_sinks(tmp_path: Path) -> None:
    def sink(path: str) -> str:
        return Job.from_toml(f'source = "a"\nsink.path = "{path}"\n')._sink.method

    assert [sink(path) for path in ("a.parquet", "a.feather", "s3://b/c/", "dir", "a.hyper")] == [
        "write_parquet",
        "write_ipc",
        "write_parquet",
        "write_parquet",
        "write_hyper",
    ]
    with pytest.raises(JobError, match="nothing writes 'orc'"):
        Job.from_toml('source = "a"\nsink = { path = "b", kind = "orc" }\n')
