"""Every table of this service, for migrations."""

from authz.access_grants import models as access_grants
from authz.base_facts import models as base_facts
from authz.individual_attributes import models as individual_attributes
from authz.roles import models as roles

metadata = base_facts.Base.metadata

__all__ = ["access_grants", "individual_attributes", "metadata", "roles"]
