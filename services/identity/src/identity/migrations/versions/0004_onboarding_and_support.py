"""Onboarding and support: invitations, acting as a user, and an audit trail that is numbered and only added to."""

from alembic import op

revision = "0004"
down_revision = "0003"

NOBODY = "'00000000-0000-0000-0000-000000000000'"

INVITATIONS: tuple[str, ...] = (
    """
    CREATE TABLE onboarding_requests (
        id uuid NOT NULL CONSTRAINT pk_onboarding_requests PRIMARY KEY,
        organization_id uuid NOT NULL,
        created_by uuid,
        onboard_type text NOT NULL,
        status text NOT NULL,
        mark bytea NOT NULL,
        sealed bytea NOT NULL,
        email text,
        email_key text,
        phone text,
        first_name text,
        last_name text,
        patient_id uuid,
        group_ids uuid[] NOT NULL,
        provider_roles text[] NOT NULL,
        notifications text[] NOT NULL,
        communication_preferences jsonb,
        auto_confirm boolean NOT NULL,
        auto_sign_up boolean NOT NULL,
        user_id uuid CONSTRAINT fk_onboarding_requests_user_id_users REFERENCES users ON DELETE SET NULL,
        claimed_by uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        registering_at timestamptz,
        claimed_at timestamptz,
        canceled_at timestamptz,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_onboarding_requests_organization_id ON onboarding_requests (organization_id, id)",
    "CREATE INDEX ix_onboarding_requests_email_key ON onboarding_requests (email_key)",
    "CREATE INDEX ix_onboarding_requests_phone ON onboarding_requests (phone)",
    "CREATE INDEX ix_onboarding_requests_user_id ON onboarding_requests (user_id)",
    "CREATE INDEX ix_onboarding_requests_claimed_by ON onboarding_requests (claimed_by)",
    "CREATE UNIQUE INDEX uq_onboarding_requests_mark ON onboarding_requests (mark)",
    """
    CREATE UNIQUE INDEX uq_onboarding_requests_patient_id ON onboarding_requests (patient_id)
     WHERE status IN ('created', 'invited', 'registering', 'failed')
    """,
    """
    CREATE TABLE onboarding_invites (
        id uuid NOT NULL CONSTRAINT pk_onboarding_invites PRIMARY KEY,
        request_id uuid NOT NULL
            CONSTRAINT fk_onboarding_invites_request_id_onboarding_requests
            REFERENCES onboarding_requests ON DELETE CASCADE,
        message_id uuid NOT NULL,
        type text NOT NULL,
        address text NOT NULL,
        status text NOT NULL DEFAULT 'created',
        error text,
        bounce_type text,
        bounce_subtype text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        responded_at timestamptz
    )
    """,
    "CREATE INDEX ix_onboarding_invites_request_id ON onboarding_invites (request_id, id)",
    "CREATE UNIQUE INDEX uq_onboarding_invites_message_id ON onboarding_invites (message_id)",
    """
    CREATE TABLE registration_invitations (
        id uuid NOT NULL CONSTRAINT pk_registration_invitations PRIMARY KEY,
        created_by uuid NOT NULL
            CONSTRAINT fk_registration_invitations_created_by_users REFERENCES users ON DELETE CASCADE,
        email text NOT NULL,
        email_key text NOT NULL,
        mark bytea NOT NULL,
        claimed_by uuid,
        claimed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_registration_invitations_created_by ON registration_invitations (created_by, id)",
    "CREATE INDEX ix_registration_invitations_email_key ON registration_invitations (email_key)",
    "CREATE UNIQUE INDEX uq_registration_invitations_mark ON registration_invitations (mark)",
    """
    ALTER TABLE sign_up_requests
      ALTER COLUMN organization_code DROP NOT NULL,
      ALTER COLUMN organization_id DROP NOT NULL,
      ADD COLUMN onboarding_request_id uuid,
      ADD COLUMN registration_invitation_id uuid
    """,
)
SUPPORT: tuple[str, ...] = (
    """
    CREATE TABLE impersonation_requests (
        id uuid NOT NULL CONSTRAINT pk_impersonation_requests PRIMARY KEY,
        user_id uuid NOT NULL CONSTRAINT fk_impersonation_requests_user_id_users REFERENCES users ON DELETE CASCADE,
        created_by uuid NOT NULL,
        reason text NOT NULL,
        state text NOT NULL,
        decided_by uuid,
        decided_at timestamptz,
        used_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_impersonation_requests_user_id ON impersonation_requests (user_id, id)",
    "CREATE INDEX ix_impersonation_requests_created_by ON impersonation_requests (created_by, id)",
    """
    ALTER TABLE sessions
      ADD COLUMN impersonation_request_id uuid,
      ADD COLUMN impersonator_id uuid,
      ADD COLUMN impersonator_session_id uuid
    """,
)
TRAIL: tuple[str, ...] = (
    """
    ALTER TABLE audit_events
      ADD COLUMN number bigint,
      ADD COLUMN impersonator_id uuid,
      ADD COLUMN target text
    """,
    "CREATE INDEX ix_audit_events_at ON audit_events (at, id)",
    "CREATE INDEX ix_audit_events_organization_id ON audit_events (organization_id, at, id)",
    "CREATE INDEX ix_audit_events_actor ON audit_events (actor, at)",
    "CREATE INDEX ix_audit_events_target ON audit_events (target)",
    """
    CREATE TABLE audit_counters (
        organization_id uuid NOT NULL CONSTRAINT pk_audit_counters PRIMARY KEY,
        last bigint NOT NULL
    )
    """,
    """
    UPDATE audit_events e SET number = n.number
      FROM (SELECT id, row_number() OVER (PARTITION BY organization_id ORDER BY at, id) AS number
              FROM audit_events) n
     WHERE n.id = e.id
    """,
    f"""
    INSERT INTO audit_counters (organization_id, last)
    SELECT coalesce(organization_id, {NOBODY}), count(*) FROM audit_events GROUP BY 1
    """,  # noqa: S608
    """
    CREATE FUNCTION place_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.organization_id IS NULL AND NEW.user_id IS NOT NULL THEN
            SELECT default_organization_id INTO NEW.organization_id FROM users WHERE id = NEW.user_id;
        END IF;
        NEW.number = NULL;
        RETURN NEW;
    END $$
    """,
    # At COMMIT, so that nobody who waits for a number holds one that another transaction waits for.
    f"""
    CREATE FUNCTION number_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        following bigint;
    BEGIN
        INSERT INTO audit_counters AS c (organization_id, last) VALUES (coalesce(NEW.organization_id, {NOBODY}), 1)
        ON CONFLICT (organization_id) DO UPDATE SET last = c.last + 1 RETURNING last INTO following;
        UPDATE audit_events SET number = following WHERE id = NEW.id;
        RETURN NULL;
    END $$
    """,  # noqa: S608
    """
    CREATE FUNCTION keep_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF OLD.number IS NULL AND to_jsonb(NEW) - 'number' = to_jsonb(OLD) - 'number' THEN
                RETURN NEW;
            END IF;
            IF current_setting('muster.forgetting', true) = 'on'
               AND to_jsonb(NEW) - '{actor,user_id,impersonator_id,target}'::text[]
                 = to_jsonb(OLD) - '{actor,user_id,impersonator_id,target}'::text[] THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE TRIGGER audit_events_place BEFORE INSERT ON audit_events
    FOR EACH ROW EXECUTE FUNCTION place_audit_event()
    """,
    """
    CREATE CONSTRAINT TRIGGER audit_events_number AFTER INSERT ON audit_events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION number_audit_event()
    """,
    """
    CREATE TRIGGER audit_events_keep BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION keep_audit_event()
    """,
    """
    CREATE TRIGGER audit_events_keep_all BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_event()
    """,
)
STATEMENTS = INVITATIONS + SUPPORT + TRAIL


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
