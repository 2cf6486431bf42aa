"""logarrow turns semi-structured logs into typed Apache Arrow tables, at the speed of the hardware, without losing a line.

>>> import logarrow as la
>>> log = b'192.0.2.7 - ana [05/Mar/2026:10:00:01 +0900] "GET /a?b=1 HTTP/1.1" 503 512 "-" "curl/8.9"\\n'
>>> failed = la.scan(log, format="apache.combined", where="status >= 500")
>>> failed.to_arrow().select(["time", "path", "status"]).to_pylist()[0]["path"]
'/a?b=1'
>>> failed.report.rows
1
"""

from __future__ import annotations

from ._dataset import committed
from ._errors import DecodeError, FormatError, LogarrowError, LogarrowWarning, SchemaError
from ._expr import Expr, col, lit, lookup, when
from ._format import Format, formats
from ._logarrow import __version__
from ._read import Guess, parse, read, scan, sniff
from ._report import Report
from ._scan import Scan

__all__ = [
    "DecodeError",
    "Expr",
    "Format",
    "FormatError",
    "Guess",
    "LogarrowError",
    "LogarrowWarning",
    "Report",
    "Scan",
    "SchemaError",
    "__version__",
    "col",
    "committed",
    "formats",
    "lit",
    "lookup",
    "parse",
    "read",
    "scan",
    "sniff",
    "when",
]
