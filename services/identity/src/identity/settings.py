"""Identity's settings."""

from functools import cache

import msgspec
from chassis.settings import ServiceSettings
from kernel import SettingsError


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Beside what every service has: the key for secrets at rest, the services that it knows, the first operator.

    `service_secrets` is a JSON object of service names and the SHA-512 of their secrets in hex. `throttle_scale`
    multiplies every budget of throttling. `leaked_passwords` is where leaked ones are looked up (`passwords.leaks`).
    `developer_features` allows what must not exist in production.
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


@cache
def known_services(text: str) -> dict[str, str]:
    """The services of `service_secrets`. Raises SettingsError when it is malformed."""
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.DecodeError as error:
        raise SettingsError(f"MUSTER_SERVICE_SECRETS is malformed: {error}") from error
