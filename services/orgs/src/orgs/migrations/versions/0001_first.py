"""The first tables of orgs."""

import chassis.migrations
import messaging.migrations
from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
CREATE TABLE organizations (
    id uuid NOT NULL,
    number integer GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    display_name text NOT NULL,
    authorization_type text NOT NULL,
    classification text NOT NULL,
    provider_type text NOT NULL,
    timezone text NOT NULL,
    theme_id uuid,
    is_active boolean DEFAULT true NOT NULL,
    logo_url text,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organizations PRIMARY KEY (id),
    CONSTRAINT uq_organizations_number UNIQUE (number)
)
    """,
    """
CREATE TABLE people (
    user_id uuid NOT NULL,
    username text,
    email text,
    first_name text,
    last_name text,
    state text,
    enabled boolean DEFAULT true NOT NULL,
    email_verified boolean DEFAULT false NOT NULL,
    phone_verified boolean DEFAULT false NOT NULL,
    registration_invite text DEFAULT 'none' NOT NULL,
    account jsonb DEFAULT '{}' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_people PRIMARY KEY (user_id)
)
    """,
    "CREATE INDEX ix_people_email ON people (lower(email))",
    """
CREATE TABLE group_logs (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    group_id uuid NOT NULL,
    subject text NOT NULL,
    event text NOT NULL,
    person_id uuid NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_group_logs PRIMARY KEY (id),
    CONSTRAINT fk_group_logs_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_group_logs_group_id_id ON group_logs (group_id, id)",
    "CREATE INDEX ix_group_logs_organization_id_id ON group_logs (organization_id, id)",
    "CREATE INDEX ix_group_logs_person_id_id ON group_logs (person_id, id)",
    """
CREATE TABLE individual_groups (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    parent_id uuid,
    path uuid[] DEFAULT '{}' NOT NULL,
    name text NOT NULL,
    node_type text NOT NULL,
    type text NOT NULL,
    tags text[] DEFAULT '{}' NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    child_count integer DEFAULT 0 NOT NULL,
    individuals_count integer DEFAULT 0 NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_individual_groups PRIMARY KEY (id),
    CONSTRAINT ck_individual_groups_depth CHECK (cardinality(path) < 16),
    CONSTRAINT ck_individual_groups_parent CHECK (parent_id IS NOT DISTINCT FROM path[cardinality(path)]),
    CONSTRAINT fk_individual_groups_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_individual_groups_parent_id_individual_groups FOREIGN KEY(parent_id) REFERENCES individual_groups (id)
)
    """,
    "CREATE INDEX ix_individual_groups_organization_id_id ON individual_groups (organization_id, id)",
    "CREATE INDEX ix_individual_groups_parent_id_id ON individual_groups (parent_id, id)",
    "CREATE INDEX ix_individual_groups_path ON individual_groups USING gin (path)",
    "CREATE UNIQUE INDEX uq_individual_groups_kept ON individual_groups (organization_id, type) WHERE type IN ('all_participants', 'unassigned')",
    """
CREATE TABLE individuals (
    id uuid NOT NULL,
    owner_type text NOT NULL,
    owner_id uuid NOT NULL,
    organization_id uuid,
    user_id uuid,
    first_name text,
    last_name text,
    preferred_name text,
    birth_date date,
    email text,
    phone text,
    tz text,
    email_verified boolean DEFAULT false NOT NULL,
    phone_verified boolean DEFAULT false NOT NULL,
    registered boolean DEFAULT false NOT NULL,
    registration_invite text DEFAULT 'none' NOT NULL,
    communication_preferences jsonb DEFAULT '{}' NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_individuals PRIMARY KEY (id),
    CONSTRAINT ck_individuals_owner CHECK ((owner_type = 'organization') = (organization_id IS NOT NULL)),
    CONSTRAINT fk_individuals_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_individuals_organization_id_id ON individuals (organization_id, id)",
    "CREATE INDEX ix_individuals_owner_id ON individuals (owner_id) WHERE owner_type = 'user'",
    "CREATE INDEX ix_individuals_user_id ON individuals (user_id) WHERE user_id IS NOT NULL",
    """
CREATE TABLE memberships (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    account_type text NOT NULL,
    roles text[] DEFAULT '{}' NOT NULL,
    individual_id uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_memberships PRIMARY KEY (id),
    CONSTRAINT uq_memberships_user_id_organization_id UNIQUE (user_id, organization_id),
    CONSTRAINT fk_memberships_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    "CREATE INDEX ix_memberships_organization_id_id ON memberships (organization_id, id)",
    """
CREATE TABLE tasks (
    id uuid NOT NULL,
    organization_id uuid NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    result jsonb DEFAULT '{}' NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_tasks PRIMARY KEY (id),
    CONSTRAINT fk_tasks_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id)
)
    """,
    """
CREATE TABLE group_individuals (
    group_id uuid NOT NULL,
    individual_id uuid NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_group_individuals PRIMARY KEY (group_id, individual_id),
    CONSTRAINT fk_group_individuals_group_id_individual_groups FOREIGN KEY(group_id) REFERENCES individual_groups (id) ON DELETE CASCADE,
    CONSTRAINT fk_group_individuals_individual_id_individuals FOREIGN KEY(individual_id) REFERENCES individuals (id)
)
    """,
    "CREATE INDEX ix_group_individuals_individual_id ON group_individuals (individual_id)",
    """
CREATE TABLE group_staff (
    group_id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_group_staff PRIMARY KEY (group_id, kind, user_id),
    CONSTRAINT fk_group_staff_group_id_individual_groups FOREIGN KEY(group_id) REFERENCES individual_groups (id) ON DELETE CASCADE
)
    """,
    "CREATE INDEX ix_group_staff_user_id_kind ON group_staff (user_id, kind)",
    """
CREATE TABLE organization_codes (
    code text NOT NULL,
    organization_id uuid NOT NULL,
    group_id uuid,
    expires_at timestamptz,
    enrollment_schema jsonb,
    auto_confirm boolean DEFAULT false NOT NULL,
    sign_up_count integer DEFAULT 0 NOT NULL,
    created_by uuid,
    created_at timestamptz DEFAULT now() NOT NULL,
    updated_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organization_codes PRIMARY KEY (code),
    CONSTRAINT fk_organization_codes_organization_id_organizations FOREIGN KEY(organization_id) REFERENCES organizations (id),
    CONSTRAINT fk_organization_codes_group_id_individual_groups FOREIGN KEY(group_id) REFERENCES individual_groups (id) ON DELETE SET NULL
)
    """,
    "CREATE INDEX ix_organization_codes_group_id ON organization_codes (group_id)",
    "CREATE INDEX ix_organization_codes_organization_id_code ON organization_codes (organization_id, code)",
    """
CREATE TABLE organization_code_users (
    code text NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT pk_organization_code_users PRIMARY KEY (code, user_id),
    CONSTRAINT fk_organization_code_users_code_organization_codes FOREIGN KEY(code) REFERENCES organization_codes (code)
)
    """,
)


def upgrade() -> None:
    messaging.migrations.create(op)
    chassis.migrations.create(op)
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first migration is not undone; drop the database")
