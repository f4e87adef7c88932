"""Identity's settings."""

from functools import cache

import msgspec
from chassis.settings import ServiceSettings
from kernel import SettingsError


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Beside what every service has: the key for secrets at rest, the services that it knows, the first operator.

    `service_secrets` is a JSON object of service names and the SHA-512 of their secrets in hex. `throttle_scale`
    multiplies every budget of throttling. `leaked_passwords` is where leaked ones are looked up (`passwords.leaks`).
    `developer_features` allows what must not exist in production. `dns_servers` (`ADDRESS:PORT`, …) are asked for the
    records of domains in place of the machine's own resolver. `gateway_url` is where this service reaches the
    gateway, where that is not the public address. `kubernetes_…` are for services that show a projected token of their
    Kubernetes service account (`internal_auth.kubernetes`).
    """

    master_key: str
    service_secrets: str = "{}"
    admin_email: str = ""
    admin_password: str = ""
    developer_features: bool = False
    signing_key_days: int = 90
    throttle_scale: float = 1.0
    minimum_password_strength: int = 2
    leaked_passwords: str = ""
    hashing_deadline: float = 2.0
    dns_servers: str = ""
    gateway_url: str = ""
    kubernetes_issuer: str = ""
    kubernetes_audience: str = "muster"
    kubernetes_jwks_url: str = ""
    kubernetes_services: str = "{}"
    kubernetes_ca: str = ""
    kubernetes_token_path: str = ""


@cache
def known_services(text: str) -> dict[str, str]:
    """The services of `service_secrets`. Raises SettingsError when it is malformed."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise SettingsError(f"MUSTER_SERVICE_SECRETS is malformed: {error}") from error
