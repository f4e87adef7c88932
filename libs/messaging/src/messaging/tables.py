"""Messaging's tables for queries. Their DDL is in `messaging.migrations`."""

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TIMESTAMP

metadata = MetaData()
_time = TIMESTAMP(timezone=True)

aggregate_versions = Table(
    "aggregate_versions",
    metadata,
    Column("aggregate_type", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("version", BigInteger),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("event_id", Uuid),
    Column("event_type", Text),
    Column("aggregate_type", Text),
    Column("aggregate_id", Text),
    Column("aggregate_version", BigInteger),
    Column("subject", Text),
    Column("tenant_id", Uuid),
    Column("payload", JSON),
    Column("headers", JSON),
    Column("created_at", _time, primary_key=True),
    Column("published_at", _time),
    Column("sequence", BigInteger),
)

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("event_type", Text),
    Column("aggregate_type", Text),
    Column("aggregate_id", Text),
    Column("aggregate_version", BigInteger),
    Column("stream", Text),
    Column("sequence", BigInteger),
    Column("handled_at", _time),
)

inbox_aggregates = Table(
    "inbox_aggregates",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("aggregate_type", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("version", BigInteger),
    Column("state", Text),
)

parked_events = Table(
    "parked_events",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("aggregate_type", Text),
    Column("aggregate_id", Text),
    Column("aggregate_version", BigInteger),
    Column("subject", Text),
    Column("stream", Text),
    Column("sequence", BigInteger),
    Column("headers", JSON),
    Column("envelope", LargeBinary),
    Column("reason", Text),
    Column("error", Text),
    Column("attempts", Integer),
    Column("parked_at", _time),
)
