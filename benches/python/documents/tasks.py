"""What is read: the log, its columns with their types, the rows."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

TEXT, INT, FLOAT, FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()
TIME = pa.timestamp("us", "UTC")

APP = pa.schema(
    {
        "ts": TIME,
        "level": TEXT,
        "service": TEXT,
        "host": TEXT,
        "pid": INT,
        "trace_id": TEXT,
        "user_id": INT,
        "http": pa.struct({"method": TEXT, "path": TEXT, "status": pa.int16(), "bytes": INT}),
        "duration_ms": FLOAT,
        "client_ip": TEXT,
        "cached": FLAG,
        "message": TEXT,
    }.items()
)
THREE = pa.schema([("ts", TIME), ("level", TEXT), ("http", pa.struct({"status": pa.int16()}))])
_PLACE = pa.struct({"city": TEXT, "geo": pa.struct({"lat": FLOAT, "lon": FLOAT})})
_INSTANCE = pa.struct({"id": TEXT, "zone": pa.struct({"region": TEXT, "rack": INT})})
_ITEM = pa.struct({"sku": TEXT, "qty": INT, "price": FLOAT, "tags": pa.list_(TEXT)})
NESTED = pa.schema(
    {
        "ts": TIME,
        "resource": pa.struct({"service": pa.struct({"name": TEXT, "instance": _INSTANCE})}),
        "order": pa.struct(
            {"id": INT, "customer": pa.struct({"name": TEXT, "address": _PLACE}), "items": pa.list_(_ITEM)}
        ),
        "paid": FLAG,
    }.items()
)
LONG = pa.schema({"ts": TIME, "level": TEXT, "thread": TEXT, "message": TEXT, "stack": TEXT}.items())
_MEASURED = [
    "cpu_user",
    "cpu_system",
    "cpu_wait",
    "disk_read",
    "disk_write",
    "net_in",
    "net_out",
    "heap_young",
    "heap_old",
    "gc_minor",
    "gc_major",
    "pool_wait",
    "pool_use",
    "queue_in",
    "queue_out",
    "cache_get",
    "cache_put",
    "http_serve",
]
_STATISTICS = {"count": INT, "sum": INT}
_STATISTICS |= dict.fromkeys(["min", "max", "mean", "p50", "p90", "p99", "rate"], FLOAT) | {"unit": TEXT, "ok": FLAG}
WIDE = pa.schema(
    {"ts": TIME, "host": TEXT}
    | {f"{measured}_{name}": kind for measured in _MEASURED for name, kind in _STATISTICS.items()}
)
_ISSUER = pa.struct({"type": TEXT, "principalId": TEXT, "arn": TEXT, "accountId": TEXT, "userName": TEXT})
_SESSION = pa.struct(
    {
        "sessionIssuer": _ISSUER,
        "attributes": pa.struct({"creationDate": TIME, "mfaAuthenticated": TEXT}),
        "ec2RoleDelivery": TEXT,
    }
)
#: Objects of any shape, which stay JSON text.
CLOUDTRAIL_TEXT = ("requestParameters", "responseElements", "additionalEventData")
CLOUDTRAIL = pa.schema(
    {
        "eventVersion": TEXT,
        "userIdentity": pa.struct(
            {
                "type": TEXT,
                "principalId": TEXT,
                "arn": TEXT,
                "accountId": TEXT,
                "accessKeyId": TEXT,
                "userName": TEXT,
                "sessionContext": _SESSION,
                "invokedBy": TEXT,
            }
        ),
        "eventTime": TIME,
        **dict.fromkeys(
            ["eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage"], TEXT
        ),
        **dict.fromkeys(CLOUDTRAIL_TEXT, TEXT),
        "requestID": TEXT,
        "eventID": TEXT,
        "readOnly": FLAG,
        "resources": pa.list_(pa.struct({"ARN": TEXT, "accountId": TEXT, "type": TEXT})),
        "eventType": TEXT,
        "managementEvent": FLAG,
        **dict.fromkeys(
            ["recipientAccountId", "sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory"], TEXT
        ),
        "tlsDetails": pa.struct({"tlsVersion": TEXT, "cipherSuite": TEXT, "clientProvidedHostHeader": TEXT}),
        "sessionCredentialFromConsole": TEXT,
    }.items()
)


@dataclass(frozen=True)
class Task:
    """One log and what is wanted of it."""

    name: str
    #: What the generator calls it.
    log_format: str
    schema: pa.Schema
    #: The wanted ratio to the best peer, by user time; nothing where none was asked.
    wanted: float | None = None
    #: Only rows whose `level` is this one.
    level: str | None = None
    #: Columns of JSON text.
    texts: tuple[str, ...] = ()
    #: The records are the elements of this member of each file's one object.
    records: str | None = None
    gzip: bool = False

    def without_texts(self) -> pa.Schema:
        """The columns for who reads objects as objects only."""
        return pa.schema([field for field in self.schema if field.name not in self.texts])


TASKS = {
    task.name: task
    for task in (
        Task("full", "json_app", APP, wanted=4),
        Task("three", "json_app", THREE, wanted=3),
        Task("filter", "json_app", APP, level="ERROR"),
        Task("shuffled", "json_shuffled", APP, wanted=2),
        Task("nested", "json_nested", NESTED),
        Task("wide", "json_wide", WIDE),
        Task("long", "json_long", LONG),
        Task("cloudtrail", "cloudtrail", CLOUDTRAIL, wanted=4, texts=CLOUDTRAIL_TEXT, records="Records"),
        Task("gzip", "json_app", APP, gzip=True),
    )
}
