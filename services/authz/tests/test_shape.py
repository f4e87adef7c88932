"""The shape of the service and its document."""

import msgspec
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from authz.models_index import metadata
from chassis.openapi import openapi_document
from openapi_spec_validator import validate
from testkit.shape import assert_shape


def test_shape(app):
    assert_shape(app)


def test_document(app):
    validate(msgspec.json.decode(msgspec.json.encode(openapi_document(app, "authz"))))


async def test_models_and_migrations_agree(app):
    def differences(connection):
        ours = {"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
        return compare_metadata(MigrationContext.configure(connection, opts=ours), metadata)

    async with app.state.runtime.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
