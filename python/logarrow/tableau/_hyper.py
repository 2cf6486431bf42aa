"""`Scan.write_hyper`: an extract for Tableau, by pantab."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .._missing import need
from ._types import column

if TYPE_CHECKING:
    import pyarrow as pa

    from .._scan import Scan


def write_hyper(scan: Scan, path: str, table: str, overwrite: bool) -> list[dict[str, Any]]:
    """Writes all rows of a scan to one table of a new file, and gives what was written.

    **Errors**: `ImportError` without pantab; as `Scan.write_hyper`.
    """
    import pyarrow as pa

    pantab = need("pantab", "write_hyper()")
    if not table:
        raise ValueError("option 'table' is the name of a table, not an empty text")
    if os.path.exists(path) and not overwrite:
        raise FileExistsError(f"{path}: file exists\nhint: overwrite=True replaces it")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise FileNotFoundError(f"{folder}: no such directory")
    made = [column(field.name, field.type) for field in scan.schema]
    schema = pa.schema([(field.name, dtype) for field, (dtype, _) in zip(scan.schema, made)])
    rows = 0
    failure: BaseException | None = None

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal rows, failure
        try:
            for batch in scan._batches("writing"):
                arrays = [
                    array if convert is None else convert(array) for array, (_, convert) in zip(batch.columns, made)
                ]
                rows += batch.num_rows
                yield pa.record_batch(arrays, schema=schema)
        except GeneratorExit:
            raise
        except BaseException as err:
            # The consumer of the stream would tell its text alone.
            failure = err
            raise

    partial = f"{path}.{os.getpid()}.partial.hyper"
    try:
        try:
            stream = pa.RecordBatchReader.from_batches(schema, batches())
            # Hyper's own log would stand in the caller's directory.
            with tempfile.TemporaryDirectory(prefix="logarrow-") as logs:
                pantab.frame_to_hyper(stream, partial, table=table, process_params={"log_dir": logs})
        finally:
            # A stream that breaks is an end like any other to pantab, or an error that only has its text.
            if failure is not None:
                raise failure from None
        size = os.path.getsize(partial)
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    return [{"path": path, "rows": rows, "bytes": size}]
