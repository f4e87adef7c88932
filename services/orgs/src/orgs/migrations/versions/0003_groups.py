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
    """
CREATE TABLE group_counts (
    organization_id uuid NOT NULL,
    type text NOT NULL,
    node_type text NOT NULL,
    is_active boolean NOT NULL,
    is_leaf boolean NOT NULL,
    groups integer NOT NULL,
    changes bigint NOT NULL,
    CONSTRAINT pk_group_counts PRIMARY KEY (organization_id, type, node_type, is_active, is_leaf)
) WITH (fillfactor = 50)
    """,
    """
CREATE FUNCTION count_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_counts AS known (organization_id, type, node_type, is_active, is_leaf, groups, changes)
    SELECT organization_id, type, node_type, is_active, child_count = 0, TG_ARGV[0]::integer * count(*), count(*)
    FROM changed GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (organization_id, type, node_type, is_active, is_leaf)
        DO UPDATE SET groups = known.groups + excluded.groups, changes = known.changes + excluded.changes;
    RETURN NULL;
END $$
    """,
    """
CREATE FUNCTION recount_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_counts AS known (organization_id, type, node_type, is_active, is_leaf, groups, changes)
    VALUES (OLD.organization_id, OLD.type, OLD.node_type, OLD.is_active, OLD.child_count = 0, -1, 1),
           (NEW.organization_id, NEW.type, NEW.node_type, NEW.is_active, NEW.child_count = 0, 1, 1)
    ON CONFLICT (organization_id, type, node_type, is_active, is_leaf)
        DO UPDATE SET groups = known.groups + excluded.groups, changes = known.changes + excluded.changes;
    RETURN NULL;
END $$
    """,
    """
CREATE TRIGGER count_made AFTER INSERT ON individual_groups REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION count_groups('1')
    """,
    """
CREATE TRIGGER count_removed AFTER DELETE ON individual_groups REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION count_groups('-1')
    """,
    """
CREATE TRIGGER count_changed AFTER UPDATE ON individual_groups FOR EACH ROW
WHEN ((OLD.type, OLD.node_type, OLD.is_active, OLD.child_count = 0)
      IS DISTINCT FROM (NEW.type, NEW.node_type, NEW.is_active, NEW.child_count = 0))
EXECUTE FUNCTION recount_group()
    """,
    """
INSERT INTO group_counts (organization_id, type, node_type, is_active, is_leaf, groups, changes)
SELECT organization_id, type, node_type, is_active, child_count = 0, count(*), count(*) FROM individual_groups
GROUP BY 1, 2, 3, 4, 5
    """,
    """
CREATE FUNCTION text_grams(value text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(lowered, place, 3)), '{}')
    FROM (SELECT lower(value) AS lowered) AS one, generate_series(1, length(lowered) - 2) AS place
$$
    """,
    """
CREATE FUNCTION group_text(name text, tags text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT name || E'\\n' || array_to_string(tags, ' ')
$$
    """,
    "DROP INDEX ix_individual_groups_organization_id_id",
    """
CREATE INDEX ix_individual_groups_pages ON individual_groups (organization_id, id)
INCLUDE (type, node_type, is_active, child_count)
    """,
    "CREATE INDEX ix_individual_groups_divisions ON individual_groups (organization_id, id) WHERE node_type = 'division'",
    """
CREATE INDEX ix_individual_groups_leaves ON individual_groups (organization_id, id)
INCLUDE (type, node_type, is_active) WHERE child_count = 0
    """,
    "CREATE INDEX ix_individual_groups_organization_id_name ON individual_groups (organization_id, name)",
    "CREATE INDEX ix_individual_groups_tags ON individual_groups USING gin (tags)",
    """
CREATE TABLE group_texts (
    group_id uuid NOT NULL,
    organization_id uuid NOT NULL,
    grams text[] NOT NULL,
    CONSTRAINT pk_group_texts PRIMARY KEY (group_id),
    CONSTRAINT fk_group_texts_group_id_individual_groups FOREIGN KEY(group_id)
        REFERENCES individual_groups (id) ON DELETE CASCADE
)
    """,
    "CREATE INDEX ix_group_texts_grams ON group_texts USING gin (grams)",
    """
CREATE FUNCTION note_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO group_texts (group_id, organization_id, grams)
    SELECT id, organization_id, text_grams(group_text(name, tags)) FROM changed;
    RETURN NULL;
END $$
    """,
    """
CREATE FUNCTION note_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE group_texts SET grams = text_grams(group_text(NEW.name, NEW.tags)) WHERE group_id = NEW.id;
    RETURN NULL;
END $$
    """,
    """
CREATE TRIGGER note_made AFTER INSERT ON individual_groups REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION note_texts()
    """,
    """
CREATE TRIGGER note_changed AFTER UPDATE ON individual_groups FOR EACH ROW
WHEN ((OLD.name, OLD.tags) IS DISTINCT FROM (NEW.name, NEW.tags)) EXECUTE FUNCTION note_text()
    """,
    """
INSERT INTO group_texts (group_id, organization_id, grams)
SELECT id, organization_id, text_grams(group_text(name, tags)) FROM individual_groups
    """,
    "ALTER TABLE individual_groups SET (fillfactor = 80)",
    "CREATE INDEX ix_individual_groups_updated_at ON individual_groups USING brin (updated_at) WITH (pages_per_range = 8)",
    """
CREATE TABLE group_log_counts (
    organization_id uuid NOT NULL,
    entries bigint NOT NULL,
    CONSTRAINT pk_group_log_counts PRIMARY KEY (organization_id)
)
    """,
    """
CREATE TABLE group_log_mark (
    single boolean DEFAULT true NOT NULL,
    counted_to uuid NOT NULL,
    CONSTRAINT pk_group_log_mark PRIMARY KEY (single),
    CONSTRAINT ck_group_log_mark_single CHECK (single)
)
    """,
    "INSERT INTO group_log_mark (counted_to) VALUES ('00000000-0000-0000-0000-000000000000')",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
