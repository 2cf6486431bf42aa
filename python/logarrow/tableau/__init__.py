"""Tableau: extracts (`.hyper` files) of a scan, and their publication on a server. Needs the extra `logarrow[tableau]`."""

from __future__ import annotations

from ._hyper import write_hyper
from ._publish import publish

__all__ = ["publish", "write_hyper"]
