"""How long texts are: what a VARCHAR is sized by."""

from __future__ import annotations

from typing import Any


class Lengths(dict[str, int]):
    """Bytes of the longest text by column, of columns in which there was one."""

    #: Whether all data were seen, not a sample.
    complete: bool = True


def measure(rows: Any, limit: int | None = None) -> Lengths:
    """Bytes of the longest text in each column of `rows`: a scan, a table, a reader, an iterable of batches.

    With a `limit` only so many rows are read, and the widths made of it have more room.

    >>> import pyarrow as pa
    >>> measure(pa.table({"a": ["é", None], "n": [1, 2]}))
    {'a': 2}
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    out = Lengths()
    seen = 0
    for batch in _batches(rows):
        if limit is not None and seen + batch.num_rows > limit:
            batch, out.complete = batch.slice(0, limit - seen), False
        seen += batch.num_rows
        for field, column in zip(batch.schema, batch.columns):
            array = column.dictionary_decode() if pa.types.is_dictionary(field.type) else column
            if str(array.type) == "string_view":
                array = array.cast(pa.large_string())
            if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
                continue
            longest = pc.max(pc.binary_length(array)).as_py()
            if longest is not None:
                out[field.name] = max(out.get(field.name, 0), longest)
        if not out.complete:
            break
    return out


def _batches(rows: Any) -> Any:
    import pyarrow as pa

    if hasattr(rows, "to_batches"):
        return rows.to_batches()
    return pa.RecordBatchReader.from_stream(rows) if hasattr(rows, "__arrow_c_stream__") else iter(rows)
