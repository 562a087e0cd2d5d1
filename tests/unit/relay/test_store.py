"""The store: who may open it, with which key, and what a write promises."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from sqlalchemy import func, insert, select, text, update

from interop.errors import StoreError
from interop.relay.counts import Counts
from interop.relay.history import History
from interop.relay.outbox import Outbox
from interop.relay.schema import circle, store_facts
from interop.relay.store import Store, StoreSettings
from interop.relay.trail import Trail


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "node.db"


def _note(store, name, value="x"):
    store.write(lambda connection: connection.execute(insert(store_facts).values(name=name, value=value)))


def _names(store):
    with store.reading() as connection:
        return set(connection.scalars(select(store_facts.c.name))) - {"version"}


# One process


def test_a_second_process_is_told_who_holds_the_store(path):
    with Store.open(StoreSettings(path)):
        code = "import pathlib; from interop.relay.store import Store, StoreSettings as S; "
        code += f"Store.open(S(pathlib.Path({str(path)!r})))"
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert f"StoreError: {path}: the store is open in another process (process id {os.getpid()})" in second.stderr


def test_the_lock_ends_with_its_store(path):
    Store.open(StoreSettings(path)).close()
    Store.open(StoreSettings(path)).close()


def test_a_failed_opening_leaves_no_lock_behind(path):
    Store.open(StoreSettings(path)).close()
    key = path.with_name("node.db.key")
    right = key.read_text()
    key.write_text("0" * 64)
    with pytest.raises(StoreError):
        Store.open(StoreSettings(path))
    key.write_text(right)
    Store.open(StoreSettings(path)).close()


def test_a_reader_may_look_while_the_node_runs_and_cannot_write(path):
    with Store.open(StoreSettings(path)) as store:
        _note(store, "seen")
        with Store.open(StoreSettings(path), read_only=True) as reader:
            assert _names(reader) == {"seen"}
            with pytest.raises(StoreError, match="readonly"):
                _note(reader, "not allowed")
        _note(store, "still mine")


def test_a_reader_of_nothing_is_told_so(path):
    with pytest.raises(StoreError, match="there is no store here"):
        Store.open(StoreSettings(path), read_only=True)
    assert not path.exists()


def test_a_folder_that_cannot_be_made_is_an_error_with_its_name(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot use this folder"):
        Store.open(StoreSettings(tmp_path / "file" / "node.db"))


def test_a_store_of_another_version_is_refused(path):
    with Store.open(StoreSettings(path)) as store:
        store.write(lambda connection: connection.execute(update(store_facts).values(value="99")))
    with pytest.raises(StoreError, match="schema version 99, wanted 2"):
        Store.open(StoreSettings(path))


def test_a_lock_says_so_by_its_code(path):
    with Store.open(StoreSettings(path)), pytest.raises(StoreError) as refused:
        Store.open(StoreSettings(path))
    assert refused.value.code == "store-locked"


def test_a_folder_where_the_file_should_be_is_an_error_with_its_name(path):
    path.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"cannot use this file|key file .* does not"):
        Store.open(StoreSettings(path))


def test_a_file_that_is_no_store_is_left_as_it_is(path, monkeypatch):
    monkeypatch.setenv("INTEROP_STORE_KEY", "ab" * 32)
    path.parent.mkdir()
    path.write_bytes(b"a spreadsheet, by mistake" * 400)
    with pytest.raises(StoreError, match="not a store of ours"):
        Store.open(StoreSettings(path))
    assert path.read_bytes() == b"a spreadsheet, by mistake" * 400


# Writing


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_every_connection_is_durable_and_keeps_references(store, pragma, value):
    with store.reading() as connection:
        assert connection.scalar(text(f"PRAGMA {pragma}")) == value


def test_a_write_that_raises_leaves_nothing_behind(store):
    def work(connection):
        connection.execute(insert(store_facts).values(name="half", value="x"))
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        store.write(work)
    assert _names(store) == set()


def test_a_write_inside_a_write_joins_it(store):
    def outer(connection):
        _note(store, "inner")
        assert _names(store) == {"inner"}  # it sees its own change, which nobody else does yet
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        store.write(outer)
    assert _names(store) == set()


def test_an_inner_write_that_is_forgiven_takes_only_its_own_changes_along(store):
    def inner(connection):
        connection.execute(insert(store_facts).values(name="inner", value="x"))
        raise RuntimeError("stop")

    def outer(connection):
        _note(store, "outer")
        with pytest.raises(RuntimeError, match="stop"):
            store.write(inner)

    store.write(outer)
    assert _names(store) == {"outer"}


def test_writers_that_share_a_commit_do_not_share_their_faults(store):
    held, go = threading.Event(), threading.Event()
    faults: list[str] = []

    def first(connection):  # holds the writer's place until the others are queued behind it
        held.set()
        assert go.wait(5)

    def other(number):
        try:
            store.write(lambda connection: _odd_is_refused(connection, number))
        except ValueError as fault:
            faults.append(str(fault))

    threads = [threading.Thread(target=store.write, args=(first,))]
    threads[0].start()
    assert held.wait(5)
    threads += [threading.Thread(target=other, args=(number,)) for number in range(10)]
    for thread in threads[1:]:
        thread.start()
    while len(store._waiting) < 10:
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert _names(store) == {"n0", "n2", "n4", "n6", "n8"}
    assert sorted(faults) == [f"odd {n}" for n in (1, 3, 5, 7, 9)]


def _odd_is_refused(connection, number):
    connection.execute(insert(store_facts).values(name=f"n{number}", value="x"))
    if number % 2:
        raise ValueError(f"odd {number}")


def test_many_threads_lose_no_write(store):
    """Read-then-write by 8 threads: a lost update would leave the count short."""

    def add(connection):
        current = connection.scalar(select(func.count()).select_from(circle))
        row = {"organisation": "VNX01", "person": str(current), "role": "gp", "member": "Y99901"}
        connection.execute(insert(circle).values(**row, since=store.now()))

    threads = [threading.Thread(target=lambda: [store.write(add) for _ in range(25)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(circle)) == 200


def test_what_follows_a_commit_happens_after_it(store):
    seen: list[set[str]] = []

    def work(connection):
        connection.execute(insert(store_facts).values(name="new", value="x"))
        store.after_commit(lambda: seen.append(_names(store)))

    store.write(work)
    assert seen == [{"new"}]


def test_a_bell_wakes_who_waits_and_does_not_make_wait_who_missed_it(store):
    heard = store.outbound.rings
    store.outbound.ring()
    assert store.outbound.wait(heard, 60) == heard + 1
    assert store.outbound.wait(heard + 1, 0) == heard + 1


def test_a_healthy_store_has_no_fault(store):
    assert store.fault() is None


def test_a_closed_store_neither_writes_nor_reads(path):
    store = Store.open(StoreSettings(path))
    store.close()
    with pytest.raises(StoreError, match="closed"):
        _note(store, "too late")
    with pytest.raises(StoreError, match="closed"):
        _names(store)
    assert "closed" in store.fault()


def test_a_full_disk_loses_nothing_accepted_keeps_nothing_half_and_recovers(store, message):
    """SQLite is told the file may not grow, which it reports as a full disk."""
    outbox, accepted = Outbox(store), set()

    def limit(pages):
        with store.reading() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill():
        for number in range(100):
            outbox.put(message(f"bag-{number}", body=bytes(20_000)), ["RXE99", "Y99901"])
            accepted.add(f"bag-{number}")

    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    limit(pages + 40)
    with pytest.raises(StoreError, match="full") as refused:
        fill()
    assert "room on the disk" in refused.value.hint
    assert accepted
    assert {story.identifier for story in History(store).stories("VNX01")} == accepted
    limit(1_000_000)
    outbox.put(message("afterwards"), ["RXE99"])
    counts = Counts(store).of("VNX01")
    assert (counts["lost"], counts["queued"]) == (0, 2 * len(accepted) + 1)
    assert Trail(store).verify("VNX01") is None


def test_a_time_without_a_zone_never_reaches_a_table(store):
    naive = store.now().replace(tzinfo=None)
    row = {"organisation": "VNX01", "person": "p", "role": "gp", "member": "Y99901", "since": naive}
    with pytest.raises(Exception, match="needs a time zone"):
        store.write(lambda connection: connection.execute(insert(circle).values(**row)))
