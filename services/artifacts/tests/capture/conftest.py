"""The world's organization as applications see it."""

import pytest
from artifacts_capturing import Project, project_of


@pytest.fixture
async def project(world) -> Project:
    return await project_of(world, world.organization, 41)
