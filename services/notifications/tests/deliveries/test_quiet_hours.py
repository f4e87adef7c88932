"""Nobody is woken for what they need not have."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
from contracts.orgs import OrganizationCreated
from kernel import now
from notifications.deliveries.quiet_hours import over_at, window, zone
from notifications.organizations.commands import on_organization
from notifications.settings import Settings

NIGHT = window("21:00-08:00")


@pytest.fixture
def night(post):
    """Quiet hours that are now, and end in about half an hour, by the clock of UTC."""
    before = post.runtime.settings
    begun, over = now() - timedelta(minutes=30), now() + timedelta(minutes=30)
    quiet = f"{begun:%H:%M}-{over:%H:%M}"
    post.runtime.settings = msgspec.structs.replace(before, quiet_hours=quiet)
    yield over.replace(second=0, microsecond=0)
    post.runtime.settings = before


@pytest.mark.parametrize(
    ("where", "local", "over"),
    [
        ("UTC", (2026, 6, 1, 20, 59), None),
        ("UTC", (2026, 6, 1, 21, 0), (2026, 6, 2, 8, 0)),
        ("UTC", (2026, 6, 1, 7, 59), (2026, 6, 1, 8, 0)),
        ("UTC", (2026, 6, 1, 8, 0), None),
        ("Asia/Kathmandu", (2026, 6, 1, 23, 15), (2026, 6, 2, 8, 0)),
        ("America/Phoenix", (2026, 12, 31, 22, 0), (2027, 1, 1, 8, 0)),
        ("Europe/Madrid", (2026, 3, 28, 22, 0), (2026, 3, 29, 8, 0)),
        ("Europe/Madrid", (2026, 10, 24, 22, 0), (2026, 10, 25, 8, 0)),
    ],
)
def test_they_go_by_the_clock_where_the_person_is(where, local, over):
    there = ZoneInfo(where)
    found = over_at(NIGHT, there, datetime(*local, tzinfo=there).astimezone(UTC))
    assert found == (over and datetime(*over, tzinfo=there))


def test_they_may_lie_within_a_day():
    siesta = window("13:00-16:30")
    over = datetime(2026, 6, 1, 16, 30, tzinfo=UTC)
    assert over_at(siesta, zone("UTC"), datetime(2026, 6, 1, 14, 0, tzinfo=UTC)) == over
    assert over_at(siesta, zone("UTC"), over) is None


@pytest.mark.parametrize("bad", ["21-8", "24:00-08:00", "21:00-21:00", "21:00 - 08:00", "never"])
def test_a_window_that_is_none_is_refused_at_the_start(bad):
    with pytest.raises(ValueError, match="MUSTER_QUIET_HOURS"):
        Settings(database_url="", nats_url="", quiet_hours=bad)


def test_zones_that_nobody_knows_are_passed_over():
    assert zone("Mars/Olympus", None, "America/Phoenix").key == "America/Phoenix"
    assert zone("../../etc/passwd", "").key == "UTC"
    assert window("") is None
    assert window("21:00-08:00") == (time(21), time(8))


async def test_an_optional_message_waits_for_the_morning(post, mailbox, night):
    waiting = [await post.ask("messaging-patient", user_id=uuid4(), channel=one) for one in ("email", "sms")]
    at_once = await post.ask("password-changed", user_id=uuid4())
    within = await post.ask("messaging-patient", user_id=uuid4(), channel="in-app")
    await post.work()
    for message in waiting:
        row = await post.row(message)
        assert (row["status"], row["reason"], row["attempts"], row["slot_at"]) == ("pending", "quiet-hours", 0, None)
        assert abs(row["next_attempt_at"] - night) <= timedelta(minutes=1)
    assert [(await post.row(one))["status"] for one in (at_once, within)] == ["sent", "sent"]
    post.runtime.settings = msgspec.structs.replace(post.runtime.settings, quiet_hours="")
    await post.all_due()
    await post.work()
    assert [(await post.row(one))["status"] for one in waiting] == ["sent", "sent"]


async def test_it_is_night_where_the_person_is_and_else_where_the_organization_is(post, night):
    organization = uuid4()
    event = OrganizationCreated(
        organization_id=organization,
        number=1,
        name="far",
        display_name="Far",
        timezone="Etc/GMT+12",
        created_by=uuid4(),
    )
    async with post.runtime.sessions.begin() as session:
        await on_organization(session, event, None)
    kind = "messaging-provider"
    by_organization = await post.ask(kind, organization_id=organization)
    by_person = await post.ask(kind, organization_id=organization, content={"tz": "UTC"})
    far_person = await post.ask(kind, content={"tz": "Etc/GMT+12"})
    await post.work()
    states = [(await post.row(one))["status"] for one in (by_organization, by_person, far_person)]
    assert states == ["sent", "pending", "sent"]
    await post.rows("DELETE FROM deliveries WHERE message_id = :id RETURNING id", id=by_person)


async def test_what_ends_before_the_morning_is_given_up_at_its_end(post, night):
    end = now() + timedelta(minutes=5)
    message = await post.ask("messaging-patient", user_id=uuid4(), expires_at=end)
    await post.work()
    assert (await post.row(message))["next_attempt_at"] == end
    await post.rows("DELETE FROM deliveries WHERE message_id = :id RETURNING id", id=message)
