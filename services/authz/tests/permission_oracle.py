"""The rules once more, as plainly as they can be said: sets of facts and loops over everything. Slow on purpose.

It shares no code with the index; it reads events by itself, in the true order of each aggregate.
"""

from contracts import authz, identity, orgs
from kernel import now

DEEPEST = 16
CONTEXT = {"ward": "a"}
CONDITIONS = {
    None: lambda _: True,
    "context.ward == 'a' && resource.type != ''": lambda _: True,
    "context.ward == 'b'": lambda _: False,
    "context.missing == 'a'": lambda _: False,
    "subject.id.endsWith('2')": lambda user: str(user).endswith("2"),
    "no condition that can be read": lambda _: False,
}
"""Conditions, and whether they hold for a user in that context: worked out by hand."""


class Oracle:
    def __init__(self):
        self.disabled, self.organizations, self.staff = set(), set(), set()
        self.groups, self.gone, self.people = {}, set(), set()
        self.individuals, self.roles, self.role_users = {}, {}, set()
        self.grants = {}

    def hear(self, event):  # noqa: C901, PLR0912 - one case an event
        match event:
            case identity.UserDisabled():
                self.disabled.add(event.user_id)
            case identity.UserCreated() | identity.UserEnabled():
                self.disabled.discard(event.user_id)
            case orgs.OrganizationCreated():
                self.organizations.add(event.organization_id)
            case orgs.OrganizationUserAdded():
                if event.account_type == "provider":
                    self.staff.add((event.organization_id, event.user_id))
            case orgs.OrganizationUserRemoved():
                self.staff.discard((event.organization_id, event.user_id))
            case orgs.IndividualRegistered() | orgs.IndividualUpdated():
                self.individuals[event.individual_id] = event
            case orgs.GroupCreated() | orgs.GroupMoved():
                self.groups[event.group_id] = (event.organization_id, event.parent_id)
            case orgs.GroupDeleted():
                self.gone.add(event.group_id)
            case orgs.GroupPeopleChanged():
                self.people -= {(event.group_id, event.kind, person) for person in event.removed}
                self.people |= {(event.group_id, event.kind, person) for person in event.added}
            case authz.RoleUserAdded():
                self.roles[event.role_id] = (event.name, event.organization_id)
                self.role_users.add((event.role_id, event.user_id))
            case authz.RoleUserRemoved():
                self.roles[event.role_id] = (event.name, event.organization_id)
                self.role_users.discard((event.role_id, event.user_id))

            case authz.AccessGrantCreated() | authz.AccessGrantUpdated():
                self.grants[event.access_grant_id] = event
            case authz.AccessGrantDeleted():
                self.grants.pop(event.access_grant_id, None)

    def known(self, group):
        return group in self.groups and group not in self.gone

    def up(self, group):
        """The group and those above it; nothing unless a root ends them within 16."""
        found = []
        while group is not None:
            if not self.known(group) or len(found) == DEEPEST:
                return []
            found.append(group)
            group = self.groups[group][1]
        return found

    def has_role(self, user, name, organization):
        return any(self.roles[role] == (name, organization) for role, who in self.role_users if who == user)

    def any_role(self, user, organization):
        return any(self.roles[role][1] == organization for role, who in self.role_users if who == user)

    def leads(self, user, group):
        return any((above, "leader", user) in self.people for above in self.up(group))

    def member(self, user, group):
        return bool(self.up(group)) and (group, "member", user) in self.people

    def allows(self, user, kind, thing, operation):
        if user in self.disabled:
            return False
        by_rule = getattr(self, f"_{kind}", None)
        if by_rule is not None and by_rule(user, thing, operation):
            return True
        if not self._counts(kind, thing):
            return False
        return any(
            (grant.resource_type, grant.resource_id, grant.operation) == (kind, str(thing), operation)
            and self.grant_allows(user, grant)
            for grant in self.grants.values()
        )

    def _counts(self, kind, thing):
        """Whether grants about the thing count."""
        match kind:
            case "organization":
                return thing in self.organizations
            case "group":
                return self.known(thing)
            case "individual":
                return thing in self.individuals
            case _:
                return True

    def grant_allows(self, user, grant):
        if grant.expires_at is not None and grant.expires_at <= now():
            return False
        if not CONDITIONS[grant.condition](user):
            return False
        subject = grant.subject_id
        match grant.subject_type:
            case "user":
                return user == subject
            case "role":
                return (subject, user) in self.role_users
            case "group":
                staff = {(subject, "leader", user), (subject, "member", user)}
                return bool(self.up(subject)) and not staff.isdisjoint(self.people)
            case "participants":
                return self.inside(user, subject)

    def inside(self, user, group):
        own = {one for one, fact in self.individuals.items() if fact.user_id == user}
        held = {place for place, kind, who in self.people if kind == "individual" and who in own}
        return any(group in self.up(place) for place in held)

    def holds(self, fact, subject, thing, name):  # noqa: PLR0911 - one case a fact
        """Whether a step of an explanation is a fact."""
        match fact:
            case "has-role":
                return (thing, subject) in self.role_users and self.roles[thing][0] == name
            case "role-of":
                return self.roles[subject][1] == thing
            case "staff-of":
                return (thing, subject) in self.staff
            case "leads" | "member-of":
                return (thing, "leader" if fact == "leads" else "member", subject) in self.people
            case "below":
                return self.groups[subject][1] == thing and self.known(subject) and self.known(thing)
            case "belongs-to":
                return self.groups[subject][0] == thing and self.known(subject)
            case "in-group":
                return (thing, "individual", subject) in self.people
            case "is":
                return self.individuals[thing].user_id == subject
            case "owns":
                return self.individuals[thing].owner_id == subject
        return False

    def _organization(self, user, place, operation):
        if place not in self.organizations:
            return False
        if operation == "write":
            return self.has_role(user, "org.admin", place)
        leads_one = any(
            self.known(group) and self.groups[group][0] == place
            for group, kind, who in self.people
            if (kind, who) == ("leader", user)
        )
        return (place, user) in self.staff or leads_one or self.any_role(user, place) or self.any_role(user, None)

    def _group(self, user, group, operation):
        if not self.known(group):
            return False
        if operation == "contain":
            return self.inside(user, group)
        wide = self.leads(user, group) or self.has_role(user, "org.admin", self.groups[group][0])
        return wide or (operation == "read" and self.member(user, group))

    def _individual(self, user, individual, operation):
        fact = self.individuals.get(individual)
        if fact is None:
            return False
        if user == fact.user_id or (fact.owner_type == "user" and user == fact.owner_id):
            return True
        if fact.owner_type == "organization" and self.has_role(user, "org.admin", fact.owner_id):
            return True
        holding = [group for group, kind, who in self.people if (kind, who) == ("individual", individual)]
        if any(self.leads(user, group) for group in holding):
            return True
        return operation == "read" and any(self.member(user, group) for group in holding)
