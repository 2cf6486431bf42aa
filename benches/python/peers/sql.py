"""DuckDB, DataFusion and chDB."""

from __future__ import annotations

from oracle import COLUMNS

from .common import (
    GROUPS,
    NINE_GROUPS,
    NINE_PATTERN,
    PATTERN,
    ROW_GROUP_ROWS,
    SPLIT,
    ZSTD_LEVEL,
    Peer,
)


class Sql(Peer):
    """What the SQL engines share: how the columns are written, and a quoted text."""

    @staticmethod
    def text(value: str) -> str:
        return "'" + value.replace("'", "''") + "'"


class DuckDb(Sql):
    modules = ("duckdb",)

    def _connect(self, threads):
        import duckdb

        connection = duckdb.connect(config={"threads": threads})
        connection.sql("SET TimeZone = 'UTC'")
        return connection

    def table(self, paths, columns, errors_only, threads):
        return self._connect(threads).sql(self._query(paths, columns, errors_only)).to_arrow_table()

    def parquet(self, path, out, threads):
        self._connect(threads).sql(
            f"COPY ({self._query([path], COLUMNS, False)}) TO {self.text(out)} "
            f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {ZSTD_LEVEL}, ROW_GROUP_SIZE {ROW_GROUP_ROWS})"
        )


class DuckDbCsv(DuckDb):
    """DuckDB's CSV reader, split at spaces."""

    name = "duckdb csv"

    def _query(self, paths, columns, errors_only):
        types = {"stamp": "TIMESTAMP", "status": "SMALLINT", "bytes": "BIGINT"}
        fields = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in SPLIT)
        regular = "request LIKE '% HTTP/%'"
        made = {
            "time": "stamp - to_seconds(CAST(substr(zone, 1, 3) AS INT) * 3600 + CAST(substr(zone, 4, 2) AS INT) * 60)",
            "method": f"CASE WHEN {regular} THEN split_part(request, ' ', 1) END",
            "path": f"CASE WHEN {regular} THEN split_part(request, ' ', 2) ELSE request END",
            "protocol": f"CASE WHEN {regular} THEN split_part(request, ' ', 3) END",
        }
        select = ", ".join(f'{made.get(name, name)} AS "{name}"' for name in columns)
        return (
            f"SELECT {select} FROM read_csv({[*paths]!r}, delim=' ', quote='\"', escape='\\', header=false, "
            f"columns={{{fields}}}, nullstr='-', timestampformat='[%d/%b/%Y:%H:%M:%S', auto_detect=false, "
            f"ignore_errors=true, strict_mode=false) WHERE {'status >= 500' if errors_only else 'status IS NOT NULL'}"
        )


class DuckDbRegex(DuckDb):
    """DuckDB's regexp_extract over whole lines, with a list of names; a plain pattern first was twice as slow."""

    name = "duckdb regex"

    def _query(self, paths, columns, errors_only):
        made = {
            "time": "CAST(strptime(g.time, '%d/%b/%Y:%H:%M:%S %z') AS TIMESTAMPTZ)",
            "bytes": "TRY_CAST(g.bytes AS BIGINT)",
            "status": "CAST(g.status AS SMALLINT)",
        }
        for name in set(COLUMNS) - set(made):
            text = "CASE WHEN g.method = '' THEN g.other ELSE g.path END" if name == "path" else f"g.{name}"
            empty = "''" if name in ("method", "protocol") else "'-'"
            made[name] = f"nullif({text}, {empty})"
            if name in ("path", "referer", "user_agent"):
                made[name] = f"""replace(replace({made[name]}, '\\"', '"'), '\\\\', '\\')"""
        select = ", ".join(f'{made[name]} AS "{name}"' for name in columns)
        return (
            f"SELECT {select} FROM (SELECT regexp_extract(line, {self.text(PATTERN)}, {GROUPS!r}) AS g "
            f"FROM read_csv({[*paths]!r}, delim='\x01', quote='', escape='', header=false, columns={{'line': 'VARCHAR'}}, "
            f"auto_detect=false, ignore_errors=true, strict_mode=false)) WHERE g.status >= '{500 if errors_only else 0}'"
        )


