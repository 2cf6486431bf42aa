"""Partitions of external tables, entered one by one: the only way for Spectrum, the quick one for large Hive tables.

**Source**: "ALTER TABLE external", Amazon Redshift Database Developer Guide; "LanguageManual DDL", Apache Hive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from . import hive, redshift
from ._table import TableName, hive_text, redshift_text, refuse, split_name

#: What stands for a null in the name of a directory.
NULL = "__HIVE_DEFAULT_PARTITION__"
#: Partitions that one statement may add where Glue is behind it.
_MOST = 100
_DIALECTS = ("athena", "hive", "spark", "spectrum")

#: A partition: its columns and their values, and its directory.
Partition = tuple[dict[str, str], str]


def add_partitions(dialect: str, table: TableName, files: Iterable[str | Mapping[str, Any]], *, location: str) -> str:
    """The statements that enter the partitions of files: paths below `location`, or dicts with a `path`, as
    `Report.written` has them. Partitions that are there already are left alone.

    **Errors**: `ValueError` for files that are not below `location` or in no partition; `SchemaError` for a null in a
    partition of Spectrum's.

    >>> files = ["s3://b/web/dt=2026-03-05/part-0.parquet", "s3://b/web/dt=2026-03-05/part-1.parquet"]
    >>> print(add_partitions("spectrum", "logs.web", files, location="s3://b/web/"), end="")
    ALTER TABLE "logs"."web" ADD IF NOT EXISTS
    PARTITION ("dt" = '2026-03-05') LOCATION 's3://b/web/dt=2026-03-05/';
    """
    if dialect not in _DIALECTS:
        raise ValueError(f"{dialect!r} has no partitions to add\nhint: there are {', '.join(_DIALECTS)}")
    is_spectrum = dialect == "spectrum"
    quote, text = (redshift.quote, redshift_text) if is_spectrum else (hive.quote, hive_text)
    name = ".".join(quote(part) for part in split_name(table))
    parts = []
    for values, folder in partitions(files, location):
        if is_spectrum and NULL in values.values():
            refuse(
                f"{folder}: Spectrum has no partition of nulls",
                "leave its rows out with where, or derive the column without nulls",
            )
        keys = ", ".join(f"{quote(key)} = {text(value)}" for key, value in values.items())
        parts.append(f"PARTITION ({keys}) LOCATION {text(folder)}")
    statements = [parts[at : at + _MOST] for at in range(0, len(parts), _MOST)]
    return "".join(f"ALTER TABLE {name} ADD IF NOT EXISTS\n" + "\n".join(some) + ";\n" for some in statements)


def partitions(files: Iterable[str | Mapping[str, Any]], location: str) -> list[Partition]:
    """The partitions of files, in the order of their directories.

    **Errors**: as `add_partitions`.

    >>> partitions(["/d/a=x%2Fy/b=1/f.parquet"], location="/d")
    [({'a': 'x/y', 'b': '1'}, '/d/a=x%2Fy/b=1/')]
    """
    root = location if location.endswith("/") else location + "/"
    out: dict[str, dict[str, str]] = {}
    for file in files:
        path = file if isinstance(file, str) else file["path"]
        if not path.startswith(root):
            raise ValueError(f"{path} is not below {root}")
        folders = path[len(root) :].split("/")[:-1]
        pairs = [folder.partition("=") for folder in folders]
        if not pairs or not all(key and equals for key, equals, _ in pairs):
            raise ValueError(f"{path} is in no partition\nhint: the directories below {root} are called column=value")
        out[root + "/".join(folders) + "/"] = {unquote(key): unquote(value) for key, _, value in pairs}
    columns = {tuple(values) for values in out.values()}
    if len(columns) > 1:
        raise ValueError(
            f"partitions below {root} have different columns: {', '.join('/'.join(names) for names in sorted(columns))}"
        )
    return [(values, folder) for folder, values in sorted(out.items())]
