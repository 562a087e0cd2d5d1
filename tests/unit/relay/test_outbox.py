"""What we owe others is accepted once, whole, and never replaced."""

from __future__ import annotations

import threading

import pytest

from interop.relay.alarms import Alarms
from interop.relay.counts import Counts
from interop.relay.dispatcher import Dispatcher
from interop.relay.history import History
from interop.relay.message import Accepted, Conflict, DeliveryState
from interop.relay.outbox import Outbox
from interop.relay.parcel import Refused
from interop.relay.trail import Trail


@pytest.fixture
def outbox(store):
    return Outbox(store)


def _states(store, identifier_id):
    return {leg.recipient: leg.state for leg in History(store).story("VNX01", identifier_id).legs}


def test_an_accepted_message_waits_for_every_recipient(store, clock, outbox, message):
    accepted = outbox.put(message(), ["RXE99", "Y99901"])
    assert accepted == Accepted(message().id, "bag-1", message().sha256, clock(), ("RXE99", "Y99901"), new=True)
    assert _states(store, accepted.id) == {"RXE99": DeliveryState.QUEUED, "Y99901": DeliveryState.QUEUED}
    assert History(store).body("VNX01", accepted.id) == message().body


def test_the_same_message_twice_is_one_message(store, clock, outbox, message):
    first = outbox.put(message(), ["RXE99"])
    clock.forward(hours=1)
    second = outbox.put(message(), ["RXE99"])
    assert (second.new, second.id, second.accepted_at) == (False, first.id, first.accepted_at)
    assert Counts(store).of("VNX01")["queued"] == 1


def test_a_recipient_named_later_gets_it_too_and_the_first_does_not_get_it_again(store, outbox, message):
    outbox.put(message(), ["RXE99"])
    outbox.put(message(), ["RXE99", "Y99901"])
    assert set(_states(store, message().id)) == {"RXE99", "Y99901"}
    assert Counts(store).of()["queued"] == 2


def test_other_bytes_under_a_known_identifier_are_a_conflict_and_the_original_stays(store, outbox, message):
    outbox.put(message(), ["RXE99"])
    other = message(body=b"tampered")
    conflict = outbox.put(other, ["RXE99", "Y99901"])
    assert conflict == Conflict(message().id, "bag-1", message().sha256, other.sha256)
    assert History(store).body("VNX01", message().id) == message().body
    assert set(_states(store, message().id)) == {"RXE99"}
    [alarm] = Alarms(store).standing("VNX01")
    assert (alarm.alarm.code, alarm.alarm.subject) == ("identifier-conflict", message().id)


def test_two_organisations_may_use_the_same_identifier(outbox, message):
    assert outbox.put(message(), ["RXE99"]).new
    assert outbox.put(message(organisation="Y99901", body=b"their own"), ["RXE99"]).new


def test_a_message_meant_for_nobody_is_a_fact_written_down_and_not_lost(store, outbox, message):
    outbox.put(message(), [])
    assert _states(store, message().id) == {}
    assert Counts(store).of("VNX01")["lost"] == 0
    assert [entry.action for entry, _ in Trail(store).entries("VNX01")] == ["message-accepted"]


def test_an_organisation_never_sees_anothers_messages(store, outbox, message):
    accepted = outbox.put(message(), ["RXE99"])
    history = History(store)
    assert history.story("RXE99", accepted.id) is None
    assert history.body("RXE99", accepted.id) is None
    assert history.stories("RXE99") == []


def test_senders_at_once_agree_on_one_message(store, outbox, message):
    results: list[Accepted | Conflict] = []
    threads = [threading.Thread(target=lambda: results.append(outbox.put(message(), ["RXE99"]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.new for result in results) == [False] * 7 + [True]
    assert Counts(store).of()["queued"] == 1


def test_a_dead_letter_is_replayed_to_those_who_lack_it_only(store, outbox, message, wire):
    broken, fine = wire(Refused("HTTP 404")), wire()
    sender = Dispatcher(store, {"RXE99": broken, "Y99901": fine})
    outbox.put(message(), ["RXE99", "Y99901"])
    sender.run_once()
    assert _states(store, message().id) == {"RXE99": DeliveryState.DEAD_LETTERED, "Y99901": DeliveryState.SENT}
    assert [a.alarm.code for a in Alarms(store).standing("VNX01")] == ["dead-lettered"]

    assert outbox.replay("VNX01", "bag-1", actor="joseph", reason="address corrected") == ("RXE99",)
    sender.run_once()
    assert (len(broken.seen), len(fine.seen)) == (2, 1)
    assert _states(store, message().id)["RXE99"] is DeliveryState.SENT
    assert Alarms(store).standing("VNX01") == []
    deeds = [entry for entry, _ in Trail(store).entries("VNX01") if entry.action == "message-replayed"]
    assert [(deed.actor, "address corrected" in deed.detail) for deed in deeds] == [("joseph", True)]


def test_there_is_nothing_to_replay_in_what_waits_or_is_unknown(outbox, message):
    outbox.put(message(), ["RXE99"])
    assert outbox.replay("VNX01", "bag-1", actor="joseph", reason="impatience") == ()
    assert outbox.replay("VNX01", "no such", actor="joseph", reason="typo") == ()
