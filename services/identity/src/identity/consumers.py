"""Other contexts' events that identity listens to."""

from messaging import Consumers

from identity.aggregations import consumers as aggregations
from identity.archive_requests import consumers as archive_requests
from identity.audit_events import consumers as audit_events
from identity.onboarding_requests import inviting
from identity.organizations import consumers as organizations
from identity.users import additional
from identity.users import consumers as users

table: Consumers = {
    **organizations.table,
    **users.table,
    **additional.table,
    **archive_requests.table,
    **inviting.table,
    **audit_events.table,
    **aggregations.table,
}