class DataFusion(Sql):
    modules = ("datafusion",)

    def _context(self, paths, threads, fields, options):
        from datafusion import SessionConfig, SessionContext

        config = SessionConfig({"datafusion.execution.parquet.max_row_group_size": str(ROW_GROUP_ROWS)})
        context = SessionContext(config.with_target_partitions(threads))
        names = []
        for number, path in enumerate(paths):
            gz = path.endswith(".gz")
            settings = ", ".join(f"'format.{key}' {self.text(value)}" for key, value in options.items())
            settings += ", 'format.has_header' 'false'" + (", 'format.compression' 'gzip'" if gz else "")
            names.append(f"raw{number}")
            context.sql(
                f"CREATE EXTERNAL TABLE raw{number} ({fields}) STORED AS CSV LOCATION {self.text(path)} OPTIONS ({settings})"
            )
        union = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)
        return context, f"({union})"

    @staticmethod
    def _made(time, time_format, field):
        """Each column as SQL over the split fields; `field` gives the SQL of one."""
        request = field("request")
        regular = f"{request} LIKE '% HTTP/%'"
        made = {
            name: f"nullif({field(name)}, '-')" for name in ("remote_host", "ident", "user", "referer", "user_agent")
        }
        parts = {name: f"split_part({request}, ' ', {number})" for number, name in enumerate(COLUMNS[4:7], 1)}
        return made | {
            "time": f"to_timestamp_micros({time}, '{time_format}')",
            "method": f"CASE WHEN {regular} THEN {parts['method']} END",
            "path": f"CASE WHEN {regular} THEN {parts['path']} ELSE nullif({request}, '-') END",
            "protocol": f"CASE WHEN {regular} THEN {parts['protocol']} END",
            "status": f"CAST({field('status')} AS SMALLINT)",
            "bytes": f"TRY_CAST({field('bytes')} AS BIGINT)",
        }

    def table(self, paths, columns, errors_only, threads):
        return self._frame(paths, columns, errors_only, threads).to_arrow_table()

    def parquet(self, path, out, threads):
        self._frame([path], COLUMNS, False, threads).write_parquet(
            out, compression="zstd", compression_level=ZSTD_LEVEL
        )


class DataFusionCsv(DataFusion):
    """DataFusion's CSV reader, split at spaces; one line with another number of fields stops it."""

    name = "datafusion csv"

    def _frame(self, paths, columns, errors_only, threads):
        fields = ", ".join(f'"{name}" {"SMALLINT" if name == "status" else "VARCHAR"}' for name in SPLIT)
        context, raw = self._context(paths, threads, fields, {"delimiter": " ", "quote": '"', "escape": "\\"})
        made = self._made("concat(stamp, ' ', zone)", "[%d/%b/%Y:%H:%M:%S %z]", '"{}"'.format)
        select = ", ".join(f'{made[name]} AS "{name}"' for name in columns)
        return context.sql(f"SELECT {select} FROM {raw} {'WHERE status >= 500' if errors_only else ''}")


class DataFusionRegex(DataFusion):
    """DataFusion's regexp_match over whole lines."""

    name = "datafusion regex"

    def _frame(self, paths, columns, errors_only, threads):
        context, raw = self._context(paths, threads, "line VARCHAR", {"delimiter": "\x01", "quote": "\x02"})
        at = {name: f"g[{number}]" for number, name in enumerate(NINE_GROUPS, 1)}
        made = self._made(at["time"], "%d/%b/%Y:%H:%M:%S %z", at.__getitem__)
        for name in {"path", "referer", "user_agent"} & set(columns):
            made[name] = f"""replace(replace({made[name]}, '\\"', '"'), '\\\\', '\\')"""
        select = ", ".join(f'{made[name]} AS "{name}"' for name in columns)
        where = f"{at['status']} >= '500'" if errors_only else "g IS NOT NULL"
        inner = f"SELECT regexp_match(line, {self.text(NINE_PATTERN)}) AS g FROM {raw}"
        return context.sql(f"SELECT {select} FROM ({inner}) WHERE {where}")


