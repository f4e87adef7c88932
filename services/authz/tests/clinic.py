"""One organization with a three-level tree and one of everybody, and a stranger's organization."""

from uuid import UUID

from contracts import authz, identity, orgs
from contracts.permissions import ROLE_IDS, role_id
from kernel import now, uuid7


class Clinic:
    def __init__(self):
        self.organization, self.other = uuid7(), uuid7()
        self.admin, self.member, self.leader, self.group_member = uuid7(), uuid7(), uuid7(), uuid7()
        self.patient, self.stranger, self.operator, self.disabled = uuid7(), uuid7(), uuid7(), uuid7()
        self.top, self.ward, self.room = uuid7(), uuid7(), uuid7()
        self.file = uuid7()

    def events(self):
        place = {"organization_id": self.organization}
        yield from (self._organization(one, name) for one, name in ((self.organization, "clinic"), (self.other, "o")))
        for user in (self.admin, self.member, self.leader, self.patient, self.stranger, self.operator, self.disabled):
            yield identity.UserCreated(user_id=user, account_type="provider", classification="customer")
        yield identity.UserDisabled(user_id=self.disabled, ended_at=now())
        yield self._role("org.admin", self.organization, self.admin)
        yield self._role("org.member", self.organization, self.member)
        yield self._role("org.admin", self.organization, self.disabled)
        yield self._role("org.admin", self.other, self.stranger)
        yield self._role("system.admin", None, self.operator)
        for group, parent in ((self.top, None), (self.ward, self.top), (self.room, self.ward)):
            yield orgs.GroupCreated(
                group_id=group, **place, parent_id=parent, name="g", node_type="group", type="regular"
            )
        yield self._people(self.top, "leader", self.leader)
        yield self._people(self.ward, "member", self.group_member)
        yield orgs.IndividualRegistered(
            individual_id=self.file, owner_id=self.organization, owner_type="organization", user_id=self.patient
        )
        yield self._people(self.room, "individual", self.file)

    @staticmethod
    def _organization(place: UUID, name: str):
        return orgs.OrganizationCreated(organization_id=place, number=1, name=name, display_name=name.title())

    @staticmethod
    def _role(name: str, place: UUID | None, user: UUID):
        identifier = role_id(name, place) if place else ROLE_IDS[name]
        return authz.RoleUserAdded(role_id=identifier, name=name, user_id=user, organization_id=place)

    def _people(self, group: UUID, kind: str, person: UUID):
        return orgs.GroupPeopleChanged(group_id=group, organization_id=self.organization, kind=kind, added=(person,))
