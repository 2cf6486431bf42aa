"""For each family of logs the ways to read it, written as their experts would write them.

A way is a function that takes the path of the log and gives a table of all columns, materialised. `FAMILIES` has them by
family and name; those whose name starts with `logarrow` are ours. `checked` are the columns whose cells must be the same
wherever two ways have them: what a way leaves undone (an unsplit request, a map kept as text) has another name.
"""

from __future__ import annotations

from . import aws, combined, messages, pairs
from .common import Family

FAMILIES: dict[str, Family] = {
    family.name: family for module in (combined, aws, messages, pairs) for family in module.FAMILIES
}
