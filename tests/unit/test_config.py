"""Settings: defaults, the environment, overrides, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from assistant.config import PREFIX, Settings
from assistant.errors import SettingsError


def test_nothing_given_means_the_defaults() -> None:
    assert Settings.from_environment({"HOME": "/root", "PORT": "1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("PORT", "8080", 8080),
        ("MODEL", "composer", "composer"),
        ("SHOP", "/srv/shop", Path("/srv/shop")),
        ("DATA", "cache", Path("cache")),
        ("TEMPERATURE", "0.5", 0.5),
        ("REMOTE_PICTURES", "true", True),
        ("REMOTE_PICTURES", "0", False),
        ("API_KEY", "", ""),
    ],
)
def test_the_environment_is_read_in_the_settings_types(name: str, text: str, value: object) -> None:
    assert getattr(Settings.from_environment({PREFIX + name: text}), name.lower()) == value


def test_the_command_line_overrides_the_environment() -> None:
    settings = Settings.from_environment(
        {"SHOPKEEPER_PORT": "1000", "SHOPKEEPER_HOST": "0.0.0.0"}, port=2000, host=None
    )
    assert (settings.port, settings.host) == (2000, "0.0.0.0")


def test_a_false_override_is_an_override() -> None:
    settings = Settings.from_environment({"SHOPKEEPER_REMOTE_PICTURES": "1"}, remote_pictures=False)
    assert settings.remote_pictures is False


def test_an_unknown_name_is_refused_and_the_known_ones_are_told() -> None:
    with pytest.raises(SettingsError, match=r"SHOPKEEPER_PROT.*SHOPKEEPER_PORT"):
        Settings.from_environment({"SHOPKEEPER_PROT": "1"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("PORT", "eighty"), ("PORT", ""), ("TEMPERATURE", "warm"), ("REMOTE_PICTURES", "perhaps"), ("CONCURRENCY", "1.5")],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=PREFIX + name):
        Settings.from_environment({PREFIX + name: text})


def test_every_setting_says_what_it_is_for() -> None:
    for field in dataclasses.fields(Settings):
        assert len(field.metadata["help"]) > 10, field.name


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"DATABASE_URL": "postgresql://a/b"}, "postgresql://a/b"),
        ({"DATABASE_URL": "postgresql://a/b", "SHOPKEEPER_DATABASE_URL": "postgresql://c/d"}, "postgresql://c/d"),
        ({"DATABASE_URL": "postgresql://a/b", "SHOPKEEPER_DATABASE_URL": ""}, ""),
        ({}, ""),
    ],
)
def test_a_database_is_also_named_as_hosting_platforms_do(given: dict[str, str], taken: str) -> None:
    assert Settings.from_environment(given).database_url == taken
