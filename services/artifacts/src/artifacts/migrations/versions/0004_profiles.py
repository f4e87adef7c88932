"""Profiles that are made here, what was done to them, grants to act as another, and requests that are counted."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    """
ALTER TABLE profiles
    ADD COLUMN given_name TEXT,
    ADD COLUMN given_emails TEXT[] DEFAULT '{}' NOT NULL,
    ADD COLUMN given_department_ids UUID[] DEFAULT '{}' NOT NULL,
    ADD COLUMN is_in_use BOOLEAN DEFAULT 'true' NOT NULL,
    ADD COLUMN timezone TEXT
""",
    """
CREATE INDEX ix_profiles_without_login ON profiles (organization_id, lower(primary_email))
 WHERE user_id IS NULL AND removed_at IS NULL
""",
    "CREATE INDEX ix_profiles_given_department_ids ON profiles USING gin (given_department_ids)",
    "ALTER TABLE organizations ADD COLUMN timezone TEXT DEFAULT 'UTC' NOT NULL",
    """
CREATE TABLE emulations (
    organization_id UUID NOT NULL,
    user_id UUID NOT NULL,
    session_id UUID NOT NULL,
    depth INTEGER NOT NULL,
    by_profile_id UUID,
    target_profile_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_emulations PRIMARY KEY (id),
    CONSTRAINT ck_emulations_depth CHECK (depth BETWEEN 1 AND 3)
)
""",
    "CREATE UNIQUE INDEX uq_emulations_standing ON emulations (session_id, organization_id, depth) WHERE ended_at IS NULL",
    "CREATE INDEX ix_emulations_user_id ON emulations (user_id)",
    "CREATE INDEX ix_emulations_profiles ON emulations (target_profile_id)",
    """
CREATE TABLE profile_activities (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    organization_id UUID NOT NULL,
    profile_id UUID,
    activity TEXT NOT NULL,
    actor TEXT,
    user_id UUID,
    emulated UUID[] DEFAULT '{}' NOT NULL,
    mcp BOOLEAN DEFAULT 'false' NOT NULL,
    changes JSONB DEFAULT '[]' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_profile_activities PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_profile_activities_profile ON profile_activities (organization_id, profile_id, id)",
    "CREATE INDEX ix_profile_activities_user_id ON profile_activities (user_id)",
    "ALTER TABLE uploads ADD COLUMN scope TEXT DEFAULT 'cohort:read' NOT NULL",
    "ALTER TABLE cohort_activities ADD COLUMN emulated UUID[] DEFAULT '{}' NOT NULL",
    """
CREATE TABLE profile_requests (
    profile_id UUID NOT NULL,
    day DATE NOT NULL,
    times INTEGER NOT NULL,
    CONSTRAINT pk_profile_requests PRIMARY KEY (profile_id, day)
)
""",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
