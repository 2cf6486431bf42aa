"""Commands for EMR, and the files that they make."""

from __future__ import annotations

import gzip
import json
import shlex
from pathlib import Path

import pytest
from logs import COMBINED
from test_cli import call

import logarrow as la
from logarrow.emr import DistCp

GROUPS = r".*/(\d{4}/\d\d/\d\d)/.*\.gz"


def test_command_and_step() -> None:
    words = ["s3-dist-cp", "--src=s3://b/log's/", "--dest=hdfs:///logs/", f"--groupBy={GROUPS}", "--targetSize=256"]
    status, told, errors = call(
        "emr", "distcp", "s3://b/log's/", "hdfs:///logs/", "--group-by", GROUPS, "--target-mib", "256"
    )
    assert status == 0 and shlex.split(told) == words
    assert "gzip members" in errors and "hdfs:///logs/**" in errors
    status, told, _ = call(
        "emr",
        "distcp",
        "s3://b/a",
        "s3a://c/d",
        "--src-pattern",
        ".*x",
        "--output-codec",
        "lzo",
        "--delete-on-success",
        "--step",
    )
    (step,) = json.loads(told)
    assert step["Args"][1:] == [
        "--src=s3://b/a",
        "--dest=s3a://c/d",
        "--srcPattern=.*x",
        "--outputCodec=lzo",
        "--deleteOnSuccess",
    ]
    assert step["Type"] == "CUSTOM_JAR"
    boto = DistCp("s3://b/a", "hdfs:///c").step("x")
    assert boto["HadoopJarStep"]["Args"][0] == "s3-dist-cp" and boto["Name"] == "x"
    assert "not read" in DistCp("s3://b/a", "hdfs:///c", output_codec="lzo").note()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"src": "/data"}, "s3:// or hdfs://"),
        ({"dest": "s3://a\nb"}, "s3:// or hdfs://"),
        ({"src": "s3://a_b/c"}, "no bucket with _"),
        ({"group_by": "("}, "group_by"),
        ({"group_by": ".*"}, "parentheses"),
        ({"target_mib": 5}, "give group_by"),
        ({"target_mib": 0, "group_by": "(x)"}, "at least 1"),
        ({"output_codec": "zip"}, "one of none"),
    ],
)
def test_what_would_copy_nothing_is_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match="option") as raised:
        DistCp(**{"src": "s3://b/a", "dest": "hdfs:///c", **options})  # type: ignore[arg-type]
    assert told in str(raised.value)


def test_grouped_gzip_is_read(tmp_path: Path) -> None:
    """As s3-dist-cp makes them: members one behind the other, in a file whose name says nothing of gzip."""
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "03").write_bytes(
        b"".join(gzip.compress(line) for line in COMBINED.splitlines(keepends=True)) * 3
    )
    scan = la.scan(tmp_path, "apache.combined")
    assert scan.to_arrow().num_rows == 9 and scan.report.rejected == 0
