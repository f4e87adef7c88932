"""A graph of permissions in authz's own tables, made by the database itself: full size, or a part of it."""

import asyncpg

FULL = 100
"""Full size in hundredths: 1,000,000 users, 100,000 groups, 5,000,000 memberships, 2,000,000 individuals."""

USERS, GROUPS, MEMBERSHIPS, INDIVIDUALS, LEADERS = 10_000, 1_000, 50_000, 20_000, 3_000
"""How many there are for each hundredth."""

ORGANIZATIONS = 100
"""Half of everything belongs to the first one, so it has 1,000,000 individuals at the full size."""

DEPTH = 16


def identifier(kind: int, number: int) -> str:
    """The id of the thing with this number: 1 users, 2 organizations, 3 groups, 4 individuals; they ascend."""
    return f"019f0000-{kind:04x}-7000-8000-{number:012x}"


def _id(kind: int, number: str) -> str:
    return f"('019f0000-{kind:04x}-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def _any(of: int, salt: int, number: str = "n") -> str:
    """One of the first `of` numbers, scattered but the same in every run."""
    return f"(hashint8extended(({number})::bigint, {salt}) & 9223372036854775807) % {of}"


def statements(size: int) -> list[str]:
    """What fills empty tables with `size` hundredths of the full size."""
    users, groups, individuals = size * USERS, size * GROUPS, size * INDIVIDUALS
    place = f"CASE WHEN {{0}} % 2 = 0 THEN 0 ELSE 1 + ({{0}} / {DEPTH}) % {ORGANIZATIONS - 1} END"
    tree = f"n / {DEPTH}"
    return [
        f"INSERT INTO users SELECT {_id(1, 'n')}, true, false, now() FROM generate_series(0, {users - 1}) n",
        f"""INSERT INTO organizations SELECT {_id(2, "n")}, true, '', '', now()
            FROM generate_series(0, {ORGANIZATIONS - 1}) n""",
        f"""INSERT INTO groups SELECT {_id(3, "n")}, {_id(2, place.format(f"({tree})"))},
            CASE WHEN n % {DEPTH} = 0 THEN NULL
                 ELSE {_id(3, f"n - 1 - {_any(DEPTH, 5)} % (n % {DEPTH})")} END, false
            FROM generate_series(0, {groups - 1}) n""",  # in every tree of 16 some chains are long and some are wide
        f"""INSERT INTO individuals SELECT {_id(4, "n")}, NULL, {_id(2, place.format("n"))},
            CASE WHEN n % 4 = 0 THEN {_id(1, f"n % {users}")} END FROM generate_series(0, {individuals - 1}) n""",
        f"""INSERT INTO group_people SELECT {_id(3, _any(groups, 7))}, 'member', {_id(1, f"n % {users}")}
            FROM generate_series(0, {size * MEMBERSHIPS - 1}) n ON CONFLICT DO NOTHING""",
        f"""INSERT INTO group_people SELECT {_id(3, _any(groups, 9))}, 'leader', {_id(1, _any(users, 11))}
            FROM generate_series(0, {size * LEADERS - 1}) n ON CONFLICT DO NOTHING""",
        f"""INSERT INTO group_people SELECT {_id(3, _any(groups, 13))}, 'individual', {_id(4, f"n % {individuals}")}
            FROM generate_series(0, {size * INDIVIDUALS * 14 // 10 - 1}) n ON CONFLICT DO NOTHING""",
        f"""INSERT INTO organization_staff SELECT DISTINCT {_id(2, place.format("n"))}, {_id(1, "n")}
            FROM generate_series(0, {users - 1}) n""",
        "INSERT INTO applied_aggregates SELECT 'user', id, 1 FROM users",
        "INSERT INTO applied_aggregates SELECT 'group', id, 60 FROM groups",
        "INSERT INTO applied_aggregates SELECT 'individual', id, 1 FROM individuals",
        "INSERT INTO applied_aggregates SELECT 'organization', id, 9 FROM organizations",
        f"""INSERT INTO individual_attributes (individual_id, first_name, last_name, birth_date, email, email_verified,
            registered, provider)
            SELECT {_id(4, "n")}, 'first ' || {_any(500, 15)}, 'last ' || {_any(1000, 17)},
            date '1940-01-01' + ({_any(25_000, 19)})::int, 'person' || n || '@example.org', n % 3 > 0, n % 2 > 0,
            n % 10 = 0 FROM generate_series(0, {individuals - 1}) n""",
        "ANALYZE",
    ]


async def fill(url: str, size: int) -> None:
    """Fill authz's empty tables at `url`; about two minutes for the full size."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '512MB'")
        for statement in statements(size):
            await connection.execute(statement, timeout=600)
    finally:
        await connection.close()
