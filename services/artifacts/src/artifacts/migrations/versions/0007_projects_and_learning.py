"""What the projects and learning dialects keep."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE cohorts ADD COLUMN status_at TIMESTAMP WITH TIME ZONE",
    """
CREATE TABLE cohort_completions (
    organization_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    profile_id UUID NOT NULL,
    session INTEGER,
    assessment_id TEXT,
    pct FLOAT NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    recorded_by UUID,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cohort_completions PRIMARY KEY (id),
    CONSTRAINT uq_cohort_completions_item UNIQUE NULLS NOT DISTINCT (cohort_id, profile_id, session, assessment_id),
    CONSTRAINT ck_cohort_completions_item CHECK (session IS NULL OR assessment_id IS NULL),
    CONSTRAINT fk_cohort_completions_cohort_id_cohorts FOREIGN KEY(cohort_id) REFERENCES cohorts (id) ON DELETE CASCADE,
    CONSTRAINT fk_cohort_completions_profile_id_persons FOREIGN KEY(profile_id) REFERENCES persons (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_cohort_completions_page ON cohort_completions (cohort_id, created_at, id)",
    "CREATE INDEX ix_cohort_completions_profile_id ON cohort_completions (profile_id)",
    "ALTER TABLE cohort_activities ADD COLUMN name TEXT",
    """
CREATE TABLE cohort_imports (
    organization_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    id_count INTEGER NOT NULL,
    done INTEGER DEFAULT '0' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    lease_id UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    retry_at TIMESTAMP WITH TIME ZONE,
    id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT pk_cohort_imports PRIMARY KEY (id),
    CONSTRAINT ck_cohort_imports_kind CHECK (kind IN ('person_id', 'distinct_id', 'email')),
    CONSTRAINT fk_cohort_imports_cohort_id_cohorts FOREIGN KEY(cohort_id) REFERENCES cohorts (id) ON DELETE CASCADE
)
""",
    "CREATE INDEX ix_cohort_imports_cohort_id ON cohort_imports (cohort_id)",
    "CREATE INDEX ix_cohort_imports_waiting ON cohort_imports (COALESCE(lease_until, retry_at, created_at))",
)


def upgrade() -> None:
    """Run the statements in order."""
    for statement in STATEMENTS:
        op.execute(statement)
