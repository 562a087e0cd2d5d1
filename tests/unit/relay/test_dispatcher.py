"""Lanes keep order, leases are fenced, and every answer of a channel has its consequence."""

from __future__ import annotations

import threading
from datetime import timedelta
from random import Random

import pytest

from interop.relay import lanes
from interop.relay.alarms import Alarms
from interop.relay.counts import Counts
from interop.relay.dispatcher import LEASE, Dispatcher
from interop.relay.history import History
from interop.relay.message import DeliveryState, Rung
from interop.relay.outbox import Outbox
from interop.relay.parcel import Delivered, Refused, Unknown, Unreachable
from interop.relay.retry import RetryPolicy
from interop.relay.store import Store, StoreSettings

POLICY = RetryPolicy(base=timedelta(seconds=10), cap=timedelta(minutes=1), patience=timedelta(hours=1))


@pytest.fixture
def outbox(store):
    return Outbox(store)


def _dispatcher(store, channel, **others):
    return Dispatcher(store, {"RXE99": channel, **others}, policy=POLICY, rng=Random(7))  # noqa: S311  jitter, not a secret


def _leg(store, message):
    [leg] = History(store).story(message.organisation, message.id).legs
    return leg


def _claim(store, clock, token, until=LEASE):
    return store.write(lambda connection: lanes.claim(connection, clock(), clock() + until, token))


def test_a_delivered_message_has_its_rungs_its_receipt_and_its_attempt(store, clock, outbox, message, wire):
    outbox.put(message(), ["RXE99"])
    channel = wire(Delivered(b"receipt", "HTTP 200"))
    assert _dispatcher(store, channel).run_once() == 1
    leg = _leg(store, message())
    assert leg.state is DeliveryState.SENT
    assert [fact.rung for fact in leg.rungs] == [Rung.QUEUED, Rung.SENT, Rung.ACCEPTED_BY_SYSTEM]
    assert [(t.started, t.ended, t.result, t.reason) for t in leg.tries] == [
        (clock(), clock(), "delivered", "HTTP 200")
    ]
    [parcel] = channel.seen
    assert (parcel.id, parcel.body, parcel.sender) == (message().id, message().body, "VNX01")


def test_a_channel_that_proves_less_climbs_less(store, outbox, message, wire):
    outbox.put(message(), ["RXE99"])
    _dispatcher(store, wire(Delivered(rung=Rung.SENT))).run_once()
    assert [fact.rung for fact in _leg(store, message()).rungs] == [Rung.QUEUED, Rung.SENT]


@pytest.mark.parametrize("failure", [Unreachable("refused"), Unknown("line broke")], ids=["unreachable", "unknown"])
def test_what_failed_or_is_unknown_waits_and_is_tried_again(store, clock, outbox, message, wire, failure):
    outbox.put(message(), ["RXE99"])
    channel = wire(failure)
    sender = _dispatcher(store, channel)
    assert sender.run_once() == 1
    leg = _leg(store, message())
    assert (leg.state, leg.tried) == (DeliveryState.QUEUED, 1)
    assert clock() <= leg.next_try <= clock() + POLICY.base
    clock.at = leg.next_try - timedelta(microseconds=1)
    assert sender.run_once() == 0
    clock.at = leg.next_try
    assert sender.run_once() == 1
    assert [t.result for t in _leg(store, message()).tries] == [type(failure).__name__.lower(), "delivered"]


def test_the_receivers_wish_for_patience_is_respected(store, clock, outbox, message, wire):
    outbox.put(message(), ["RXE99"])
    _dispatcher(store, wire(Unreachable("HTTP 429", retry_after=timedelta(minutes=10)))).run_once()
    assert _leg(store, message()).next_try >= clock() + timedelta(minutes=10)


