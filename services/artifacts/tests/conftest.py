"""The suite's world: two organizations, and identity as far as this service asks it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from artifacts import consumers
from artifacts.main import create_app
from artifacts.profiles.models import Profile
from artifacts.settings import Settings
from artifacts.simulations.models import Simulation
from contracts.orgs import GroupCreated, GroupPeopleChanged, OrganizationCreated, OrganizationUserAdded
from kernel import now
from messaging import Meta
from sqlalchemy import select
from testkit.fixtures import service_fixtures

database, app, client, session, outbox, live = service_fixtures("artifacts", create_app, Settings)


class Identity:
    """Users by id, over HTTP."""

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {}
        self.status = 200

    async def user(self, request: web.Request) -> web.Response:
        attributes = self.users.get(request.match_info["id"])
        if self.status != 200 or attributes is None:
            return web.json_response({"errors": []}, status=self.status if self.status != 200 else 404)
        return web.json_response({"data": {"id": "1", "type": "users", "attributes": attributes}, "meta": {}})

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access-token": "internal", "expires-in": 600}, status=201)


@pytest_asyncio.fixture
async def identity(app) -> AsyncIterator[Identity]:
    made = Identity()
    application = web.Application()
    application.router.add_get("/v1/users/{id}/", made.user)
    application.router.add_post("/v1/internal-auth", made.token)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    runtime = app.state.runtime
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
    runtime.settings = msgspec.structs.replace(runtime.settings, identity_url=url)
    yield made
    await runner.cleanup()


class World:
    """Events in, callers, and rows to look at."""

    def __init__(self, app, client, session, identity: Identity) -> None:
        self.table = consumers.table(app.state.runtime)
        self.client = client
        self.session = session
        self.identity = identity
        self.organization = uuid4()
        self.elsewhere = uuid4()

    async def happen(self, *events) -> None:
        """Handle events as they come from the streams."""
        for event in events:
            meta = Meta(
                event_id=uuid4(),
                occurred_at=now(),
                aggregate_version=1,
                stream="EVT",
                sequence=1,
                tenant_id=None,
                traceparent=None,
            )
            async with self.session.begin_nested():
                await self.table[type(event)](self.session, event, meta)
        await self.session.flush()

    def known(self, first: str, last: str = "Doe", **attributes: Any) -> UUID:
        """A user whom identity knows."""
        user = uuid4()
        names = {"first-name": first, "last-name": last, "email": f"{first.lower()}@example.org", "enabled": True}
        self.identity.users[str(user)] = names | attributes
        return user

    async def person(
        self, first: str, *, role: str | None = "org.member", organization: UUID | None = None, **attributes: Any
    ) -> Profile:
        """Somebody who belongs to the organization; without a role they are a participant."""
        user = self.known(first, **attributes)
        await self.happen(
            OrganizationUserAdded(
                organization_id=organization or self.organization,
                user_id=user,
                account_type="provider" if role else "patient",
                role=role,
            )
        )
        return await self.profile(user)

    async def profile(self, user: UUID) -> Profile:
        statement = select(Profile).where(Profile.user_id == user).execution_options(populate_existing=True)
        return (await self.session.scalars(statement)).one()

    async def department(self, name: str, *leaders: Profile, organization: UUID | None = None) -> UUID:
        group, chosen = uuid4(), organization or self.organization
        await self.happen(
            GroupCreated(
                group_id=group, organization_id=chosen, parent_id=None, name=name, node_type="division", type="regular"
            ),
            GroupPeopleChanged(
                group_id=group,
                organization_id=chosen,
                kind="leader",
                added=tuple(leader.user_id for leader in leaders),
            ),
        )
        return group

    async def simulation(self, name: str, organization: UUID | None = None) -> UUID:
        made = Simulation(organization_id=organization or self.organization, name=name)
        self.session.add(made)
        await self.session.flush()
        return made.id

    def as_(self, role: str = "org.admin", *, user: UUID | None = None, organization: UUID | None = None):
        """A caller in the organization; an empty role is a participant's."""
        return self.client.as_(
            user_id=user, organization_id=organization or self.organization, roles=(role,) if role else ()
        )

    async def post(self, path: str, body: Any, caller=None, **headers: str) -> Any:
        """The answer of a call that must succeed."""
        answer = await (caller or self.as_()).post(f"/api/v5/artifacts/{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def cohort(self, name: str, caller=None, **item: Any) -> str:
        body = await self.post("cohorts/create", {"cohorts": [{"name": name, **item}]}, caller)
        assert body["results"][0]["success"], body
        return body["results"][0]["cohort_id"]


@pytest.fixture
async def world(app, client, session, identity) -> World:
    made = World(app, client, session, identity)
    for number, organization in ((41, made.organization), (42, made.elsewhere)):
        event = OrganizationCreated(organization_id=organization, number=number, name=f"o{number}", display_name="O")
        await made.happen(event)
    return made


def texts(ids) -> list[str]:
    """Ids as JSON has them."""
    return [str(identifier) for identifier in ids]


@pytest.fixture
def statements(app):
    """How many statements a call sends to the database."""
    from sqlalchemy import event

    async def counted(call) -> int:
        seen: list[str] = []
        engine = app.state.runtime.engine.sync_engine

        def note(_connection, _cursor, statement, *_) -> None:
            if "SAVEPOINT" not in statement:
                seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        await call
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    return counted
