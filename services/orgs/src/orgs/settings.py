"""Settings of the orgs service."""

from chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What every service has; orgs needs no more."""
