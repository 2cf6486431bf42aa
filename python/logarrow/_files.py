"""Files that are written: what their names say, and how they appear."""

from __future__ import annotations

import os

#: What is written, by the endings of files.
KINDS = {
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".hyper": "hyper",
}
#: Endings of what is compressed as a whole.
_CODECS = (".gz", ".gzip", ".zst", ".zstd")


def kind_of(path: str) -> str | None:
    """What the ending of a name says is to be written; None if it says nothing.

    >>> kind_of("s3://clean/web/access.csv.gz")
    'csv'
    """
    stem, ending = os.path.splitext(path.lower())
    if ending in _CODECS:
        ending = os.path.splitext(stem)[1]
    return KINDS.get(ending)


def write_whole(path: str, text: str) -> None:
    """Writes a file that appears when it is whole, in place of an earlier one."""
    partial = f"{path}.{os.getpid()}.partial"
    try:
        with open(partial, "x", encoding="utf-8") as file:
            file.write(text)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
