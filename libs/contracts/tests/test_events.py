from uuid import uuid4

import msgspec
from contracts import CONTEXTS, PARTITIONS, REGISTRY, key, partition, stream, subject
from contracts.orgs import GroupMoved, OrganizationCreated
from hypothesis import given
from hypothesis import strategies as st

PERSONAL = {"email", "phone", "first_name", "last_name", "birth_date", "username", "address"}


def test_every_event_is_registered_under_its_context() -> None:
    assert {kind.context for kind in REGISTRY.values()} == set(CONTEXTS)
    assert all(name == key(kind) for name, kind in REGISTRY.items())


def test_no_event_carries_a_persons_data() -> None:
    for name, kind in REGISTRY.items():
        assert not PERSONAL & set(kind.__struct_fields__), name


def test_the_first_field_is_the_aggregate_and_the_organization_the_tenant() -> None:
    group, organization = uuid4(), uuid4()
    moved = GroupMoved(group_id=group, organization_id=organization, parent_id=None)
    assert moved.aggregate_id == str(group)
    assert moved.tenant_id == organization
    assert subject(GroupMoved, moved.aggregate_id) == f"evt.orgs.group.moved.v1.{partition(str(group))}"
    assert stream("orgs") == "EVT_ORGS"
    assert msgspec.json.decode(msgspec.json.encode(moved), type=GroupMoved) == moved


@given(st.text())
def test_a_partition_depends_on_the_id_alone(identifier: str) -> None:
    assert 0 <= partition(identifier) == partition(identifier) < PARTITIONS


def test_a_newer_minor_version_may_add_members() -> None:
    text = msgspec.json.encode({"group_id": uuid4(), "organization_id": uuid4(), "parent_id": None, "later": 1})
    assert msgspec.json.decode(text, type=GroupMoved).parent_id is None


def test_fields_keep_their_values_whatever_they_are_called() -> None:
    class_words = {"context", "aggregate", "event_name", "major", "aggregate_id", "tenant_id"}
    for name, kind in REGISTRY.items():
        assert not class_words & set(kind.__struct_fields__), name
    made = OrganizationCreated(organization_id=uuid4(), number=1, name="harbor", display_name="Harbor")
    assert made.name == "harbor"
