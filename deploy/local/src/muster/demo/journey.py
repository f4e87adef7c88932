"""The journey itself: a list of steps, each a function that reads like its line in the output."""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from rich.console import Console

from muster import files, reports, state
from muster.demo import data
from muster.demo.client import Answer, Log, Person, StepFailed, until
from muster.home import Home, locate

ABREAST = 8
REVOKED_WITHIN_SECONDS = 1.0
PASSWORD = "correct-horse-battery-staple-%s"  # noqa: S105 - the demo's people need one


@dataclass
class Story:
    """What the steps learn and pass on."""

    home: Home
    gateway: str
    console: str
    http: aiohttp.ClientSession
    log: Log
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    operator: Person = field(init=False)
    patient: Person = field(init=False)
    organization_id: str = ""
    code: str = ""
    groups: dict[str, str] = field(default_factory=dict[str, str])
    staff: dict[str, str] = field(default_factory=dict[str, str])
    individuals: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    cohort: str = ""
    trace_id: str = ""

    def __post_init__(self) -> None:
        self.operator = Person(self.http, self.gateway)
        self.patient = Person(self.http, self.gateway)

    @property
    def patient_email(self) -> str:
        """Where the person of this run receives mail."""
        return f"rosa.{self.run}@mail.example"


Step = Callable[[Story], Awaitable[tuple[Any, Any]]]


async def sign_in_as_operator(story: Story) -> tuple[Any, Any]:
    admin = files.read_object(story.home.path / "admin.json")
    answer = await story.operator.sign_in(admin["email"], admin["password"])
    return answer.status, None


async def create_organization(story: Story) -> tuple[Any, Any]:
    attributes = {
        "name": f"harbor-health-{story.run}",
        "display-name": "Harbor Health",
        "provider-type": "coach",
        "classification": "customer_test",
        "timezone": "America/New_York",
    }
    body = document("organizations", attributes)
    answer = await story.operator.expect(201, "POST", "/v1/organizations/", body)
    story.organization_id = answer.id
    return answer.status, None


async def create_groups(story: Story) -> tuple[Any, Any]:
    for group in data.groups():
        attributes = {
            "name": group.name,
            "node-type": group.node_type,
            "organization-id": story.organization_id,
        }
        if group.parent:
            attributes["parent-group-id"] = story.groups[group.parent]
        body = document("individual-groups", attributes)
        answer = await story.operator.expect(201, "POST", "/v1/individual-groups/", body)
        story.groups[group.name] = answer.id
    return f"{len(story.groups)} x 201", None


async def register_participants(story: Story) -> tuple[Any, Any]:
    async def register(person: data.Participant) -> None:
        attributes = {
            "owner-id": story.organization_id,
            "first-name": person.first_name,
            "last-name": person.last_name,
            "birth-date": person.birth_date,
        }
        answer = await story.operator.expect(201, "POST", "/v1/individuals/", document("individuals", attributes))
        story.individuals.setdefault(person.group, []).append(answer.id)

    people = data.participants()
    await abreast([lambda person=person: register(person) for person in people])
    return f"{len(people)} x 201", None


async def place_participants(story: Story) -> tuple[Any, Any]:
    for group, ids in story.individuals.items():
        path = f"/v1/individual-groups/{story.groups[group]}/add-individuals/"
        await story.operator.expect(201, "POST", path, {"individual-ids": ids})
    return f"{len(story.individuals)} x 201", None


async def create_staff(story: Story) -> tuple[Any, Any]:
    async def create(person: data.Staff) -> None:
        email = f"{person.mailbox}.{story.run}@harbor.example"
        attributes = {
            "username": email,
            "email": email,
            "first-name": person.first_name,
            "last-name": person.last_name,
            "password": PASSWORD % story.run,
        }
        user = await story.operator.expect(201, "POST", "/v1/users/", document("users", attributes))
        story.staff[person.mailbox] = user.id
        path = f"/v1/organizations/{story.organization_id}/add-user/"
        member = {"user-id": user.id} | ({"role-id": ADMIN_ROLE} if person.role == "org.admin" else {})
        await story.operator.expect(201, "POST", path, document("organizations", member))

    people = data.staff()
    await abreast([lambda person=person: create(person) for person in people], at_once=2)
    return f"{len(people)} x 201", None


ADMIN_ROLE = "018f0000-0000-7000-8000-000000000001"


async def create_code(story: Story) -> tuple[Any, Any]:
    attributes = {
        "id": f"harbor-{story.run}",
        "organization-id": story.organization_id,
        "individual-group-id": story.groups["Healthy Start"],
    }
    body = document("organization-codes", attributes)
    answer = await story.operator.expect(201, "POST", "/v1/organization-codes/", body)
    story.code = answer.id
    return answer.status, None


