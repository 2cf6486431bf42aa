"""One class for each way to read a combined log, written as its experts would write it.

Splitting by spaces and quotes is the fast road and gets odd lines wrong; regular expressions are the exact one. Both are
here, because users take both. `PEERS` has them by name.
"""

from .frames import ArrowCsv, ArrowRegex, Logarrow, Pandas, PolarsCsv, PolarsRegex, PythonRe
from .sql import ChdbCsv, ChdbRegexp, DataFusionCsv, DataFusionRegex, DuckDbCsv, DuckDbRegex

PEERS = {
    peer.name: peer
    for peer in (
        Logarrow,
        ArrowCsv,
        ArrowRegex,
        PolarsCsv,
        PolarsRegex,
        DuckDbCsv,
        DuckDbRegex,
        DataFusionCsv,
        DataFusionRegex,
        ChdbCsv,
        ChdbRegexp,
        Pandas,
        PythonRe,
    )
}
