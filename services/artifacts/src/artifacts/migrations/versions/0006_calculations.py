"""How cohorts are calculated and kept up to date."""

from alembic import op

revision = "0006"
down_revision = "0005"

OF_COHORT = """FOREIGN KEY(cohort_id) REFERENCES cohorts (id) ON DELETE CASCADE"""

STATEMENTS: tuple[str, ...] = (
    f"""
CREATE TABLE cohort_mentions (
    organization_id UUID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    cohort_id UUID NOT NULL,
    CONSTRAINT pk_cohort_mentions PRIMARY KEY (organization_id, kind, name, cohort_id),
    CONSTRAINT ck_cohort_mentions_kind CHECK (kind IN ('property', 'event', 'cohort', 'any')),
    CONSTRAINT fk_cohort_mentions_cohort_id_cohorts {OF_COHORT}
)
""",
    "CREATE INDEX ix_cohort_mentions_cohort_id ON cohort_mentions (cohort_id)",
    """
CREATE TABLE cohort_changes (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    organization_id UUID NOT NULL,
    person_id UUID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    cohort_id UUID,
    CONSTRAINT pk_cohort_changes PRIMARY KEY (id)
)
""",
    "CREATE INDEX ix_cohort_changes_person_id ON cohort_changes (person_id)",
    """
CREATE FUNCTION note_cohort_changes(organization uuid, persons uuid[], kinds text[], names text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    noted bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(organization::text, 7));
    INSERT INTO cohort_changes (organization_id, person_id, kind, name)
    SELECT organization, one.person_id, one.kind, one.name
      FROM unnest(persons, kinds, names) AS one (person_id, kind, name)
     WHERE EXISTS (SELECT 1 FROM cohort_mentions m
                    WHERE m.organization_id = organization AND m.kind = one.kind AND m.name = one.name);
    GET DIAGNOSTICS noted = ROW_COUNT;
    RETURN noted;
END $$
""",
    f"""
CREATE TABLE cohort_schedules (
    cohort_id UUID NOT NULL,
    organization_id UUID NOT NULL,
    retry_at TIMESTAMP WITH TIME ZONE,
    failed_version INTEGER,
    lease_id UUID,
    checked_at TIMESTAMP WITH TIME ZONE,
    due_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_cohort_schedules PRIMARY KEY (cohort_id),
    CONSTRAINT fk_cohort_schedules_cohort_id_cohorts {OF_COHORT}
)
""",
    "CREATE INDEX ix_cohort_schedules_due_at ON cohort_schedules (due_at) WHERE due_at IS NOT NULL",
    f"""
CREATE TABLE cohort_calculations (
    organization_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    version INTEGER NOT NULL,
    filters JSONB DEFAULT '{{}}' NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    count INTEGER,
    entered INTEGER,
    ended INTEGER,
    query_ms INTEGER,
    main_query TEXT,
    error TEXT,
    id UUID NOT NULL,
    CONSTRAINT pk_cohort_calculations PRIMARY KEY (id),
    CONSTRAINT fk_cohort_calculations_cohort_id_cohorts {OF_COHORT}
)
""",
    "CREATE INDEX ix_cohort_calculations_cohort ON cohort_calculations (cohort_id, started_at DESC, id DESC)",
    "CREATE INDEX ix_cohort_calculations_started_at ON cohort_calculations (started_at)",
    """
CREATE TABLE person_dates (
    person_id UUID NOT NULL,
    key TEXT NOT NULL,
    organization_id UUID NOT NULL,
    moment TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_person_dates PRIMARY KEY (person_id, key),
    CONSTRAINT fk_person_dates_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_person_dates_moment ON person_dates (organization_id, key, moment, person_id)",
    f"""
CREATE TABLE member_announcements (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    organization_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    moment TIMESTAMP WITH TIME ZONE NOT NULL,
    first_id BIGINT,
    last_id BIGINT,
    done BIGINT DEFAULT '0' NOT NULL,
    person_ids UUID[],
    CONSTRAINT pk_member_announcements PRIMARY KEY (id),
    CONSTRAINT ck_member_announcements_kind CHECK (kind IN ('entered', 'left')),
    CONSTRAINT fk_member_announcements_cohort_id_cohorts {OF_COHORT}
)
""",
    "CREATE INDEX ix_member_announcements_cohort_id ON member_announcements (cohort_id, id)",
    "CREATE INDEX ix_cohorts_waiting ON cohorts (id) WHERE pending_version > COALESCE(calculated_version, 0)",
    "CREATE INDEX ix_cohort_members_ended ON cohort_members (cohort_id, until, id) WHERE until IS NOT NULL",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
