"""Expressions for `where` and `derive`, built by code: `la.col("status") >= 500`.

A plain value beside an expression is a constant, texts included. The same can be written as SQL text wherever an
expression is taken; `repr` prints that text.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Union

from . import _logarrow
from ._text import plain

if TYPE_CHECKING:
    #: What `lookup` takes as a table.
    Table = Union[str, Mapping[Any, str], os.PathLike[str], Any]


def _value(value: Any) -> Any:
    """`value` as the native module takes it: an expression of its own, or a constant."""
    if isinstance(value, Expr):
        return value._native
    if isinstance(value, dt.datetime):
        return _logarrow.Expr.parse(f"TIMESTAMP '{value.isoformat(sep=' ')}'")
    if isinstance(value, dt.date):
        return _logarrow.Expr.parse(f"DATE '{value.isoformat()}'")
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return value.item()
    return value


def _expr(value: Any) -> _logarrow.Expr:
    """`value` as a native expression."""
    native = _value(value)
    return native if isinstance(native, _logarrow.Expr) else _logarrow.Expr.lit(native)


def native(condition: Any, option: str) -> _logarrow.Expr:
    """SQL text or an `Expr` as a native expression.

    **Errors**: `TypeError` for anything else; those of `Expr.parse` for text.
    """
    if isinstance(condition, Expr):
        return condition._native
    if isinstance(condition, str):
        return _logarrow.Expr.parse(condition)
    raise TypeError(
        f"option {option!r} takes SQL text or an expression such as col('x') > 1, not {type(condition).__name__}"
    )


def table(source: Table) -> _logarrow.LookupTable:
    """A lookup table from a dict, the path of a CSV file of two columns, or an Arrow table of two columns."""
    if isinstance(source, Mapping):
        return _logarrow.LookupTable.from_dict(dict(source))
    if isinstance(source, (str, os.PathLike)):
        with open(source, encoding="utf-8-sig", newline="") as file:
            return _logarrow.LookupTable.from_csv(file.read())
    if hasattr(source, "__arrow_c_stream__"):
        return _logarrow.LookupTable.from_arrow(source)
    raise TypeError(f"a lookup table is a dict, the path of a CSV file or an Arrow table, not {type(source).__name__}")


class Expr:
    """An expression over columns; made by `col`, `lit`, `lookup`, `when` and operators, or by `Expr.parse`.

    >>> col("status").between(500, 599) & ~col("path").starts_with("/health")
    status BETWEEN 500 AND 599 AND (NOT starts_with(path, '/health'))
    >>> Expr.parse("status BETWEEN 500 AND 599")
    status BETWEEN 500 AND 599
    """

    __slots__ = ("_native",)
    _native: _logarrow.Expr

    def __init__(self) -> None:
        raise TypeError("an Expr is made by logarrow.col('name'), logarrow.lit(value) or Expr.parse('SQL text')")

    @classmethod
    def parse(cls, sql: str) -> Expr:
        """The expression that `sql` says.

        **Errors**: `LogarrowError` with line, column and a hint.
        """
        return _wrap(_logarrow.Expr.parse(sql))

    @property
    def sql(self) -> str:
        """As SQL text that `Expr.parse` reads back to the same expression."""
        return str(self._native)

    @property
    def columns(self) -> list[str]:
        """The names of the columns it reads."""
        return self._native.columns()

    def equals(self, other: Expr) -> bool:
        """Whether `other` is the same expression (`==` makes a comparison instead)."""
        return self.sql == other.sql

    # ---- comparisons

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return _wrap(self._native.compare("=", _value(other)))

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return _wrap(self._native.compare("!=", _value(other)))

    def __lt__(self, other: Any) -> Expr:
        return _wrap(self._native.compare("<", _value(other)))

    def __le__(self, other: Any) -> Expr:
        return _wrap(self._native.compare("<=", _value(other)))

    def __gt__(self, other: Any) -> Expr:
        return _wrap(self._native.compare(">", _value(other)))

    def __ge__(self, other: Any) -> Expr:
        return _wrap(self._native.compare(">=", _value(other)))

    # `==` makes an expression, so there is nothing a set or dict could go by.
    __hash__ = None  # type: ignore[assignment]
    __iter__ = None
    __contains__ = None

    def __bool__(self) -> bool:
        raise TypeError(
            f"the expression ({plain(self.sql)}) is neither true nor false: it is about rows that are not read yet\n"
            "hint: join conditions with & | ~ and parentheses, not with and, or, not; a <= x <= b is x.between(a, b)"
        )

    def is_in(self, values: Iterable[Any]) -> Expr:
        """True where the value is one of `values`.

        >>> col("method").is_in(["GET", "HEAD"])
        method IN ('GET', 'HEAD')
        """
        if isinstance(values, (str, bytes)):
            raise TypeError("is_in takes a list of values, not one text\nhint: is_in([value])")
        return _wrap(self._native.is_in([_value(value) for value in values]))

    def between(self, low: Any, high: Any) -> Expr:
        """True from `low` to `high`, both included."""
        return _wrap(self._native.between(_value(low), _value(high)))

    def is_null(self) -> Expr:
        """True where there is no value."""
        return _wrap(self._native.is_null())

    def is_not_null(self) -> Expr:
        """True where there is a value."""
        return ~self.is_null()

    # ---- conditions

    def __and__(self, other: Any) -> Expr:
        return _wrap(self._native.and_(_value(other)))

    def __rand__(self, other: Any) -> Expr:
        return _wrap(_expr(other).and_(self._native))

    def __or__(self, other: Any) -> Expr:
        return _wrap(self._native.or_(_value(other)))

    def __ror__(self, other: Any) -> Expr:
        return _wrap(_expr(other).or_(self._native))

    def __invert__(self) -> Expr:
        return _wrap(self._native.not_())

    # ---- numbers

    def __add__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("+", _value(other), False))

    def __radd__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("+", _value(other), True))

    def __sub__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("-", _value(other), False))

    def __rsub__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("-", _value(other), True))

    def __mul__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("*", _value(other), False))

    def __rmul__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("*", _value(other), True))

    def __truediv__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("/", _value(other), False))

    def __rtruediv__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("/", _value(other), True))

    def __mod__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("%", _value(other), False))

    def __rmod__(self, other: Any) -> Expr:
        return _wrap(self._native.arithmetic("%", _value(other), True))

    def __neg__(self) -> Expr:
        return 0 - self

    # ---- texts

    def like(self, pattern: str, *, ignore_case: bool = False) -> Expr:
        """SQL's `LIKE`: `%` is any text, `_` any one character, a backslash makes either plain; all else compares bytes."""
        return _wrap(self._native.like(pattern, ignore_case))

    def starts_with(self, prefix: Any) -> Expr:
        """True where the text starts so."""
        return self._call("starts_with", prefix)

    def ends_with(self, suffix: Any) -> Expr:
        """True where the text ends so."""
        return self._call("ends_with", suffix)

    def contains(self, part: Any) -> Expr:
        """True where the text has this in it."""
        return self._call("contains", part)

    def lower(self) -> Expr:
        """The text in lower case."""
        return self._call("lower")

    def upper(self) -> Expr:
        """The text in upper case."""
        return self._call("upper")

    def length(self) -> Expr:
        """The length of the text in characters, int64."""
        return self._call("length")

    # ---- times, in the zone that option `timezone` says

    def date(self) -> Expr:
        """The day of a time, date32."""
        return self._call("date")

    def year(self) -> Expr:
        """The year of a time, int16."""
        return self._call("year")

    def month(self) -> Expr:
        """The month of a time, 1 to 12, int16."""
        return self._call("month")

    def day(self) -> Expr:
        """The day of a time's month, 1 to 31, int16."""
        return self._call("day")

    def hour(self) -> Expr:
        """The hour of a time, 0 to 23, int16."""
        return self._call("hour")

    def minute(self) -> Expr:
        """The minute of a time, 0 to 59, int16."""
        return self._call("minute")

    # ---- other

    def cast(self, to: str) -> Expr:
        """The value as another type (`"int64"`, `"utf8"`, `"decimal(10, 2)"`, ...); null where it is none."""
        return _wrap(self._native.cast(to))

    def coalesce(self, *others: Any) -> Expr:
        """The first that is not null: this one, then `others` in turn."""
        return self._call("coalesce", *others)

    def _call(self, function: str, *args: Any) -> Expr:
        return _wrap(self._native.call(function, [_value(arg) for arg in args]))

    def __str__(self) -> str:
        return self.sql

    def __repr__(self) -> str:
        return plain(self.sql)

    def __reduce__(self) -> tuple[Any, ...]:
        return Expr.parse, (self.sql,)


