"""Templates."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE organizations (
        id uuid CONSTRAINT pk_organizations PRIMARY KEY,
        display_name text NOT NULL,
        theme_id uuid,
        timezone text NOT NULL DEFAULT 'UTC',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE message_templates (
        id uuid CONSTRAINT pk_message_templates PRIMARY KEY,
        owner_id uuid NOT NULL,
        organization_id uuid,
        theme_id uuid,
        channel text NOT NULL CONSTRAINT ck_message_templates_channel CHECK (channel IN ('email', 'sms')),
        type text NOT NULL,
        locale text NOT NULL,
        format text NOT NULL,
        version integer NOT NULL,
        subject text NOT NULL,
        support_email text,
        support_email_title text,
        template text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ck_message_templates_owner CHECK (num_nonnulls(organization_id, theme_id) = 1),
        CONSTRAINT uq_message_templates_place UNIQUE (owner_id, channel, type, locale, format))""",
    "CREATE INDEX ix_message_templates_list ON message_templates (channel, created_at, id)",
    """CREATE TABLE template_versions (
        template_id uuid NOT NULL CONSTRAINT fk_template_versions_template_id_message_templates
            REFERENCES message_templates ON DELETE CASCADE,
        version integer NOT NULL,
        type text NOT NULL,
        locale text NOT NULL,
        format text NOT NULL,
        subject text NOT NULL,
        support_email text,
        support_email_title text,
        template text NOT NULL,
        created_by uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT pk_template_versions PRIMARY KEY (template_id, version))""",
    """CREATE FUNCTION refuse_template_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'a version of a template never changes'; END $$""",
    """CREATE TRIGGER template_versions_never_change BEFORE UPDATE ON template_versions
        FOR EACH ROW EXECUTE FUNCTION refuse_template_change()""",
    """CREATE TABLE suppressions (
        id uuid CONSTRAINT pk_suppressions PRIMARY KEY,
        channel text NOT NULL,
        address text NOT NULL,
        reason text NOT NULL CONSTRAINT ck_suppressions_reason CHECK (reason IN ('bounce', 'complaint', 'manual')),
        organization_id uuid,
        delivery_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT uq_suppressions_address UNIQUE (channel, address))""",
    "CREATE INDEX ix_suppressions_organization ON suppressions (organization_id, created_at, id)",
    """CREATE TABLE provider_reports (
        id text CONSTRAINT pk_provider_reports PRIMARY KEY,
        received_at timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE communication_preferences (
        id uuid CONSTRAINT pk_communication_preferences PRIMARY KEY,
        user_id uuid NOT NULL,
        type text NOT NULL,
        channel text NOT NULL,
        enabled boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT uq_communication_preferences_choice UNIQUE (user_id, type, channel))""",
    """ALTER TABLE deliveries ADD COLUMN template_id uuid, ADD COLUMN template_version integer,
        ADD COLUMN test boolean NOT NULL DEFAULT false, ADD COLUMN report text,
        ADD COLUMN report_rank integer NOT NULL DEFAULT -1""",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
