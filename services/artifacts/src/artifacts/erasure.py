"""What artifacts holds of a person, and what becomes of it when they are erased."""

from chassis.erasure import Blanked, Gone, Person, Plan
from chassis.runtime import Runtime
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as cohorts
import artifacts.organizations.commands as organizations
import artifacts.profiles.commands as profiles
from artifacts.persons.identifiers import captured_id_sql

OWN = "user_id = :user_id OR (individual_id = ANY (:individual_ids) AND account_type <> 'provider')"
OF_PROFILE = f"profile_id IN (SELECT id FROM profiles WHERE {OWN})"  # noqa: S608 the text is ours
KNOWN_BY = "(CAST(CAST(:ids AS uuid[]) AS text[]) || CAST(:addresses AS text[]))"
OF_PERSON = f"""
SELECT id FROM profiles WHERE {OWN}
 UNION
SELECT one.id
  FROM (SELECT person_id AS id FROM person_distinct_ids WHERE lower(distinct_id) = ANY ({KNOWN_BY})
         UNION SELECT id FROM persons WHERE lower(properties ->> 'email') = ANY (:addresses)) one
 WHERE NOT EXISTS (SELECT 1 FROM profiles p WHERE p.id = one.id)"""  # noqa: S608
"""The profile's persons, and those without one whom captured events know by the person's ids or addresses."""
UNKNOWN = f"""
SELECT {captured_id_sql("o.id", "known.by")} FROM organizations o, unnest({KNOWN_BY}) AS known (by)"""  # noqa: S608
"""Persons who were never made, because the events asked for none."""
OF_DRAFT = "owner = :user_text OR user_id = :user_id"
NO_EXPORT = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 2))")
KEYS = text("SELECT key FROM uploads WHERE organization_id = ANY (:organization_ids)")
OF_TEXT = f"""kind IN ('profile-name', 'profile-email') AND (lower(value) = ANY (:addresses)
    OR (organization_id, value) IN (
        SELECT organization_id, unnest(ARRAY[name, first_name || ' ' || last_name] || emails)
          FROM profiles WHERE {OWN}))
"""  # noqa: S608
"""A name that somebody else has, too, is made again when it is next needed: profiles hold their names themselves."""
PLACES = text(f"SELECT id, organization_id, user_id FROM profiles WHERE {OWN} ORDER BY organization_id, id")  # noqa: S608


async def leave(session: AsyncSession, person: Person) -> dict[str, int]:
    """Let the person leave organizations and cohorts as others do, so that everybody hears of it."""
    if person.user_id is not None:
        await organizations.hold(session, person.user_id)
    who = {"user_id": person.user_id, "individual_ids": person.individual_ids}
    for profile_id, organization_id, user_id in (await session.execute(PLACES, who)).all():
        if user_id is not None:
            await profiles.remove(session, organization_id, user_id)
        await cohorts.drop_member(session, organization_id, profile_id)
    await session.flush()
    return {}


async def remove_files(runtime: Runtime, session: AsyncSession, person: Person) -> dict[str, int]:
    """Remove files made in the person's organizations: they may show the person. One being made is waited for."""
    for organization_id in sorted(person.organization_ids):
        await session.execute(NO_EXPORT, {"what": f"export {organization_id}"})
    keys = list(await session.scalars(KEYS, {"organization_ids": person.organization_ids}))
    await runtime.objects.delete(*keys)
    return {}


PLAN = Plan(
    first=leave,
    further=remove_files,
    erased=(
        Gone("texts", OF_TEXT),
        Gone("emulations", f"user_id = :user_id OR target_profile_id IN (SELECT id FROM profiles WHERE {OWN})"),  # noqa: S608
        Gone("profile_requests", OF_PROFILE),
        Gone("uploads", "organization_id = ANY (:organization_ids)"),
        Gone("draft_versions", f"draft_id IN (SELECT id FROM drafts WHERE {OF_DRAFT})"),  # noqa: S608
        Gone("drafts", OF_DRAFT),
        Gone("events", f"person_id IN ({OF_PERSON} UNION ALL {UNKNOWN})"),
        Gone("cohort_completions", f"profile_id IN ({OF_PERSON})"),
        Gone("cohort_changes", f"person_id IN ({OF_PERSON})"),
        Gone("person_dates", f"person_id IN ({OF_PERSON})"),
        Gone("cohort_members", f"profile_id IN ({OF_PERSON})"),
        Gone("profile_cohorts", f"profile_id IN ({OF_PERSON})"),
        Gone("profile_personas", OF_PROFILE),
        Gone("user_roles", "user_id = :user_id"),
        Gone("group_people", "user_id = :user_id"),
        Gone("persons", f"id IN ({OF_PERSON})"),
        Gone("person_distinct_ids", f"lower(distinct_id) = ANY ({KNOWN_BY})"),
        Blanked(
            "persons",
            "properties ->> 'individual_id' = ANY (CAST(CAST(:individual_ids AS uuid[]) AS text[]))",
            {"properties": "properties - 'individual_id'"},
        ),
        Gone("profiles", OWN),
        Blanked("profiles", "individual_id = ANY (:individual_ids)", {"individual_id": "NULL"}),
    ),
    kept={
        "cohort_activities": "who did what to a cohort, when, acting as whom: ids only",
        "cohort_calculations": "what was calculated, and why it failed",
        "cohort_mentions": "names of properties and events",
        "cohort_imports": "that a file of persons is on its way into a cohort; the file is an upload",
        "cohorts": "who made or changed one is an id",
        "groups": "names of groups",
        "member_announcements": "ids only, and gone once they are announced",
        "organizations": "names of organizations",
        "profile_activities": "who did what to a profile, when, acting as whom: ids only",
        "personas": "names of parts that people play",
        "simulation_positions": "places in an order",
        "simulations": "names of simulations",
    },
)
