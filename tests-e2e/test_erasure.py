"""A marked person is planted everywhere, erased, and looked for in every database, stream and log.

The mailbox of development is left out: it stands for the person's own mail.
"""

import asyncio
import base64
import json
import os
import shlex
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from journeys import PASSWORD, Gateway, document, new_code, new_organization, new_staff, switched, unique, until
from platforms import Platform

SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")
ERASED_SECONDS = 90
SCHEMA = {"type": "object", "properties": {"plan": {"type": "string"}}}


class Marked:
    """A person whose every word holds a mark that nothing else does."""

    def __init__(self) -> None:
        self.mark = unique("Zyxwaldo").replace("-", "")
        self.email = f"{self.mark}@mail.example"
        digits = str(int(self.mark[8:], 16))[-7:].zfill(7)
        self.phone = f"+1415{max(2, int(digits[0]))}{digits[1:]}"

    @property
    def forms(self) -> list[bytes]:
        """How the mark may stand somewhere: plain, hexadecimal, and in base64 at each of three offsets; lower case."""
        found = []
        for text in {self.mark, self.mark.lower(), self.mark.upper()}:
            raw = text.encode()
            found += [raw, raw.hex().encode()]
            for offset in range(3):
                whole = base64.b64encode(bytes(offset) + raw)
                found.append(whole[4 if offset else 0 : len(whole) - 4])
        return [*{form.lower() for form in found}, self.phone.encode(), self.phone.removeprefix("+").encode()]

    def stands_in(self, content: bytes) -> bool:
        lowered = content.lower()
        return any(form in lowered for form in self.forms)


async def sign_up(operator: Gateway, organization: str, marked: Marked, codes: int = 0) -> Gateway:
    """Sign up with enrollment data, confirm and sign in. `codes` is how many codes the person got before."""
    group = await operator.post(
        "/v1/individual-groups/",
        document("individual-groups", {"name": "Ward", "organization-id": organization, "node-type": "division"}),
    )
    schema = {"enrollment-schema": SCHEMA, "individual-group-id": group["data"]["id"]}
    code = await new_code(operator, organization, **schema)
    body = {
        "username": marked.email,
        "email": marked.email,
        "password": PASSWORD % marked.email,
        "organization-code": code,
        "source": "email",
        "contact-phone-mobile": marked.phone,
        "enrollment-data": {"plan": marked.mark},
        "first-name": f"{marked.mark} Anna",
        "last-name": marked.mark.upper(),
        "preferred-name": marked.mark,
    }
    await operator.post("/v1/sign-up/", body, idempotency_key=unique("key"))
    confirmation = await operator.mailed_code(marked.email, after=codes)
    await operator.post("/v1/confirm-sign-up/", {"username": marked.email, "confirmation-code": confirmation})
    return await operator.sign_in(marked.email, PASSWORD % marked.email)


async def plant(operator: Gateway, organization: str, marked: Marked) -> Gateway:
    """Sign up, be written to, be looked for, be changed, and come into a cohort."""
    person = await sign_up(operator, organization, marked)
    await operator.post("/v1/forgot-password/", {"username": marked.email})
    await operator.call("GET", f"/v1/users/?text={marked.mark}")
    await operator.call("GET", f"/v1/users/?filter[email]={marked.email}")
    changed = document("users", {"first-name": f"{marked.mark} again"}, person.user_id)
    key = unique("key")
    answer = await person.call("PATCH", f"/v1/users/{person.user_id}/", changed, idempotency_key=key)
    assert answer.status_code == 200, answer.text
    await in_cohort(operator, organization, person)
    return person


async def in_cohort(operator: Gateway, organization: str, person: Gateway) -> None:
    """Wait for the person's profile, and put it into a cohort."""
    admin = await switched(operator, organization)

    async def profile() -> str | None:
        answer = await admin.call("POST", "/api/v5/artifacts/profiles/search", {})
        rows = answer.json().get("profiles", []) if answer.is_success else []
        found = [row for row in rows if person.tokens["email"] in json.dumps(row)]
        return next((row.get("profile_id") or row["id"] for row in found), None)

    identifier = await until(profile)
    body = {"cohorts": [{"name": "Together", "profile_ids": [identifier]}]}
    made = await admin.post("/api/v5/artifacts/cohorts/create", body, status=200)
    assert made["results"][0]["success"], made


