"""The depth of the forest, moves, tombstones, and lists in order."""

from uuid import uuid4

from authz.index import AccessQuery, accessible, allows, parse
from authz.index.order import PATIENCE, take
from authz.index.rows import LONGEST_TUPLE, added, removed
from contracts import orgs
from deliveries import deliver, empty_replica, replica_of_events, versioned
from kernel import uuid7

PLACE, USER = uuid4(), uuid4()


def created(group, parent=None):
    return orgs.GroupCreated(
        group_id=group, organization_id=PLACE, parent_id=parent, name="g", node_type="group", type="regular"
    )


def moved(group, parent):
    return orgs.GroupMoved(group_id=group, organization_id=PLACE, parent_id=parent)


def leads(group):
    return orgs.GroupPeopleChanged(group_id=group, organization_id=PLACE, kind="leader", added=(USER,))


def may(replica, group, operation="write"):
    return allows(replica.facts, str(USER), [parse(f"group:{group}:{operation}", "")])


def tower(height):
    groups = [uuid7() for _ in range(height)]
    return groups, [created(group, groups[at - 1] if at else None) for at, group in enumerate(groups)]


def test_sixteen_levels_count_and_a_seventeenth_does_not():
    groups, events = tower(17)
    replica = replica_of_events(*events, leads(groups[0]), leads(groups[16]))
    assert may(replica, groups[15])
    assert not may(replica, groups[16])
    listed = accessible(replica.facts, str(USER), [AccessQuery("group", "", "write")])
    assert listed.page(100, 0) == [str(group) for group in groups[:16]]


def test_a_move_takes_the_subtree_along():
    groups, events = tower(4)
    other = uuid7()
    replica = replica_of_events(*events, created(other), leads(groups[0]))
    assert may(replica, groups[3])
    replica.apply("group", str(groups[1]), 2, moved(groups[1], other))
    assert not may(replica, groups[1])
    assert not may(replica, groups[3])
    assert may(replica, groups[0])


def test_two_moves_that_make_a_circle_end_in_a_denial_until_one_is_taken_back():
    one, two = uuid7(), uuid7()
    events = [created(one), created(two), leads(one), moved(one, two), moved(two, one)]
    replica = replica_of_events(*events)
    assert not may(replica, one)
    assert not may(replica, two)
    replica.apply("group", str(two), 3, moved(two, None))
    assert not may(replica, two)
    replica.apply("group", str(one), 4, moved(one, None))
    assert may(replica, one)


def test_a_late_fact_does_not_revive_a_deleted_group():
    group = uuid7()
    gone = orgs.GroupDeleted(group_id=group, organization_id=PLACE)
    deliveries = versioned([created(group), leads(group), moved(group, None), gone])
    assert not may(deliver(empty_replica(), [deliveries[3], *deliveries[:3]]), group)


def test_a_membership_counts_when_its_group_arrives():
    group = uuid7()
    first, second = versioned([created(group), leads(group)])
    replica = deliver(empty_replica(), [second])
    assert not may(replica, group)
    assert may(deliver(replica, [first]), group)


def test_pages_keep_their_order_when_ids_come_unsorted():
    groups = sorted(uuid4() for _ in range(50))
    replica = replica_of_events(*(created(group) for group in groups[::-1]), *(leads(group) for group in groups))
    listed = accessible(replica.facts, str(USER), [AccessQuery("group", "", "write")])
    assert [one for at in range(0, 50, 7) for one in listed.page(7, at)] == [str(group) for group in groups]
    assert listed.page(7, 50) == []
    assert listed.page(0, 0) == []


def test_what_is_missing_for_long_is_given_up():
    known, early = 0, {}
    for version in range(2, PATIENCE + 3):
        known, due = take(known, early, version, created(uuid7()))
        assert len(due) == 1
    assert (known, early) == (PATIENCE + 2, {})


def test_rows_grow_and_shrink():
    row = ()
    for number in range(2 * LONGEST_TUPLE):
        row = added(added(row, number), number)
    assert sorted(row) == list(range(2 * LONGEST_TUPLE))
    for number in range(2 * LONGEST_TUPLE):
        row = removed(removed(row, number), number)
    assert not row


def test_nothing_revives_a_deleted_group():
    group = uuid7()
    gone = orgs.GroupDeleted(group_id=group, organization_id=PLACE)
    assert not may(replica_of_events(created(group), leads(group), gone, moved(group, None), leads(group)), group)