def _wrap(inner: _logarrow.Expr) -> Expr:
    expr = object.__new__(Expr)
    expr._native = inner
    return expr


def col(name: str) -> Expr:
    """The column called `name`.

    >>> col("status") >= 500
    status >= 500
    """
    return _wrap(_logarrow.Expr.col(name))


def lit(value: Any) -> Expr:
    """A constant: None, a bool, a number, a text, bytes, a date or a datetime.

    >>> lit("it's")
    'it''s'
    """
    return _wrap(_expr(value))


def lookup(key: str | Expr, table_: Table, default: Any = None) -> Expr:
    """The word that a table has for a code; `default` for codes it lacks. No code (null) gives no word, never `default`.

    `key` is a column's name or an expression. The table is a dict, the name of a built-in one (`"http_status"`) or of one
    in option `tables`, the path (a `pathlib.Path`) of a CSV file of two columns, or an Arrow table of two columns.

    >>> lookup("status", {404: "gone"}, default="other")
    lookup(status, MAP {404: 'gone'}, 'other')
    """
    inner = table_ if isinstance(table_, str) else table(table_)
    column = key._native if isinstance(key, Expr) else _logarrow.Expr.col(key)
    return _wrap(_logarrow.Expr.lookup(column, inner, _value(default)))


class When:
    """The start of a `CASE`; see `when`."""

    __slots__ = ("_branches", "_condition")

    def __init__(self, branches: tuple[tuple[_logarrow.Expr, _logarrow.Expr], ...], condition: Any) -> None:
        self._branches = branches
        self._condition = native(condition, "when")

    def then(self, value: Any) -> Then:
        """What it gives where the condition holds; a text is a constant, not a column."""
        return Then((*self._branches, (self._condition, _expr(value))))

    def __repr__(self) -> str:
        return f"when({plain(str(self._condition))}): then(...) is missing"


class Then(Expr):
    """A `CASE` that may go on: `.when(...)`, `.otherwise(...)`, or as it is, null where no condition holds."""

    __slots__ = ("_branches",)

    def __init__(self, branches: tuple[tuple[_logarrow.Expr, _logarrow.Expr], ...]) -> None:
        self._branches = branches
        self._native = _logarrow.Expr.case(list(branches), None)

    def when(self, condition: str | Expr) -> When:
        """The next condition, asked where none before it holds."""
        return When(self._branches, condition)

    def otherwise(self, value: Any) -> Expr:
        """What it gives where no condition holds."""
        return _wrap(_logarrow.Expr.case(list(self._branches), _expr(value)))


def when(condition: str | Expr) -> When:
    """A value that depends on conditions, SQL's `CASE`.

    >>> when(col("status") >= 500).then("bad").when(col("status") >= 400).then("client").otherwise("fine")
    CASE WHEN status >= 500 THEN 'bad' WHEN status >= 400 THEN 'client' ELSE 'fine' END
    """
    return When((), condition)