async def sign_up(story: Story) -> tuple[Any, Any]:
    body = {
        "username": story.patient_email,
        "email": story.patient_email,
        "password": PASSWORD % story.run,
        "first-name": "Rosa",
        "last-name": "Delgado",
        "organization-code": story.code,
        "locale": "en_US",
        "tz": "America/New_York",
        "source": "email",
    }
    answer = await story.patient.expect(201, "POST", "/v1/sign-up/", body)
    story.trace_id = answer.headers.get("x-trace-id", "")
    return answer.status, None


async def confirm_by_mail(story: Story) -> tuple[Any, Any]:
    async def code() -> str | None:
        async with story.http.get(f"{story.console}/mail.json", params={"to": story.patient_email}) as answer:
            for mail in await answer.json():
                if found := re.search(r"^\s*([A-Z0-9]{6,8})\s*$", mail["text"], re.MULTILINE):
                    return found[1]
        return None

    found = await until(code, "the mail with the code")
    body = {"username": story.patient_email, "confirmation-code": found}
    answer = await story.patient.expect(201, "POST", "/v1/confirm-sign-up/", body)
    return answer.status, None


async def sign_in_as_patient(story: Story) -> tuple[Any, Any]:
    answer = await story.patient.sign_in(story.patient_email, PASSWORD % story.run)
    return answer.status, None


async def set_leaders(story: Story) -> tuple[Any, Any]:
    changes = 0
    for person in data.staff():
        kind = "leaders" if person.position == "leader" else "members"
        path = f"/v1/individual-groups/{story.groups[person.group]}/add-{kind}/"
        await story.operator.expect(201, "POST", path, {"user-ids": [story.staff[person.mailbox]]})
        changes += 1
    return f"{changes} x 201", None


async def leader_may_read(story: Story) -> tuple[Any, Any]:
    answer = await until(lambda: decided(story, allow=True), "the leader's right")
    return "allowed", answer.headers["x-authz-revision"]


async def move_group(story: Story) -> tuple[Any, Any]:
    path = f"/v1/individual-groups/{story.groups['Diabetes Program']}/move-group/"
    body = {"to-parent-group-id": story.groups["Community Programs"]}
    answer = await story.operator.expect(201, "POST", path, body)
    return answer.status, None


async def leader_may_not_read(story: Story) -> tuple[Any, Any]:
    answer = await until(lambda: decided(story, allow=False), "the end of the leader's right")
    return "denied", answer.headers["x-authz-revision"]


async def decided(story: Story, *, allow: bool) -> Answer | None:
    """Authz's answer, once it is `allow`: may the network's leader read somebody of the diabetes programme?"""
    individual = story.individuals["Diabetes Program"][0]
    leader = next(p for p in data.staff() if p.group == "Harbor Health Network")
    body = {"user-id": story.staff[leader.mailbox], "access-query": [f"individual:{individual}:read"]}
    answer = await story.operator.expect(201, "POST", "/v1/authz-resource-access/", body)
    return answer if answer.body["allow"] is allow else None


async def act_in_organization(story: Story) -> tuple[Any, Any]:
    """The operator's token for the organization, once identity knows that they belong to it."""

    async def switched() -> Answer | None:
        path = f"/v1/users/{story.operator.tokens['user-id']}/switch-organization/"
        body = {"organization-id": story.organization_id, "set-default": False}
        answer = await story.operator.call("POST", path, body)
        return answer if answer.status == 201 else None  # noqa: PLR2004

    answer = await until(switched, "the operator's membership")
    story.operator.tokens = {**story.operator.tokens, **answer.body}
    return answer.status, None


async def profiles_appear(story: Story) -> tuple[Any, Any]:
    wanted = len(story.staff) + 1

    async def found() -> list[str] | None:
        answer = await story.operator.call("POST", "/api/v5/artifacts/profiles/search", {"page_size": 100})
        if answer.status != 200 or (answer.body["total_count"] or 0) < wanted:  # noqa: PLR2004
            return None
        return [profile["profile_id"] for profile in answer.body["profiles"]]

    profiles = await until(found, f"{wanted} profiles")
    return f"{len(profiles)} profiles", profiles


async def create_cohort(story: Story, profiles: list[str]) -> tuple[Any, Any]:
    item = {"name": f"Spring check-in {story.run}", "description": "Everybody of the network", "profile_ids": profiles}
    body = {"cohorts": [item]}
    answer = await story.operator.expect(200, "POST", "/api/v5/artifacts/cohorts/create", body)
    result = answer.body["results"][0]
    if not result["success"]:
        raise StepFailed(f"the cohort was refused: {result}")
    story.cohort = item["name"]
    return answer.status, None


async def cohort_in_projects(story: Story) -> tuple[Any, Any]:
    answer = await story.operator.expect(200, "GET", "/api/projects/@current/cohorts/")
    row = next((row for row in answer.body["results"] if row["name"] == story.cohort), None)
    if row is None:
        raise StepFailed("the projects dialect does not show the cohort")
    return f"id {row['id']}", None


