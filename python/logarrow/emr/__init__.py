"""Amazon EMR: commands and steps around a job on a cluster."""

from __future__ import annotations

from ._distcp import DistCp

__all__ = ["DistCp"]
