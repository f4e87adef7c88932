from orgs.main import create_app
from orgs.settings import Settings
from testkit.fixtures import service_fixtures

database, app, client, session, outbox, live = service_fixtures("orgs", create_app, Settings)
