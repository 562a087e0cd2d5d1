"""``interop init``: a configuration that works, and nothing that stood there before is touched."""

from __future__ import annotations

import hashlib
import stat

import pytest

from interop.settings import Settings, read_secret

WHO = ("--ods", "VNX01", "--name", "Rosewood House", "--role", "care-home")


def test_the_starter_is_a_configuration_we_accept(interop, tmp_path):
    config = tmp_path / "node" / "interop.toml"
    told = interop("init", *WHO, "--path", config)
    assert told.code == 0, told.err
    assert str(config) in told.out.replace("\n", "")
    settings = Settings.load(config)
    (organisation,) = settings.organisations
    assert (organisation.ods, organisation.name, organisation.role) == ("VNX01", "Rosewood House", "care-home")


def test_the_token_is_secret_and_opens_the_node(interop, tmp_path):
    config = tmp_path / "interop.toml"
    answer = interop("init", *WHO, "--path", config, "--output", "json").json()
    assert answer == {"config": str(config), "token_file": str(tmp_path / "operator.token")}
    token = tmp_path / "operator.token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    (credential,) = Settings.load(config).organisations[0].credentials
    assert credential.token_sha256 == hashlib.sha256(read_secret(token).encode()).hexdigest()
    assert read_secret(token) not in config.read_text(encoding="utf-8")


def test_the_written_node_can_be_asked(interop, tmp_path):
    config = tmp_path / "interop.toml"
    assert interop("init", *WHO, "--path", config).code == 0
    told = interop("status", "--config", config, "--output", "json")
    assert told.code == 0, told.err
    assert told.json()["counts"]["sent"] == 0


@pytest.mark.parametrize("standing", ["interop.toml", "operator.token"])
def test_nothing_is_overwritten(interop, tmp_path, standing):
    (tmp_path / standing).write_text("mine", encoding="utf-8")
    told = interop("init", *WHO, "--path", tmp_path / "interop.toml")
    assert told.code == 2
    assert "exists already; nothing was changed" in told.err
    assert [path.name for path in tmp_path.iterdir()] == [standing]
    assert (tmp_path / standing).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--ods", "vn 1", "--name", "Rosewood"), "'vn 1' is not an ODS code"),
        (("--ods", "VNX01", "--name", "Rosewood", "--role", "spa"), "roles: care-home, hospital"),
        (("--ods", "VNX01", "--name", 'Rose"wood'), "cannot be used"),
    ],
)
def test_what_cannot_be_written_is_refused(interop, tmp_path, words, said):
    told = interop("init", *words, "--path", tmp_path / "interop.toml")
    assert told.code == 2
    assert said in told.err
    assert list(tmp_path.iterdir()) == []
