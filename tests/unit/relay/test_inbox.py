"""Stored before it is answered, answered once, applied once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interop.relay.alarms import Alarms
from interop.relay.counts import Counts
from interop.relay.inbox import Inbox
from interop.relay.message import InboxState, message_id
from interop.relay.outbox import Outbox
from interop.relay.store import Store, StoreSettings
from interop.relay.trail import Trail

LEASE = timedelta(minutes=1)


@pytest.fixture
def inbox(store):
    return Inbox(store)


def _nothing():
    pass


def test_a_message_is_kept_to_the_byte_and_its_receipt_with_it(store, clock, inbox, received):
    body = b'{ "resourceType" : "Bundle",\r\n "note": "\xc3\xa9" }\n'
    receipt = inbox.receive(received(body=body), lambda receipt: f"receipt {receipt.id}".encode())
    assert (receipt.status, receipt.id, receipt.received_at) == ("received", message_id("VNX01", "bag-1"), clock())
    assert receipt.body == f"receipt {receipt.id}".encode()
    [item] = inbox.items("RXE99")
    assert (item.body, item.state, item.sender) == (body, InboxState.RECEIVED, "VNX01")


def test_a_duplicate_gets_the_stored_receipt_and_is_counted_not_applied(store, clock, inbox, received):
    first = inbox.receive(received(), lambda receipt: b"first receipt")
    clock.forward(hours=3)
    second = inbox.receive(received(), lambda receipt: b"another receipt")
    assert second.status == "duplicate"
    assert (second.id, second.received_at, second.body) == (first.id, first.received_at, b"first receipt")
    counts = Counts(store).of("RXE99")
    assert (counts["received"], counts["duplicates_on_the_wire"]) == (1, 1)


def test_a_duplicate_of_a_settled_message_is_not_processed_again(inbox, received):
    inbox.receive(received())
    assert inbox.settle(inbox.claim(LEASE), ["filed"], _nothing)
    inbox.receive(received())
    assert inbox.claim(LEASE) is None


def test_other_bytes_under_a_known_identifier_raise_an_alarm_and_change_nothing(store, inbox, received):
    inbox.receive(received())
    receipt = inbox.receive(received(body=b"tampered"))
    assert receipt.status == "conflict"
    [item] = inbox.items("RXE99")
    assert item.body == received().body
    [alarm] = Alarms(store).standing("RXE99")
    assert (alarm.alarm.code, alarm.alarm.subject) == ("identifier-conflict", receipt.id)
    assert Counts(store).of("RXE99")["duplicates_on_the_wire"] == 0


def test_the_same_conflict_again_is_the_same_alarm(store, inbox, received):
    inbox.receive(received())
    for _ in range(3):
        inbox.receive(received(body=b"tampered"))
    assert len(Alarms(store).standing("RXE99")) == 1


def test_another_sender_may_use_the_same_identifier(inbox, received):
    assert inbox.receive(received()).status == "received"
    assert inbox.receive(received(sender="Y99901", body=b"their own")).status == "received"


def test_a_hub_keeps_one_entry_for_each_of_its_organisations(inbox, received):
    inbox.receive(received(recipients=("RXE99", "Y99901")))
    assert [len(inbox.items(ods)) for ods in ("RXE99", "Y99901", "VNX01")] == [1, 1, 0]
    [item] = inbox.items("RXE99")
    assert inbox.get("Y99901", item.id) is None
    assert inbox.get("RXE99", item.id) == item


def test_a_recipient_who_comes_later_gets_the_message_with_the_first_receipt(inbox, received):
    first = inbox.receive(received(), lambda receipt: b"first")
    second = inbox.receive(received(recipients=("RXE99", "Y99901")), lambda receipt: b"second")
    assert (second.status, second.body, second.received_at) == ("received", b"first", first.received_at)
    assert len(inbox.items("Y99901")) == 1


def test_settling_applies_effects_and_finishes_in_one_transaction(store, inbox, received, message):
    inbox.receive(received())
    answer = message("ack-1", organisation="RXE99", correlates="bag-1")
    assert inbox.settle(inbox.claim(LEASE), ["filed", "answered"], lambda: Outbox(store).put(answer, ["VNX01"]))
    [item] = inbox.items("RXE99")
    assert item.state is InboxState.SETTLED
    assert Counts(store).of("RXE99")["queued"] == 1


def test_effects_that_fail_leave_the_item_waiting_and_nothing_applied(store, clock, inbox, received, message):
    inbox.receive(received())
    held = inbox.claim(LEASE)

    def apply():
        Outbox(store).put(message("ack-1", organisation="RXE99", correlates="bag-1"), ["VNX01"])
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        inbox.settle(held, ["filed"], apply)
    counts = Counts(store).of("RXE99")
    assert (counts["queued"], counts["unsettled"], counts["duplicate_effects"]) == (0, 1, 0)
    assert inbox.fail(held, "half way", again=clock.forward(seconds=5))
    assert inbox.claim(LEASE).item.attempts == 2


def test_who_lost_the_lease_applies_nothing(store, clock, inbox, received):
    inbox.receive(received())
    slow = inbox.claim(LEASE)
    clock.forward(seconds=LEASE.total_seconds())
    quick = inbox.claim(LEASE)
    applied: list[str] = []

    def too_late():
        assert not inbox.settle(slow, ["filed"], lambda: applied.append("twice"))
        assert not inbox.fail(slow, "too late")
        assert not inbox.fail(slow, "too late", again=clock())

    too_late()
    assert inbox.settle(quick, ["filed"], lambda: applied.append("once"))
    too_late()
    assert applied == ["once"]
    assert Counts(store).of("RXE99")["duplicate_effects"] == 0


def test_an_item_held_when_the_process_died_is_taken_up_again_at_once(tmp_path, clock, received):
    settings = StoreSettings(tmp_path / "crashed.db")
    with Store.open(settings, clock=clock) as store:
        Inbox(store).receive(received())
        dead = Inbox(store).claim(LEASE)
    with Store.open(settings, clock=clock) as store:
        inbox = Inbox(store)
        held = inbox.claim(LEASE)
        assert (held.item.id, held.item.attempts) == (dead.item.id, 2)
        assert inbox.settle(held, ["filed"], _nothing)
        assert not inbox.settle(dead, ["filed"], _nothing)


def test_one_persons_messages_are_processed_in_order_others_beside_them(clock, inbox, received):
    for identifier, person in (("e1", "e"), ("e2", "e"), ("w1", "w"), ("x1", None), ("x2", None)):
        inbox.receive(received(identifier, person=person))
    held = [inbox.claim(LEASE) for _ in range(5)]
    assert [h.item.identifier for h in held if h] == ["e1", "w1", "x1", "x2"]
    inbox.fail(held[0], "not yet", again=clock.forward(seconds=30))
    assert inbox.claim(LEASE).item.identifier == "e1"


def test_a_failed_message_steps_aside_under_an_alarm(store, inbox, received):
    inbox.receive(received("e1"))
    inbox.receive(received("e2"))
    assert inbox.fail(inbox.claim(LEASE), "no mapping for it")
    assert inbox.claim(LEASE).item.identifier == "e2"
    [item] = inbox.items("RXE99", state=InboxState.FAILED)
    assert (item.identifier, item.reason) == ("e1", "no mapping for it")
    assert [a.alarm.code for a in Alarms(store).standing("RXE99")] == ["inbox-failed"]


def test_opening_is_told_once_and_audited_every_time(store, inbox, received):
    inbox.receive(received())
    [item] = inbox.items("RXE99")
    assert inbox.opened("RXE99", item.id, by="joseph")
    assert not inbox.opened("RXE99", item.id, by="priya")
    assert not inbox.opened("VNX01", item.id, by="stranger")
    opened = [entry.actor for entry, _ in Trail(store).entries("RXE99") if entry.action == "message-opened"]
    assert opened == ["joseph", "priya"]


def test_a_new_message_rings_the_bell(store, inbox, received):
    heard = store.inbound.rings
    inbox.receive(received())
    assert store.inbound.rings == heard + 1
    inbox.receive(received())
    assert store.inbound.rings == heard + 1
