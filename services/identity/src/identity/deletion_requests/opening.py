"""`python -m identity open-copy REQUEST_ID`: what was kept of an erased person, for whoever holds the master key."""

import asyncio
import sys
from uuid import UUID

import msgspec
from database import engine, session_maker
from kernel import SettingsError, load

from identity.audit_events.commands import record
from identity.deletion_requests import copies
from identity.deletion_requests.steps import locked
from identity.settings import Settings
from identity.vault import Vault


def open_copy(words: list[str]) -> None:
    """Print the copy as JSON: service -> parts of rows by table. It is noted in the audit trail, and so is `--destroy`.

    `--destroy` removes the copy and its key instead. Exits with a sentence when there is none.
    """
    try:
        identifier = UUID(words[0])
    except (IndexError, ValueError):
        sys.exit("usage: python -m identity open-copy REQUEST_ID [--destroy]")
    try:
        sys.stdout.buffer.write(asyncio.run(_run(load(Settings), identifier, destroy=words[1:] == ["--destroy"])))
    except SettingsError as error:
        sys.exit(f"identity: {error}")


async def _run(settings: Settings, identifier: UUID, *, destroy: bool) -> bytes:
    bind = engine(settings.database_url, "identity")
    try:
        async with session_maker(bind).begin() as session:
            request = await locked(session, identifier)
            if request is None or request.archive_key is None:
                raise SettingsError("no copy is kept under this id")
            done = "copy-destroyed" if destroy else "copy-opened"
            record(session, None, done, request.user_id, request=str(identifier))
            if destroy:
                await copies.destroy(session, request)
                return b"The copy is gone.\n"
            found = await copies.opened(session, Vault(settings.master_key), request)
            shown = {app: [msgspec.json.decode(part) for part in parts] for app, parts in found.items()}
            return msgspec.json.format(msgspec.json.encode(shown)) + b"\n"
    finally:
        await bind.dispose()
