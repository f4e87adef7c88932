"""Documents to agree to, as tests need them."""

from typing import Any

from identity_world import Json, World, kebab

PATH = "/v1/service-documents/"


def body(**attributes: Any) -> Json:
    """A version of the terms."""
    given = {"type": "terms", "version": "1", "title": "Terms", "html": "<p>Be kind.</p>"} | kebab(attributes)
    return {"data": {"type": "service-documents", "attributes": given}}


def change(identifier: str, **attributes: Any) -> Json:
    """A change of a document."""
    return {"data": {"type": "service-documents", "id": identifier, "attributes": kebab(attributes)}}


async def publish(world: World, **attributes: Any) -> Json:
    """A version that the operator has published."""
    answer = await world.client.as_operator().post(PATH, json=body(**attributes))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]
