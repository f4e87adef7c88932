"""Other contexts' events that identity listens to."""

from messaging import Consumers

from identity.organizations import consumers as organizations
from identity.users import consumers as users

table: Consumers = {**organizations.table, **users.table}
