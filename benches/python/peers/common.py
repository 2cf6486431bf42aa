"""What all peers share: the patterns, the fields that splitting gives, and the class they derive from.

A peer has `table(paths, columns, errors_only, threads)`, which gives its own kind of table with all values decoded,
`to_arrow(table)`, which is not timed, and `parquet(path, out, threads)`. Splitting by spaces and quotes is the fast road
and gets odd lines wrong; regular expressions are the exact one. Both are here, because users take both.
"""

from __future__ import annotations

import importlib
import re

import pyarrow as pa
import pyarrow.parquet as pq

from oracle import COLUMNS

#: DuckDB's default, a multiple of its vector size; every peer uses it.
ROW_GROUP_ROWS = 122_880
ZSTD_LEVEL = 3

#: The fields of a line as splitting by spaces sees them.
SPLIT = ["remote_host", "ident", "user", "stamp", "zone", "request", "status", "bytes", "referer", "user_agent"]
#: What each of the eleven columns needs of them.
NEEDS = {"time": ["stamp", "zone"], "method": ["request"], "path": ["request"], "protocol": ["request"]}

_TEXT = r'[^"\\]*(?:\\.[^"\\]*)*'
_TARGET = r'[^ "\\]*(?:\\.[^ "\\]*)*'
#: Ten groups of text; `other` holds a request that is not `METHOD target PROTOCOL`.
GROUPS = [*COLUMNS[:7], "other", *COLUMNS[7:]]
PATTERN = (
    r"^(\S+) (\S+) (.+?) \[([^\]]+)\] "
    rf'"(?:([A-Z]+) ({_TARGET}) (HTTP/[0-9.]+)|({_TEXT}))" (\d\d\d) (\d+|-) "({_TEXT})" "({_TEXT})"\r?$'
)
#: What all but a few lines match, and quickly: no alternatives, no backslashes. Experts try it first.
PLAIN_GROUPS = COLUMNS
PLAIN_PATTERN = (
    r"^([^ ]+) ([^ ]+) ([^ ]+) \[([^\]]+)\] "
    r'"([A-Z]+) ([^" \\]*) (HTTP/[^" \\]*)" ([0-9]+) ([-0-9]+) "([^"\\]*)" "([^"\\]*)"$'
)
#: For engines that leave out the groups that did not match: the request is one group, split later.
NINE_GROUPS = [*COLUMNS[:4], "request", *COLUMNS[7:]]
NINE_PATTERN = rf'^([^ ]+) ([^ ]+) ([^\[]+) \[([^\]]+)\] "({_TEXT})" ([0-9]+) ([-0-9]+) "({_TEXT})" "({_TEXT})"\r?$'


def named(pattern: str, names: list[str]) -> str:
    """`pattern` with its groups named in order."""
    remaining = iter(names)
    return re.sub(r"\((?!\?)", lambda _: f"(?P<{next(remaining)}>", pattern)


NAMED_PATTERN = named(PATTERN, GROUPS)
NAMED_PLAIN = named(PLAIN_PATTERN, PLAIN_GROUPS)


class Peer:
    """What the peers share: tables are Arrow tables unless a peer says otherwise."""

    name = ""
    modules: tuple[str, ...] = ()
    #: Reads gzip by itself; the others are given an inflating file object or nothing.
    gzip = True
    #: Times itself on this many bytes and no more; its rates are per byte of them.
    limit_bytes = None

    def versions(self) -> dict[str, str]:
        return {module: importlib.import_module(module).__version__ for module in self.modules}

    def to_arrow(self, table) -> pa.Table:
        return table

    def parquet(self, path: str, out: str, threads: int) -> None:
        table = self.to_arrow(self.table([path], COLUMNS, False, threads))
        pq.write_table(table, out, compression="zstd", compression_level=ZSTD_LEVEL, row_group_size=ROW_GROUP_ROWS)


def needed(columns: list[str], errors_only: bool) -> list[str]:
    """The split fields that `columns` are made of, in the order of the line."""
    wanted = {field for column in columns for field in NEEDS.get(column, [column])}
    return [field for field in SPLIT if field in wanted or (field == "status" and errors_only)]
