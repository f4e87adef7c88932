"""Drafts, uploads, what was done to cohorts; choices that stand once."""

from alembic import op

revision = "0003"
down_revision = "0002"

TIMES = """
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL"""

STATEMENTS = (
    f"""
CREATE TABLE drafts (
    organization_id UUID NOT NULL,
    kind TEXT NOT NULL,
    owner TEXT NOT NULL,
    user_id UUID,
    session_id UUID,
    version INTEGER DEFAULT '1' NOT NULL,
    form JSONB NOT NULL,
    generated BOOLEAN DEFAULT 'false' NOT NULL,
    mcp BOOLEAN DEFAULT 'false' NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,{TIMES},
    CONSTRAINT pk_drafts PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_drafts_owner ON drafts (organization_id, owner, kind, created_at)",
    "CREATE INDEX ix_drafts_user_id ON drafts (user_id)",
    "CREATE INDEX ix_drafts_updated_at ON drafts (updated_at)",
    """
CREATE TABLE draft_versions (
    draft_id UUID NOT NULL,
    version INTEGER NOT NULL,
    form JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_draft_versions PRIMARY KEY (draft_id, version),
    CONSTRAINT fk_draft_versions_draft_id_drafts FOREIGN KEY(draft_id) REFERENCES drafts (id) ON DELETE CASCADE
)
""",
    f"""
CREATE TABLE uploads (
    organization_id UUID NOT NULL,
    user_id UUID,
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    key TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,{TIMES},
    CONSTRAINT pk_uploads PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_uploads_expires_at ON uploads (expires_at)",
    "CREATE INDEX ix_uploads_organization ON uploads (organization_id)",
    """
CREATE TABLE cohort_activities (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    organization_id UUID NOT NULL,
    cohort_id UUID,
    activity TEXT NOT NULL,
    actor TEXT,
    user_id UUID,
    mcp BOOLEAN DEFAULT 'false' NOT NULL,
    changes JSONB DEFAULT '[]' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cohort_activities PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_cohort_activities_cohort ON cohort_activities (organization_id, cohort_id, id)",
    "CREATE INDEX ix_cohort_activities_user_id ON cohort_activities (user_id)",
    """
CREATE TABLE profile_cohorts (
    profile_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    times INTEGER NOT NULL,
    CONSTRAINT pk_profile_cohorts PRIMARY KEY (profile_id),
    CONSTRAINT fk_profile_cohorts_profile_id_profiles FOREIGN KEY(profile_id) REFERENCES profiles (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_profile_cohorts_times ON profile_cohorts (organization_id, times DESC, profile_id)",
    """
INSERT INTO profile_cohorts (profile_id, organization_id, times)
SELECT m.profile_id, c.organization_id, count(*)
  FROM cohort_members m JOIN cohorts c ON c.id = m.cohort_id
 WHERE m.until IS NULL AND c.deleted_at IS NULL
 GROUP BY m.profile_id, c.organization_id
""",
    "ALTER TABLE simulations ADD COLUMN generated BOOLEAN DEFAULT 'false' NOT NULL, ADD COLUMN mcp BOOLEAN DEFAULT 'false' NOT NULL",
    "ALTER TABLE personas ADD COLUMN generated BOOLEAN DEFAULT 'false' NOT NULL, ADD COLUMN mcp BOOLEAN DEFAULT 'false' NOT NULL",
    "ALTER TABLE cohort_members ADD CONSTRAINT ck_cohort_members_source CHECK (source IN ('hand', 'csv', 'filter', 'event'))",
    "ALTER TABLE simulation_availability ADD CONSTRAINT ck_simulation_availability_type CHECK (type IN ('open', 'close'))",
    "CREATE INDEX ix_cohorts_filters ON cohorts (organization_id) WHERE filters IS NOT NULL AND deleted_at IS NULL",
    "CREATE INDEX ix_texts_sorted ON texts (organization_id, kind, left(value, 200), id)",
    "DROP INDEX ix_simulation_positions_simulation_id",
    "CREATE UNIQUE INDEX uq_simulation_positions_value ON simulation_positions (simulation_id, value)",
    "DROP INDEX ix_simulation_availability_simulation_id",
    "CREATE UNIQUE INDEX uq_simulation_availability_time ON simulation_availability (simulation_id, time, type)",
    "DROP INDEX ix_profile_personas_profile_id",
    "CREATE UNIQUE INDEX uq_profile_personas_part ON profile_personas (profile_id, persona_id)",
    "CREATE INDEX ix_profile_personas_persona_id ON profile_personas (persona_id)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
