"""What can go wrong.

Exception
├── LogarrowError            source, line, column, column_byte, byte, hint
│   ├── FormatError          a format is unknown, unreadable, or fits too little of the sample
│   ├── DecodeError          a record or value, under on_error="raise"
│   └── SchemaError          a column or type that is not there, or does not go together
├── OSError and its family   files: FileNotFoundError, PermissionError, ...
└── Warning
    └── LogarrowWarning      the result is there, but something about the input should be known
"""

from __future__ import annotations

from ._logarrow import DecodeError, FormatError, LogarrowError, SchemaError

__all__ = ["DecodeError", "FormatError", "LogarrowError", "LogarrowWarning", "SchemaError"]


class LogarrowWarning(UserWarning):
    """The result is there, but something about the input should be known: a file broke off because it is damaged."""
