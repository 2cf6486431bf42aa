"""Load balancer, CDN and flow logs: CSV readers are quick at these, and leave `client:port` and the request unsplit."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .common import Family, duckdb_query, logarrow

_TEXT, _INT, _FLOAT, _TIME = "text", "int", "float", "time"
#: Fields as they stand in the log, with what they hold. `client`, `target` and `request` are three fields in one each.
ALB = {
    "type": _TEXT,
    "time": _TIME,
    "elb": _TEXT,
    "client": _TEXT,
    "target": _TEXT,
    "request_processing_time": _FLOAT,
    "target_processing_time": _FLOAT,
    "response_processing_time": _FLOAT,
    "elb_status_code": _INT,
    "target_status_code": _INT,
    "received_bytes": _INT,
    "sent_bytes": _INT,
    "request": _TEXT,
    "user_agent": _TEXT,
    "ssl_cipher": _TEXT,
    "ssl_protocol": _TEXT,
    "target_group_arn": _TEXT,
    "trace_id": _TEXT,
    "domain_name": _TEXT,
    "chosen_cert_arn": _TEXT,
    "matched_rule_priority": _INT,
    "request_creation_time": _TIME,
    "actions_executed": _TEXT,
    "redirect_url": _TEXT,
    "error_reason": _TEXT,
    "target_port_list": _TEXT,
    "target_status_code_list": _TEXT,
    "classification": _TEXT,
    "classification_reason": _TEXT,
    "conn_trace_id": _TEXT,
    "transformed_host": _TEXT,
    "transformed_uri": _TEXT,
    "request_transform_status": _TEXT,
}
CLOUDFRONT = {
    "date": "date",
    "time": _TEXT,
    "x_edge_location": _TEXT,
    "sc_bytes": _INT,
    "c_ip": _TEXT,
    "cs_method": _TEXT,
    "cs_host": _TEXT,
    "cs_uri_stem": _TEXT,
    "sc_status": _INT,
    "cs_referer": _TEXT,
    "cs_user_agent": _TEXT,
    "cs_uri_query": _TEXT,
    "cs_cookie": _TEXT,
    "x_edge_result_type": _TEXT,
    "x_edge_request_id": _TEXT,
    "x_host_header": _TEXT,
    "cs_protocol": _TEXT,
    "cs_bytes": _INT,
    "time_taken": _FLOAT,
    "x_forwarded_for": _TEXT,
    "ssl_protocol": _TEXT,
    "ssl_cipher": _TEXT,
    "x_edge_response_result_type": _TEXT,
    "cs_protocol_version": _TEXT,
    "fle_status": _TEXT,
    "fle_encrypted_fields": _INT,
    "c_port": _INT,
    "time_to_first_byte": _FLOAT,
    "x_edge_detailed_result_type": _TEXT,
    "sc_content_type": _TEXT,
    "sc_content_len": _INT,
    "sc_range_start": _INT,
    "sc_range_end": _INT,
}
VPC_FLOW = {
    "version": _INT,
    "account_id": _TEXT,
    "interface_id": _TEXT,
    "srcaddr": _TEXT,
    "dstaddr": _TEXT,
    "srcport": _INT,
    "dstport": _INT,
    "protocol": _INT,
    "packets": _INT,
    "bytes": _INT,
    "start": "epoch",
    "end": "epoch",
    "action": _TEXT,
    "log_status": _TEXT,
}


def _arrow(fields: dict, delimiter: str, quote: str | bool, skip: int):
    def read(path):
        import pyarrow as pa
        from pyarrow import csv

        kinds = {_TEXT: pa.string(), _INT: pa.int64(), _FLOAT: pa.float64(), _TIME: pa.timestamp("us", "UTC")}
        kinds |= {"date": pa.date32(), "epoch": pa.int64()}
        table = csv.read_csv(
            path,
            csv.ReadOptions(column_names=list(fields), use_threads=False, block_size=4 << 20, skip_rows=skip),
            csv.ParseOptions(delimiter=delimiter, quote_char=quote, double_quote=False),
            csv.ConvertOptions(
                column_types={name: kinds[kind] for name, kind in fields.items()},
                null_values=["-"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
        for name in (name for name, kind in fields.items() if kind == "epoch"):
            time = table[name].cast(pa.timestamp("s", "UTC")).cast(pa.timestamp("us", "UTC"))
            table = table.set_column(table.column_names.index(name), name, time)
        return table

    return read


def _polars(fields: dict, delimiter: str, quote: str | None, skip: int):
    def read(path):
        import polars as pl

        kinds = {_INT: pl.Int64, _FLOAT: pl.Float64, "epoch": pl.Int64}
        lazy = pl.scan_csv(
            path,
            separator=delimiter,
            quote_char=quote,
            has_header=False,
            skip_rows=skip,
            schema={name: kinds.get(kind, pl.String) for name, kind in fields.items()},
            null_values="-",
        )
        times = [name for name, kind in fields.items() if kind == _TIME]
        dates = [name for name, kind in fields.items() if kind == "date"]
        return lazy.with_columns(
            *(pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="us", time_zone="UTC") for name in times),
            *(pl.col(name).str.to_date("%Y-%m-%d") for name in dates),
            *(pl.from_epoch(name, "s").alias(name) for name, kind in fields.items() if kind == "epoch"),
        ).collect()

    return read


def _duckdb(fields: dict, delimiter: str, quote: str, skip: int):
    kinds = {
        _TEXT: "VARCHAR",
        _INT: "BIGINT",
        _FLOAT: "DOUBLE",
        _TIME: "TIMESTAMPTZ",
        "date": "DATE",
        "epoch": "BIGINT",
    }
    columns = ", ".join(f"'{name}': '{kinds[kind]}'" for name, kind in fields.items())
    select = ", ".join(
        f'to_timestamp("{name}") AS "{name}"' if kind == "epoch" else f'"{name}"' for name, kind in fields.items()
    )

    def read(path):
        return duckdb_query(
            f"SELECT {select} FROM read_csv({path!r}, delim={delimiter!r}, quote='{quote}', escape='{quote}', "
            f"header=false, skip={skip}, nullstr='-', auto_detect=false, columns={{{columns}}})"
        )

    return read


def _split(path: str):
    """pyarrow's fields, and those taken apart that logarrow takes apart: the same columns."""
    import pyarrow as pa
    import pyarrow.compute as pc

    raw = _arrow(ALB, " ", '"', 0)(path)
    columns = {}
    for name in raw.column_names:
        if name in ("client", "target"):
            parts = pc.extract_regex(raw[name], r"^(?P<ip>.*?)(?::(?P<port>[0-9]+))?$")
            columns[f"{name}_ip"] = pc.struct_field(parts, "ip")
            port = pc.struct_field(parts, "port")
            columns[f"{name}_port"] = pc.if_else(pc.equal(port, ""), None, port).cast(pa.int32())
        elif name == "request":
            parts = pc.extract_regex(raw[name], r"^(?P<verb>[A-Z]+) (?P<url>[^ ]+) (?P<proto>HTTP/[^ ]+)$")
            regular = pc.is_valid(parts)
            columns["request_verb"] = pc.struct_field(parts, "verb")
            columns["request_url"] = pc.if_else(regular, pc.struct_field(parts, "url"), raw[name])
            columns["request_proto"] = pc.struct_field(parts, "proto")
        else:
            columns[name] = raw[name]
    return pa.table(columns)


