"""`s3-dist-cp`: copies thousands of small objects to HDFS as few large files, which logarrow then reads.

**Source**: "S3DistCp (s3-dist-cp)", Amazon EMR Release Guide.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
from typing import Any

#: What s3-dist-cp writes and reads.
CODECS = ("none", "gz", "gzip", "lzo", "snappy")
_SCHEMES = ("s3://", "s3a://", "s3n://", "hdfs://")
#: A URL of an object store or of HDFS; HDFS may leave out the name node.
_URL = re.compile(r"[a-z0-9]+://[^\x00-\x20]*")


@dataclasses.dataclass(frozen=True)
class DistCp:
    """A copy by `s3-dist-cp`.

    >>> copy = DistCp("s3://logs/AWSLogs/", "hdfs:///logs/", group_by=r".*/(\\d{4}/\\d\\d/\\d\\d)/.*", target_mib=512)
    >>> print(copy.command())
    s3-dist-cp --src=s3://logs/AWSLogs/ --dest=hdfs:///logs/ '--groupBy=.*/(\\d{4}/\\d\\d/\\d\\d)/.*' --targetSize=512
    >>> copy.step()["HadoopJarStep"]["Jar"]
    'command-runner.jar'
    """

    #: Where from and where to.
    src: str
    dest: str
    #: A regular expression over whole paths; files whose groups are alike become one file, those that do not match are
    #: left out.
    group_by: str | None = None
    #: Size of the files that are made, in MiB.
    target_mib: int | None = None
    #: A regular expression over whole paths of the files that are copied.
    src_pattern: str | None = None
    #: The codec of what is made; as it is unless given.
    output_codec: str | None = None
    #: Whether the originals are deleted.
    delete_on_success: bool = False

    def __post_init__(self) -> None:
        for name, url in (("src", self.src), ("dest", self.dest)):
            if not url.startswith(_SCHEMES) or not _URL.fullmatch(url):
                raise ValueError(f"option {name!r} is an s3:// or hdfs:// URL, not {url!r}")
            if "_" in url.split("/")[2] and not url.startswith("hdfs:"):
                raise ValueError(
                    f"option {name!r}: s3-dist-cp takes no bucket with _ in its name, such as that of {url!r}"
                )
        for name, pattern in (("group_by", self.group_by), ("src_pattern", self.src_pattern)):
            if pattern is None:
                continue
            try:
                groups = re.compile(pattern).groups
            except re.error as err:
                raise ValueError(f"option {name!r}: {err}") from err
            if name == "group_by" and not groups:
                # It would copy file by file and say nothing.
                raise ValueError(
                    f"option {name!r} has no group\nhint: put what files must have in common in parentheses"
                )
        if self.target_mib is not None and self.target_mib < 1:
            raise ValueError(f"option 'target_mib' must be at least 1, not {self.target_mib}")
        if self.target_mib is not None and self.group_by is None:
            raise ValueError("option 'target_mib' is the size of groups\nhint: give group_by too")
        if self.output_codec is not None and self.output_codec not in CODECS:
            raise ValueError(f"option 'output_codec' is one of {', '.join(CODECS)}, not {self.output_codec!r}")

    def arguments(self) -> list[str]:
        """The words of the command."""
        given = {
            "src": self.src,
            "dest": self.dest,
            "groupBy": self.group_by,
            "targetSize": self.target_mib,
            "srcPattern": self.src_pattern,
            "outputCodec": self.output_codec,
        }
        words = ["s3-dist-cp", *(f"--{name}={value}" for name, value in given.items() if value is not None)]
        return [*words, "--deleteOnSuccess"] if self.delete_on_success else words

    def command(self) -> str:
        """The command, for the shell of the cluster's primary node."""
        return shlex.join(self.arguments())

    def step(self, name: str = "copy logs", on_failure: str = "CANCEL_AND_WAIT") -> dict[str, Any]:
        """The step, for `add-job-flow-steps` of the API and of boto3."""
        jar = {"Jar": "command-runner.jar", "Args": self.arguments()}
        return {"Name": name, "ActionOnFailure": on_failure, "HadoopJarStep": jar}

    def steps_json(self, name: str = "copy logs") -> str:
        """The step as a file for `aws emr add-steps --steps file://step.json`, which has its own names for the keys."""
        words = self.arguments()
        step = {
            "Type": "CUSTOM_JAR",
            "Name": name,
            "ActionOnFailure": "CANCEL_AND_WAIT",
            "Jar": "command-runner.jar",
            "Args": words,
        }
        return json.dumps([step], indent=2)

    def note(self) -> str:
        """How what it writes is read."""
        out = [
            f"logarrow reads it there: logarrow convert {shlex.quote(self.dest.rstrip('/') + '/**')} -o OUT -f FORMAT"
        ]
        if self.group_by is not None and self.output_codec in (None, "gz", "gzip"):
            out.append(
                "Grouped gzip files are gzip members one behind the other: all of them are read, whatever the file is called."
            )
        if self.group_by is not None:
            out.append("The file names of the sources are gone: columns from paths come from what the groups kept.")
        if self.output_codec == "lzo":
            out.append("LZO is not read by logarrow: take gz, snappy or none.")
        return "\n".join(out)
