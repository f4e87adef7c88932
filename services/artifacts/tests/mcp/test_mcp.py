"""The Model Context Protocol by its own client against a running service."""

import asyncio
import re
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx2
import pytest
import uvicorn
from artifacts.cohorts.models import Cohort
from artifacts.profiles.models import Profile
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy import select
from testkit.principals import access_token, key_token


@pytest.fixture
async def address(app, world):
    """The service on a port of its own, within the test's transaction."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="warning", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/mcp"
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(address, token, header="authorization"):
    value = f"Bearer {token}" if header == "authorization" else token
    async with (
        httpx2.AsyncClient(headers={header: value}) as http,
        Client(streamable_http_client(address, http_client=http)) as client,
    ):
        yield client


def admin(world, **claims):
    return access_token(organization_id=world.organization, roles=("org.admin",), **claims)


async def test_tools_have_the_types_of_the_operations(world, address):
    async with connected(address, admin(world)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert {"searchCohorts", "createCohorts", "patchProfileDraft", "emulateProfile", "exportProfiles"} <= set(tools)
    schema = tools["createProfiles"].input_schema
    item = schema["$defs"]["CreateProfileItem"]
    assert (schema["type"], schema["required"]) == ("object", ["profiles"])
    assert item["properties"]["request_limit"]["anyOf"][0]["minimum"] == 1
    assert not re.search(r"\\[AZ]", str(schema))
    assert tools["createProfiles"].output_schema["required"] == ["results"]
    assert "result an item" in tools["createProfiles"].description


async def test_what_is_written_is_marked(world, address):
    async with connected(address, admin(world)) as client:
        made = await client.call_tool("createCohorts", {"cohorts": [{"name": "Spring"}]})
        person = await client.call_tool("createProfiles", {"profiles": [{"name": "Ann"}]})
        found = await client.call_tool("searchCohorts", {})
    assert not made.is_error
    assert made.structured_content["results"][0]["success"]
    assert not person.is_error
    assert found.structured_content["cohorts"][0]["mcp"]
    assert (await world.session.scalars(select(Cohort.mcp))).all() == [True]
    assert (await world.session.scalars(select(Profile.mcp))).all() == [True]


async def test_the_callers_permissions_decide(world, address):
    member = access_token(organization_id=world.organization, roles=("org.member",))
    async with connected(address, member) as client:
        refused = await client.call_tool("createCohorts", {"cohorts": [{"name": "Spring"}]})
        bad = await client.call_tool("searchCohorts", {"page_size": 0})
        unknown = await client.call_tool("dropEverything", {})
    assert refused.is_error
    assert '"status":403' in refused.content[0].text
    assert '"status":400' in bad.content[0].text
    assert unknown.is_error
    assert (await world.session.scalars(select(Cohort.id))).all() == []


async def test_a_key_has_the_tools_of_its_scopes(world, address):
    key = key_token(organization_id=world.organization, scopes=("cohort:read",))
    async with connected(address, key, "x-muster-principal") as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        found = await client.call_tool("searchCohorts", {})
        refused = await client.call_tool("createCohorts", {"cohorts": [{"name": "Spring"}]})
        acting = await client.call_tool("emulateProfile", {"target_profile_id": str(uuid4())})
    assert "searchCohorts" in names
    assert not names & {"createCohorts", "searchProfiles", "emulateProfile"}
    assert not found.is_error
    assert refused.is_error
    assert acting.is_error


async def test_whoever_acts_as_another_does_so_here_too(world, address):
    pat = await world.person("Pat", role=None)
    sid, user = uuid4(), uuid4()
    token = admin(world, user_id=user, session_id=sid)
    async with connected(address, token) as client:
        allowed = await client.call_tool("emulateProfile", {"target_profile_id": str(pat.id)})
        assert allowed.structured_content["allowed"]
        assert (await client.call_tool("searchCohorts", {})).is_error
        await client.call_tool("unemulateProfile", {})
        assert not (await client.call_tool("searchCohorts", {})).is_error


async def test_requests_that_are_refused(world, address):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    signed = {"authorization": f"Bearer {admin(world)}"}
    accepts = {"accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient() as http:
        nobody = await http.post(address, json=body)
        garbage = await http.post(address, json=body, headers={"authorization": "Bearer x.y.z"})
        stream = await http.get(address, headers=signed | accepts)
        large = await http.post(address, content=b"x" * (2**20 + 1), headers=signed | accepts)
        no_json = await http.post(
            address, content=b"{", headers=signed | accepts | {"content-type": "application/json"}
        )
    assert (nobody.status_code, garbage.status_code) == (401, 401)
    assert nobody.headers["www-authenticate"].startswith("Bearer")
    assert nobody.headers["content-type"] == "application/problem+json"
    assert (stream.status_code, large.status_code, no_json.status_code) == (405, 413, 400)
