"""The text of a job: its values, the lines they stand on, what is set from outside, and no secrets."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, Union

from .. import _logarrow
from .._errors import FormatError, LogarrowError
from .._text import plain

#: The way to a value: keys of tables, and indexes of arrays.
Path = tuple[Union[str, int], ...]

_VARIABLE = re.compile(r"\$\$|\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
#: Keys whose values give access; those that end in `_file` or `_env` name a place.
_SECRET = re.compile(
    r"secret|passw|pwd$|token|credential|(?:access|account|api|private|shared|sas|encryption)_?key|^sas$", re.IGNORECASE
)
#: An AWS access key, a private key, a URL that begins with a password or that is signed.
_SECRET_VALUE = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|^\s*\w+://(?:[^/\s:@]*:[^/\s@]+@|\S*[?&](?:X-Amz-Signature|Signature|sig)=)"
)
#: Tables whose keys are names of columns or tables, not settings.
_COLUMN_TABLES = {"derive", "types", "inner", "tables", "dictionary", "format", "lengths", "projection"}
#: What a call raises for its arguments.
_BLAMED = (LogarrowError, TypeError, ValueError)
_KINDS: list[tuple[type, str]] = [
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a text"),
    (list, "an array"),
    (dict, "a table"),
]


class JobError(LogarrowError):
    """A job file does not say what to do: the text names the file, the line and the key."""


class JobFile:
    """A job's values, and where they stand."""

    def __init__(self, text: str, origin: str, changes: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        self.origin = origin
        try:
            self.values, self._lines = _logarrow.parse_toml(text, origin)
        except FormatError as err:
            raise JobError(*err.args) from None
        self._set: set[Path] = set()
        for key, value in changes.items() if isinstance(changes, Mapping) else changes:
            self._change(key, value)
        self._refuse_secrets(self.values, ())
        self._variables = self._read_variables()

    # ---- errors

    def error(self, path: Path, message: str, hint: str | None = None) -> JobError:
        """The error that something is wrong with the value at `path`."""
        line = self._line(path)
        place = "--set" if any(path[: at + 1] in self._set for at in range(len(path))) else self.origin
        at = f"{place}:{line}" if line is not None and place != "--set" else place
        told = f"{plain(at)}: {message}" if not path else f'{plain(at)}: key "{shown(path)}": {message}'
        err = JobError(told + (f"\nhint: {hint}" if hint else ""))
        err.source, err.line, err.hint = self.origin, line, hint
        return err

    def fail(self, path: Path, message: str, hint: str | None = None) -> NoReturn:
        """Raises it."""
        raise self.error(path, message, hint)

    @contextlib.contextmanager
    def blamed(self, path: Path, errors: tuple[type[Exception], ...] = _BLAMED) -> Iterator[None]:
        """What a call says is wrong with a value is told of the key at `path`; files that are not there are not its fault."""
        try:
            yield
        except JobError:
            raise
        except errors as err:
            message, _, hint = str(err).partition("\nhint: ")
            raise self.error(path, message, hint or None) from err

    def _line(self, path: Path) -> int | None:
        while path:
            if (line := self._lines.get(path)) is not None:
                return int(line)
            path = path[:-1]
        return None

    # ---- what is set from outside

    def _change(self, key: str, value: Any) -> None:
        """Sets a key, `sink.path`, or a variable by its name alone."""
        path: tuple[str, ...] = tuple(key.split("."))
        if key in self.values.get("vars", {}) and key not in self.values:
            path = ("vars", key)
        table: Any = self.values
        for at, step in enumerate(path[:-1]):
            table = table.setdefault(step, {})
            if not isinstance(table, dict):
                raise JobError(f'--set: key "{shown(path[: at + 1])}" is no table, so it has no key "{shown(path)}"')
        if not all(path):
            raise JobError(f'--set: "{plain(key)}" is no key\nhint: write key=value, or table.key=value')
        table[path[-1]] = parsed(value) if isinstance(value, str) else value
        self._set.add(path)

    # ---- variables

    def _read_variables(self) -> dict[str, str]:
        out = {}
        for name, value in self.table(("vars",)).items():
            if not _NAME.fullmatch(name):
                self.fail(("vars", name), "is no name of a variable", "letters, digits and _")
            if name in self.values:
                self.fail(("vars", name), "is the name of a key", "take another one, so that --set can tell them apart")
            if isinstance(value, (dict, list)):
                self.fail(("vars", name), f"expected a text or a number, found {kind(value)}")
            out[name] = str(value).lower() if isinstance(value, bool) else str(value)
        return out

    def filled(self, path: Path, value: Any) -> Any:
        """`value` with the variables in its texts, `${date}`, filled in; `$$` stands for a dollar.

        **Errors**: `JobError` for a variable there is none of.
        """
        if isinstance(value, dict):
            return {key: self.filled((*path, key), item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled((*path, at), item) for at, item in enumerate(value)]
        if not isinstance(value, str):
            return value

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name is None:
                return "$"
            if name not in self._variables:
                known = ", ".join(self._variables) or "none"
                self.fail(
                    path,
                    f"there is no variable {name!r}",
                    f"known are {known}: write it below [vars], or $$ for a dollar",
                )
            return self._variables[name]

        return _VARIABLE.sub(fill, value)

    # ---- values

    def get(self, path: Path, *kinds: type) -> Any:
        """The value at `path`, which is of one of these kinds; None if it is not there."""
        value: Any = self.values
        for step in path:
            if value is None:
                return None
            value = value[step] if isinstance(step, int) else value.get(step)
        if value is None:
            return None
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(dict(_KINDS)[one] for one in kinds)
            self.fail(path, f"expected {wanted}, found {kind(value)}")
        return self.filled(path, value)

    def texts(self, path: Path) -> list[str] | None:
        """The texts at `path`: one alone, or an array of them."""
        value: Any = self.get(path, str, list)
        if isinstance(value, str):
            return [value]
        for at, item in enumerate(value or []):
            if not isinstance(item, str):
                self.fail((*path, at), f"expected a text, found {kind(item)}")
        return None if value is None else list(value)

    def table(self, path: Path) -> dict[str, Any]:
        """The table at `path`; an empty one if it is not there. Its variables stay as they are."""
        value: Any = self.values
        for step in path:
            value = value[step] if isinstance(step, int) else value.get(step, {})
        if not isinstance(value, dict):
            self.fail(path, f"expected a table, found {kind(value)}", f"write [{shown(path)}] and its keys below")
        return value

    def known(self, path: Path, names: Sequence[str], what: str) -> None:
        """Refuses keys at `path` that are none of `names`."""
        for key in self.table(path):
            if key not in names:
                near = difflib.get_close_matches(key, names, 1)
                self.fail(
                    (*path, key),
                    f"{what} has no such key",
                    f"did you mean {near[0]!r}?" if near else f"it has {', '.join(names)}",
                )

    # ---- secrets

    def _refuse_secrets(self, value: Any, path: Path) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                names_columns = bool(path) and path[-1] in _COLUMN_TABLES
                if not names_columns and _SECRET.search(key) and not key.endswith(("_file", "_env")):
                    self._secret((*path, key))
                self._refuse_secrets(item, (*path, key))
        elif isinstance(value, list):
            for at, item in enumerate(value):
                self._refuse_secrets(item, (*path, at))
        elif isinstance(value, str) and _SECRET_VALUE.search(value):
            self._secret(path)

    def _secret(self, path: Path) -> NoReturn:
        # The value is not shown: errors end up in logs.
        self.fail(
            path,
            "looks like a secret, and a job file is for everyone to read",
            "leave it to the environment (AWS_PROFILE, AWS_ACCESS_KEY_ID, a role of the machine), or give it as storage_options in Python",
        )


def kind(value: Any) -> str:
    """What a value is, in words."""
    return next((name for one, name in _KINDS if isinstance(value, one)), type(value).__name__)


def shown(path: Path) -> str:
    """A way to a value as text.

    >>> shown(("ddl", 0, "table"))
    'ddl[0].table'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else f".{plain(step)}" for step in path)[1:]


def parsed(text: str) -> Any:
    """What a text is as a value of TOML, or else the text itself.

    >>> parsed("3"), parsed("true"), parsed('["a", "b"]'), parsed("2026-03-05"), parsed("s3://b/x")
    (3, True, ['a', 'b'], '2026-03-05', 's3://b/x')
    """
    try:
        values, _ = _logarrow.parse_toml(f"value = {text}", "")
    except FormatError:
        return text
    return values["value"] if set(values) == {"value"} else text


def to_toml(values: Mapping[str, Any]) -> str:
    """Values as the text of a TOML file, tables within tables in braces.

    >>> print(to_toml({"name": "x", "columns": {"a b": {"null": ["-", ""]}}}), end="")
    "name" = "x"
    "columns" = {"a b" = {"null" = ["-", ""]}}
    """
    return "".join(f"{_quoted(key)} = {_inline(value)}\n" for key, value in values.items())


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _quoted(value) if isinstance(value, str) else str(value).lower()


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
