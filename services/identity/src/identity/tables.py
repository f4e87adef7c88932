"""What identity's tables are made from."""

import database
from database.models import NAMES
from sqlalchemy import MetaData


class Base(database.Base):
    """Declarative base of this service."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMES)
