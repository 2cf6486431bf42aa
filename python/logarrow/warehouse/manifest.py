"""Manifests: the list of files that `COPY ... MANIFEST` and Spectrum load, with the sizes they must have.

**Source**: "Using a manifest to specify data files" and "COPY from columnar data formats", Amazon Redshift Database
Developer Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def manifest(files: Iterable[Mapping[str, Any]]) -> str:
    """The manifest of files, dicts of `path` (an `s3://` URL) and `bytes`, as `Report.written` has them.

    **Errors**: `ValueError` for a path that is not on S3 or stands twice, or a size that is none.

    >>> print(manifest([{"path": "s3://b/web/part-0.parquet", "bytes": 812}]), end="")
    {
      "entries": [
        {"url": "s3://b/web/part-0.parquet", "mandatory": true, "meta": {"content_length": 812}}
      ]
    }
    """
    entries: dict[str, str] = {}
    for file in files:
        url, size = file["path"], file["bytes"]
        if not isinstance(url, str) or not url.startswith("s3://") or url.endswith("/"):
            raise ValueError(
                f"a manifest lists objects on S3, not {url!r}\nhint: copy the files there first, or write to s3://"
            )
        if isinstance(size, bool) or not isinstance(size, int) or size <= 0:
            raise ValueError(f"{url}: {size!r} is no number of bytes")
        if url in entries:
            raise ValueError(f"{url} stands twice, and would be loaded twice")
        entries[url] = json.dumps({"url": url, "mandatory": True, "meta": {"content_length": size}}, ensure_ascii=False)
    if not entries:
        return '{\n  "entries": []\n}\n'
    return '{\n  "entries": [\n    ' + ",\n    ".join(entries.values()) + "\n  ]\n}\n"
