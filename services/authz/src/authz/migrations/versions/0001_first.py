"""The base facts, roles, and the tables of messaging and chassis."""

import chassis.migrations
import messaging.migrations
from alembic import op
from contracts.permissions import ROLE_IDS

revision = "0001"
down_revision = None

TABLES = (
    """
CREATE TABLE applied_positions (
    context text NOT NULL,
    sequence bigint NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_applied_positions PRIMARY KEY (context)
)
""",
    """
CREATE TABLE applied_aggregates (
    kind text NOT NULL,
    id uuid NOT NULL,
    version bigint NOT NULL,
    early jsonb,
    CONSTRAINT pk_applied_aggregates PRIMARY KEY (id, kind)
) WITH (fillfactor = 80)
""",
    """
CREATE TABLE users (
    id uuid NOT NULL,
    known boolean NOT NULL,
    disabled boolean NOT NULL DEFAULT false,
    event_at timestamptz,
    CONSTRAINT pk_users PRIMARY KEY (id)
)
""",
    """
CREATE TABLE organizations (
    id uuid NOT NULL,
    known boolean NOT NULL,
    name text NOT NULL DEFAULT '',
    display_name text NOT NULL DEFAULT '',
    event_at timestamptz,
    CONSTRAINT pk_organizations PRIMARY KEY (id)
)
""",
    """
CREATE TABLE organization_staff (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    CONSTRAINT pk_organization_staff PRIMARY KEY (organization_id, user_id)
)
""",
    """
CREATE TABLE individuals (
    id uuid NOT NULL,
    owner_id uuid,
    organization_id uuid,
    user_id uuid,
    CONSTRAINT pk_individuals PRIMARY KEY (id)
)
""",
    """
CREATE TABLE groups (
    id uuid NOT NULL,
    organization_id uuid,
    parent_id uuid,
    gone boolean NOT NULL,
    CONSTRAINT pk_groups PRIMARY KEY (id)
)
""",
    """
CREATE TABLE group_people (
    group_id uuid NOT NULL,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT pk_group_people PRIMARY KEY (group_id, kind, person_id),
    CONSTRAINT ck_group_people_kind CHECK (kind IN ('individual', 'leader', 'member'))
)
""",
    "CREATE INDEX ix_group_people_person_id_kind ON group_people (person_id, kind)",
    """
CREATE TABLE quarantined_events (
    context text NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    problem text NOT NULL,
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_quarantined_events PRIMARY KEY (context, sequence)
)
""",
    """
CREATE TABLE roles (
    id uuid NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    organization_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_roles PRIMARY KEY (id),
    CONSTRAINT uq_roles_organization_id_name UNIQUE NULLS NOT DISTINCT (organization_id, name)
)
""",
    "CREATE INDEX ix_roles_organization_id ON roles (organization_id)",
    """
CREATE TABLE role_users (
    number bigint GENERATED ALWAYS AS IDENTITY,
    role_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_role_users PRIMARY KEY (number),
    CONSTRAINT uq_role_users_role_id_user_id UNIQUE (role_id, user_id),
    CONSTRAINT fk_role_users_role_id_roles FOREIGN KEY (role_id) REFERENCES roles (id)
)
""",
    "CREATE INDEX ix_role_users_user_id ON role_users (user_id)",
)
SYSTEM_ROLES = {"system.admin": "Operator", "system.support": "Support"}


def upgrade() -> None:
    messaging.migrations.create(op)
    chassis.migrations.create(op)
    for statement in TABLES:
        op.execute(statement)
    for name, display_name in SYSTEM_ROLES.items():
        op.execute(
            f"INSERT INTO roles (id, name, display_name) VALUES ('{ROLE_IDS[name]}', '{name}', '{display_name}')"  # noqa: S608
        )


def downgrade() -> None:
    raise NotImplementedError("The first migration is not taken back.")
