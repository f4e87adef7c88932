"""Every table of this service, for migrations."""

from authz.base_facts import models as base_facts
from authz.roles import models as roles

metadata = base_facts.Base.metadata

__all__ = ["metadata", "roles"]
