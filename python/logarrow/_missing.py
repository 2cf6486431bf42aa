"""Optional packages: imported when needed, and when absent the error says what to install."""

from __future__ import annotations

import importlib
from typing import Any

#: What to install for a package: an extra of ours where there is one.
_EXTRAS = {
    "polars": "logarrow[polars]",
    "pandas": "logarrow[pandas]",
    "pantab": "logarrow[tableau]",
    "tableauserverclient": "logarrow[tableau]",
}


def need(package: str, purpose: str) -> Any:
    """The module `package`.

    **Errors**: `ImportError` that says what to install.
    """
    try:
        return importlib.import_module(package)
    except ImportError as err:
        root = package.partition(".")[0]
        # Another module that is missing inside an installed package is that package's trouble.
        if (err.name or root).partition(".")[0] != root:
            raise
        what = _EXTRAS.get(root, root)
        raise ImportError(
            f"{purpose} needs {root}, which is not installed\nhint: pip install '{what}'", name=root
        ) from None
