"""Whether every way of asking the index gives what the oracle says."""

from authz.index import AccessQuery, accessible, accessors, allows, parse, prepare
from authz.index.check import active
from permission_worlds import OPERATIONS, THINGS, USERS

PAGE_SIZES = (1, 2, 5, 100)


def assert_agreement(facts, oracle):
    for kind, operations in OPERATIONS.items():
        for operation in operations:
            allowed = {
                (user, thing) for user in USERS for thing in THINGS[kind] if oracle.allows(user, kind, thing, operation)
            }
            by_user = {user: sorted(str(thing) for who, thing in allowed if who == user) for user in USERS}
            for user in USERS:
                _assert_user(facts, user, kind, operation, by_user[user])
            for thing in THINGS[kind]:
                wanted = sorted(str(user) for user, what in allowed if what == thing)
                found = accessors(facts, [AccessQuery(kind, str(thing), operation)])
                assert found.page(100, 0) == wanted, f"accessors of {kind}:{thing}:{operation}"


def _assert_user(facts, user, kind, operation, wanted):
    label = f"{kind}::{operation} of {user}"
    checked = [
        str(thing) for thing in THINGS[kind] if allows(facts, str(user), [parse(f"{kind}:{thing}:{operation}", "")])
    ]
    assert checked == wanted, f"check, {label}"
    number = active(facts, str(user))
    if number >= 0:
        prepared = [(thing, *prepare(facts, AccessQuery(kind, str(thing), operation))) for thing in THINGS[kind]]
        in_bulk = [str(thing) for thing, rule, place in prepared if rule(facts, number, place)]
        assert in_bulk == wanted, f"bulk, {label}"
    listed = accessible(facts, str(user), [AccessQuery(kind, "", operation)])
    assert listed.total == len(wanted), f"total, {label}"
    for size in PAGE_SIZES:
        pages = [listed.page(size, offset) for offset in range(0, listed.total + size, size)]
        assert [one for page in pages for one in page] == wanted, f"list in pages of {size}, {label}"
