"""Short addresses, comments, short texts of organizations, and in-app messages."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS: tuple[str, ...] = (
    """CREATE TABLE url_shorteners (
        id uuid CONSTRAINT pk_url_shorteners PRIMARY KEY,
        code text NOT NULL CONSTRAINT uq_url_shorteners_code UNIQUE,
        organization_id uuid NOT NULL,
        netloc text NOT NULL,
        full_path text NOT NULL,
        expires_at timestamptz NOT NULL,
        redirect_count bigint NOT NULL DEFAULT 0,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX ix_url_shorteners_organization ON url_shorteners (organization_id, id)",
    """CREATE TABLE feedback_comments (
        id uuid CONSTRAINT pk_feedback_comments PRIMARY KEY,
        created_by uuid NOT NULL,
        organization_id uuid,
        individual_id uuid,
        email text,
        comment text NOT NULL,
        current_page text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX ix_feedback_comments_created_by ON feedback_comments (created_by, created_at)",
    "CREATE INDEX ix_feedback_comments_organization ON feedback_comments (organization_id, id DESC)",
    """CREATE TABLE organization_general_messages (
        id uuid CONSTRAINT pk_organization_general_messages PRIMARY KEY,
        organization_id uuid NOT NULL,
        name text NOT NULL,
        locale text NOT NULL,
        message text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT uq_organization_general_messages_organization_id_name_locale UNIQUE (organization_id, name, locale)
    )""",
    """CREATE TABLE in_app_messages (
        id uuid CONSTRAINT pk_in_app_messages PRIMARY KEY,
        number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_in_app_messages_number UNIQUE,
        reference uuid NOT NULL CONSTRAINT uq_in_app_messages_reference UNIQUE,
        user_id uuid NOT NULL,
        organization_id uuid,
        type text NOT NULL,
        subject text NOT NULL,
        text text NOT NULL,
        read_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )""",
    "CREATE INDEX ix_in_app_messages_user ON in_app_messages (user_id, number)",
    "CREATE INDEX ix_in_app_messages_unread ON in_app_messages (user_id) WHERE read_at IS NULL",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