def test_patience_ends_in_a_dead_letter_and_an_alarm(store, clock, outbox, message, wire):
    start = clock()
    outbox.put(message(), ["RXE99"])
    sender = _dispatcher(store, wire(*[Unreachable("refused")] * 500))
    while _leg(store, message()).state is DeliveryState.QUEUED:
        sender.run_once()
        clock.forward(minutes=1)
    assert _leg(store, message()).state is DeliveryState.DEAD_LETTERED
    assert clock() - start <= POLICY.patience + timedelta(minutes=2)
    [alarm] = Alarms(store).standing("VNX01")
    assert (alarm.alarm.code, alarm.alarm.subject) == ("dead-lettered", f"{message().id}/RXE99")


def test_a_replayed_message_is_given_its_whole_patience_again(store, clock, outbox, message, wire):
    outbox.put(message(), ["RXE99"])
    sender = _dispatcher(store, wire(Refused("HTTP 404"), Unreachable("refused")))
    sender.run_once()
    clock.forward(days=30)
    outbox.replay("VNX01", "bag-1", actor="joseph", reason="address corrected")
    sender.run_once()
    leg = _leg(store, message())
    assert (leg.state, leg.next_try <= clock() + POLICY.base) == (DeliveryState.QUEUED, True)


def test_a_hopeless_message_is_a_dead_letter_at_once_and_its_lane_goes_on(store, outbox, message, wire):
    for identifier in ("bag-1", "bag-2"):
        outbox.put(message(identifier), ["RXE99"])
    channel = wire(Refused("HTTP 422: no such profile"))
    _dispatcher(store, channel).run_once()
    assert _leg(store, message("bag-1")).state is DeliveryState.DEAD_LETTERED
    assert _leg(store, message("bag-2")).state is DeliveryState.SENT
    assert "HTTP 422" in Alarms(store).standing("VNX01")[0].alarm.text


def test_a_recipient_no_channel_leads_to_is_a_dead_letter_that_says_so(store, outbox, message, wire):
    outbox.put(message(), ["Y99901"])
    _dispatcher(store, wire()).run_once()
    assert _leg(store, message()).state is DeliveryState.DEAD_LETTERED
    assert "no channel leads to Y99901" in Alarms(store).standing("VNX01")[0].alarm.text


def test_refused_credentials_pause_the_destination_not_the_message(store, clock, outbox, message, wire):
    """One refusal, one alarm; nothing of theirs is tried before the pause ends, others go on; then it mends itself."""
    for person in ("9990000018", "9990000026"):
        outbox.put(message(f"bag-{person}", person=person), ["RXE99"])
    channel, other = wire(Refused("HTTP 401", credentials=True)), wire()
    sender = _dispatcher(store, channel, Y99901=other)
    sender.run_once()
    outbox.put(message("bag-3", person="9990000042"), ["RXE99", "Y99901"])
    sender.run_once()
    assert (len(channel.seen), len(other.seen)) == (1, 1)
    assert [a.alarm.code for a in Alarms(store).standing("VNX01")] == ["credentials-refused"]
    clock.forward(seconds=POLICY.pause.total_seconds())
    assert sender.run_once() == 3
    assert Counts(store).of("VNX01")["queued"] == 0
    assert Alarms(store).standing("VNX01") == []


def test_a_paused_destination_can_be_resumed_by_hand(store, clock, outbox, message, wire):
    outbox.put(message(), ["RXE99"])
    sender = _dispatcher(store, wire(Refused("HTTP 403", credentials=True)))
    sender.run_once()
    assert sender.run_once() == 0
    store.write(lambda connection: lanes.resume(connection, "VNX01", "RXE99", clock()))
    assert sender.run_once() == 1


