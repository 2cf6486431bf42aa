"""The command line, by click's runner and as a program: output, exit statuses, no tracebacks."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from logs import COMBINED, odd_log

import logarrow as la
from logarrow.cli import cli, run

COMMANDS = ["check", "convert", "emr", "formats", "head", "run", "schema", "sniff", "tableau"]


def call(*args: object) -> tuple[int, str, str]:
    """Exit status, output and errors of a command, as `main` gives them."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run([str(arg) for arg in args])
    return status, out.buffer.getvalue().decode(), err.buffer.getvalue().decode()


def program(*args: object, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "logarrow", *map(str, args)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, env={**os.environ, **env})


def test_help_lists_the_commands() -> None:
    result: Result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    assert all(f"  {command} " in result.output for command in COMMANDS)
    for command in COMMANDS:
        assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0
    assert call("--version")[1].strip().endswith(la.__version__)


@pytest.mark.parametrize("name", ["out.parquet", "out.arrow", "out.feather"])
def test_convert_writes_what_read_gives(log: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    status, told, errors = call("convert", log, "-o", out)
    table = pq.read_table(out) if name.endswith("parquet") else feather.read_table(out)
    assert (status, errors) == (0, "")
    assert table.equals(la.read(log))
    assert "records" in told and "3" in told


def test_convert_takes_the_options_of_scans(tmp_path: Path) -> None:
    log, out = tmp_path / "a.log.gz", tmp_path / "o.parquet"
    log.write_bytes(gzip.compress(odd_log(2)))
    options = {
        "columns": ["status", "path"],
        "where": "status >= 300",
        "derive": {"word": "lookup(status, 'http_status')", "d": "date(time)"},
        "types": {"status": "int32"},
        "include": ["line"],
        "on_error": "null",
        "timezone": "Asia/Tokyo",
        "limit": 100,
    }
    args = ["--columns", "status,path", "--where", options["where"], "--types", "status=int32", "--include", "line"]
    args += ["--derive", "word=lookup(status, 'http_status')", "--derive", "d=date(time)", "--limit", "100"]
    args += ["--on-error", "null", "--timezone", "Asia/Tokyo", "--threads", "1", "--input-compression", "gzip"]
    status, _, errors = call("convert", log, "-o", out, "-f", "apache.combined", *args)
    assert (status, errors) == (0, "")
    assert pq.read_table(out).equals(la.read(log, "apache.combined", **options))


def test_advanced_options(bad_log: Path, tmp_path: Path) -> None:
    words, out, rejects = tmp_path / "words.csv", tmp_path / "o.arrow", tmp_path / "r.parquet"
    words.write_text("code,word\n200,fine\n")
    options = {
        "derive": {"word": "lookup(status, 'words', 'other')"},
        "types": {"time": "timestamp[ns, tz=UTC]", "bytes": "decimal(10, 2)"},
        "strings": "large",
    }
    args = ["--derive", f"word={options['derive']['word']}", "--tables", f"words={words}", "--strings", "large"]
    args += [
        "--types",
        "time=timestamp[ns, tz=UTC],bytes=decimal(10, 2)",
        "--batch-rows",
        "1",
        "--chunk-bytes",
        "64KiB",
    ]
    args += ["--unordered", "--simd", "scalar", "--reject-raw", "none", "--rejects-to", rejects]
    status, _, errors = call("convert", bad_log, "-o", out, "-f", "apache.combined", *args)
    assert (status, errors) == (0, "")
    assert feather.read_table(out).equals(la.read(bad_log, "apache.combined", tables={"words": words}, **options))
    with pyarrow.ipc.open_file(out) as file:
        assert file.num_record_batches == file.read_all().num_rows
    assert pq.read_table(rejects)["raw"].null_count == 2
    # They stand below the others, and only where they mean something.
    for command in ("convert", "head", "check", "schema"):
        told = CliRunner().invoke(cli, [command, "--help"]).output
        usual, advanced = told.split("Advanced options:")
        names = ["--tables", "--strings", "--reject-raw", "--unordered", "--batch-rows", "--chunk-bytes", "--simd"]
        assert all(name in advanced and name not in usual for name in names), command
        assert "--where" in usual and "--help" in usual
    assert "Advanced" not in CliRunner().invoke(cli, ["sniff", "--help"]).output


def test_convert_json_tells_all(bad_log: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.parquet"
    args = ["--json", "--rejects-to", rejects, "--compression", "snappy", "--row-group-rows", "2"]
    status, told, _ = call("convert", bad_log, "-o", tmp_path / "o.parquet", "-f", "apache.combined", *args)
    report = json.loads(told)
    assert (status, report["records"], report["rows"], report["rejected"], report["skipped"]) == (0, 6, 4, 1, 1)
    assert report["output"] == str(tmp_path / "o.parquet")
    assert pq.read_table(rejects).num_rows == 2
    metadata = pq.ParquetFile(tmp_path / "o.parquet").metadata
    assert (metadata.num_row_groups, metadata.row_group(0).column(0).compression) == (2, "SNAPPY")


def test_convert_takes_the_options_of_parquet(log: Path, tmp_path: Path) -> None:
    args = ["--dictionary", "path=off,status=on", "--bloom-filters", "remote_host,path", "--statistics", "none"]
    args += ["--row-group-bytes", "100000", "--page-bytes", "5000", "--no-delta-encodings", "--compression", "none"]
    out, same = tmp_path / "o.parquet", tmp_path / "same.parquet"
    assert call("convert", log, "-o", out, *args)[0] == 0
    options = {"dictionary": {"path": False, "status": True}, "bloom_filters": ["remote_host", "path"]}
    more = {"row_group_bytes": 100_000, "page_bytes": 5000, "delta_encodings": False, "compression": "none"}
    la.scan(log).write_parquet(same, statistics="none", **options, **more)
    assert out.read_bytes() == same.read_bytes()
    group = pq.ParquetFile(out).metadata.row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert not columns["path"].has_dictionary_page and columns["status"].has_dictionary_page
    assert not columns["status"].is_stats_set
    for bad in (["--dictionary", "path"], ["--dictionary", "=on"], ["--statistics", "all"], ["--page-bytes", "0"]):
        assert call("convert", log, "-o", tmp_path / "x.parquet", *bad)[0] == 2
    assert call("convert", log, "-o", tmp_path / "x.csv", *args[:2])[0] == 2


def test_shell_completion(log: Path) -> None:
    for shell in ("bash", "zsh", "fish"):
        done = program(_LOGARROW_COMPLETE=f"{shell}_source")
        assert done.returncode == 0 and b"_LOGARROW_COMPLETE" in done.stdout, shell
    told = {
        words: program(_LOGARROW_COMPLETE="zsh_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1))
        .stdout.decode()
        .split("\n")
        for words in (
            "logarrow con",
            "logarrow head -f apache.com",
            "logarrow formats nginx.er",
            "logarrow schema --ddl red",
        )
    }
    assert told["logarrow con"][1] == "convert"
    assert {"apache.combined", "apache.common"} <= set(told["logarrow head -f apache.com"])
    assert told["logarrow formats nginx.er"][1] == "nginx.error" and told["logarrow schema --ddl red"][1] == "redshift"


def test_check_writes_all_rejects(bad_log: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.parquet"
    assert call("check", bad_log, "-f", "apache.combined", "--rejects-to", out)[0] == 0
    assert pq.read_table(out)["line"].to_pylist() == [2, 4]


def test_convert_to_a_dataset(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    args = ["convert", log, "-o", f"{out}/", "--derive", "dt=date(time)", "--partition-by", "dt", "--job-id", "daily"]
    for attempt in ("00001", "00002"):
        assert call(*args)[0] == 0
        files = [path.relative_to(out).as_posix() for path in out.rglob("*.parquet")]
        assert files == [f"dt=2026-03-05/part-daily-{attempt}-00000.parquet"]
    status, _, errors = call("convert", log, "-o", out, "--job-id", "other")
    assert status == 1 and errors.startswith("error: ") and "append" in errors
    assert (
        call("convert", log, "-o", out, "--overwrite", "--sort-by", "status,time", "--target-file-bytes", "1MB")[0] == 0
    )
    assert [path.parent for path in out.rglob("*.parquet")] == [out]
    status, told, _ = call("convert", log, "-o", out, "--mode", "append", "--job-id", "more", "--json")
    assert status == 0 and len(json.loads(told)["written"]) == 1
    assert pq.read_table(out).num_rows == 6


def test_convert_to_text(log: Path, tmp_path: Path) -> None:
    for name in ("o.csv", "o.jsonl", "o.csv.gz"):
        assert call("convert", log, "-o", tmp_path / name, "--columns", "status,path,time")[0] == 0
        assert call("convert", log, "-o", tmp_path / name)[0] == 1
    rows = list(csv.DictReader((tmp_path / "o.csv").open()))
    assert [row["path"] for row in rows] == ["/a?b=1", '/say/"hi"', "/api/v1/items"]
    lines = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert lines[0] == {"status": 200, "path": "/a?b=1", "time": "2026-03-05T01:00:01Z"}
    assert sorted(os.listdir(tmp_path)) == ["access.log", "o.csv", "o.csv.gz", "o.jsonl"]


@pytest.mark.parametrize("kind", ["arrow", "csv", "jsonl"])
def test_convert_through_pipes(kind: str) -> None:
    done = program("convert", "-", "-o", "-", "--to", kind, "--columns", "status", stdin=COMBINED)
    assert done.returncode == 0, done.stderr
    if kind == "arrow":
        assert pa.ipc.open_stream(done.stdout).read_all()["status"].to_pylist() == [200, 404, 503]
    elif kind == "csv":
        assert done.stdout.split() == [b'"status"', b"200", b"404", b"503"]
    else:
        assert [json.loads(line) for line in done.stdout.splitlines()] == [{"status": s} for s in (200, 404, 503)]
    assert b"records" in done.stderr


@pytest.mark.parametrize(("most", "status"), [("0", 3), ("1", 0), ("2", 0), ("16%", 3), ("16.7%", 0), ("100%", 0)])
def test_max_rejects(bad_log: Path, tmp_path: Path, most: str, status: int) -> None:
    args = [bad_log, "-f", "apache.combined", "--max-rejects", most]
    assert call("check", *args)[0] == status
    got, _, errors = call("convert", *args, "-o", tmp_path / "o.parquet")
    assert got == status and ("--max-rejects" in errors) == (status == 3)
    # What was made stays, so that it can be looked at.
    assert pq.read_table(tmp_path / "o.parquet").num_rows == 4
    assert call("check", *args, "--on-error", "null")[0] == status


def test_a_damaged_input_is_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "cut.log.gz"
    path.write_bytes(gzip.compress(COMBINED) + gzip.compress(COMBINED)[:-9])
    out = tmp_path / "o.parquet"
    for args in (["check", path], ["convert", path, "-o", out]):
        status, _, errors = call(*args, "-f", "apache.combined")
        assert status == 1
        assert errors.startswith(f"error: {path}: ") and "hint: " in errors
    assert pq.read_table(out).num_rows >= 3


def test_head(log: Path) -> None:
    log.write_bytes(COMBINED.replace(b"curl/8.9", b"a\\tb") * 10)
    status, told, _ = call("head", log, "-n", "2", "--columns", "status,user_agent")
    assert (status, told) == (0, 'status\tuser_agent\n200\ta\\tb\n404\tAgent "x"\n')
    assert len(call("head", log)[1].splitlines()) == 11
    lines = call("head", log, "--json", "-n", "1", "--columns", "status,bytes")[1]
    assert json.loads(lines) == {"status": 200, "bytes": 512}


def test_head_on_a_terminal_is_a_table(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.write_bytes(COMBINED.replace(b"curl/8.9", b"[bold]x[/bold]\x1b[31m"))
    monkeypatch.setattr("logarrow.cli._look.to_terminal", lambda: True)
    told = call("head", log, "--columns", "status,user_agent", "-f", "apache.combined")[1]
    assert "int16" in told and "[bold]x[/bold]" in told and "\x1b[31m" not in told


def test_schema(log: Path) -> None:
    told = call("schema", log)[1]
    assert [line.split()[0] for line in told.splitlines()] == la.read(log).column_names
    of_format = json.loads(call("schema", "-f", "apache.common", "--json", "--derive", "d=date(time)")[1])
    assert of_format["columns"][-1] == {"name": "d", "type": "date32[day]", "unit": None, "doc": None}
    assert of_format["columns"][-2]["unit"] == "B"
    assert call("schema")[0] == 2


def test_formats(tmp_path: Path) -> None:
    listed = call("formats")[1]
    assert [line.split()[0] for line in listed.splitlines()] == [fmt.name for fmt in la.formats()]
    told = call("formats", "apache.combined")[1]
    assert "https://httpd.apache.org" in told and "user_agent" in told
    assert json.loads(call("formats", "nginx", "--json")[1])["name"].startswith("nginx.")
    assert len(json.loads(call("formats", "--json")[1])) == len(la.formats())
    path = tmp_path / "mine.toml"
    path.write_text(la.Format.apache("%h %>s").to_toml())
    assert "status" in call("formats", path)[1]
    assert "status" in call("schema", "-f", path)[1]


def test_sniff(log: Path, tmp_path: Path) -> None:
    status, told, _ = call("sniff", log)
    assert status == 0 and told.splitlines()[1].split()[:2] == ["apache.combined", "100.0%"]
    guess = json.loads(call("sniff", log, "--json")[1])[0]
    assert (guess["format"], guess["share"], guess["matched"]) == ("apache.combined", 1.0, 3)
    notes = tmp_path / "notes.txt"
    notes.write_text("buy milk\n")
    assert call("sniff", notes)[0] == 1


def test_check_points_at_the_byte(bad_log: Path) -> None:
    status, told, _ = call("check", bad_log, "-f", "apache.combined")
    lines = told.splitlines()
    assert status == 0
    (at,) = [number for number, line in enumerate(lines) if line.startswith(f"{bad_log}:2:")]
    raw = bad_log.read_text().splitlines()[1]
    assert lines[at + 1] == f"  {raw}"
    assert lines[at + 2].strip() == "^"
    column = int(lines[at].split(":")[2].split(" ")[0])
    assert lines[at + 2].index("^") - 2 == column - 1
    (value,) = [number for number, line in enumerate(lines) if 'column "bytes"' in line]
    assert lines[value + 1 : value + 3] == ["  99999999999999999999", "  " + "^" * 20]
    assert call("check", bad_log, "-f", "apache.combined", "--show", "0")[1].count("^") == 0
    told = json.loads(call("check", bad_log, "-f", "apache.combined", "--json")[1])
    assert told["rejected"] == 1 and [reject["line"] for reject in told["rejects"]] == [2, 4]


def test_check_shows_hostile_lines_harmlessly(tmp_path: Path) -> None:
    path = tmp_path / "evil.log"
    path.write_bytes("月\x1b]0;x\x07\x1b[31m".encode() * 30 + b"\xff\n")
    told = call("check", path, "-f", "apache.combined")[1]
    assert "\x1b" not in told and "\\x1b[31m" in told
    assert max(map(len, told.splitlines())) < 160


@pytest.mark.parametrize(
    "args",
    [
        ["convert"],
        ["convert", "{log}"],
        ["convert", "{log}", "-o", "{dir}/out.xyz"],
        ["convert", "{log}", "-o", "{dir}/o.parquet", "--no-such-option"],
        ["convert", "{log}", "-o", "{dir}/o.parquet", "--threads", "x"],
        ["convert", "{log}", "-o", "{dir}/o.parquet", "--derive", "x"],
        ["convert", "{log}", "-o", "{dir}/o.parquet", "--max-rejects", "few"],
        ["convert", "{log}", "-o", "{dir}/o.parquet", "--compression", "rar"],
        ["convert", "{log}", "-o", "{dir}/o.parquet", "--memory-bytes", "lots"],
        ["convert", "{log}", "-o", "{dir}/o.csv", "--partition-by", "status"],
        ["convert", "{log}", "-o", "{dir}/out/", "--to", "csv"],
        ["convert", "{log}", "-o", "s3://b/x/", "--storage-option", "endpoint"],
        ["convert", "{log}", "-o", "-", "--to", "parquet"],
        ["convert", "{log}", "-o", "-", "--to", "hyper"],
        ["convert", "{log}", "-o", "-", "--compression", "zstd"],
        ["head", "{log}", "--columns", ","],
        ["head", "{log}", "--reference-time", "yesterday"],
        ["head", "{log}", "--on-error", "ignore"],
        ["head", "{log}", "--tables", "words"],
        ["head", "{log}", "--batch-rows", "0"],
        ["head", "{log}", "--chunk-bytes", "lots"],
        ["nothing"],
    ],
)
def test_usage_errors_are_2(log: Path, tmp_path: Path, args: list[str]) -> None:
    status, _, errors = call(*(arg.format(log=log, dir=tmp_path) for arg in args))
    assert status == 2, errors
    assert "Error" in errors and "Traceback" not in errors
    assert os.listdir(tmp_path) == ["access.log"]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["head", "{dir}/nothing.log"], "nothing.log"),
        (["head", "{log}", "-f", "apache.combine"], "apache.combined"),
        (["head", "{log}", "--columns", "statos"], "statos"),
        (["head", "{log}", "--where", "status >"], "hint: "),
        (["head", "{log}", "-f", "{dir}/none.toml"], "none.toml"),
        (["convert", "{log}", "-o", "{dir}/no/o.parquet"], "o.parquet"),
        (["head", "{log}", "--tables", "w={dir}/none.csv"], "none.csv"),
        (["formats", "nothing"], "nothing"),
        (["check", "{log}", "-f", "apache.error", "--on-error", "raise"], "access.log:1:"),
    ],
)
def test_failures_are_1_without_a_traceback(log: Path, tmp_path: Path, args: list[str], told: str) -> None:
    status, _, errors = call(*(arg.format(log=log, dir=tmp_path) for arg in args))
    assert status == 1
    assert errors.startswith("error: ") and told in errors
    assert "Traceback" not in errors and "Errno" not in errors


def test_program_and_its_exit_status(log: Path, tmp_path: Path) -> None:
    assert program("head", log).returncode == 0
    done = program("head", tmp_path / "nothing.log")
    assert (done.returncode, done.stdout) == (1, b"") and done.stderr.startswith(b"error: ")
    assert program("head").returncode == 2
    assert b"Traceback" in program("head", tmp_path / "nothing.log", LOGARROW_TRACEBACK="1").stderr


def test_no_bar_where_there_is_no_terminal(log: Path, tmp_path: Path) -> None:
    done = program("convert", log, "-o", tmp_path / "o.parquet", "--progress")
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_broken_pipe_is_quiet(log: Path) -> None:
    log.write_bytes(COMBINED * 20_000)
    command = [sys.executable, "-m", "logarrow", "convert", str(log), "-o", "-", "--to", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline().startswith(b"{")
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr.read() == b""


def test_ctrl_c_is_quiet_and_leaves_nothing(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "logarrow",
        "convert",
        "-",
        "-o",
        str(tmp_path / "o.parquet"),
        "-f",
        "apache.combined",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stderr is not None
        try:
            # More than a pipe holds, so that it is reading by the time all is written; the pipe stays open.
            process.stdin.write(COMBINED * 5000)
            process.stdin.flush()
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            process.kill()
        assert process.stderr.read().strip() == b"interrupted"
    assert os.listdir(tmp_path) == []


def test_json_goes_to_no_terminal_codes(bad_log: Path) -> None:
    """Machines get JSON and nothing else, whatever the environment says of colours."""
    done = program("check", bad_log, "-f", "apache.combined", "--json", FORCE_COLOR="1", TERM="xterm-256color")
    assert json.loads(done.stdout)["records"] == 6
    assert io.BytesIO(done.stdout).read().count(b"\n") == 1


def test_a_schema_is_a_text_or_a_file(tmp_path: Path) -> None:
    log, out, ddl = tmp_path / "a.json", tmp_path / "o.parquet", tmp_path / "table.sql"
    log.write_text('{"id": 1, "other": 2}\n{"id": 2}\n')
    ddl.write_text("CREATE TABLE t (id int) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'")
    for schema in ('{"id": "int32"}', "struct<id: int32>", str(ddl)):
        status, _, errors = call("convert", log, "-o", out, "-f", "json.lines", "--schema", schema, "--extra", "count")
        assert (status, errors) == (0, "")
        table = pq.read_table(out)
        assert table.schema == pyarrow.schema([("id", pyarrow.int32())]) and table["id"].to_pylist() == [1, 2]
        out.unlink()
    status, _, errors = call("convert", log, "-o", out, "-f", "json.lines", "--schema", tmp_path / "none.sql")
    assert status == 2 and "--schema" in errors
