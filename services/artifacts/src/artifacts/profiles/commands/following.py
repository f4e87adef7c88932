"""What happens to profiles when people come, change and go."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from contracts.artifacts import ProfileCreated, ProfileUpdated
from kernel import now, uuid7
from messaging import publish, publish_many
from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.organizations.commands import hold, take_numbers
from artifacts.persons.commands import follow_profiles
from artifacts.profiles.models import Profile, UserRole
from artifacts.profiles.people import Person

PLACED = """
UPDATE profiles p
   SET department_ids = found.ids,
       primary_department_id = CASE WHEN p.primary_department_id = ANY(found.ids) THEN p.primary_department_id
                                    ELSE found.ids[1] END,
       updated_at = clock_timestamp()
  FROM (SELECT one.id, COALESCE(array_agg(DISTINCT g.id ORDER BY g.id) FILTER (WHERE g.id IS NOT NULL), '{{}}') AS ids
          FROM profiles one
          LEFT JOIN LATERAL (SELECT gp.group_id AS id FROM group_people gp WHERE gp.user_id = one.user_id
                             UNION SELECT unnest(one.given_department_ids)) own ON true
          LEFT JOIN groups g ON g.id = own.id AND g.organization_id = :organization_id
                            AND g.node_type = 'division' AND g.is_active
         WHERE one.organization_id = :organization_id AND {chosen}
         GROUP BY one.id) found
 WHERE p.id = found.id AND p.department_ids <> found.ids
RETURNING p.id
"""
PLACE = text(PLACED.format(chosen="one.user_id = ANY(CAST(:users AS uuid[]))"))
PLACE_PROFILES = text(PLACED.format(chosen="one.id = ANY(CAST(:profiles AS uuid[]))"))
PLACE_GIVEN = text(PLACED.format(chosen="one.given_department_ids @> ARRAY[CAST(:group_id AS uuid)]"))
PLACE_ALL = text(PLACED.format(chosen="true"))


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """How a user belongs to an organization. `role` is None where nothing is said of it."""

    organization_id: UUID
    user_id: UUID
    account_type: str
    role: str | None = None
    individual_id: UUID | None = None


async def add(session: AsyncSession, belonging: Belonging, person: Person, *, returning: bool) -> None:
    """Make the profile of a user in an organization, or bring it up to date.

    `returning` lets somebody who was removed come back: only orgs, which also says who leaves, may tell that.
    """
    organization_id, user_id = belonging.organization_id, belonging.user_id
    await hold(session, organization_id)
    known = await _locked(session, organization_id, user_id) or await _without_login(session, belonging, person)
    if known is None:
        (number,) = await take_numbers(session, organization_id, "profile", 1)
        known = Profile(
            id=uuid7(),
            organization_id=organization_id,
            number=number,
            user_id=user_id,
            account_type=belonging.account_type,
            role="guest",
            department_ids=[],
        )
        session.add(known)
        await session.flush()  # the row is there before its departments are looked up
        event: ProfileCreated | ProfileUpdated = ProfileCreated(
            profile_id=known.id, organization_id=organization_id, user_id=user_id
        )
    elif known.removed_at is not None and not returning:
        return
    else:
        event = ProfileUpdated(profile_id=known.id, organization_id=organization_id)
    known.account_type = belonging.account_type
    known.individual_id = belonging.individual_id or known.individual_id
    known.removed_at = None
    known.user_id = user_id
    _name(known, person)
    await session.flush()  # statements below work on the row
    if returning:
        await _replace_role(session, belonging)
    await _rank(session, known)
    await place(session, organization_id, [user_id], announce=False)
    await follow_profiles(session, organization_id, [known.id])
    await publish(session, event)


async def rename(session: AsyncSession, user_id: UUID, person: Person) -> None:
    """A user's names, address or standing changed."""
    rows = await session.scalars(
        select(Profile).where(Profile.user_id == user_id).order_by(Profile.id).with_for_update()
    )
    for profile in rows:
        _name(profile, person)
        await follow_profiles(session, profile.organization_id, [profile.id])
        await publish(session, ProfileUpdated(profile_id=profile.id, organization_id=profile.organization_id))


async def set_active(session: AsyncSession, user_id: UUID, *, active: bool) -> None:
    """A login was disabled or enabled."""
    changed = await session.execute(
        update(Profile)
        .where(Profile.user_id == user_id, Profile.is_active != active)
        .values(is_active=active)
        .returning(Profile.id, Profile.organization_id)
    )
    for profile_id, organization_id in changed.all():
        await follow_profiles(session, organization_id, [profile_id])
        await publish(session, ProfileUpdated(profile_id=profile_id, organization_id=organization_id))


async def remove(session: AsyncSession, organization_id: UUID, user_id: UUID) -> UUID | None:
    """A user no longer belongs to an organization. Returns the profile that ended."""
    await hold(session, organization_id)
    of_user = (UserRole.organization_id == organization_id, UserRole.user_id == user_id)
    await session.execute(delete(UserRole).where(*of_user))
    profile = await _locked(session, organization_id, user_id)
    if profile is None or profile.removed_at is not None:
        return None
    profile.removed_at = now()
    profile.assigned_role = None
    await _rank(session, profile)
    await follow_profiles(session, organization_id, [profile.id])
    await publish(session, ProfileUpdated(profile_id=profile.id, organization_id=organization_id))
    return profile.id


