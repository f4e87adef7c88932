"""A database of these tests' own, which they empty and fill."""

import pytest
from testkit import databases


@pytest.fixture(scope="session")
def facts_database(postgres_url, run_folder):
    with databases.cloned(postgres_url, run_folder, "authz", "_facts") as url:
        yield url
