"""The settings that every service has."""

from typing import Literal

import msgspec


class ServiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Read from `MUSTER_*` by kernel.load. A service adds its own fields in a Struct derived from this one."""

    database_url: str
    nats_url: str
    nats_user: str = ""
    nats_password: str = ""
    public_url: str = "http://127.0.0.1:8080"
    identity_url: str = "http://127.0.0.1:8081"
    orgs_url: str = "http://127.0.0.1:8082"
    authz_url: str = "http://127.0.0.1:8083"
    service_secret: str = ""
    service_token_path: str = ""
    """A file with the projected token of the pod's Kubernetes service account: shown to identity, no secret is."""
    listen_host: str = "127.0.0.1"
    listen_port: int = 8000
    worker: Literal["inline", "none"] = "inline"
    stream_replicas: int = 1
    otlp_url: str = ""
    trace_ratio: float = 0.1
    log_level: str = "info"
    pool_size: int = 10
    outside_allowed: str = ""
    """Networks and names that may be reached by addresses that others name although they lie inside (`outside`)."""
    objects_url: str = "file:objects"
    """Where objects stand: `file:` and a folder that every process of the service sees, or `s3://bucket/prefix`."""
    objects_endpoint: str = ""
    """The S3 API's address where it is not Amazon's, and how clients reach it where that differs."""
    objects_public_endpoint: str = ""
    objects_region: str = "us-east-1"
    objects_key_id: str = ""
    objects_secret: str = ""
