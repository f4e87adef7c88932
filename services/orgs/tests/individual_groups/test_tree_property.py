"""Random forests: after every step paths, counts and kept groups are what a recount from the bare facts gives."""

import asyncio
import itertools
from typing import Any
from uuid import UUID

from chassis.erasure import Person
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from orgs.erasure import leave
from orgs.imports.keys import made_id
from orgs.imports.worker import run_next
from orgs_world import World, change
from sqlalchemy import text

GROUPS = text("""
SELECT id, parent_id, path, type, is_active, child_count, individuals_count
FROM individual_groups WHERE organization_id = :id
""")
HELD = text("""
SELECT h.group_id, h.individual_id FROM group_individuals h JOIN individual_groups g ON g.id = h.group_id
WHERE g.organization_id = :id
""")
COUNTED = text("""
SELECT type, node_type, is_active, is_leaf, groups FROM group_counts WHERE organization_id = :id AND groups <> 0
""")
SORTS = text("""
SELECT type, node_type, is_active, child_count = 0, count(*) FROM individual_groups
WHERE organization_id = :id GROUP BY 1, 2, 3, 4
""")
PEOPLE = text("SELECT id FROM individuals WHERE organization_id = :id")
LOGGED = text("""
SELECT group_id, person_id, sum(CASE event WHEN 'add' THEN 1 ELSE -1 END) AS times
FROM group_logs WHERE organization_id = :id AND subject = 'individual' GROUP BY 1, 2
""")


