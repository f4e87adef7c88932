"""A person signs up, is written to, is disabled."""

import asyncio
import re
import time
from typing import Any

from muster.demo.client import StepFailed, until
from muster.demo.story import PASSWORD, Story

REVOKED_WITHIN_SECONDS = 1.0
PROBES = {
    "identity": ("GET", "/v1/sessions/"),
    "orgs": ("GET", "/v1/user-organizations/"),
    "authz": ("GET", "/v1/roles/"),
    "artifacts": ("POST", "/api/v5/artifacts/profiles/context"),
    "notifications": ("GET", "/v1/email-logs/"),
}
"""One call of each service that any valid token reaches."""


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


async def token_refused(story: Story) -> tuple[Any, Any]:
    started = time.monotonic()

    async def refused(service: str) -> None:
        method, path = PROBES[service]
        body = {} if method == "POST" else None

        async def asked() -> bool | None:
            answer = await story.patient.send(method, path, body, {})
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
