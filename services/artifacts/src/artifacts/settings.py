"""The service's settings."""

from chassis.settings import ServiceSettings


class Settings(ServiceSettings, frozen=True, kw_only=True):
    """What every service has, and how much may be captured."""

    capture_rate: int = 10_000
    """Events a second that a project may send to one process; ten seconds' worth may come at once."""
