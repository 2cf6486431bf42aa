"""Columns as Hyper takes them: what it has no type for is converted where nothing is lost, else refused."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._errors import DecodeError, SchemaError
from .._text import plain

if TYPE_CHECKING:
    import pyarrow as pa

    Convert = Callable[[pa.Array], pa.Array]

#: Figures of Hyper's numbers, which have 64 bits.
_MOST_DIGITS = 18


def column(name: str, dtype: pa.DataType) -> tuple[pa.DataType, Convert | None]:
    """The type that Hyper gets for a column, and how its values become that; None where they are it.

    **Errors**: `SchemaError` for a type that cannot be converted.
    """
    import pyarrow as pa

    wanted = _type(name, dtype)
    if wanted.equals(dtype):
        return dtype, None
    if _is_nested(dtype):
        return wanted, lambda array: pa.array([_text(value, dtype) for value in array.to_pylist()], pa.string())

    def convert(array: pa.Array) -> pa.Array:
        if pa.types.is_dictionary(array.type):
            array = array.dictionary_decode()
        try:
            # Only fractions of times may be cut; numbers that do not fit are an error.
            return array.cast(wanted, safe=not pa.types.is_timestamp(wanted))
        except pa.ArrowInvalid as err:
            raise DecodeError(
                f'column "{plain(name)}": a value of {dtype} does not fit {wanted}, which is the most that Hyper holds: {plain(err)}\n'
                f'hint: types={{"{plain(name)}": "float64"}} or "utf8" keeps it'
            ) from err

    return wanted, convert


def _type(name: str, dtype: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_dictionary(dtype):
        return _type(name, dtype.value_type)
    if _is_nested(dtype) or pa.types.is_null(dtype) or str(dtype) == "string_view":
        return pa.string()
    if pa.types.is_decimal(dtype):
        if dtype.precision <= _MOST_DIGITS and pa.types.is_decimal128(dtype):
            return dtype
        if 0 <= dtype.scale < _MOST_DIGITS:
            return pa.decimal128(_MOST_DIGITS, dtype.scale)
    elif pa.types.is_timestamp(dtype):
        return pa.timestamp("us", dtype.tz)
    elif pa.types.is_time(dtype):
        return pa.time64("us")
    elif pa.types.is_fixed_size_binary(dtype) or str(dtype) == "binary_view":
        return pa.binary()
    elif (
        other := {
            "uint8": pa.int16(),
            "uint16": pa.int32(),
            "uint64": pa.int64(),
            "halffloat": pa.float64(),
            "float": pa.float64(),
            "date64[ms]": pa.date32(),
        }.get(str(dtype))
    ) is not None:
        return other
    elif not (pa.types.is_duration(dtype) or pa.types.is_interval(dtype)):
        return dtype
    raise SchemaError(
        f'column "{plain(name)}": Hyper does not take type {dtype}\nhint: types={{"{plain(name)}": "utf8"}} gives a column that it takes'
    )


def _is_nested(dtype: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(dtype))


def _text(value: Any, dtype: pa.DataType) -> str | None:
    """A nested value as JSON text."""
    return None if value is None else json.dumps(_json(value, dtype), ensure_ascii=False)


def _json(value: Any, dtype: pa.DataType) -> Any:
    import pyarrow as pa

    if value is None:
        return None
    if pa.types.is_map(dtype):
        pairs = value.items() if isinstance(value, dict) else value
        return {str(_json(key, dtype.key_type)): _json(item, dtype.item_type) for key, item in pairs}
    if pa.types.is_struct(dtype):
        return {
            dtype.field(at).name: _json(value[dtype.field(at).name], dtype.field(at).type)
            for at in range(dtype.num_fields)
        }
    if isinstance(value, list):
        return [_json(item, dtype.value_type) for item in value]
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, (bool, int, float, str)) else str(value)
