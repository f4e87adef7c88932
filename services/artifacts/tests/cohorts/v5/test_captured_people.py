"""Persons without a profile in the v5 dialect: they count, are not listed, and stay."""

from artifacts.cohorts import members
from artifacts_capturing import event, project_of


async def test_captured_people_count_and_stay(world, session):
    project = await project_of(world, world.organization, 41)
    await project.sent(event("seen", "visitor"))
    visitor = (await project.person("visitor")).id
    ann, bob = await world.person("Ann"), await world.person("Bob")
    cohort = await world.cohort("Mixed", profile_ids=[str(ann.id)])
    await members.enter(session, world.organization, {cohort: [visitor]}, "hand")
    await world.post("cohorts/refresh", {})
    for chosen in (ann, bob):
        listed = await world.post("cohorts/search", {})
        assert [(one["profile_ids"], one["num_members"]) for one in listed["cohorts"]] == [([str(chosen.id)], 2)]
        form = await world.post("cohorts/get", {"cohort_id": cohort})
        assert [one["profile_id"] for one in form["profiles"]["current"]] == [str(chosen.id)]
        body = {"cohorts": [{"cohort_id": cohort, "profile_ids": [str(bob.id)]}]}
        assert (await world.post("cohorts/update", body))["results"][0]["success"]
