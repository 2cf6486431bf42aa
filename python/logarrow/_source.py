"""What there is to read: paths, globs, directories, bytes, file objects, standard input."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from typing import Any, Union

from . import _logarrow
from ._errors import LogarrowError
from ._text import plain

#: A path, glob or directory (a `str` is never content), several of them, content as bytes, or a binary file object.
SourceLike = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, Sequence[Union[str, "os.PathLike[str]"]], Any]


class Source:
    """A source, and whether it was used up. Shared by all scans made from one another."""

    def __init__(self, given: SourceLike) -> None:
        self.given = given
        self.taken = False
        self.native = _native(given)

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
        return Source, (self.given,)


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


def _native(given: SourceLike) -> _logarrow.Source:
    if isinstance(given, Source):
        return given.native
    if _is_stdin(given):
        return _logarrow.Source.stdin()
    if isinstance(given, (str, os.PathLike)):
        return _logarrow.Source.paths([_path(given)])
    if isinstance(given, (bytes, bytearray, memoryview)):
        return _logarrow.Source.bytes("<bytes>", bytes(given))
    if isinstance(given, io.TextIOBase):
        raise TypeError("the file is open as text; log files are bytes\nhint: open(path, 'rb')")
    if hasattr(given, "read"):
        name = getattr(given, "name", None)
        return _logarrow.Source.file_object(name if isinstance(name, str) else f"<{type(given).__name__}>", given)
    if isinstance(given, Sequence) or hasattr(given, "__iter__"):
        paths = [_path(one) for one in given]
        if not paths:
            raise ValueError("the list of sources is empty")
        return _logarrow.Source.paths(paths)
    raise TypeError(f"a source is a path, a list of paths, bytes or a binary file object, not {type(given).__name__}")


def is_dataset(dest: str) -> bool:
    """Whether a destination is a directory, or a URL, rather than a file."""
    return "://" in dest or dest.endswith(("/", os.sep)) or os.path.isdir(dest)
