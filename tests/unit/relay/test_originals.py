"""What came to us is kept as it came: once, with whatever was made from it, and for nobody but its owner."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from interop.errors import ContentError, StoreError
from interop.relay import original_file
from interop.relay.counts import Counts
from interop.relay.message import digest
from interop.relay.original_file import OriginalFile, gather
from interop.relay.originals import UNCITED_FOR, Making, Originals
from interop.relay.outbox import Outbox
from interop.relay.quarantine import Draft, Quarantine
from interop.relay.schema_originals import message_original, original, original_piece, provenance
from interop.relay.trail import Trail

CSV = b"Resident ID,DOB\r\nRH-014,14/08/1938\r\n"


@pytest.fixture
def originals(store):
    return Originals(store)


@pytest.fixture
def small_pieces(monkeypatch):
    """A file of more than 16 bytes is large and comes in pieces of 4."""
    monkeypatch.setattr(original_file, "PIECE", 4)
    monkeypatch.setattr(original_file, "AT_ONCE", 16)


@pytest.fixture
def making(clock):
    def build(*files, **changes):
        files = files or (OriginalFile.of("residents.csv", CSV, "text/csv"),)
        fields = {"mapping": "care-home/red-bag", "version": "1", "record": "RH-014", "mapped_at": clock()}
        return Making(**(fields | changes), files=files)

    return build


@pytest.fixture
def accept(store, originals, message, making):
    """Accept a message and cite its files, as the pipeline does: in one write."""

    def accepted(identifier="bag-1", *files, organisation="VNX01", then=None, **changes):
        item = message(identifier, organisation=organisation)

        def work(_):
            Outbox(store).put(item, ["RXE99"])
            originals.cite(organisation, item.id, making(*files, **changes))
            if then is not None:
                then()

        store.write(work)
        return item.id

    return accepted


def _rows(store, table):
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def _bytes(originals, organisation, kept, about="m"):
    return b"".join(originals.read(organisation, kept, about=about, by="joseph"))


def test_the_bytes_come_back_as_they_came(originals, accept, clock):
    number = accept()
    [made] = originals.of_message("VNX01", number)
    assert (made.mapping, made.version, made.record, made.mapped_at) == ("care-home/red-bag", "1", "RH-014", clock())
    [kept] = made.originals
    assert (kept.name, kept.sha256, kept.size) == ("residents.csv", digest(CSV), len(CSV))
    assert (kept.media_type, kept.stored_at) == ("text/csv", clock())
    assert _bytes(originals, "VNX01", kept) == CSV


def test_a_file_of_a_thousand_residents_is_one_original_and_a_thousand_links(store, originals, accept):
    numbers = [accept(f"bag-{n}", record=f"RH-{n}") for n in range(1000)]
    assert (_rows(store, original), _rows(store, original_piece), _rows(store, message_original)) == (1, 1, 1000)
    assert {originals.of_message("VNX01", n)[0].record for n in numbers} == {f"RH-{n}" for n in range(1000)}


def test_quarantine_and_messages_share_the_bytes(store, originals, accept):
    accept()
    file = OriginalFile.of("other-name.csv", CSV, "text/csv")
    draft = Draft("VNX01", "care-home/red-bag", "RH-022", [file], [{"code": "x"}])
    number = Quarantine(store).put(draft)
    assert _rows(store, original) == 1
    assert [kept.name for kept in originals.of_record("VNX01", number)] == ["other-name.csv"]


def test_the_same_message_from_the_same_files_again_is_one_making(store, originals, accept):
    first, second = accept(), accept()
    assert first == second
    assert len(originals.of_message("VNX01", first)) == 1


def test_the_same_message_from_other_files_keeps_those_too(originals, accept):
    """A cell nobody maps may differ between two exports that make the same message."""
    other = OriginalFile.of("residents.csv", CSV.replace(b"DOB", b"Birth"), "text/csv")
    number = accept()
    accept("bag-1", other)
    assert [made.originals[0].sha256 for made in originals.of_message("VNX01", number)] == [digest(CSV), other.sha256]


def test_an_empty_file_is_kept_as_the_nothing_it_is(originals, accept):
    number = accept("bag-1", OriginalFile.of("allergies.csv", b""))
    [kept] = originals.of_message("VNX01", number)[0].originals
    assert kept.size == 0
    assert _bytes(originals, "VNX01", kept) == b""


def test_every_reading_is_in_the_audit_before_the_first_byte(store, originals, accept):
    number = accept()
    [kept] = originals.of_message("VNX01", number)[0].originals
    originals.read("VNX01", kept, about=number, by="joseph")
    entry, _ = Trail(store).entries("VNX01", subject=number)[-1]
    assert (entry.actor, entry.action, entry.subject) == ("joseph", "original-read", number)
    assert kept.sha256 in entry.detail
    assert "residents.csv" not in entry.detail, "a file's name may name a person"
    assert Trail(store).verify("VNX01") is None


# Two tenants


def test_nobody_sees_anothers_originals(store, originals, accept):
    number = accept()
    [kept] = originals.of_message("VNX01", number)[0].originals
    assert originals.of_message("Y99901", number) == ()
    assert list(originals.listed("Y99901")) == []
    with pytest.raises(StoreError, match="no longer what came"):
        _bytes(originals, "Y99901", kept)
    draft = Draft("VNX01", "m", "RH-022", [OriginalFile.of("r.csv", CSV)], [])
    assert originals.of_record("Y99901", Quarantine(store).put(draft)) == ()


def test_the_same_bytes_of_two_tenants_are_kept_apart(store, originals, accept):
    mine, theirs = accept(), accept(organisation="Y99901")
    assert _rows(store, original) == 2
    with store.reading() as connection:
        held = {row.organisation for row in connection.execute(select(original_piece.c.organisation))}
    assert held == {"VNX01", "Y99901"}
    assert originals.of_message("VNX01", mine)[0].originals[0].sha256 == digest(CSV)
    assert originals.of_message("Y99901", theirs)[0].originals[0].sha256 == digest(CSV)


# All or nothing


def test_a_message_that_is_not_accepted_leaves_no_original(store, accept):
    def stop():
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        accept(then=stop)
    for table in (original, original_piece, provenance, message_original):
        assert _rows(store, table) == 0, table
    assert Counts(store).of()["queued"] == 0


def test_a_citation_without_its_original_is_refused_by_the_database(store, accept):
    accept()
    link = {"provenance": 1, "name": "ghost.csv", "organisation": "VNX01", "sha256": "0" * 64}
    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        store.write(lambda connection: connection.execute(insert(message_original).values(**link)))


# Large files


def _large(tmp_path, content=b"0123456789" * 10):
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    return path


def test_a_large_file_is_stored_piece_by_piece_before_it_is_cited(store, originals, accept, tmp_path, small_pieces):
    [file] = gather({"export.csv": _large(tmp_path)}, lambda _: "text/csv")
    assert file.large
    assert file.content == tmp_path / "export.csv", "it was not read into memory"
    originals.stage("VNX01", [file])
    assert _rows(store, original_piece) == 25
    assert list(originals.listed("VNX01")) == [], "nothing cites it yet"
    number = accept("bag-1", file)
    [kept] = originals.of_message("VNX01", number)[0].originals
    pieces = list(originals.read("VNX01", kept, about=number, by="joseph"))
    assert b"".join(pieces) == b"0123456789" * 10
    assert max(map(len, pieces)) == 4


def test_staging_goes_on_where_a_crash_stopped_it(store, originals, tmp_path, small_pieces, monkeypatch):
    [file] = gather({"export.csv": _large(tmp_path)}, lambda _: "text/csv")
    put = Originals._put_piece

    def dies(self, organisation, sha256, number, body):
        if number == 7:
            raise KeyboardInterrupt
        put(self, organisation, sha256, number, body)

    monkeypatch.setattr(Originals, "_put_piece", dies)
    with pytest.raises(KeyboardInterrupt):
        originals.stage("VNX01", [file])
    assert _rows(store, original_piece) == 7
    monkeypatch.setattr(Originals, "_put_piece", put)
    originals.stage("VNX01", [file])
    assert b"".join(originals.checked("VNX01", file.sha256)) == b"0123456789" * 10


def test_two_that_store_the_same_large_file_at_once_agree(originals, tmp_path, small_pieces):
    [file] = gather({"export.csv": _large(tmp_path)}, lambda _: "text/csv")
    threads = [threading.Thread(target=originals.stage, args=("VNX01", [file])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(originals.checked("VNX01", file.sha256)) == b"0123456789" * 10


def test_a_large_file_that_was_not_stored_first_cannot_be_cited(store, accept, tmp_path, small_pieces):
    [file] = gather({"export.csv": _large(tmp_path)}, lambda _: "text/csv")
    with pytest.raises(StoreError, match="cited before it was stored"):
        accept("bag-1", file)
    assert Counts(store).of()["queued"] == 0


def test_half_an_original_cannot_be_cited(store, originals, accept, tmp_path, small_pieces):
    [file] = gather({"export.csv": _large(tmp_path)}, lambda _: "text/csv")
    originals.stage("VNX01", [file])
    store.write(lambda connection: connection.execute(update(original).values(whole=False)))
    with pytest.raises(StoreError, match="cited before it was stored"):
        accept("bag-1", file)


def test_a_file_that_changes_while_it_is_stored_is_refused_and_leaves_nothing(store, originals, tmp_path, small_pieces):
    path = _large(tmp_path)
    [file] = gather({"export.csv": path}, lambda _: "text/csv")
    path.write_bytes(b"9876543210" * 10)
    with pytest.raises(ContentError) as refused:
        originals.stage("VNX01", [file])
    assert refused.value.code == "original-changed"
    assert (_rows(store, original), _rows(store, original_piece)) == (0, 0)


def test_a_file_that_changes_after_it_was_stored_is_noticed_before_its_record_is_accepted(
    store, originals, accept, tmp_path, small_pieces
):
    path = _large(tmp_path)
    [file] = gather({"export.csv": path}, lambda _: "text/csv")
    originals.stage("VNX01", [file])
    path.write_bytes(b"another export, longer than before, and other residents in every one of its many rows " * 2)
    with pytest.raises(ContentError, match="changed while it was read"):
        accept("bag-1", file)
    assert Counts(store).of()["queued"] == 0


def test_what_nothing_was_made_of_goes_after_a_day_and_what_is_cited_stays(
    store, originals, accept, clock, tmp_path, small_pieces
):
    [left, used] = gather({"a": _large(tmp_path), "b": b"used, and also larger than at once"}, lambda _: "text/csv")
    originals.stage("VNX01", [left, used])
    number = accept("bag-1", used)
    assert originals.drop_uncited(clock() - UNCITED_FOR) == 0
    clock.forward(days=1, seconds=1)
    assert originals.drop_uncited(clock() - UNCITED_FOR) == 1
    assert _rows(store, original) == 1
    [kept] = originals.of_message("VNX01", number)[0].originals
    assert _bytes(originals, "VNX01", kept) == b"used, and also larger than at once"


def test_a_small_file_on_disk_is_read_once_so_that_nothing_can_change_between(tmp_path):
    path = tmp_path / "small.csv"
    path.write_bytes(CSV)
    [file] = gather({"small.csv": path}, lambda _: "text/csv")
    path.write_bytes(b"other")
    assert (file.content, file.sha256) == (CSV, digest(CSV))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ContentError, match=r"gone\.csv: cannot be read"):
        gather({"gone.csv": tmp_path / "gone.csv"}, lambda _: "text/csv")


# Damage


def test_a_damaged_original_never_reaches_its_end(store, originals, accept, tmp_path, small_pieces):
    [file] = gather({"export.csv": _large(tmp_path)}, lambda _: "text/csv")
    originals.stage("VNX01", [file])
    number = accept("bag-1", file)
    [kept] = originals.of_message("VNX01", number)[0].originals
    store.write(lambda c: c.execute(update(original_piece).where(original_piece.c.number == 3).values(body=b"XXXX")))
    given = []
    with pytest.raises(StoreError) as damaged:
        given.extend(originals.read("VNX01", kept, about=number, by="joseph"))
    assert damaged.value.code == "original-damaged"
    assert len(b"".join(given)) < kept.size


def test_memory_does_not_grow_with_the_file(store, originals, accept, tmp_path):
    import tracemalloc

    path = tmp_path / "big.csv"
    with path.open("wb") as out:
        for n in range(48):
            out.write(bytes([n]) * (1 << 20))
    tracemalloc.start()
    [file] = gather({"big.csv": path}, lambda _: "text/csv")
    originals.stage("VNX01", [file])
    number = accept("bag-1", file)
    [kept] = originals.of_message("VNX01", number)[0].originals
    assert sum(map(len, originals.read("VNX01", kept, about=number, by="joseph"))) == 48 << 20
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 << 20, f"{peak:,} bytes"
