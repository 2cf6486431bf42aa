"""A scan as a polars lazy frame: columns, predicate and row limit reach our plan.

Polars hands its predicate over as an expression. What of it means exactly the same here is translated and pushed in front
of decoding; the rest is applied by polars to each batch.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import operator
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._errors import LogarrowError
from ._expr import Expr, col, lit
from ._missing import need

if TYPE_CHECKING:
    import polars

    from ._scan import Scan

_COMPARISONS = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtEq": operator.le,
    "Gt": operator.gt,
    "GtEq": operator.ge,
}
_TEXT = {"StartsWith": "starts_with", "EndsWith": "ends_with"}
_TICKS_IN_US = {"Nanoseconds": None, "Microseconds": 1, "Milliseconds": 1000}
_PLAIN = ("Boolean", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "String")


class _Unknown(Exception):
    """This part of a predicate has no translation."""


def scan_lazily(scan: Scan) -> polars.LazyFrame:
    """See `Scan.to_polars_lazy`."""
    pl = need("polars", "to_polars_lazy()")
    plugins = need("polars.io.plugins", "to_polars_lazy()")
    schema = pl.from_arrow(scan.schema.empty_table()).schema
    return plugins.register_io_source(functools.partial(_batches, scan), schema=schema, validate_schema=True)  # type: ignore[no-any-return]


def _batches(
    scan: Scan,
    with_columns: list[str] | None,
    predicate: polars.Expr | None,
    n_rows: int | None,
    batch_size: int | None,
) -> Iterator[polars.DataFrame]:
    """What polars calls when it collects."""
    import polars as pl

    rest = predicate
    # With a limit of either side, the filter comes after it.
    if predicate is not None and n_rows is None and _may_push(scan):
        scan, rest = push(scan, predicate)
    if n_rows is not None:
        scan = scan.limit(n_rows)
    if with_columns:
        scan = scan.select(*with_columns)
    if batch_size:
        scan = scan.with_options(batch_rows=batch_size)
    for batch in scan.to_batches():
        frame = pl.DataFrame(pl.from_arrow(batch))
        if with_columns is not None:
            frame = frame.select(with_columns)
        yield frame if rest is None else frame.filter(rest)


def _may_push(scan: Scan) -> bool:
    """Whether a filter in the plan gives what polars' own would.

    A limit counts rows after the plan's filter; rows that stand for bad records pass it; and dictionaries order by code.
    """
    options = scan._options
    return options.get("limit") is None and options.get("on_error") != "null" and options.get("strings") != "dictionary"


# Known only after rows are chosen: polars filters by it.
_LINE = "_line"


def push(scan: Scan, predicate: polars.Expr) -> tuple[Scan, polars.Expr | None]:
    """The scan with as much of the predicate as it takes, and what is left for polars: all of it, or nothing."""
    rest = None
    for part in _conjuncts(_tree(predicate)):
        try:
            scan = scan.filter(_condition(part))
        except (_Unknown, LogarrowError):
            rest = predicate
    return scan, rest


def _tree(predicate: polars.Expr) -> Any:
    """The predicate as polars serializes it: dicts of one key, the kind of node."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return json.loads(predicate.meta.serialize(format="json"))
        except Exception:  # functions of Python have no such form; polars raises its own kinds of errors
            return None


def _kind(node: Any) -> tuple[str, Any]:
    """The one key of a node with what it holds."""
    if isinstance(node, dict) and len(node) == 1:
        return next(iter(node.items()))
    if isinstance(node, str):
        return node, None
    raise _Unknown


def _conjuncts(node: Any) -> Iterator[Any]:
    """The parts that must all hold."""
    if isinstance(node, dict):
        binary = node.get("BinaryExpr")
        if isinstance(binary, dict) and binary.get("op") in ("And", "LogicalAnd"):
            yield from _conjuncts(binary.get("left"))
            yield from _conjuncts(binary.get("right"))
            return
    yield node


