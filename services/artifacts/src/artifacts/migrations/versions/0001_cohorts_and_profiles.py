"""Cohorts, profiles and what they are made of."""

from alembic import op
from chassis import migrations as chassis_tables
from messaging import migrations as messaging_tables

revision = "0001"
down_revision = None

STATEMENTS = (
    """
CREATE TABLE counters (
    organization_id UUID NOT NULL,
    kind TEXT NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT pk_counters PRIMARY KEY (organization_id, kind)
)
""",
    """
CREATE TABLE group_people (
    group_id UUID NOT NULL,
    user_id UUID NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT pk_group_people PRIMARY KEY (group_id, user_id, kind)
)
""",
    "CREATE INDEX ix_group_people_user_id ON group_people (user_id)",
    """
CREATE TABLE groups (
    id UUID NOT NULL,
    organization_id UUID NOT NULL,
    parent_id UUID,
    name TEXT NOT NULL,
    node_type TEXT NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_groups PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_groups_departments ON groups (organization_id, name)",
    """
CREATE TABLE organizations (
    id UUID NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    display_name TEXT NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_organizations PRIMARY KEY (id),
    CONSTRAINT uq_organizations_number UNIQUE (number)
)
""",
    """
CREATE TABLE personas (
    organization_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    icon TEXT,
    color TEXT,
    department_ids UUID[] DEFAULT '{}' NOT NULL,
    instructions TEXT DEFAULT '' NOT NULL,
    examples TEXT[] DEFAULT '{}' NOT NULL,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_personas PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_personas_name ON personas (organization_id, name)",
    """
CREATE TABLE profiles (
    organization_id UUID NOT NULL,
    number BIGINT NOT NULL,
    user_id UUID,
    individual_id UUID,
    account_type TEXT NOT NULL,
    role TEXT NOT NULL,
    assigned_role TEXT,
    first_name TEXT DEFAULT '' NOT NULL,
    last_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    primary_email TEXT,
    emails TEXT[] DEFAULT '{}' NOT NULL,
    department_ids UUID[] DEFAULT '{}' NOT NULL,
    primary_department_id UUID,
    requests_per_day INTEGER,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    generated BOOLEAN DEFAULT 'false' NOT NULL,
    mcp BOOLEAN DEFAULT 'false' NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_profiles PRIMARY KEY (id),
    CONSTRAINT uq_profiles_organization_id_user_id UNIQUE (organization_id, user_id),
    CONSTRAINT uq_profiles_organization_id_number UNIQUE (organization_id, number)
)
""",
    "CREATE INDEX ix_profiles_department_ids ON profiles USING gin (department_ids)",
    "CREATE INDEX ix_profiles_name ON profiles (organization_id, name, id) WHERE removed_at IS NULL",
    "CREATE INDEX ix_profiles_user_id ON profiles (user_id)",
    """
CREATE TABLE simulations (
    organization_id UUID NOT NULL,
    name TEXT NOT NULL,
    description TEXT DEFAULT '' NOT NULL,
    department_ids UUID[] DEFAULT '{}' NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_simulations PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_simulations_name ON simulations (organization_id, name)",
    """
CREATE TABLE texts (
    organization_id UUID NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_texts PRIMARY KEY (id)
)
""",
    "CREATE UNIQUE INDEX uq_texts_value ON texts (organization_id, kind, md5(value))",
    """
CREATE TABLE user_roles (
    organization_id UUID NOT NULL,
    user_id UUID NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_user_roles PRIMARY KEY (organization_id, user_id, name, source)
)
""",
    """
CREATE TABLE cohorts (
    organization_id UUID NOT NULL,
    number BIGINT NOT NULL,
    name_id UUID,
    description_id UUID,
    is_active BOOLEAN DEFAULT 'true' NOT NULL,
    department_ids UUID[] DEFAULT '{}' NOT NULL,
    simulation_ids UUID[] DEFAULT '{}' NOT NULL,
    simulation_position_ids UUID[] DEFAULT '{}' NOT NULL,
    simulation_availability_ids UUID[] DEFAULT '{}' NOT NULL,
    profile_persona_ids UUID[] DEFAULT '{}' NOT NULL,
    member_count INTEGER DEFAULT '0' NOT NULL,
    generated BOOLEAN DEFAULT 'false' NOT NULL,
    mcp BOOLEAN DEFAULT 'false' NOT NULL,
    created_by UUID,
    updated_by UUID,
    deleted_at TIMESTAMP WITH TIME ZONE,
    deleted_by UUID,
    version INTEGER DEFAULT '1' NOT NULL,
    is_static BOOLEAN DEFAULT 'true' NOT NULL,
    cohort_type TEXT,
    groups JSONB DEFAULT '[]' NOT NULL,
    filters JSONB,
    query JSONB,
    experiment_set BIGINT[] DEFAULT '{}' NOT NULL,
    calculated_version INTEGER,
    pending_version INTEGER,
    last_calculation TIMESTAMP WITH TIME ZONE,
    errors_calculating INTEGER DEFAULT '0' NOT NULL,
    last_error_message TEXT,
    lease_until TIMESTAMP WITH TIME ZONE,
    app_id TEXT,
    source TEXT DEFAULT 'edm' NOT NULL,
    source_type TEXT DEFAULT 'api' NOT NULL,
    schema_version INTEGER DEFAULT '1' NOT NULL,
    group_id TEXT,
    program_id TEXT,
    start_date TIMESTAMP WITH TIME ZONE,
    end_date TIMESTAMP WITH TIME ZONE,
    status TEXT DEFAULT 'active' NOT NULL,
    session_count INTEGER,
    facilitator_ids TEXT[] DEFAULT '{}' NOT NULL,
    assigned_assessment_ids TEXT[] DEFAULT '{}' NOT NULL,
    completion_required_pct FLOAT,
    metadata JSONB DEFAULT '{}' NOT NULL,
    tags TEXT[] DEFAULT '{}' NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cohorts PRIMARY KEY (id),
    CONSTRAINT uq_cohorts_organization_id_number UNIQUE (organization_id, number),
    CONSTRAINT fk_cohorts_name_id_texts FOREIGN KEY(name_id) REFERENCES texts (id),
    CONSTRAINT fk_cohorts_description_id_texts FOREIGN KEY(description_id) REFERENCES texts (id)
)
""",
    "CREATE INDEX ix_cohorts_created ON cohorts (organization_id, created_at, id) WHERE deleted_at IS NULL",
    "CREATE INDEX ix_cohorts_department_ids ON cohorts USING gin (department_ids)",
    "CREATE INDEX ix_cohorts_simulation_ids ON cohorts USING gin (simulation_ids)",
    """
CREATE TABLE profile_personas (
    organization_id UUID NOT NULL,
    profile_id UUID NOT NULL,
    persona_id UUID NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_profile_personas PRIMARY KEY (id),
    CONSTRAINT fk_profile_personas_profile_id_profiles FOREIGN KEY(profile_id) REFERENCES profiles (id),
    CONSTRAINT fk_profile_personas_persona_id_personas FOREIGN KEY(persona_id) REFERENCES personas (id)
)
""",
    "CREATE INDEX ix_profile_personas_profile_id ON profile_personas (profile_id)",
    """
CREATE TABLE simulation_availability (
    organization_id UUID NOT NULL,
    simulation_id UUID NOT NULL,
    time TIMESTAMP WITH TIME ZONE NOT NULL,
    type TEXT NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_simulation_availability PRIMARY KEY (id),
    CONSTRAINT fk_simulation_availability_simulation_id_simulations FOREIGN KEY(simulation_id) REFERENCES simulations (id)
)
""",
    "CREATE INDEX ix_simulation_availability_simulation_id ON simulation_availability (simulation_id)",
    """
CREATE TABLE simulation_positions (
    organization_id UUID NOT NULL,
    simulation_id UUID NOT NULL,
    value INTEGER NOT NULL,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_simulation_positions PRIMARY KEY (id),
    CONSTRAINT fk_simulation_positions_simulation_id_simulations FOREIGN KEY(simulation_id) REFERENCES simulations (id)
)
""",
    "CREATE INDEX ix_simulation_positions_simulation_id ON simulation_positions (simulation_id)",
    """
CREATE TABLE cohort_members (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    cohort_id UUID NOT NULL,
    profile_id UUID NOT NULL,
    source TEXT NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_cohort_members PRIMARY KEY (id),
    CONSTRAINT fk_cohort_members_cohort_id_cohorts FOREIGN KEY(cohort_id) REFERENCES cohorts (id) ON DELETE CASCADE,
    CONSTRAINT fk_cohort_members_profile_id_profiles FOREIGN KEY(profile_id) REFERENCES profiles (id)
)
""",
    "CREATE INDEX ix_cohort_members_profile_id ON cohort_members (profile_id, cohort_id) WHERE until IS NULL",
    "CREATE UNIQUE INDEX uq_cohort_members_present ON cohort_members (cohort_id, profile_id) WHERE until IS NULL",
)


def upgrade() -> None:
    messaging_tables.create(op)
    chassis_tables.create(op)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "cohort_members",
        "simulation_positions",
        "simulation_availability",
        "profile_personas",
        "cohorts",
        "user_roles",
        "texts",
        "simulations",
        "profiles",
        "personas",
        "organizations",
        "groups",
        "group_people",
        "counters",
    ):
        op.drop_table(table)
    op.drop_table("idempotency_keys")
    messaging_tables.drop(op)
