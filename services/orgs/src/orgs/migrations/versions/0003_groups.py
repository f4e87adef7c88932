"""Groups."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE tasks ADD COLUMN done bigint, ADD COLUMN total bigint",
    """
CREATE TABLE imports (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    kind text NOT NULL,
    phase text DEFAULT 'waiting' NOT NULL,
    file_name text,
    dry_run boolean DEFAULT false NOT NULL,
    rows integer NOT NULL,
    applied integer DEFAULT 0 NOT NULL,
    created integer DEFAULT 0 NOT NULL,
    changed integer DEFAULT 0 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    error_count integer DEFAULT 0 NOT NULL,
    errors jsonb DEFAULT '[]' NOT NULL,
    CONSTRAINT pk_imports PRIMARY KEY (id),
    CONSTRAINT fk_imports_id_tasks FOREIGN KEY(id) REFERENCES tasks (id),
    CONSTRAINT fk_imports_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_imports_organization_id_id ON imports (organization_id, id)",
    "CREATE INDEX ix_imports_unfinished ON imports (id) WHERE phase IN ('waiting', 'checking', 'applying')",
    """
CREATE TABLE import_pieces (
    import_id uuid NOT NULL,
    number integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_import_pieces PRIMARY KEY (import_id, number),
    CONSTRAINT fk_import_pieces_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
)
    """,
    """
CREATE TABLE exports (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    kind text NOT NULL,
    phase text DEFAULT 'waiting' NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    files jsonb DEFAULT '[]' NOT NULL,
    expires_at timestamptz,
    CONSTRAINT pk_exports PRIMARY KEY (id),
    CONSTRAINT fk_exports_id_tasks FOREIGN KEY(id) REFERENCES tasks (id),
    CONSTRAINT fk_exports_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_exports_organization_id_id ON exports (organization_id, id)",
    "CREATE INDEX ix_exports_unfinished ON exports (id) WHERE phase IN ('waiting', 'running')",
    "CREATE INDEX ix_exports_expires_at ON exports (expires_at) WHERE phase = 'done'",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