def _condition(node: Any) -> Expr:
    """A condition as ours.

    **Errors**: `_Unknown` for whatever has another meaning here, or none.
    """
    try:
        kind, body = _kind(node)
        if kind == "BinaryExpr":
            return _binary(body["op"], body["left"], body["right"])
        if kind == "Function":
            return _function(*_kind(body["function"]), body["input"])
    except (ArithmeticError, LookupError, TypeError, ValueError):
        raise _Unknown from None
    raise _Unknown


def _binary(op: str, left: Any, right: Any) -> Expr:
    if op in ("And", "LogicalAnd"):
        return _condition(left) & _condition(right)
    if op in ("Or", "LogicalOr"):
        return _condition(left) | _condition(right)
    compare = _COMPARISONS.get(op)
    if compare is None:
        raise _Unknown
    condition: Expr = compare(_operand(left), _operand(right))
    return condition


def _operand(node: Any) -> Expr:
    """A column or a constant. Arithmetic, casts and functions of time have rules of their own in polars."""
    kind, body = _kind(node)
    if kind == "Column" and isinstance(body, str):
        if body == _LINE:
            raise _Unknown
        return col(body)
    return lit(_constant(node))


def _function(family: str, name: Any, inputs: list[Any]) -> Expr:
    kind, how = _kind(name)
    if family == "Boolean":
        if kind == "Not":
            return ~_condition(inputs[0])
        value = _operand(inputs[0])
        if kind == "IsNull":
            return value.is_null()
        if kind == "IsNotNull":
            return value.is_not_null()
        if kind == "IsBetween":
            low, high = _operand(inputs[1]), _operand(inputs[2])
            closed = how["closed"]
            above = value >= low if closed in ("Both", "Left") else value > low
            return above & (value <= high if closed in ("Both", "Right") else value < high)
        if kind == "IsIn" and not (isinstance(how, dict) and how.get("nulls_equal")):
            # A null in the list is equal to nothing in polars; in SQL it would make the rest unknown.
            members = [member for member in _list(inputs[1]) if member is not None]
            return value.is_in(members)
    if family == "StringExpr":
        value, text = _operand(inputs[0]), _constant(inputs[1])
        if not isinstance(text, str):
            raise _Unknown
        if kind in _TEXT:
            return getattr(value, _TEXT[kind])(text)  # type: ignore[no-any-return]
        if kind == "Contains" and how["literal"] is True:
            return value.contains(text)
    raise _Unknown


def _literal(node: Any) -> tuple[str, Any]:
    """Kind and value of a literal, which polars nests one or two levels deep."""
    kind, body = _kind(node)
    if kind != "Literal":
        raise _Unknown
    kind, body = _kind(body)
    return _kind(body) if kind in ("Scalar", "Dyn") else (kind, body)


def _constant(node: Any) -> Any:
    kind, value = _literal(node)
    if kind in _PLAIN and isinstance(value, (bool, int, str)):
        return value
    if kind in ("Int", "Str"):
        return value
    if kind in ("Float32", "Float64", "Float") and isinstance(value, (int, float)) and value == value:
        return float(value)
    if kind == "Date":
        return dt.date(1970, 1, 1) + dt.timedelta(days=value)
    if kind == "Datetime":
        ticks, unit, zone = value
        in_us = _TICKS_IN_US[unit]
        # Without a zone it would be compared as local time; nanoseconds may not fit.
        if zone is None or in_us is None:
            raise _Unknown
        return dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(microseconds=ticks * in_us)
    raise _Unknown


def _list(node: Any) -> list[Any]:
    """The members of a list literal, which polars holds as an Arrow stream."""
    import io

    import polars as pl

    kind, value = _literal(node)
    if kind not in ("List", "Series") or not isinstance(value, list) or not value:
        raise _Unknown
    try:
        series = pl.read_ipc_stream(io.BytesIO(bytes(value))).to_series()
    except Exception:
        raise _Unknown from None
    if isinstance(series.dtype, pl.List):
        series = series.explode()
    members: list[Any] = series.to_list()
    if not all(member is None or isinstance(member, (int, str)) for member in members):
        raise _Unknown
    return members
