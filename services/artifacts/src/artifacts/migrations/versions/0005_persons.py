"""Persons, their distinct ids, and events."""

from alembic import op

revision = "0005"
down_revision = "0004"

OF_PROFILES = """
SELECT p.id, p.organization_id, true, p.created_at, p.removed_at,
       jsonb_strip_nulls(jsonb_build_object(
           'email', p.primary_email, 'name', NULLIF(p.name, ''), 'first_name', NULLIF(p.first_name, ''),
           'last_name', NULLIF(p.last_name, ''), 'username', p.username, 'user_id', p.user_id,
           'individual_id', p.individual_id, 'account_type', p.account_type, 'role', p.role,
           'department_ids', p.department_ids,
           'departments', COALESCE((SELECT jsonb_agg(g.name ORDER BY g.name) FROM groups g
                                     WHERE g.id = ANY(p.department_ids)), '[]'),
           'timezone', p.timezone, 'is_active', p.is_active, 'is_in_use', p.is_in_use,
           'has_login', p.user_id IS NOT NULL))
  FROM profiles p
"""
DISTINCT_IDS = """
SELECT p.organization_id, one.distinct_id, p.id, true
  FROM profiles p
 CROSS JOIN LATERAL (VALUES (1, p.user_id::text), (2, p.individual_id::text), (3, p.primary_email)) one (rank, distinct_id)
 WHERE p.removed_at IS NULL AND one.distinct_id <> ''
 ORDER BY one.rank, p.id
"""

STATEMENTS: tuple[str, ...] = (
    """
CREATE TABLE persons (
    organization_id UUID NOT NULL,
    properties JSONB DEFAULT '{}' NOT NULL,
    is_identified BOOLEAN DEFAULT 'false' NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE,
    removed_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_persons PRIMARY KEY (id)
)
""",
    """
CREATE TABLE person_distinct_ids (
    organization_id UUID NOT NULL,
    distinct_id TEXT NOT NULL,
    person_id UUID NOT NULL,
    is_given BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT pk_person_distinct_ids PRIMARY KEY (organization_id, distinct_id),
    CONSTRAINT fk_person_distinct_ids_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id) ON DELETE CASCADE
)
""",
    """
CREATE TABLE events (
    organization_id UUID NOT NULL,
    id UUID NOT NULL,
    event TEXT NOT NULL,
    person_id UUID NOT NULL,
    distinct_id TEXT NOT NULL,
    timestamp TIMESTAMP WITH TIME ZONE NOT NULL,
    properties JSONB DEFAULT '{}' NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (organization_id, id)
)
""",
    "ALTER TABLE profiles ADD COLUMN username TEXT",
    f"INSERT INTO persons (id, organization_id, is_identified, created_at, removed_at, properties) {OF_PROFILES}",
    f"""
INSERT INTO person_distinct_ids (organization_id, distinct_id, person_id, is_given) {DISTINCT_IDS} ON CONFLICT DO NOTHING
""",
    "CREATE INDEX ix_persons_created ON persons (organization_id, created_at DESC, id DESC)",
    "CREATE INDEX ix_persons_email ON persons (organization_id, lower(properties ->> 'email'))",
    "CREATE INDEX ix_person_distinct_ids_person_id ON person_distinct_ids (person_id)",
    "CREATE INDEX ix_events_event ON events (organization_id, event, timestamp, person_id)",
    "CREATE INDEX ix_events_person_id ON events (person_id, event, timestamp)",
    """
ALTER TABLE cohort_members DROP CONSTRAINT fk_cohort_members_profile_id_profiles,
    ADD CONSTRAINT fk_cohort_members_profile_id_persons FOREIGN KEY (profile_id) REFERENCES persons (id)
""",
    """
ALTER TABLE profile_cohorts DROP CONSTRAINT fk_profile_cohorts_profile_id_profiles,
    ADD CONSTRAINT fk_profile_cohorts_profile_id_persons
    FOREIGN KEY (profile_id) REFERENCES persons (id) ON DELETE CASCADE
""",
    """
ALTER TABLE organizations ADD COLUMN capture_token TEXT NOT NULL
    DEFAULT 'phc_' || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
""",
    "ALTER TABLE organizations ADD CONSTRAINT uq_organizations_capture_token UNIQUE (capture_token)",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
