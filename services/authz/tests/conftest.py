"""Fixtures of the authz suite."""

import pytest
import pytest_asyncio
from authz.main import create_app
from authz.settings import Settings
from clinic import Clinic
from deliveries import deliver, empty_replica, versioned
from identity_directory import directory
from testkit.fixtures import service_fixtures

database, app, client, session, outbox, live = service_fixtures("authz", create_app, Settings)


@pytest.fixture
def index(app):
    """A function that feeds events to an index of this test's own, which answers in the application."""
    before = app.state.runtime.extras["replica"]
    replica = app.state.runtime.extras["replica"] = empty_replica()

    def feed(*events):
        deliver(replica, versioned(events))
        return replica

    yield feed
    app.state.runtime.extras["replica"] = before


@pytest.fixture
def clinic(index):
    """A clinic with three levels of groups, its people, and another organization."""
    made = Clinic()
    index(*made.events())
    return made


@pytest_asyncio.fixture
async def people(app):
    """Identity's directory of persons, served over HTTP: id -> e-mail."""
    async with directory(app.state.runtime) as found:
        yield found
