"""What there is to read: paths, globs, directories, URLs, bytes, file objects, file systems, standard input."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Union

from . import _filesystem, _logarrow
from ._errors import LogarrowError
from ._text import plain

#: A path, glob, directory or URL (a `str` is never content), several of them, content as bytes, a binary file object, or
#: an `fsspec.OpenFile`.
SourceLike = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, Sequence[Union[str, "os.PathLike[str]"]], Any]
#: A day, as a date or as `"2026-03-05"`.
DayLike = Union[str, dt.date]

#: Schemes and chains of URLs, as fsspec has them.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+(://|::)")


class Where(NamedTuple):
    """How paths are looked up."""

    #: Options of the stores of URLs, which may be secrets; never shown, never pickled.
    storage_options: Mapping[str, Any] | None = None
    #: A file system of fsspec or pyarrow.
    filesystem: Any = None
    #: The first and the last day, or the only one.
    dates: tuple[DayLike, DayLike] | DayLike | None = None

    def __repr__(self) -> str:
        return "<Where>"


class Source:
    """A source, and whether it was used up. Shared by all scans made from one another."""

    def __init__(self, given: SourceLike, where: Where | None = None) -> None:
        self.given = given
        self.taken = False
        self._where = where or Where()
        self.native = _native(given, self._where)

    def names(self) -> list[str]:
        """The names of its files."""
        return [name for name, _ in self.native.items]

    def patterns(self) -> list[str] | None:
        """What names its files today and tomorrow; None for what is given only once."""
        if isinstance(self.given, Source):
            return self.given.patterns()
        if _is_stdin(self.given) or not self.native.rerunnable:
            return None
        if isinstance(self.given, (str, os.PathLike)):
            return [_path(self.given)]
        if isinstance(self.given, (bytes, bytearray, memoryview)):
            return None
        return [_path(one) for one in self.given]

    def take(self) -> _logarrow.Source:
        """The native source, for one run.

        **Errors**: `LogarrowError` on the second run over what can be read once only.
        """
        if not self.native.rerunnable:
            if self.taken:
                names = ", ".join(self.names())
                raise LogarrowError(
                    f"{plain(names)} was read already and cannot be read again\n"
                    "hint: keep the table (scan.to_arrow()), or give a path or bytes, which can be read any number of times"
                )
            self.taken = True
        return self.native

    def __reduce__(self) -> tuple[Any, ...]:
        if not self.native.rerunnable:
            raise TypeError(f"{plain(', '.join(self.names()))} cannot be pickled: it can be read once only")
        for option in ("storage_options", "filesystem"):
            if getattr(self._where, option):
                raise TypeError(
                    f"a scan with {option} cannot be pickled: its secrets would be in the pickle"
                    "\nhint: set them in the environment or in a profile, and name the objects by URL"
                )
        return Source, (self.given, Where(dates=self._where.dates))


def _is_stdin(given: Any) -> bool:
    return given is sys.stdin or (isinstance(given, (str, os.PathLike)) and os.fspath(given) == "-") or given == ["-"]


def _path(given: Any) -> str:
    if isinstance(given, os.PathLike):
        given = os.fspath(given)
        given = os.fsdecode(given) if isinstance(given, bytes) else given
    if not isinstance(given, str):
        raise TypeError(
            f"a list of sources holds paths, not {type(given).__name__}\nhint: bytes and file objects are read one by one"
        )
    if "\n" in given:
        raise ValueError(
            "the source is a text of several lines; a str is always a path\nhint: for content, pass it as bytes: text.encode()"
        )
    if not given:
        raise ValueError("the source is an empty path")
    return given


def _native(given: SourceLike, where: Where) -> _logarrow.Source:
    if isinstance(given, Source):
        return given.native
    if hasattr(given, "fs") and hasattr(given, "path") and not hasattr(given, "read"):
        return _filesystem.source(given.fs, [given.path])
    if where.filesystem is not None:
        if isinstance(given, (bytes, bytearray, memoryview)) or hasattr(given, "read"):
            raise TypeError("option 'filesystem' goes with paths in it")
        if where.dates is not None or where.storage_options:
            raise TypeError("options 'dates' and 'storage_options' do not go with 'filesystem'")
        return _filesystem.source(where.filesystem, _paths(given))
    if _is_stdin(given):
        return _logarrow.Source.stdin()
    if isinstance(given, (bytes, bytearray, memoryview)):
        return _logarrow.Source.bytes("<bytes>", bytes(given))
    if isinstance(given, io.TextIOBase):
        raise TypeError("the file is open as text; log files are bytes\nhint: open(path, 'rb')")
    if hasattr(given, "read"):
        name = getattr(given, "name", None)
        return _logarrow.Source.file_object(name if isinstance(name, str) else f"<{type(given).__name__}>", given)
    paths = _paths(given)
    options = _storage_options(where.storage_options)
    if len(paths) == 1 and _URL.match(paths[0]) and not _is_ours(paths[0]):
        return _filesystem.of_url(paths[0], options)
    return _logarrow.Source.paths(paths, options, _dates(where.dates))


def _is_ours(url: str) -> bool:
    # A local file may well be called a::b.
    return os.path.exists(url) or (
        "::" not in url and (_logarrow.Source.is_url(url) or url.lower().startswith("file://"))
    )


def _paths(given: Any) -> list[str]:
    if isinstance(given, (str, os.PathLike)):
        return [_path(given)]
    if not isinstance(given, Sequence) and not hasattr(given, "__iter__"):
        raise TypeError(
            f"a source is a path, a list of paths, bytes or a binary file object, not {type(given).__name__}"
        )
    paths = [_path(one) for one in given]
    if not paths:
        raise ValueError("the list of sources is empty")
    return paths


def _storage_options(given: Any) -> dict[str, str]:
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        # Without the value: it may be a secret.
        raise TypeError("option 'storage_options' takes a dict of names and texts, such as {'region': 'eu-west-1'}")
    words = {True: "true", False: "false"}
    return {
        name: words[value] if isinstance(value, bool) else str(value)
        for name, value in given.items()
        if value is not None
    }


def _dates(given: Any) -> tuple[str, str] | None:
    if given is None:
        return None
    days = [given] * 2 if isinstance(given, (str, dt.date)) else list(given)
    if len(days) != 2 or not all(isinstance(day, (str, dt.date)) for day in days):
        raise TypeError("option 'dates' takes the first and the last day, ('2026-03-01', '2026-03-07'), or one day")
    first, last = (f"{day:%Y-%m-%d}" if isinstance(day, dt.date) else day for day in days)
    return first, last


def is_dataset(dest: str) -> bool:
    """Whether a destination is a directory, or a URL, rather than a file."""
    return "://" in dest or dest.endswith(("/", os.sep)) or os.path.isdir(dest)
