"""A configuration file is read whole or refused with every fault named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from interop.errors import SettingsError
from interop.settings import Settings, tokens

GOOD = """
[node]
name = "Rosewood House"

[[organisations]]
ods = "VNX01"
name = "Rosewood House"
role = "care-home"

[[partners]]
ods = "RXE99"
name = "St Elsewhere's"
role = "hospital"
token_file = "hospital.token"

[[obligations]]
on = "ADT^A03"
owes = "discharge-summary"
to = ["gp"]
within = "24h"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "interop.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_is_read_with_defaults_that_are_safe(tmp_path: Path) -> None:
    settings = Settings.load(write(tmp_path, GOOD))
    assert settings.node.host == "127.0.0.1"
    assert settings.obligations[0].within == timedelta(hours=24)
    assert settings.path(Path("x")) == tmp_path / "x"
    assert settings.role_of("RXE99") == "hospital"
    assert settings.role_of("NOBODY") is None


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        ('ods = "VNX01"', 'ods = "vnx01"', "organisations.0.ods"),
        ('role = "care-home"', 'role = "pub"', "organisations.0.role"),
        ('within = "24h"', 'within = "1 day"', "obligations.0.within"),
        ('name = "Rosewood House"\n\n[[org', 'nam = "Rosewood House"\n\n[[org', "node.nam"),
        ('ods = "RXE99"', 'ods = "VNX01"', "VNX01 stands twice"),
        ("[node]", "[node", "not TOML"),
    ],
)
def test_a_fault_is_named_by_its_key(tmp_path: Path, wrong: str, right: str, words: str) -> None:
    assert wrong in GOOD
    with pytest.raises(SettingsError, match=r"interop\.toml") as refused:
        Settings.load(write(tmp_path, GOOD.replace(wrong, right, 1)))
    assert words in str(refused.value)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    bad = GOOD.replace('"VNX01"', '"x"').replace('"24h"', '"soon"')
    with pytest.raises(SettingsError) as refused:
        Settings.load(write(tmp_path, bad))
    assert "organisations.0.ods" in str(refused.value)
    assert "obligations.0.within" in str(refused.value)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="interop init"):
        Settings.load(tmp_path / "none.toml")


def test_each_of_our_organisations_shows_its_own_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hospital.token").write_text("secret\n", encoding="utf-8")
    settings = Settings.load(write(tmp_path, GOOD))
    assert tokens(settings, settings.partners[0]) == {"VNX01": "secret"}
    (tmp_path / "hospital.token").unlink()
    with pytest.raises(SettingsError, match=r"hospital\.token"):
        tokens(settings, settings.partners[0])
    by_env = Settings.load(write(tmp_path, GOOD.replace('token_file = "hospital.token"', 'token_env = "HOSPITAL"')))
    monkeypatch.delenv("HOSPITAL", raising=False)
    with pytest.raises(SettingsError, match="HOSPITAL"):
        tokens(by_env, by_env.partners[0])
    monkeypatch.setenv("HOSPITAL", "other")
    assert tokens(by_env, by_env.partners[0]) == {"VNX01": "other"}
