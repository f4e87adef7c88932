"""Small universes for property tests: a few of everything, and any event about them."""

from datetime import timedelta
from uuid import UUID

from contracts import authz, identity, orgs
from contracts.permissions import ROLE_IDS, role_id
from hypothesis import strategies as st
from kernel import now
from permission_oracle import CONDITIONS

MOMENT = now()


def many(kind, count):
    return [UUID(int=(kind << 64) + number, version=4) for number in range(count)]


USERS, PLACES, GROUPS, INDIVIDUALS = many(1, 5), many(2, 2), many(3, 6), many(4, 4)
CHARTS = ["one", "two"]
OPERATIONS = {
    "organization": ("read", "write"),
    "group": ("read", "write", "contain"),
    "individual": ("read", "write"),
    "app.chart": ("view",),
}
THINGS = {"organization": PLACES, "group": GROUPS, "individual": INDIVIDUALS, "app.chart": CHARTS}

users, places, groups, individuals = map(st.sampled_from, (USERS, PLACES, GROUPS, INDIVIDUALS))
parents = st.one_of(st.none(), groups)


def people(ids):
    return st.lists(ids, max_size=2, unique=True).map(tuple)


def changed(kind, ids):
    return st.builds(
        orgs.GroupPeopleChanged,
        group_id=groups,
        organization_id=places,
        kind=st.just(kind),
        added=people(ids),
        removed=people(ids),
    )


def individual(event):
    owned_by_place = st.builds(
        event,
        individual_id=individuals,
        owner_id=places,
        owner_type=st.just("organization"),
        organization_id=st.none(),
        user_id=st.one_of(st.none(), users),
    )
    owned_by_user = st.builds(
        event,
        individual_id=individuals,
        owner_id=users,
        owner_type=st.just("user"),
        organization_id=st.one_of(st.none(), places),
        user_id=st.one_of(st.none(), users),
    )
    return st.one_of(owned_by_place, owned_by_user)


def role(event):
    names = st.tuples(st.sampled_from(["org.admin", "org.member", "org.nurse"]), places)
    of_places = st.builds(
        lambda of, user: event(role_id=role_id(*of), name=of[0], organization_id=of[1], user_id=user), names, users
    )
    support = {"role_id": ROLE_IDS["system.support"], "name": "system.support"}
    return st.one_of(of_places, of_places, users.map(lambda user: event(**support, user_id=user)))


ROLES = [role_id(name, place) for name in ("org.admin", "org.nurse") for place in PLACES]
SUBJECTS = {"user": USERS, "role": ROLES, "group": GROUPS, "participants": GROUPS}
TIMES = [None, None, MOMENT - timedelta(hours=1), MOMENT + timedelta(hours=1)]
targets = st.sampled_from(
    [(kind, str(thing), operation) for kind in OPERATIONS for thing in THINGS[kind] for operation in OPERATIONS[kind]]
)
subjects = st.sampled_from([(kind, one) for kind, ones in SUBJECTS.items() for one in ones])


def grant(event):
    return st.builds(
        lambda identifier, subject, target, expires_at, condition: event(
            access_grant_id=identifier,
            subject_type=subject[0],
            subject_id=subject[1],
            resource_type=target[0],
            resource_id=target[1],
            operation=target[2],
            expires_at=expires_at,
            condition=condition,
        ),
        st.sampled_from(many(5, 4)),
        subjects,
        targets,
        st.sampled_from(TIMES),
        st.sampled_from([None, None, *CONDITIONS]),
    )


created = st.builds(
    orgs.GroupCreated,
    group_id=groups,
    organization_id=places,
    parent_id=parents,
    name=st.just("g"),
    node_type=st.just("group"),
    type=st.just("regular"),
)
moved = st.builds(orgs.GroupMoved, group_id=groups, organization_id=places, parent_id=parents)

EVENT = st.one_of(
    created,
    created,
    moved,
    moved,
    changed("individual", individuals),
    changed("individual", individuals),
    changed("leader", users),
    changed("member", users),
    individual(orgs.IndividualRegistered),
    individual(orgs.IndividualUpdated),
    st.builds(orgs.GroupDeleted, group_id=groups, organization_id=places),
    st.builds(orgs.OrganizationUserAdded, organization_id=places, user_id=users, account_type=st.just("provider")),
    st.builds(orgs.OrganizationUserRemoved, organization_id=places, user_id=users),
    st.builds(orgs.OrganizationUserAdded, organization_id=places, user_id=users, account_type=st.just("patient")),
    role(authz.RoleUserAdded),
    role(authz.RoleUserAdded),
    role(authz.RoleUserRemoved),
    grant(authz.AccessGrantCreated),
    grant(authz.AccessGrantCreated),
    grant(authz.AccessGrantUpdated),
    grant(authz.AccessGrantDeleted),
    st.builds(identity.UserDisabled, user_id=users, ended_at=st.just(MOMENT)),
    st.builds(identity.UserEnabled, user_id=users),
    st.builds(
        orgs.OrganizationCreated,
        organization_id=places,
        number=st.just(1),
        name=st.just("o"),
        display_name=st.just("O"),
    ),
)


def beginning():
    """Places, groups and individuals exist, so that a short sequence already says something."""
    made = [orgs.OrganizationCreated(organization_id=place, number=1, name="o", display_name="O") for place in PLACES]
    for number, group in enumerate(GROUPS):
        parent = GROUPS[number - 1] if number % 3 else None
        made.append(
            orgs.GroupCreated(
                group_id=group,
                organization_id=PLACES[number // 3],
                parent_id=parent,
                name="g",
                node_type="group",
                type="regular",
            )
        )
    for number, one in enumerate(INDIVIDUALS):
        place = PLACES[number % 2]
        made.append(orgs.IndividualRegistered(individual_id=one, owner_id=place, owner_type="organization"))
        made.append(
            orgs.GroupPeopleChanged(
                group_id=GROUPS[(number * 2) % 6], organization_id=place, kind="individual", added=(one,)
            )
        )
    return made


EVENTS = st.one_of(
    st.lists(EVENT, max_size=40), st.lists(EVENT, min_size=3, max_size=30).map(lambda events: [*beginning(), *events])
)