class Forest(RuleBasedStateMachine):
    """What a client may do, in any order, and the model that it is held against."""

    world: World
    session: Any
    loop: asyncio.AbstractEventLoop

    @initialize()
    def start(self) -> None:
        self.organization = self.run(self.world.organization())
        self.parents: dict[UUID, UUID | None] = {}
        self.active: dict[UUID, bool] = {}
        self.held: dict[UUID, set[UUID]] = {}
        self.people: list[UUID] = []
        self.numbers = itertools.count()
        for parent in (None, 0, 1, None, 3, 3):
            self.plant(None if parent is None else self.pick(parent))
        self.register()
        self.register()

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def pick(self, number: int) -> UUID | None:
        groups = list(self.parents)
        return groups[number % len(groups)] if groups else None

    def above(self, group: UUID | None) -> list[UUID]:
        found: list[UUID] = []
        while group is not None:
            found.append(group)
            group = self.parents[group]
        return found[::-1]

    @rule(number=st.integers(0, 99), root=st.booleans())
    def create(self, number: int, root: bool) -> None:
        parent = None if root else self.pick(number)
        if len(self.above(parent)) >= 16:
            return
        self.plant(parent)

    def plant(self, parent: UUID | None) -> None:
        group = self.run(self.world.group(self.organization, parent))
        self.parents[group], self.active[group], self.held[group] = parent, True, set()

    @rule()
    def register(self) -> None:
        self.people.append(self.run(self.world.individual(self.organization)))

    @rule(group=st.integers(0, 99), to=st.integers(0, 99), root=st.booleans())
    def move(self, group: int, to: int, root: bool) -> None:
        moved, parent = self.pick(group), None if root else self.pick(to)
        if moved is None:
            return
        answer = self.run(self.world.act(moved, "move-group", to_parent_group_id=parent))
        cycle = parent is not None and moved in self.above(parent)
        assert answer.status_code == (409 if cycle else 201), answer.text
        if not cycle:
            self.parents[moved] = parent

    @rule(group=st.integers(0, 99), people=st.lists(st.integers(0, 99), min_size=1, max_size=4), out=st.booleans())
    def change_people(self, group: int, people: list[int], out: bool) -> None:
        chosen = self.pick(group)
        if chosen is None or not self.people:
            return
        named = [self.people[number % len(self.people)] for number in people]
        action = "remove-individuals" if out else "add-individuals"
        assert self.run(self.world.act(chosen, action, individual_ids=named)).status_code == 201
        self.held[chosen] = self.held[chosen] - set(named) if out else self.held[chosen] | set(named)

    @rule(first=st.integers(0, 99), second=st.integers(0, 99), person=st.integers(0, 99))
    def hand_over(self, first: int, second: int, person: int) -> None:
        source, target = self.pick(first), self.pick(second)
        if source is None or target is None or not self.people:
            return
        one = self.people[person % len(self.people)]
        body = {"individual_ids": [one], "remove_from_group": source}
        assert self.run(self.world.act(target, "add-individuals", **body)).status_code == 201
        self.held[source].discard(one)
        self.held[target].add(one)

    @rule(group=st.integers(0, 99), active=st.booleans())
    def set_active(self, group: int, active: bool) -> None:
        chosen = self.pick(group)
        if chosen is not None:
            body = change("individual-groups", chosen, is_active=active)
            answer = self.run(self.world.operator.patch(f"/v1/individual-groups/{chosen}/", json=body))
            assert answer.status_code == 200
            self.active[chosen] = active

    @rule(group=st.integers(0, 99))
    def remove(self, group: int) -> None:
        chosen = self.pick(group)
        if chosen is None:
            return
        answer = self.run(self.world.operator.delete(f"/v1/individual-groups/{chosen}/"))
        if chosen in self.parents.values():
            assert answer.status_code == 409
        else:
            assert answer.status_code == 204, answer.text
            del self.parents[chosen], self.active[chosen], self.held[chosen]

    @rule(
        new=st.integers(0, 3),
        known=st.lists(st.integers(0, 99), max_size=3),
        groups=st.lists(st.integers(0, 99), max_size=3),
        placed=st.booleans(),
    )
    def import_people(self, new: int, known: list[int], groups: list[int], placed: bool) -> None:
        named = [str(self.people[number % len(self.people)]) for number in known] if self.people else []
        fresh = [f"p{next(self.numbers)}" for _ in range(new)]
        keys = list(dict.fromkeys([*named, *fresh]))
        wanted = {group for number in groups if (group := self.pick(number)) is not None}
        if not keys:
            return
        cells = [f"{key},{';'.join(map(str, wanted))}" if placed else key for key in keys]
        done = self.import_("individuals", "key,groups" if placed else "key", cells)
        assert (done["status"], done["created"]) == ("done", new), done["errors"]
        made = [made_id(self.organization, "individual", key) for key in fresh]
        self.people += made
        if placed:
            people = {UUID(key) for key in named} | set(made)
            for group, held in self.held.items():
                self.held[group] = held | people if group in wanted else held - people

    @rule(parents=st.lists(st.integers(0, 99), min_size=1, max_size=4), active=st.booleans(), change=st.integers(0, 99))
    def import_groups(self, parents: list[int], active: bool, change: int) -> None:
        """A chain below a group, the deepest first, and the standing of a group that there is."""
        top, changed = self.pick(parents[0]), self.pick(change)
        names = [f"g{next(self.numbers)}" for _ in parents]
        if len(self.above(top)) + len(names) > 16:
            return
        above = [str(top) if top else "", *names[:-1]]
        cells = [f"{name},{name},{parent},{active}" for name, parent in zip(names, above, strict=True)][::-1]
        made = [made_id(self.organization, "group", name) for name in names]
        if changed is not None:
            cells.insert(0, f"{changed},A group,{self.parents[changed] or ''},{active}")
            self.active[changed] = active
        done = self.import_("individual-groups", "key,name,parent-key,is-active", cells)
        assert (done["status"], done["created"]) == ("done", len(names)), done["errors"]
        for group, parent in zip(made, [top, *made[:-1]], strict=True):
            self.parents[group], self.active[group], self.held[group] = parent, active, set()

    def import_(self, kind: str, header: str, cells: list[str]) -> dict[str, Any]:
        query = {"organization-id": str(self.organization), "kind": kind}
        content = "\n".join([header, *cells]).encode()
        made = self.run(self.world.operator.post("/v1/imports/", params=query, content=content))
        assert made.status_code == 201, made.text
        assert self.run(run_next(self.world.client.app.state.runtime))
        path = f"/v1/imports/{made.json()['data']['id']}/"
        return self.run(self.world.operator.get(path)).json()["data"]["attributes"]

    @rule(person=st.integers(0, 99))
    def leave(self, person: int) -> None:
        """An individual is erased."""
        if not self.people:
            return
        one = self.people.pop(person % len(self.people))
        self.run(self.erase(one))
        for held in self.held.values():
            held.discard(one)

    async def erase(self, one: UUID) -> None:
        values = {"user_id": None, "individual_ids": [one], "organization_ids": [self.organization]}
        async with self.world.client.app.state.runtime.sessions.begin() as session:
            await leave(session, Person(**values))
            await session.execute(text("DELETE FROM individuals WHERE id = :id"), {"id": one})

    @invariant()
    def recount(self) -> None:
        if hasattr(self, "organization"):
            self.run(self.compare())

    async def compare(self) -> None:
        values = {"id": self.organization}
        rows = {row.id: row for row in await self.session.execute(GROUPS, values)}
        held: dict[UUID, set[UUID]] = {group: set() for group in rows}
        for group, individual in await self.session.execute(HELD, values):
            held[group].add(individual)
        everybody = set(await self.session.scalars(PEOPLE, values))
        kept = {row.type: row.id for row in rows.values() if row.type != "regular"}
        assert everybody == set(self.people) == held[kept["all_participants"]]
        assigned = set().union(*self.held.values()) if self.held else set()
        assert held[kept["unassigned"]] == everybody - assigned
        assert rows.keys() - kept.values() == self.parents.keys()
        for group, row in rows.items():
            assert row.individuals_count == len(held[group])
        for group, parent in self.parents.items():
            row = rows[group]
            assert (row.parent_id, row.path) == (parent, self.above(parent))
            children = [child for child, above in self.parents.items() if above == group and self.active[child]]
            assert row.child_count == len(children)
            assert row.is_active == self.active[group]
            assert held[group] == self.held[group]
        counted, sorts = [{tuple(row) for row in await self.session.execute(sql, values)} for sql in (COUNTED, SORTS)]
        assert counted == sorts
        logged = {(row.group_id, row.person_id): row.times for row in await self.session.execute(LOGGED, values)}
        present = {(group, one) for group, members in self.held.items() for one in members}
        assert {place for place, times in logged.items() if times == 1} == present
        assert set(logged.values()) <= {0, 1}


async def test_any_order_of_changes_keeps_the_books(world: World, session) -> None:
    Forest.world, Forest.session, Forest.loop = world, session, asyncio.get_running_loop()
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    options = settings(max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=checks)
    await asyncio.to_thread(run_state_machine_as_test, Forest, settings=options)
