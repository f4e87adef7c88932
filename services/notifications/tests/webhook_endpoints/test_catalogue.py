"""What may leave, and that nothing else does."""

from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID

from contracts.event import REGISTRY
from notifications.webhook_endpoints import catalogue


def test_every_event_of_an_organization_may_leave_or_has_a_reason_to_stay():
    """Whoever adds an aggregate whose events name an organization says here which."""
    tenants = {
        f"{kind.context}.{kind.aggregate}" for kind in REGISTRY.values() if "organization_id" in kind.__struct_fields__
    }
    leaving = {f"{context}.{aggregate}" for context, names in catalogue.PUBLIC.items() for aggregate in names}
    assert not tenants - leaving - set(catalogue.KEPT), "say in catalogue.py whether their events leave"
    assert leaving <= tenants
    assert not leaving & set(catalogue.KEPT)
    assert all(catalogue.KEPT.values())


def test_only_ids_and_words_of_closed_lists_leave():
    for kind in filter(catalogue.public, REGISTRY.values()):
        types = get_type_hints(kind)
        for member in catalogue.members(kind):
            assert leaves(types[member]), f"{kind.__name__}.{member}"
        assert "organization_id" in catalogue.members(kind)


def leaves(annotation: Any) -> bool:
    inner = [part for part in get_args(annotation) if part not in (type(None), Ellipsis)]
    return annotation in (UUID, bool) or get_origin(annotation) is Literal or (bool(inner) and all(map(leaves, inner)))
