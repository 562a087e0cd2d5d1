"""The key: made once, readable by its owner alone, never replaced, and without it the store is noise."""

from __future__ import annotations

import stat

import pytest
from sqlalchemy import insert, select

from interop.errors import StoreError
from interop.relay.schema import store_facts
from interop.relay.store import Store, StoreSettings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "node.db"


def _note(store, name, value="x"):
    store.write(lambda connection: connection.execute(insert(store_facts).values(name=name, value=value)))


def _names(store):
    with store.reading() as connection:
        return set(connection.scalars(select(store_facts.c.name))) - {"version"}


def test_first_use_makes_a_key_only_its_owner_can_read(path):
    Store.open(StoreSettings(path)).close()
    key = path.with_name("node.db.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert len(bytes.fromhex(key.read_text())) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_is_on_disk_in_clear_text(path):
    with Store.open(StoreSettings(path)) as store:
        _note(store, "resident", "Edith Ashworth")
        files = [file for file in path.parent.iterdir() if file.suffix != ".key"]
        assert {"node.db", "node.db-wal"} <= {file.name for file in files}
        assert not any(b"Ashworth" in file.read_bytes() or b"SQLite format" in file.read_bytes() for file in files)


def test_the_wrong_key_opens_nothing_and_harms_nothing(path):
    with Store.open(StoreSettings(path)) as store:
        _note(store, "kept")
    key = path.with_name("node.db.key")
    right = key.read_text()
    key.write_text("0" * 64)
    with pytest.raises(StoreError, match="the key does not open this store") as refused:
        Store.open(StoreSettings(path))
    assert "key file" in refused.value.hint
    key.write_text(right)
    with Store.open(StoreSettings(path)) as store:
        assert _names(store) == {"kept"}


def test_a_store_whose_key_is_gone_gets_no_new_one(path):
    Store.open(StoreSettings(path)).close()
    key = path.with_name("node.db.key")
    key.unlink()
    with pytest.raises(StoreError, match=r"key file .* does not"):
        Store.open(StoreSettings(path))
    assert not key.exists()


def test_a_key_others_may_read_is_refused(path):
    Store.open(StoreSettings(path)).close()
    path.with_name("node.db.key").chmod(0o644)
    with pytest.raises(StoreError, match="others on this machine") as refused:
        Store.open(StoreSettings(path))
    assert refused.value.hint.startswith("chmod 600")


def test_the_environment_may_give_the_key_and_then_no_file_is_made(path, monkeypatch):
    monkeypatch.setenv("INTEROP_STORE_KEY", "ab" * 32)
    Store.open(StoreSettings(path)).close()
    assert not path.with_name("node.db.key").exists()
    monkeypatch.setenv("INTEROP_STORE_KEY", "cd" * 32)
    with pytest.raises(StoreError, match="the key does not open"):
        Store.open(StoreSettings(path))


def test_a_key_of_the_wrong_shape_says_what_is_wanted(path, monkeypatch):
    monkeypatch.setenv("INTEROP_STORE_KEY", "a passphrase")
    with pytest.raises(StoreError, match="12 characters, wanted 64 hex digits") as refused:
        Store.open(StoreSettings(path))
    assert refused.value.where == "INTEROP_STORE_KEY"


def test_the_key_file_may_lie_elsewhere(path, tmp_path):
    settings = StoreSettings(path, key_file=tmp_path / "safe" / "key")
    Store.open(settings).close()
    assert settings.key_file.exists()
    Store.open(settings).close()
