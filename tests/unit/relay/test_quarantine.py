"""A record that cannot be sent is kept as it came, with what is wrong, until a correction takes its place."""

from __future__ import annotations

import pytest

from interop.errors import TransitionError
from interop.relay.counts import Counts
from interop.relay.message import QuarantineState
from interop.relay.original_file import OriginalFile
from interop.relay.outbox import Outbox
from interop.relay.quarantine import Draft, Quarantine
from interop.relay.trail import Trail

FILES = {"residents.csv": b"Resident ID,DOB\r\nRH-015,31/02/1940\r\n", "medicines.csv": b"\xef\xbb\xbfResident ID\r\n"}
ISSUES = [{"code": "date-unreadable", "source": 'residents.csv row 2, column "DOB"', "value": "31/02/1940"}]


@pytest.fixture
def quarantine(store):
    return Quarantine(store)


@pytest.fixture
def draft():
    def build(**changes):
        fields = {"organisation": "VNX01", "mapping": "care-home/red-bag", "key": "RH-015", "recipients": ("RXE99",)}
        given = {"files": FILES, "issues": ISSUES} | fields | changes
        return Draft(**(given | {"files": [OriginalFile.of(name, body) for name, body in given["files"].items()]}))

    return build


def test_the_original_files_are_kept_to_the_byte(clock, quarantine, draft):
    number = quarantine.put(draft())
    assert quarantine.files("VNX01", number) == FILES
    record = quarantine.get("VNX01", number)
    assert (record.mapping, record.key, record.created) == ("care-home/red-bag", "RH-015", clock())
    assert (record.issues, record.recipients) == (tuple(ISSUES), ("RXE99",))
    assert record.state is QuarantineState.QUARANTINED


def test_the_same_files_again_are_the_same_record_with_the_newest_issues(store, quarantine, draft):
    first = quarantine.put(draft())
    second = quarantine.put(draft(issues=[{"code": "other"}]))
    assert first == second
    assert [record.issues for record in quarantine.records("VNX01")] == [({"code": "other"},)]
    assert Counts(store).of("VNX01")["quarantined"] == 1


@pytest.mark.parametrize(
    "changes",
    [{"files": {"residents.csv": b"other"}}, {"key": "RH-016"}, {"mapping": "care-home/other"}],
    ids=["other bytes", "another record", "another mapping"],
)
def test_anything_else_is_another_record(quarantine, draft, changes):
    assert quarantine.put(draft()) != quarantine.put(draft(**changes))


def test_a_replay_links_to_the_message_that_took_its_place(store, clock, quarantine, draft, message):
    number = quarantine.put(draft())
    accepted = Outbox(store).put(message(), ["RXE99"])
    clock.forward(hours=1)
    quarantine.replayed("VNX01", number, accepted.id, by="joseph", reason="date of birth corrected")
    record = quarantine.get("VNX01", number)
    assert (record.state, record.replayed_at, record.replayed_as, record.replayed_by, record.reason) == (
        QuarantineState.REPLAYED, clock(), accepted.id, "joseph", "date of birth corrected",
    )  # fmt: skip
    counts = Counts(store).of("VNX01")
    assert (counts["quarantined"], counts["replayed"]) == (1, 1)
    assert quarantine.records("VNX01", state=QuarantineState.QUARANTINED) == []
    assert quarantine.files("VNX01", number) == FILES


def test_a_record_is_replayed_once(store, quarantine, draft, message):
    number = quarantine.put(draft())
    accepted = Outbox(store).put(message(), ["RXE99"])
    quarantine.replayed("VNX01", number, accepted.id, by="joseph", reason="corrected")
    with pytest.raises(TransitionError, match="replayed cannot become replayed"):
        quarantine.replayed("VNX01", number, accepted.id, by="joseph", reason="again")


@pytest.mark.parametrize("organisation", ["RXE99", "VNX01"])
def test_what_is_not_there_or_not_theirs_cannot_be_replayed(store, quarantine, draft, message, organisation):
    number = quarantine.put(draft()) if organisation == "RXE99" else "no-such"
    accepted = Outbox(store).put(message(), ["RXE99"])
    with pytest.raises(TransitionError, match="there is no quarantined record"):
        quarantine.replayed(organisation, number, accepted.id, by="joseph", reason="corrected")


def test_the_same_mistake_after_its_correction_is_a_new_record(store, quarantine, draft, message):
    first = quarantine.put(draft())
    quarantine.replayed("VNX01", first, Outbox(store).put(message(), ["RXE99"]).id, by="joseph", reason="corrected")
    second = quarantine.put(draft())
    assert second != first
    assert [record.id for record in quarantine.records("VNX01", state=QuarantineState.QUARANTINED)] == [second]


def test_nobody_sees_anothers_records(quarantine, draft):
    number = quarantine.put(draft())
    assert quarantine.get("RXE99", number) is None
    assert quarantine.files("RXE99", number) == {}
    assert quarantine.records("RXE99") == []


def test_the_trail_names_codes_and_never_values(store, quarantine, draft):
    quarantine.put(draft())
    [(entry, _)] = Trail(store).entries("VNX01")
    assert entry.action == "record-quarantined"
    assert "date-unreadable" in entry.detail
    assert "1940" not in entry.detail
