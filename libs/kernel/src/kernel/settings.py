"""Settings: one frozen Struct a process, read from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

Settings = TypeVar("Settings", bound=msgspec.Struct)

PREFIX = "MUSTER_"


class SettingsError(Exception):
    """The environment lacks a setting or holds one that cannot be read."""


def load(kind: type[Settings], environment: Mapping[str, str] | None = None) -> Settings:
    """Fill `kind` from `MUSTER_*` variables: field `database_url` from MUSTER_DATABASE_URL.

    A variable that ends in `_FILE` names a file whose text, without the last line end, is the value. Raises
    SettingsError with the variable's name when one is missing or malformed.
    """
    source = os.environ if environment is None else environment
    values: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        variable = PREFIX + field.name.upper()
        if file := source.get(f"{variable}_FILE"):
            values[field.name] = _read(file, variable)
        elif (value := source.get(variable)) is not None:
            values[field.name] = value
        elif field.required:
            raise SettingsError(f"{variable} is not set")
    try:
        return msgspec.convert(values, kind, strict=False, str_keys=True)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a {PREFIX}* variable is malformed: {error}") from error


def _read(file: str, variable: str) -> str:
    try:
        return Path(file).read_text().rstrip("\n")
    except OSError as error:
        raise SettingsError(f"{variable}_FILE cannot be read: {error}") from error
