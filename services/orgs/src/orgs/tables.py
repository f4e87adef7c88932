"""The declarative class of this service's tables."""

from database import Base
from database.models import NAMES
from sqlalchemy import MetaData


class Table(Base):
    """Every table of orgs derives from this one."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMES)
