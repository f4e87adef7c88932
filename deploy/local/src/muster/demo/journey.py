"""The journey itself: its steps in order, and how it is run."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from rich.console import Console

from muster import reports, state
from muster.demo import cohorts, organization, person, reach
from muster.demo.client import Log, StepFailed
from muster.demo.story import Story
from muster.home import Home, locate


async def tell(story: Story) -> None:
    """All steps, in order."""

    async def step(title: str, action: Callable[..., Awaitable[tuple[Any, Any]]], *more: Any) -> Any:
        return await story.log.step(title, lambda: action(story, *more))

    await step("The operator signs in", organization.sign_in_as_operator)
    await step("An organization", organization.create_organization)
    await step("A tree of groups, three levels deep", organization.create_groups)
    await step("120 participants are registered", organization.register_participants)
    await step("They are placed in their groups", organization.place_participants)
    await step("12 members of staff", organization.create_staff)
    await step("A sign-up code that leads into the group Healthy Start", organization.create_code)
    await step("Rosa signs up with the code", person.sign_up)
    await step("The code arrives by mail and is confirmed", person.confirm_by_mail)
    await step("Rosa signs in", person.sign_in_as_patient)
    await step("Leaders and members are set", organization.set_leaders)
    revision = await step("The network's leader may read an individual two levels down", reach.leader_may_read)
    story.log.note(f"decided at revision {revision}")
    await step("The group Diabetes Program moves to another tree", reach.move_group)
    revision = await step("Now the leader may not", reach.leader_may_not_read)
    story.log.note(f"decided at revision {revision}")
    await step("The operator acts in the organization", cohorts.act_in_organization)
    profiles = await step("A profile for each of the staff and for Rosa", cohorts.profiles_appear)
    await step("A cohort of them, made in the v5 dialect", cohorts.create_cohort, profiles)
    await step("The projects dialect lists it", cohorts.cohort_in_projects)
    await step("The learning dialect lists it", cohorts.cohort_in_learning)
    await step("The mails sent are in the log", person.mails_in_log)
    await step("Rosa is disabled", person.disable_person)
    await step("All five services refuse Rosa's token within a second", person.token_refused)
    trace = await step("The sign-up as one trace, across services and events", person.show_trace)
    story.log.console.print(reports.trace_tree(trace))


async def play(home: Home, console: Console) -> int:
    """Run the journey. Returns the exit status."""
    urls = state.read(home)["urls"]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
        story = Story(home, urls["gateway"], urls["console"], http, Log(console))
        try:
            await tell(story)
        except StepFailed as failure:
            console.print(f"[red]failed[/]  {failure}")
            return 1
        except aiohttp.ClientError as error:
            console.print(f"[red]failed[/]  the gateway did not answer: {error}")
            return 1
    console.print(reports.address_table(home))
    return 0


def run() -> int:
    """The demo, for the command."""
    return asyncio.run(play(locate(), reports.plain_console()))
