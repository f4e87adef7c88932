import authz.changes
import pytest
from contracts.event import REGISTRY
from muster.gateway import routes
from muster.migrations import head
from muster.services import CONSUMES, SERVICES
from notifications.webhook_endpoints import catalogue


def read_by(service):
    """The contexts whose events a service's consumers handle or follow, and identity's for ended sessions."""
    if service == "authz":
        return {"identity", *authz.changes.CONTEXTS}
    followed = catalogue.PUBLIC if service == "notifications" else ()
    consumers = __import__(f"{service}.consumers", fromlist=["table"])
    table = consumers.table(None) if callable(consumers.table) else consumers.table
    return {"identity", *followed, *(event.context for event in table)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_read_the_streams_that_it_reads_and_no_others(service):
    assert CONSUMES[service] == read_by(service)


def test_the_services_are_the_contexts_of_the_events_and_the_owners_of_the_prefixes():
    assert {event.context for event in REGISTRY.values()} <= set(SERVICES)
    assert set(routes.PREFIXES) == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_newest_revision_is_found_in_the_files(service):
    assert head(service)


def test_no_revision_is_claimed_for_what_has_none():
    assert head("muster") is None
    assert head("no_such_service") is None