async def ask(operator: Gateway, platform: Platform, person: Gateway, **attributes: Any) -> str:
    body = {"type": "user", "user-id": person.user_id, "password": platform.password} | attributes
    made = await operator.post("/v1/deletion-requests/", document("deletion-requests", body))
    return made["data"]["id"]


async def done(operator: Gateway, request: str) -> dict[str, Any]:
    """Wait until the request is done, whoever is killed meanwhile."""
    last: dict[str, Any] = {}

    async def asked() -> dict[str, Any] | None:
        nonlocal last
        try:
            answer = await operator.call("GET", f"/v1/deletion-requests/{request}/")
        except Exception:  # noqa: BLE001 - whoever was killed is not back yet
            return None
        if not answer.is_success:
            return None
        last = answer.json()["data"]["attributes"]
        return last if last["status"] in ("done", "failed") else None

    try:
        return await until(asked, ERASED_SECONDS)
    except AssertionError:
        raise AssertionError(f"not done: {last}") from None


async def rows_with(platform: Platform, marked: Marked) -> list[str]:
    """Every row of every database that shows the mark, as text."""
    secrets = json.loads((platform.home / "secrets.json").read_text())
    ports = json.loads((platform.home / "state.json").read_text())["ports"]
    found: list[str] = []
    for service in SERVICES:
        url = f"postgresql://{service}:{secrets['databases'][service]}@127.0.0.1:{ports['postgres']}/{service}"
        database = await asyncpg.connect(url, ssl=False)
        tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        for (table,) in await database.fetch(tables):
            async with database.transaction():
                async for (row,) in database.cursor(f'SELECT t::text FROM "{table}" AS t'):
                    if marked.stands_in(row.encode()):
                        found.append(f"{service}.{table}: {row[:300]}")
        await database.close()
    return found


async def messages_with(platform: Platform, marked: Marked) -> list[str]:
    """Every message of every stream that shows the mark."""
    secrets = json.loads((platform.home / "secrets.json").read_text())
    ports = json.loads((platform.home / "state.json").read_text())["ports"]
    password = secrets["nats"]["operator"]
    client = await nats.connect(f"nats://127.0.0.1:{ports['nats']}", user="operator", password=password)
    jetstream = client.jetstream()
    found: list[str] = []
    read = 0
    for stream in await jetstream.streams_info():
        name, left = stream.config.name, stream.state.messages
        if not left:
            continue
        subscription = await jetstream.subscribe(">", stream=name, ordered_consumer=True)
        while left:
            message = await subscription.next_msg(10)
            left = message.metadata.num_pending
            read += 1
            text = f"{message.subject} {message.headers}".encode() + message.data
            if marked.stands_in(text):
                found.append(f"{name} {message.metadata.sequence.stream}: {text[:300]!r}")
        await subscription.unsubscribe()
    await client.close()
    assert read > 10
    return found


def files_with(platform: Platform, marked: Marked) -> list[str]:
    """Every line of a log, a trace or a stored object that shows the mark."""
    folders = [platform.home / name for name in ("logs", "traces", "objects", "gateway", "envoy")]
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert {f"{service}.log" for service in SERVICES} <= {path.name for path in paths}
    return [
        f"{path.name}: {line[:300]!r}"
        for path in paths
        for line in path.read_bytes().splitlines()
        if marked.stands_in(line)
    ]


async def assert_nothing_left(platform: Platform, marked: Marked) -> None:
    assert await rows_with(platform, marked) == []
    assert await messages_with(platform, marked) == []
    assert files_with(platform, marked) == []


async def refused(person: Gateway) -> bool | None:
    """Whether the person's token no longer counts."""
    return True if (await person.raw("GET", "/v1/sessions/")).status_code == 401 else None


@pytest.fixture
def home(platform: Platform) -> Path:
    if platform.home is None:
        pytest.fail("this journey needs a platform whose databases and logs it may read")
    return platform.home


