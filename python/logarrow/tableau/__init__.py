"""Tableau: extracts (`.hyper` files) of a scan. Needs the extra `logarrow[tableau]`."""

from __future__ import annotations

from ._hyper import write_hyper

__all__ = ["write_hyper"]
