"""The rules once more, as plainly as they can be said: sets of facts and loops over everything. Slow on purpose.

It shares no code with the index; it reads events by itself, in the true order of each aggregate.
"""

from contracts import authz, identity, orgs

DEEPEST = 16


class Oracle:
    def __init__(self):
        self.disabled, self.organizations, self.staff = set(), set(), set()
        self.groups, self.gone, self.people = {}, set(), set()
        self.individuals, self.roles, self.role_users = {}, {}, set()

    def hear(self, event):  # noqa: C901 - one case an event
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
        return bool(getattr(self, f"_{kind}")(user, thing, operation))

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
            own = {one for one, fact in self.individuals.items() if fact.user_id == user}
            inside = {place for place, kind, who in self.people if kind == "individual" and who in own}
            return any(group in self.up(place) for place in inside)
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