async def test_nothing_is_left_of_an_erased_person(platform: Platform, operator: Gateway, home: Path) -> None:
    organization = await new_organization(operator)
    marked, other = Marked(), Marked()
    person = await plant(operator, organization, marked)
    stays = await plant(operator, organization, other)
    before = await rows_with(platform, marked)
    holding = {row.split(":")[0].split(".")[0] for row in before}
    assert {"identity", "orgs", "artifacts", "notifications"} <= holding, holding
    request = await ask(operator, platform, person, archive=True)
    await until(partial(refused, person))
    finished = await done(operator, request)
    assert finished["status"] == "done", finished
    assert {one["app"]: one["state"] for one in finished["progress"]} == dict.fromkeys(SERVICES, "done")
    assert all(one["receipt"]["digest"] for one in finished["progress"])
    await assert_nothing_left(platform, marked)
    assert marked.mark.lower() not in json.dumps(finished).lower()
    copied = open_copy(platform, request)
    assert marked.mark in json.dumps(copied["orgs"])
    assert marked.mark in json.dumps(copied["identity"])
    assert (await operator.get(f"/v1/users/{stays.user_id}/"))["data"]["attributes"]["email"] == other.email
    assert len(await rows_with(platform, other)) > 5
    await audited(platform)
    again = await sign_up(operator, organization, marked, codes=2)
    assert again.user_id != person.user_id


def open_copy(platform: Platform, request: str) -> dict[str, Any]:
    """What the operator's command shows."""
    printed = platform.muster("env", "identity").stdout
    variables = dict(line.removeprefix("export ").split("=", 1) for line in printed.splitlines() if "=" in line)
    environment = {**os.environ, **{name: shlex.split(value)[0] if value else "" for name, value in variables.items()}}
    command = [sys.executable, "-m", "identity", "open-copy", request]
    shown = subprocess.run(command, env=environment, capture_output=True, check=False, timeout=60)
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


async def audited(platform: Platform) -> None:
    async def asked() -> bool | None:
        checked = await asyncio.to_thread(platform.muster, "audit", check=False)
        return True if checked.returncode == 0 else None

    await until(asked, 30)


def pid_of(platform: Platform, name: str) -> int:
    return json.loads(platform.muster("status", "--json", check=False).stdout)["components"][name]["pid"]


@pytest.mark.parametrize("victim", ["orgs", "identity"])
async def test_an_erasure_ends_whoever_is_killed(
    platform: Platform, operator: Gateway, home: Path, victim: str
) -> None:
    organization = await new_organization(operator)
    marked = Marked()
    person = await plant(operator, organization, marked)
    process = pid_of(platform, victim)
    request = await ask(operator, platform, person)

    async def reached() -> bool | None:
        answer = await operator.call("GET", f"/v1/deletion-requests/{request}/")
        steps = {one["app"]: one["state"] for one in answer.json()["data"]["attributes"]["progress"]}
        return True if victim == "identity" or steps[victim] in ("running", "done") else None

    await until(reached, ERASED_SECONDS)
    os.kill(process, signal.SIGKILL)
    finished = await done(operator, request)
    assert finished["status"] == "done", finished
    await assert_nothing_left(platform, marked)
    await audited(platform)


async def test_an_archived_person_signs_in_no_more(platform: Platform, operator: Gateway) -> None:
    organization = await new_organization(operator)
    marked = Marked()
    person = await plant(operator, organization, marked)
    user = (await operator.get(f"/v1/users/{person.user_id}/"))["data"]["attributes"]
    individual = user["primary-individual-id"]
    body = {"individual-id": individual, "password": PASSWORD % marked.email}
    made = (await person.post("/v1/archive-requests/", document("archive-requests", body)))["data"]
    for value in ("enough", "yes", "yes"):
        said = await person.post(f"/v1/archive-requests/{made['id']}/answer/", {"value": value})
    assert said["data"]["attributes"]["request-state"] in ("archive-confirmed", "archived")

    async def archived() -> bool | None:
        listed = await operator.get(f"/v1/archive-requests/?filter[individual-id]={individual}")
        return True if listed["data"][0]["attributes"]["request-state"] == "archived" else None

    await until(archived)
    denied = await operator.raw("POST", "/v1/login/", {"username": marked.email, "password": PASSWORD % marked.email})
    assert denied.status_code == 401
    kept = await operator.get(f"/v1/individuals/{individual}/")
    assert kept["data"]["attributes"]["archived-time"]
    await new_staff(operator, organization)
