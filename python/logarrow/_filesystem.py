"""Files of fsspec's file systems, by the rules that hold for local ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import _logarrow
from ._missing import need
from ._text import plain


def source(filesystem: Any, paths: Iterable[str]) -> _logarrow.Source:
    """The files of `filesystem` (fsspec's, or pyarrow's) that `paths` name: files, directories, globs.

    **Errors**: `FileNotFoundError` for a path that names nothing.
    """
    if type(filesystem).__module__.partition(".")[0] == "pyarrow":
        filesystem = need("fsspec.implementations.arrow", "a filesystem of pyarrow").ArrowFSWrapper(filesystem)
    elif not hasattr(filesystem, "unstrip_protocol"):
        raise TypeError(
            f"option 'filesystem' takes a file system of fsspec or pyarrow, not {type(filesystem).__name__}"
        )
    files: dict[str, dict[str, Any]] = {}
    for path in paths:
        files.update(_found(filesystem, path))
    return _logarrow.Source.openers(
        [
            (filesystem.unstrip_protocol(name), info.get("size"), _modified(info), _opener(filesystem, name))
            for name, info in files.items()
        ]
    )


def of_url(url: str, storage_options: Mapping[str, str]) -> _logarrow.Source:
    """The files of a URL whose scheme fsspec knows.

    **Errors**: `ModuleNotFoundError` without fsspec or the package that it needs for the scheme.
    """
    core = need("fsspec.core", f"{url.partition('://')[0]}:// URLs")
    filesystem, path = core.url_to_fs(url, **storage_options)
    return source(filesystem, [path])


def _found(filesystem: Any, path: str) -> dict[str, dict[str, Any]]:
    """Names and what is known of them, sorted by the bytes of the name."""
    root = filesystem._strip_protocol(path)
    found: dict[str, dict[str, Any]] = {}
    try:
        named = {root: filesystem.info(root)}
    except FileNotFoundError:
        if not any(char in root for char in "*?["):
            raise
        fixed = root[: min(root.find(char) for char in "*?[" if char in root)].rpartition("/")[0]
        hidden = [part for part in root.split("/") if _left_out(part)]
        matches = filesystem.glob(root, detail=True)
        named = {name: info for name, info in matches.items() if hidden or not _hides(name[len(fixed) :])}
    for name, info in named.items():
        if info["type"] == "directory":
            below = filesystem.find(name, detail=True)
            found.update({file: more for file, more in below.items() if not _hides(file[len(name) :])})
        else:
            found[name] = info
    if not found:
        raise FileNotFoundError(2, f"{plain(path)}: matches no file")
    return dict(sorted(found.items(), key=lambda item: item[0].encode()))


def _left_out(part: str) -> bool:
    return part.startswith((".", "_")) or part.endswith("~")


def _hides(path: str) -> bool:
    return any(_left_out(part) for part in path.split("/"))


def _modified(info: Mapping[str, Any]) -> float | None:
    """When a file was changed, in seconds since 1970; file systems have several words for it."""
    for key in ("mtime", "LastModified", "last_modified", "modified", "updated"):
        value = info.get(key)
        if isinstance(value, dt.datetime):
            return (value if value.tzinfo else value.replace(tzinfo=dt.timezone.utc)).timestamp()
        if isinstance(value, (int, float)):
            return float(value)
    return None


def _opener(filesystem: Any, name: str) -> Callable[[int], Any]:
    def opened(start: int) -> Any:
        file = filesystem.open(name, "rb")
        if start:
            file.seek(start)
        return file

    return opened
