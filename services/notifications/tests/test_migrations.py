"""Migrations and models say the same."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from notifications.models_index import metadata


async def test_the_migrations_make_the_tables_of_the_models(app) -> None:
    def ours(_: object, name: str, kind: str, reflected: bool, __: object) -> bool:
        return kind != "table" or not reflected or name in metadata.tables

    options = {"compare_type": True, "compare_server_default": True, "include_object": ours}

    async with app.state.runtime.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=options), metadata)
        )
    assert differences == []
