"""The clinic in the index and, as far as grants look at them, in the tables."""

import pytest
import pytest_asyncio
from authz.roles import commands


@pytest_asyncio.fixture
async def ward(session, clinic):
    """The clinic with its admins and a role of its own in the tables."""
    clinic.admins = await commands.ensure(session, clinic.organization, "org.admin")
    clinic.nurses = await commands.ensure(session, clinic.organization, "nurse")
    await commands.give(session, clinic.admins, clinic.admin)
    other = await commands.ensure(session, clinic.other, "org.admin")
    await commands.give(session, other, clinic.stranger)
    clinic.other_admins = other
    return clinic


@pytest.fixture
def body():
    """A document that grants, with attributes changed or, by None, left out."""

    def made(clinic, **changes):
        attributes = {
            "organization-id": str(clinic.organization),
            "subject-type": "user",
            "subject-id": str(clinic.member),
            "resource-type": "group",
            "resource-id": str(clinic.room),
            "operation": "read",
        } | {name.replace("_", "-"): value for name, value in changes.items()}
        kept = {name: str(value) for name, value in attributes.items() if value is not None}
        return {"data": {"type": "access-grants", "attributes": kept}}

    return made
