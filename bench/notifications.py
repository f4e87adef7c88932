"""Mail from an event to the server's word, a queue that drains, redirects, and people who listen.

Each is held against a limit of the same run: a bare aiosmtplib loop at the same server, a constant handler in the same
chassis.
"""

import asyncio
import os
import re
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
from aiosmtplib import SMTP
from database import engine, session_maker
from database.migrations import migrate
from identity.message_contents import commands as message_contents
from identity.message_contents.content import Content
from identity.vault import Vault
from kernel import now
from messaging import Messaging
from notifications.channels.channel import Outgoing
from notifications.channels.composing import Sender, compose
from notifications.templates import platform_texts
from rich.progress import track
from testkit import principals, servers

from bench.figures import Figure
from bench.load import load, request
from bench.notifications_apps import TYPE, VARIABLES, neighbours, notifications_app
from bench.platform import Platform, platform
from bench.serving import resident, served

QUEUED = int(os.environ.get("BENCH_QUEUED", "100000"))
BARE = 3000
A_SECOND, SECONDS = 20, 15
LISTENERS = 2000
ROUNDS = 3
QUEUE = """
INSERT INTO deliveries (id, message_id, type, channel, user_id)
SELECT gen_random_uuid(), gen_random_uuid(), $1, 'email', gen_random_uuid() FROM generate_series(1, $2)
"""
WAITING = "SELECT count(*) FROM deliveries WHERE status = 'pending'"
SHORT = """
INSERT INTO url_shorteners (id, organization_id, code, netloc, full_path, expires_at)
SELECT gen_random_uuid(), gen_random_uuid(), code, 'care.example', '/welcome', now() + interval '1 day'
  FROM unnest($1::text[]) AS code
"""
CODES = [f"{number:08}".replace("0", "y").replace("1", "z") for number in range(1000)]


async def measure() -> list[Figure]:
    """All of them."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        server = servers.postgres(Path(folder))
        try:
            await asyncio.to_thread(migrate, "notifications", server.url)
            alone = [*await _draining(server.url), await _redirecting(server.url), await _listening(server.url)]
        finally:
            server.stop()
    with platform() as made:
        return [await _reaching(made), *alone]


async def _draining(url: str) -> list[Figure]:
    smtp_port = servers.free_port()
    key = principals.signing_key().as_dict(private=False)
    connection = await asyncpg.connect(url)
    with served(neighbours, smtp_port) as port:
        bare = [await _bare(smtp_port)]
        await connection.execute(QUEUE, TYPE, QUEUED)
        await connection.execute("VACUUM ANALYZE")
        begun = time.perf_counter()
        with served(notifications_app, url, key, f"http://127.0.0.1:{port}", smtp_port, True) as own:
            for left in track(range(QUEUED - QUEUED // 50, -1, -(QUEUED // 50)), "draining"):
                while await connection.fetchval(WAITING) > left:
                    await asyncio.sleep(0.1)
            rate = QUEUED / (time.perf_counter() - begun)
            memory = resident(own)
        bare.append(await _bare(smtp_port))
    sent = await connection.fetchval("SELECT count(*) FROM deliveries WHERE status = 'sent' AND attempts = 1")
    assert sent == await connection.fetchval("SELECT count(*) FROM email_logs") == QUEUED
    await connection.execute("TRUNCATE deliveries, email_logs, outbox CASCADE")
    await connection.close()
    limit = sum(bare) / len(bare)
    against = f"{rate:.0f} of {limit:.0f} a second by a bare aiosmtplib loop, eight connections each"
    return [
        Figure(f"{QUEUED:,} queued mails drain", rate / limit, "of a bare loop", "at least", 0.4, against),
        Figure("memory while they do", memory, "MiB", "at most", 200, "the process's highest"),
    ]


async def _bare(smtp_port: int) -> float:
    """Mails a second from a loop that does nothing else; each is rendered once before."""
    texts = platform_texts.email(TYPE, "en_US", {**VARIABLES, "first_name": "Ada", "last_name": ""})
    sender, left = Sender("Muster <no-reply@muster.localhost>"), BARE
    common = {"recipient_name": "Ada", "subject": texts.subject, "text": texts.text, "html": texts.html}

    async def one() -> None:
        nonlocal left
        client = SMTP(hostname="127.0.0.1", port=smtp_port)
        await client.connect()
        while left > 0:
            left -= 1
            reference = uuid4()
            message = Outgoing(
                delivery_id=reference, reference=reference, recipient=f"{reference}@example.org", **common
            )
            raw = compose(sender, message, now())
            await client.sendmail(sender.address, [message.recipient], raw)
        await client.quit()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(8)))
    return BARE / (time.perf_counter() - begun)


async def _redirecting(url: str) -> Figure:
    key = principals.signing_key().as_dict(private=False)
    connection = await asyncpg.connect(url)
    await connection.execute(SHORT, CODES)
    await connection.close()
    token = principals.access_token(lifetime=3600)
    rates: list[tuple[float, float]] = []
    with served(notifications_app, url, key, "http://127.0.0.1:1", 1, False) as port:
        for _ in range(ROUNDS):
            first = await load(port, request("GET", "/constant", port, token=token))
            second = await load(port, [request("GET", f"/s/{code}", port) for code in CODES])
            assert (first.statuses, second.statuses) == ({200}, {302})
            rates.append((first.rate, second.rate))
    ratio = sorted(second / first for first, second in rates)[ROUNDS // 2]
    against = f"constant in the same chassis, {max(first for first, _ in rates):.0f} requests a second"
    return Figure("a redirect", ratio, "of a constant", "at least", 0.5, against)


async def _listening(url: str) -> Figure:
    key = principals.signing_key().as_dict(private=False)
    with served(notifications_app, url, key, "http://127.0.0.1:1", 1, False) as port:
        opened = [await _listener(port) for _ in range(LISTENERS)]
        await asyncio.sleep(20)  # a heartbeat has gone to each
        memory = resident(port)
        for writer in opened:
            writer.close()
    return Figure(f"memory with {LISTENERS:,} listeners", memory, "MiB", "at most", 250, "the process's highest")


async def _listener(port: int) -> asyncio.StreamWriter:
    """A person who listens, once the stream has begun."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    token = principals.access_token(user_id=uuid4(), lifetime=3600)
    writer.write(request("GET", "/v1/notifications/stream", port, token=token))
    assert b" 200 " in await reader.readline()
    await reader.readuntil(b"event: open")
    return writer


