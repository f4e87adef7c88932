"""What authz reads from its environment."""

from chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """Nothing of its own yet."""