async def give_role(session: AsyncSession, organization_id: UUID, user_id: UUID, name: str) -> None:
    """A user got a role."""
    await hold(session, organization_id)
    values = {"organization_id": organization_id, "user_id": user_id, "name": name, "source": "authz"}
    await session.execute(insert(UserRole).values(values).on_conflict_do_nothing())
    await _rank_of(session, organization_id, user_id)


async def take_role(session: AsyncSession, organization_id: UUID, user_id: UUID, name: str) -> None:
    """A user lost a role."""
    await hold(session, organization_id)
    await session.execute(delete(UserRole).where(*_role(organization_id, user_id, name)))
    await _rank_of(session, organization_id, user_id)


async def place(
    session: AsyncSession, organization_id: UUID, user_ids: Iterable[UUID], *, announce: bool = True
) -> None:
    """Bring the departments of users' profiles up to date with the groups that they lead or are members of."""
    users = list(set(user_ids))
    if not users:
        return
    changed = (await session.scalars(PLACE, {"organization_id": organization_id, "users": users})).all()
    if announce:
        await _announce(session, organization_id, changed)


async def place_profiles(session: AsyncSession, organization_id: UUID, profile_ids: Iterable[UUID]) -> None:
    """Bring the departments of profiles up to date, unannounced."""
    await session.execute(PLACE_PROFILES, {"organization_id": organization_id, "profiles": list(profile_ids)})


async def place_given(session: AsyncSession, organization_id: UUID, group_id: UUID) -> None:
    """Bring profiles up to date that were given a department here, which came, changed or went."""
    changed = await session.scalars(PLACE_GIVEN, {"organization_id": organization_id, "group_id": group_id})
    await _announce(session, organization_id, changed.all())


async def place_all(session: AsyncSession, organization_id: UUID) -> None:
    """Bring the departments of all profiles of an organization up to date."""
    changed = await session.scalars(PLACE_ALL, {"organization_id": organization_id})
    await _announce(session, organization_id, changed.all())


async def _announce(session: AsyncSession, organization_id: UUID, profile_ids: Iterable[UUID]) -> None:
    await follow_profiles(session, organization_id, profile_ids)
    events = [ProfileUpdated(profile_id=one, organization_id=organization_id) for one in sorted(profile_ids)]
    await publish_many(session, events)


def _name(profile: Profile, person: Person) -> None:
    profile.first_name, profile.last_name = person.first_name or "", person.last_name or ""
    profile.name = profile.given_name or person.name
    profile.emails = list(dict.fromkeys([*([person.email] if person.email else ()), *(profile.given_emails or ())]))
    profile.primary_email = next(iter(profile.emails), None)
    profile.username = person.username
    profile.is_active = person.enabled
    profile.timezone = person.tz if person.tz_explicit else None


async def _locked(session: AsyncSession, organization_id: UUID, user_id: UUID) -> Profile | None:
    statement = select(Profile).where(Profile.organization_id == organization_id, Profile.user_id == user_id)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def _without_login(session: AsyncSession, belonging: Belonging, person: Person) -> Profile | None:
    """The only profile that was made here for somebody with the address that the person has shown to be theirs."""
    if not (person.email and person.email_verified):
        return None
    statement = select(Profile).where(
        Profile.organization_id == belonging.organization_id,
        func.lower(Profile.primary_email) == person.email.lower(),
        Profile.user_id.is_(None),
        Profile.removed_at.is_(None),
    )
    found = (await session.scalars(statement.limit(2).with_for_update())).all()
    return found[0] if len(found) == 1 else None


async def _replace_role(session: AsyncSession, belonging: Belonging) -> None:
    keys = {"organization_id": belonging.organization_id, "user_id": belonging.user_id, "source": "orgs"}
    await session.execute(delete(UserRole).filter_by(**keys))
    if belonging.role:
        await session.execute(insert(UserRole).values(**keys, name=belonging.role))


async def _rank_of(session: AsyncSession, organization_id: UUID, user_id: UUID) -> None:
    profile = await _locked(session, organization_id, user_id)
    if profile is not None and profile.removed_at is None:
        before = profile.role
        await _rank(session, profile)
        if profile.role != before:
            await follow_profiles(session, organization_id, [profile.id])
            await publish(session, ProfileUpdated(profile_id=profile.id, organization_id=organization_id))


async def _rank(session: AsyncSession, profile: Profile) -> None:
    """The role that follows from belonging, grants and assignment."""
    keys = {"organization_id": profile.organization_id, "user_id": profile.user_id}
    names = list(await session.scalars(select(UserRole.name).filter_by(**keys)))
    own = roles.derived(profile.account_type, names)
    profile.role = roles.highest([own, profile.assigned_role]) if profile.assigned_role else own  # pyright: ignore[reportArgumentType] the column holds roles
    await session.flush()  # later statements of this transaction read it


def _role(organization_id: UUID, user_id: UUID, name: str) -> tuple[ColumnElement[bool], ...]:
    return UserRole.organization_id == organization_id, UserRole.user_id == user_id, UserRole.name == name


async def exists(session: AsyncSession, user_id: UUID) -> bool:
    """Whether a user has a profile anywhere."""
    found = select(Profile.id).where(Profile.user_id == user_id).limit(1)
    return (await session.execute(found)).first() is not None