async def cohort_in_learning(story: Story) -> tuple[Any, Any]:
    answer = await story.operator.expect(200, "GET", "/api/v1/learning/cohorts")
    row = next((row for row in answer.body["items"] if row["name"] == story.cohort), None)
    if row is None:
        raise StepFailed("the learning dialect does not show the cohort")
    return f"{row['id'][:10]}…", None


async def mails_in_log(story: Story) -> tuple[Any, Any]:
    async def logged() -> int | None:
        path = f"/v1/email-logs/?filter[destination]={story.patient_email}"
        answer = await story.operator.expect(200, "GET", path)
        return len(answer.body["data"]) or None

    count = await until(logged, "the mail in the log")
    return f"{count} mails", None


async def disable_person(story: Story) -> tuple[Any, Any]:
    path = f"/v1/users/{story.patient.tokens['user-id']}/disable/"
    answer = await story.operator.expect(201, "POST", path, {})
    return answer.status, None


PROBES = {
    "identity": ("GET", "/v1/sessions/"),
    "orgs": ("GET", "/v1/user-organizations/"),
    "authz": ("GET", "/v1/roles/"),
    "artifacts": ("POST", "/api/v5/artifacts/profiles/context"),
    "notifications": ("GET", "/v1/email-logs/"),
}
"""One call of each service that any valid token reaches."""


async def token_refused(story: Story) -> tuple[Any, Any]:
    started = time.monotonic()

    async def refused(service: str) -> None:
        method, path = PROBES[service]
        body = {} if method == "POST" else None

        async def asked() -> bool | None:
            answer = await story.patient._send(method, path, body, {})  # noqa: SLF001 - no refresh: that is the point
            return True if answer.status == 401 else None  # noqa: PLR2004

        await until(asked, f"{service} refusing the token")

    await asyncio.gather(*(refused(service) for service in PROBES))
    took = time.monotonic() - started
    if took > REVOKED_WITHIN_SECONDS:
        raise StepFailed(f"the token was refused everywhere only after {took:.2f} s")
    return "5 x 401", None


async def show_trace(story: Story) -> tuple[Any, Any]:
    if not story.trace_id:
        raise StepFailed("the sign-up was not traced")

    async def whole() -> dict[str, Any] | None:
        async with story.http.get(f"{story.console}/traces/{story.trace_id}.json") as answer:
            if answer.status != 200:  # noqa: PLR2004
                return None
            found = await answer.json()
        return found if {"gateway", "identity", "notifications"} <= services_of(found["roots"]) else None

    found = await until(whole, "the trace of the sign-up")
    return f"{found['spans']} spans", found


def services_of(nodes: list[dict[str, Any]]) -> set[str]:
    """The services that took part in a trace."""
    return {node["service"] for node in nodes}.union(*(services_of(node["children"]) for node in nodes))


def document(kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A JSON:API document of a new resource or an action."""
    return {"data": {"type": kind, "attributes": attributes}}


async def abreast(actions: list[Callable[[], Awaitable[None]]], at_once: int = ABREAST) -> None:
    """Run actions, a few at a time."""
    room = asyncio.Semaphore(at_once)

    async def limited(action: Callable[[], Awaitable[None]]) -> None:
        async with room:
            await action()

    await asyncio.gather(*(limited(action) for action in actions))


async def tell(story: Story) -> None:
    """All steps, in order."""

    async def step(title: str, action: Callable[..., Awaitable[tuple[Any, Any]]], *more: Any) -> Any:
        return await story.log.step(title, lambda: action(story, *more))

    await step("The operator signs in", sign_in_as_operator)
    await step("An organization", create_organization)
    await step("A tree of groups, three levels deep", create_groups)
    await step("120 participants are registered", register_participants)
    await step("They are placed in their groups", place_participants)
    await step("12 members of staff", create_staff)
    await step("A sign-up code that leads into the group Healthy Start", create_code)
    await step("Rosa signs up with the code", sign_up)
    await step("The code arrives by mail and is confirmed", confirm_by_mail)
    await step("Rosa signs in", sign_in_as_patient)
    await step("Leaders and members are set", set_leaders)
    revision = await step("The network's leader may read an individual two levels down", leader_may_read)
    story.log.note(f"decided at revision {revision}")
    await step("The group Diabetes Program moves to another tree", move_group)
    revision = await step("Now the leader may not", leader_may_not_read)
    story.log.note(f"decided at revision {revision}")
    await step("The operator acts in the organization", act_in_organization)
    profiles = await step("A profile for each of the staff and for Rosa", profiles_appear)
    await step("A cohort of them, made in the v5 dialect", create_cohort, profiles)
    await step("The projects dialect lists it", cohort_in_projects)
    await step("The learning dialect lists it", cohort_in_learning)
    await step("The mails sent are in the log", mails_in_log)
    await step("Rosa is disabled", disable_person)
    await step("All five services refuse Rosa's token within a second", token_refused)
    trace = await step("The sign-up as one trace, across services and events", show_trace)
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