def test_a_channel_that_breaks_its_promise_is_unknown_and_harms_nobody(store, outbox, message, wire):
    class Broken:
        def deliver(self, parcel):
            raise ZeroDivisionError("a bug")

    outbox.put(message(), ["RXE99", "Y99901"])
    _dispatcher(store, Broken(), Y99901=wire()).run_once()
    broken, fine = History(store).story("VNX01", message().id).legs
    assert [(t.result, t.reason) for t in broken.tries] == [("unknown", "the channel failed: ZeroDivisionError")]
    assert (broken.state, fine.state) == (DeliveryState.QUEUED, DeliveryState.SENT)


# Order


def test_one_persons_messages_go_one_after_the_other_and_a_stuck_one_holds_only_that_person(
    store, clock, outbox, message, wire
):
    for identifier, person in (("e1", "9990000018"), ("e2", "9990000018"), ("w1", "9990000026")):
        outbox.put(message(identifier, person=person), ["RXE99"])
    channel = wire(Unreachable("refused"))
    sender = _dispatcher(store, channel)
    sender.run_once()
    assert [parcel.identifier for parcel in channel.seen] == ["e1", "w1"]
    clock.forward(seconds=10)
    sender.run_once()
    assert [parcel.identifier for parcel in channel.seen] == ["e1", "w1", "e1", "e2"]


def test_a_leased_lane_is_nobody_elses_until_the_lease_runs_out(store, clock, outbox, message):
    outbox.put(message("e1"), ["RXE99"])
    outbox.put(message("e2"), ["RXE99"])
    first = _claim(store, clock, "first")
    assert _claim(store, clock, "second") is None
    clock.forward(seconds=LEASE.total_seconds())
    again = _claim(store, clock, "second")
    assert (again.delivery, again.tried) == (first.delivery, 2)


def test_who_lost_the_lease_can_change_nothing(store, clock, outbox, message):
    """The first worker hangs; the second takes over; what the first says afterwards moves neither lane nor delivery."""
    outbox.put(message(), ["RXE99"])

    class Slow:
        def deliver(self, parcel):
            clock.forward(seconds=LEASE.total_seconds())
            assert _claim(store, clock, "second") is not None
            return Refused("too late to matter")

    _dispatcher(store, Slow()).step()
    leg = _leg(store, message())
    assert leg.state is DeliveryState.CLAIMED
    assert [t.result for t in leg.tries] == ["refused", None]
    assert Alarms(store).standing("VNX01") == []
    assert not store.write(lambda connection: lanes.release(connection, 1, "stranger", clock()))
    assert store.write(lambda connection: lanes.release(connection, 1, "second", clock()))


def test_after_a_crash_the_lease_is_given_back_and_the_attempt_is_unknown(tmp_path, clock, message, wire):
    settings = StoreSettings(tmp_path / "crashed.db")
    with Store.open(settings, clock=clock) as store:
        Outbox(store).put(message(), ["RXE99"])
        _claim(store, clock, "dead")
    with Store.open(settings, clock=clock) as store:
        assert _dispatcher(store, wire()).run_once() == 1
        assert [t.result for t in _leg(store, message()).tries] == ["unknown", "delivered"]


def test_many_workers_send_everything_once_and_each_person_in_order(store, outbox, message):
    seen: list[tuple[str, int]] = []

    class Far:
        def deliver(self, parcel):
            person, number = parcel.identifier.split("/")
            seen.append((person, int(number)))
            return Delivered()

    for number in range(8):
        for person in range(6):
            outbox.put(message(f"{person}/{number}", person=f"p{person}"), ["RXE99"])
    stop = threading.Event()
    runner = threading.Thread(target=lambda: _dispatcher(store, Far()).run(stop, workers=4))
    runner.start()
    _wait_until(lambda: Counts(store).of()["queued"] == 0)
    stop.set()
    store.outbound.ring()
    runner.join(10)
    assert not runner.is_alive()
    assert {person: [n for p, n in seen if p == person] for person, _ in seen} == {
        str(person): list(range(8)) for person in range(6)
    }


def _wait_until(true, seconds=20.0):
    over = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        over.wait(0.02)
    raise AssertionError("it did not happen in time")
