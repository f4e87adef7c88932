"""Short addresses, comments, short texts of organizations, in-app messages, and webhooks."""

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
    """CREATE TABLE webhook_endpoints (
        id uuid CONSTRAINT pk_webhook_endpoints PRIMARY KEY,
        organization_id uuid NOT NULL,
        url text NOT NULL,
        description text NOT NULL DEFAULT '',
        event_types text[] NOT NULL,
        status text NOT NULL DEFAULT 'active'
            CONSTRAINT ck_webhook_endpoints_status CHECK (status IN ('active', 'paused')),
        paused_reason text
            CONSTRAINT ck_webhook_endpoints_paused_reason CHECK (paused_reason IN ('asked', 'failing', 'gone')),
        paused_at timestamptz,
        notice_due boolean NOT NULL DEFAULT false,
        secret bytea NOT NULL,
        old_secret bytea,
        old_secret_until timestamptz,
        failures integer NOT NULL DEFAULT 0,
        failing_since timestamptz,
        hold_until timestamptz,
        deleted_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ck_webhook_endpoints_paused CHECK ((status = 'paused') = (paused_reason IS NOT NULL))
    )""",
    "CREATE INDEX ix_webhook_endpoints_organization ON webhook_endpoints (organization_id, id)",
    "CREATE INDEX ix_webhook_endpoints_notice ON webhook_endpoints (paused_at) WHERE notice_due",
    "CREATE INDEX ix_webhook_endpoints_deleted ON webhook_endpoints (deleted_at) WHERE deleted_at IS NOT NULL",
    """CREATE TABLE webhook_deliveries (
        id uuid CONSTRAINT pk_webhook_deliveries PRIMARY KEY,
        organization_id uuid NOT NULL,
        endpoint_id uuid NOT NULL CONSTRAINT fk_webhook_deliveries_endpoint_id_webhook_endpoints
            REFERENCES webhook_endpoints ON DELETE CASCADE,
        event_id uuid NOT NULL,
        event_type text NOT NULL,
        payload text NOT NULL,
        test boolean NOT NULL DEFAULT false,
        status text NOT NULL DEFAULT 'pending'
            CONSTRAINT ck_webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'failed')),
        attempts integer NOT NULL DEFAULT 0,
        tries integer NOT NULL DEFAULT 0,
        next_attempt_at timestamptz NOT NULL DEFAULT now(),
        ends_at timestamptz,
        lease_id uuid,
        settled_at timestamptz,
        last_status integer,
        reason text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT uq_webhook_deliveries_event UNIQUE (endpoint_id, event_id)
    )""",
    """CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at)
        WHERE status = 'pending' AND NOT test""",
    """CREATE INDEX ix_webhook_deliveries_tests ON webhook_deliveries (next_attempt_at)
        WHERE status = 'pending' AND test""",
    "CREATE INDEX ix_webhook_deliveries_leased ON webhook_deliveries (endpoint_id) WHERE lease_id IS NOT NULL",
    "CREATE INDEX ix_webhook_deliveries_list ON webhook_deliveries (endpoint_id, created_at, id)",
    "CREATE INDEX ix_webhook_deliveries_created_at ON webhook_deliveries (created_at)",
    """CREATE TABLE webhook_attempts (
        delivery_id uuid NOT NULL CONSTRAINT fk_webhook_attempts_delivery_id_webhook_deliveries
            REFERENCES webhook_deliveries ON DELETE CASCADE,
        number integer NOT NULL,
        attempted_at timestamptz NOT NULL,
        duration_ms integer NOT NULL,
        status integer,
        reason text,
        answer text NOT NULL,
        CONSTRAINT pk_webhook_attempts PRIMARY KEY (delivery_id, number)
    )""",
    "CREATE TABLE webhook_places (context text CONSTRAINT pk_webhook_places PRIMARY KEY, sequence bigint NOT NULL)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
