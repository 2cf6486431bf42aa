"""Datasets: which files are theirs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from . import _logarrow


def committed(
    dest: str | os.PathLike[str], *, storage_options: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The files of a dataset that jobs have committed: dicts of `path`, `rows`, `bytes`, by path.

    Taken from the commit records beside the data (`_logarrow/commits/`), which are the truth: a listing may for seconds
    show files that are just being replaced, or that a dead job left until the next one runs.

    **Errors**: `OSError`.

    >>> committed("no/such/directory")
    []
    """
    return _logarrow.committed(os.fspath(dest), storage_options)
