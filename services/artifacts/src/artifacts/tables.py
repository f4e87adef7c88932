"""The declarative base of this service's tables."""

import database
from database.models import NAMES
from sqlalchemy import MetaData


class Base(database.Base):
    """Tables of artifacts."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMES)
