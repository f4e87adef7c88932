"""That a service has thought of every table that could say something of a person.

def test_every_table_that_names_people_is_in_the_plan() -> None:
    assert_covered(metadata, PLAN)
"""

import re

from chassis.erasure import Plan
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncSession

PERSONAL = re.compile(
    r"(^|_)(user|individual|person|people|profile|owner|leader|member|subject|recipient|patient|impersonator)s?(_ids?)?$"
    r"|(^|_)(email|emails|mail|phone|phones|mobile|username|names?|gender|birth_date|address|addresses|device|ip)(_|$)"
    r"|(^|_)(created|updated|deleted|changed|answered|requested|added|removed|approved|granted)_by(_id)?$"
    r"|^(actor|account|details|sealed|answers?|value|text|body|payload|properties|data|content|message|comment|reason"
    r"|destination|distinct_ids?|snapshot|draft|form_state|row|rows|result|error|problem|user_agent|label)$"
)
"""Names of columns that could hold a person's id, address, name or words."""


def assert_covered(metadata: MetaData, plan: Plan) -> None:
    """Fail for a table with such a column that is in neither list, and for a line about no table."""
    suspects = {
        name: sorted(column.name for column in table.columns if PERSONAL.search(column.name))
        for name, table in metadata.tables.items()
    }
    forgotten = [f"{name}: {', '.join(found)}" for name, found in suspects.items() if found and name not in plan.tables]
    assert not forgotten, "say in erasure.py what becomes of these when a person is erased:\n" + "\n".join(forgotten)
    unknown = plan.tables - set(metadata.tables)
    assert not unknown, f"erasure.py names tables that there are not: {sorted(unknown)}"
    assert all(reason.strip() for reason in plan.kept.values()), "a table that is kept needs a reason"


TABLES = text("""
    SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'
""")


async def left_of(session: AsyncSession, *marks: str) -> list[tuple[str, str]]:
    """Every row of every table that shows one of the marks, as it is or in hexadecimal: table and row."""
    forms = [form for mark in marks for form in (mark, mark.encode().hex(), mark.lower().encode().hex())]
    patterns = [f"%{form}%" for form in forms]
    found: list[tuple[str, str]] = []
    for table in (await session.scalars(TABLES)).all():
        rows = text(f"SELECT t::text FROM {table} AS t WHERE t::text ILIKE ANY (:patterns)")  # noqa: S608
        found += [(table, row) for row in await session.scalars(rows, {"patterns": patterns})]
    return found