def _ways(name: str, fields: dict, delimiter: str, quote: str, skip: int) -> dict:
    return {
        "logarrow": lambda path: logarrow(path, name),
        "pyarrow csv": _arrow(fields, delimiter, quote or False, skip),
        "polars csv": _polars(fields, delimiter, quote or None, skip),
        "duckdb csv": _duckdb(fields, delimiter, quote, skip),
    }


_SPLIT = ("client_ip", "client_port", "target_ip", "target_port", "request_verb", "request_url", "request_proto")


def _as_written(path):
    """CloudFront's log without decoding its percent signs."""
    import logarrow as la

    text = la.Format.named("aws.cloudfront").to_toml()
    escape = 'escape = "percent"'
    assert escape in text, "the format decodes percent signs"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cloudfront.toml"
        file.write_text(text.replace(escape, 'escape = "none"'), encoding="utf-8")
        fmt = la.Format.from_toml(str(file))
    return logarrow(path, fmt)


FAMILIES = [
    Family(
        "alb",
        "alb",
        tuple(name for name in ALB if name not in ("client", "target", "request")) + _SPLIT,
        2.5,
        _ways("aws.alb", ALB, " ", '"', 0) | {"pyarrow csv, split": _split},
        counted="elb_status_code",
        summed="sent_bytes",
    ),
    Family(
        "cloudfront",
        "cloudfront",
        tuple(CLOUDFRONT),
        2.5,
        {
            **_ways("aws.cloudfront", CLOUDFRONT, "\t", "", 2),
            # The peers leave percent signs in, so the same work is the format without them.
            "logarrow": _as_written,
            "logarrow, decoded": lambda path: logarrow(path, "aws.cloudfront"),
        },
        counted="sc_status",
        summed="sc_bytes",
    ),
    Family(
        "vpc_flow",
        "vpc_flow",
        tuple(VPC_FLOW),
        2.5,
        _ways("aws.vpc_flow", VPC_FLOW, " ", "", 1),
        summed="bytes",
    ),
]
