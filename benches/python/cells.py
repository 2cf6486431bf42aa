"""Whether two tables have the same cells, whatever types their makers chose."""

from __future__ import annotations


def normal(column):
    """A column in one of five types, so that cells can be compared."""
    import pyarrow as pa
    import pyarrow.compute as pc

    types, kind = pa.types, column.type
    if types.is_integer(kind):
        return column.cast(pa.int64())
    if types.is_floating(kind):
        return column.cast(pa.float64())
    if types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", kind.tz)).cast(pa.timestamp("us", "UTC"))
    if types.is_date(kind):
        return column.cast(pa.date32())
    if types.is_binary(kind) or types.is_large_binary(kind):
        column = column.cast(pa.binary()).cast(pa.string())
    return pc.cast(column, pa.string())


def leaves(table) -> dict:
    """The columns of a table by name, with the members of structs and the elements of lists as columns of their own."""
    out = {}
    for name in table.column_names:
        _leaves(name, table[name].combine_chunks(), out)
    return out


def _leaves(name: str, array, out: dict) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    types, kind = pa.types, array.type
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks)
    if types.is_struct(kind):
        for field, member in zip(kind, array.flatten(), strict=True):
            _leaves(f"{name}.{field.name}", member, out)
    elif types.is_list(kind) or types.is_large_list(kind):
        out[f"{name}.length"] = pc.list_value_length(array).cast(pa.int64())
        _leaves(f"{name}[]", pc.list_flatten(array), out)
    else:
        out[name] = normal(array)


def differences(want: dict, have: dict) -> tuple[int, str]:
    """How many columns both have, and how their cells differ."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = [name for name in have if name in want]
    wrong = []
    for name in names:
        wanted, found = want[name], have[name]
        if pa.types.is_timestamp(found.type):
            wanted = wanted.cast(found.type)
        if len(wanted) != len(found):
            wrong.append(f"{name}: {len(found)} cells, not {len(wanted)}")
            continue
        same = pc.equal(wanted, found)
        both_null = pc.and_(pc.is_null(wanted), pc.is_null(found))
        differing = len(same) - (pc.sum(pc.or_(pc.fill_null(same, False), both_null)).as_py() or 0)
        if differing:
            wrong.append(f"{name}: {differing} cells")
    return len(names), ", ".join(wrong)
