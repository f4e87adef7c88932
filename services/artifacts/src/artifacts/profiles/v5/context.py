"""Who the caller is, for an application that starts."""

from uuid import UUID

from kernel import NotFound
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.actors import Actor
from artifacts.departments.queries import by_ids
from artifacts.profiles.v5.schemas import ProfileContext, QGetProfileContextV4RoleResource, ThemePrimitives
from artifacts.roles import STAFF, WRITERS, Role

ROLE_RESOURCES = (
    QGetProfileContextV4RoleResource("superadmin", "Superadmin", "Runs the platform.", "crown", "#9b3fc4"),
    QGetProfileContextV4RoleResource("admin", "Admin", "Administers the organization.", "shield", "#2f5bea"),
    QGetProfileContextV4RoleResource("instructor", "Instructor", "Makes and leads cohorts.", "book", "#0f9d8a"),
    QGetProfileContextV4RoleResource("member", "Member", "Works in the organization.", "person", "#d9730d"),
    QGetProfileContextV4RoleResource("guest", "Guest", "Takes part.", "heart", "#5b6675"),
)


async def context(session: AsyncSession, actor: Actor, department_id: UUID | None) -> ProfileContext:
    """The caller's context, in one of their departments if it is named. Raises NotFound for another department."""
    profile = actor.profile
    own = profile.department_ids if profile else []
    primary = profile.primary_department_id if profile else None
    if department_id is not None:
        if not actor.is_writer and department_id not in own:
            raise NotFound("There is no such department.")
        if not await by_ids(session, actor.organization_id, [department_id]):
            raise NotFound("There is no such department.")
        primary = department_id
    return ProfileContext(
        id=actor.profile_id,
        name=actor.name,
        role=actor.role,
        active=profile.is_active and profile.is_in_use if profile else True,
        role_artifacts=_artifacts(actor.role),
        available_sections=_sections(actor.role),
        scoped_roles=roles.below(actor.role) if actor.role in WRITERS else [],
        department_ids=own,
        primary_department_id=primary,
        settings_id=None,
        theme=ThemePrimitives(),
        session_id=actor.session_id,
        is_emulation=bool(actor.links),
        emulation_depth=len(actor.links),
        role_resources=list(ROLE_RESOURCES),
    )


def _artifacts(role: Role) -> list[str]:
    """What a role may open."""
    return ["cohorts", "profiles"] if role in STAFF else ["profiles"]


def _sections(role: Role) -> list[str]:
    """What the application shows to a role."""
    if role in WRITERS:
        return ["home", "cohorts", "profiles", "drafts"]
    return ["home", "cohorts", "profiles"] if role in STAFF else ["home"]
