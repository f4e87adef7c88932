"""What identity's process holds beside the chassis' runtime: settings, vault, hasher and keys."""

from dataclasses import dataclass

from chassis.runtime import Runtime

from identity.passwords.hashing import Hasher
from identity.passwords.leaks import checked_source
from identity.settings import Settings
from identity.signing_keys.keyring import Keyring
from identity.vault import Vault

NAME = "identity"


@dataclass(slots=True)
class Parts:
    """One a process."""

    settings: Settings
    vault: Vault
    hasher: Hasher
    keys: Keyring


def parts_of(runtime: Runtime) -> Parts:
    """The process's parts, made when they are first asked for. Raises SettingsError."""
    if (found := runtime.extras.get(NAME)) is None:
        settings: Settings = runtime.settings
        checked_source(settings.leaked_passwords)
        vault = Vault(settings.master_key)
        found = Parts(settings, vault, Hasher(settings.hashing_deadline), Keyring(vault))
        runtime.extras[NAME] = found
    return found
