"""People are found by a part of their name or address without reading everybody."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
CREATE FUNCTION search_keys(tenant UUID, value TEXT) RETURNS INTEGER[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT COALESCE(array_agg(DISTINCT
           CAST(CAST(hashtextextended(substr(lower(value), place, 3), hashtextextended(CAST(tenant AS TEXT), 0)) AS BIT(32))
                AS INTEGER)), '{}')
  FROM generate_series(1, length(value) - 2) AS place
$$
""",
    """
CREATE FUNCTION search_keys(tenant UUID, name TEXT, address TEXT) RETURNS INTEGER[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN search_keys(tenant, name || ' ' || COALESCE(address, ''))
""",
    """
CREATE INDEX ix_profiles_search_keys ON profiles USING gin (search_keys(organization_id, name, primary_email))
 WHERE removed_at IS NULL
""",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