async def _reaching(made: Platform) -> Figure:
    """From an event's commit in identity until the development mailbox has taken the mail."""
    secrets = msgspec.json.decode((made.home / "secrets.json").read_bytes())
    parts = made.state["components"]
    url = f"postgresql://identity:{secrets['databases']['identity']}@127.0.0.1:{parts['postgres']['port']}/identity"
    bind = engine(url, "bench")
    sessions = session_maker(bind)
    relay = Messaging(
        "identity",
        database_url=url,
        sessions=sessions,
        nats_url=f"nats://127.0.0.1:{parts['nats']['port']}",
        nats_user="identity",
        nats_password=secrets["nats"]["identity"],
        worker=False,
    )
    sealing: Any = SimpleNamespace(vault=Vault(secrets["master_key"]))
    committed: dict[str, float] = {}
    async with relay:
        begins = time.perf_counter()
        for number in range(A_SECOND * SECONDS):
            await asyncio.sleep(max(0.0, begins + number / A_SECOND - time.perf_counter()))
            content = Content(recipient=f"bench{number}@example.org", locale="en_US", variables=VARIABLES)
            async with sessions.begin() as session:
                message_id = await message_contents.send(session, sealing, TYPE, "email", content)
            committed[str(message_id)] = time.time()
        await asyncio.sleep(3)
    await bind.dispose()
    took = sorted(at - committed[one] for one, at in _accepted(made).items() if one in committed)
    assert len(took) == len(committed), f"{len(took)} of {len(committed)} mails arrived"
    p95 = 1000 * took[int(0.95 * len(took))]
    against = f"{A_SECOND} a second; median {1000 * took[len(took) // 2]:.0f} ms"
    return Figure("from the event to the mail server's word, p95", p95, "ms", "at most", 300, against)


def _accepted(made: Platform) -> dict[str, float]:
    """When the mailbox took mails, by the messages' ids: its files are named by the time."""
    found: dict[str, float] = {}
    for path in made.home.glob("**/new/*"):
        named = re.search(rb"Message-ID: <([0-9a-f-]{36})@", path.read_bytes(), re.IGNORECASE)
        if named:
            found[named[1].decode()] = float(".".join(path.name.split(".")[:2]))
    return found