class Chdb(Sql):
    modules = ("chdb",)

    def table(self, paths, columns, errors_only, threads):
        import chdb

        return chdb.query(self._query(paths, columns, errors_only, threads), "ArrowTable")

    def parquet(self, path, out, threads):
        import chdb

        settings = f"output_format_parquet_compression_method='zstd', output_format_compression_level={ZSTD_LEVEL}, "
        settings += f"output_format_parquet_row_group_size={ROW_GROUP_ROWS}, engine_file_truncate_on_insert=1, "
        query = self._query([path], COLUMNS, False, threads).replace("SETTINGS ", "SETTINGS " + settings)
        chdb.query(f"INSERT INTO FUNCTION file({self.text(out)}, 'Parquet') {query}")

    def _files(self, paths, kind, fields):
        union = " UNION ALL ".join(f"SELECT * FROM file({self.text(path)}, '{kind}', '{fields}')" for path in paths)
        return f"({union})"


class ChdbRegexp(Chdb):
    """chDB's Regexp input format."""

    name = "chdb regexp"

    def _query(self, paths, columns, errors_only, threads):
        fields = ", ".join(f"{name} String" for name in GROUPS)
        made = {
            "time": "toDateTime64(parseDateTimeInJodaSyntax(time, 'dd/MMM/yyyy:HH:mm:ss Z', 'UTC'), 6, 'UTC')",
            "bytes": "toInt64OrNull(bytes)",
            "status": "toInt16(status)",
        }
        for name in set(COLUMNS) - set(made):
            text = "if(method = '', other, path)" if name == "path" else name
            empty = "''" if name in ("method", "protocol") else "'-'"
            made[name] = f"nullIf({text}, {empty})"
            if name in ("path", "referer", "user_agent"):
                made[name] = f"""replaceAll(replaceAll({made[name]}, '\\\\"', '"'), '\\\\\\\\', '\\\\')"""
            made[name] = f"toValidUTF8({made[name]})" if name == "user_agent" else made[name]
        inner = f"SELECT * FROM {self._files(paths, 'Regexp', fields)}"
        inner += " WHERE status >= '500'" if errors_only else ""
        select = ", ".join(f'{made[name]} AS "c_{name}"' for name in columns)
        renamed = ", ".join(f'"c_{name}" AS "{name}"' for name in columns)
        pattern = PATTERN.replace("\\", "\\\\").replace("'", "\\'")
        return (
            f"SELECT {renamed} FROM (SELECT {select} FROM ({inner})) SETTINGS format_regexp='{pattern}', "
            f"format_regexp_escaping_rule='Raw', format_regexp_skip_unmatched=1, max_threads={threads}"
        )


class ChdbCsv(Chdb):
    """chDB's CSV input format, split at spaces; its quotes are doubled, not escaped."""

    name = "chdb csv"

    def _query(self, paths, columns, errors_only, threads):
        types = {"status": "Nullable(Int16)", "bytes": "Nullable(Int64)"}
        fields = ", ".join(f"{name} {types.get(name, 'Nullable(String)')}" for name in SPLIT)
        regular = "position(request, ' HTTP/') > 0"
        made = {
            "time": "toDateTime64(parseDateTimeInJodaSyntax(concat(stamp, ' ', zone), '[dd/MMM/yyyy:HH:mm:ss Z]', 'UTC'), 6, 'UTC')",
            "method": f"if({regular}, splitByChar(' ', assumeNotNull(request))[1], NULL)",
            "path": f"if({regular}, splitByChar(' ', assumeNotNull(request))[2], request)",
            "protocol": f"if({regular}, splitByChar(' ', assumeNotNull(request))[3], NULL)",
            "referer": "nullIf(referer, '-')",
            "user_agent": "nullIf(user_agent, '-')",
        }
        select = ", ".join(f'{made.get(name, name)} AS "{name}"' for name in columns)
        where = "WHERE status >= 500" if errors_only else ""
        return (
            f"SELECT {select} FROM {self._files(paths, 'CustomSeparated', fields)} {where} SETTINGS "
            "format_custom_field_delimiter=' ', format_custom_escaping_rule='CSV', format_csv_null_representation='-', input_format_csv_use_default_on_bad_values=1, "
            f"input_format_allow_errors_ratio=0.1, max_threads={threads}"
        )
