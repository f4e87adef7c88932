from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from identity.models_index import metadata
from litestar import Litestar
from sqlalchemy import Connection


def differences(connection: Connection) -> list[object]:
    def ours(item: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        table = name if kind == "table" else getattr(getattr(item, "table", None), "name", None)
        return table in metadata.tables

    context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_server_default": False})
    return list(compare_metadata(context, metadata))


async def test_the_migrations_make_what_the_models_say(app: Litestar) -> None:
    async with app.state.runtime.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
