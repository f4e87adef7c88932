from pathlib import Path

import msgspec
import pytest
from kernel import SettingsError, load


class Settings(msgspec.Struct, frozen=True):
    database_url: str
    pool_size: int = 10
    secure: bool = True


def test_fields_come_from_variables_and_defaults() -> None:
    found = load(Settings, {"MUSTER_DATABASE_URL": "postgresql://x", "MUSTER_SECURE": "false", "OTHER": "1"})
    assert found == Settings("postgresql://x", 10, False)


def test_a_file_gives_the_value_and_wins(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://from-file\n")
    found = load(Settings, {"MUSTER_DATABASE_URL_FILE": str(file), "MUSTER_DATABASE_URL": "postgresql://x"})
    assert found.database_url == "postgresql://from-file"


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "MUSTER_DATABASE_URL is not set"),
        ({"MUSTER_DATABASE_URL_FILE": "/nowhere/at/all"}, "MUSTER_DATABASE_URL_FILE cannot be read"),
        ({"MUSTER_DATABASE_URL": "x", "MUSTER_POOL_SIZE": "many"}, "malformed"),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load(Settings, environment)
