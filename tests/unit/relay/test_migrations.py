"""A store of an older release is brought up to date whole, or left exactly as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, inspect, select

from interop.errors import StoreError
from interop.relay import migrations, schema, sqlite
from interop.relay.counts import Counts
from interop.relay.message import digest
from interop.relay.originals import Originals
from interop.relay.quarantine import Quarantine
from interop.relay.schema_originals import original
from interop.relay.store import Store, StoreSettings

VERSION_1 = (Path(__file__).parents[2] / "cases" / "relay" / "schema-1.sql").read_text(encoding="utf-8")
KEY = "ab" * 32
CSV = b"Resident ID,DOB\r\nRH-015,31/02/1940\r\n"


def _statements(text):
    lines = [line for line in text.splitlines() if not line.startswith("--")]
    return [statement for statement in "\n".join(lines).split(";") if statement.strip()]


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("INTEROP_STORE_KEY", KEY)
    return tmp_path / "node.db"


@pytest.fixture
def old(path):
    """A store as version 1 left it: a message waiting, and three records in quarantine, two from the same export."""
    engine = sqlite.engine(path, KEY, read_only=False)
    at = "2026-11-14 02:10:00.000000"
    with engine.execution_options(writes=True).begin() as connection:
        for statement in _statements(VERSION_1):
            connection.exec_driver_sql(statement)
        connection.execute(insert(schema.store_facts).values(name="version", value="1"))
        connection.exec_driver_sql(
            "INSERT INTO message VALUES ('m1','VNX01','bag-1','summary',NULL,'text/plain',x'7b7d',?,?,NULL,NULL,0,1,?)",
            (digest(b"{}"), at, at),
        )
        for number, organisation in (("q1", "VNX01"), ("q2", "VNX01"), ("q3", "Y99901")):
            connection.exec_driver_sql(
                "INSERT INTO quarantine VALUES (?,?,'m','RH-015',?,'quarantined','[]','[]',?,NULL,NULL,NULL,NULL)",
                (number, organisation, number, at),
            )
            for name, body in (("residents.csv", CSV), ("empty.csv", b"")):
                connection.exec_driver_sql(
                    "INSERT INTO quarantined_file VALUES (?, ?, ?, ?)", (number, name, body, digest(body))
                )
    engine.dispose()
    return path


def test_what_quarantine_held_is_there_to_the_byte_and_only_once(old):
    with Store.open(StoreSettings(old)) as store:
        for organisation, number in (("VNX01", "q1"), ("VNX01", "q2"), ("Y99901", "q3")):
            assert Quarantine(store).files(organisation, number) == {"residents.csv": CSV, "empty.csv": b""}
        with store.reading() as connection:
            held = [tuple(row) for row in connection.execute(select(original.c.organisation, original.c.sha256))]
        assert sorted(held) == sorted((o, digest(b)) for o in ("VNX01", "Y99901") for b in (CSV, b""))
        for kept in Originals(store).listed("VNX01"):
            assert digest(b"".join(Originals(store).checked("VNX01", kept.sha256))) == kept.sha256
        assert Counts(store).of()["quarantined"] == 3


def test_a_migrated_store_is_built_like_a_new_one(old, tmp_path):
    def built(store):
        with store.reading() as connection:
            look = inspect(connection)
            return {
                table: (
                    [(c["name"], str(c["type"]), c["nullable"], c["primary_key"]) for c in look.get_columns(table)],
                    sorted((sorted(i["column_names"]), i["unique"]) for i in look.get_indexes(table)),
                    sorted(sorted(u["column_names"]) for u in look.get_unique_constraints(table)),
                    sorted((k["constrained_columns"], k["referred_table"]) for k in look.get_foreign_keys(table)),
                )
                for table in look.get_table_names()
            }

    with Store.open(StoreSettings(old)) as migrated, Store.open(StoreSettings(tmp_path / "new.db")) as new:
        assert built(migrated) == built(new)


def test_it_is_done_once(old):
    Store.open(StoreSettings(old)).close()
    with Store.open(StoreSettings(old)) as store, store.reading() as connection:
        facts = connection.execute(select(schema.store_facts)).all()
    assert [tuple(row) for row in facts] == [("version", "2")]


def test_a_step_that_fails_leaves_the_store_as_it_was(old, monkeypatch):
    def statements(name):
        yield from list(real(name))[:-3]
        yield "INSERT INTO no_such_table VALUES (1)"

    real = migrations.statements
    monkeypatch.setattr(migrations, "statements", statements)
    with pytest.raises(StoreError, match="no_such_table"):
        Store.open(StoreSettings(old))
    monkeypatch.setattr(migrations, "statements", real)
    with Store.open(StoreSettings(old)) as store:
        assert Quarantine(store).files("VNX01", "q1")["residents.csv"] == CSV


def test_a_reader_does_not_migrate_and_says_who_does(old):
    with pytest.raises(StoreError, match="schema version 1, wanted 2") as refused:
        Store.open(StoreSettings(old), read_only=True)
    assert "interop serve" in refused.value.hint
    Store.open(StoreSettings(old)).close()
    Store.open(StoreSettings(old), read_only=True).close()


def test_there_is_a_step_from_every_version(old):
    assert sorted(number for number, _ in migrations._steps()) == list(range(2, schema.VERSION + 1))
