"""`python -m identity rotate-keys`: let the next key sign."""

import asyncio
import sys

from database import engine, session_maker
from kernel import Conflict, SettingsError, load

from identity.settings import Settings
from identity.signing_keys.commands import rotate
from identity.vault import Vault


def rotate_keys(*, at_once: bool) -> None:
    """Rotate, and print the id of the key that signs now. Exits with a sentence when it may not."""
    try:
        sys.stdout.write(f"{asyncio.run(_rotate(load(Settings), at_once=at_once))}\n")
    except (Conflict, SettingsError) as error:
        sys.exit(f"identity: {error}")


async def _rotate(settings: Settings, *, at_once: bool) -> str:
    bind = engine(settings.database_url, "identity")
    try:
        async with session_maker(bind).begin() as session:
            return await rotate(session, Vault(settings.master_key), at_once=at_once)
    finally:
        await bind.dispose()
