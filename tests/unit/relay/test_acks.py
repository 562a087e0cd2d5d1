"""The ladder: each rung a fact, written once, with its consequence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interop.relay import lanes
from interop.relay.acks import Acknowledgements, Step
from interop.relay.alarms import Alarms
from interop.relay.counts import Counts
from interop.relay.dispatcher import Dispatcher
from interop.relay.history import History
from interop.relay.message import DeliveryState, Rung
from interop.relay.outbox import Outbox
from interop.relay.parcel import Unknown

KNOWN = Step(Rung.ACCEPTED_BY_ORGANISATION, "30001", "ack-1")


@pytest.fixture
def acknowledgements(store):
    return Acknowledgements(store)


@pytest.fixture
def send(store, message, wire):
    def sent(*answers, **changes):
        Outbox(store).put(message(**changes), ["RXE99"])
        Dispatcher(store, {"RXE99": wire(*answers)}).run_once()

    return sent


def _leg(store, message):
    [leg] = History(store).story("VNX01", message().id).legs
    return leg


def _alarms(store):
    return [(a.alarm.code, a.alarm.subject) for a in Alarms(store).standing("VNX01")]


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("30001", DeliveryState.ACKNOWLEDGED),
        ("20013", DeliveryState.ACKNOWLEDGED),
        ("30002", DeliveryState.REFUSED),
        ("30003", DeliveryState.REFUSED),
        ("30004", DeliveryState.REFUSED),
        ("20009", DeliveryState.REFUSED),
        ("", DeliveryState.REFUSED),
    ],
    ids=["known", "success", "not known", "moved", "died", "payload refused", "no code"],
)
def test_a_business_answer_settles_by_its_code(store, acknowledgements, send, message, code, state):
    send()
    assert acknowledgements.record("VNX01", "bag-1", "RXE99", Step(Rung.ACCEPTED_BY_ORGANISATION, code, "ack-1"))
    assert _leg(store, message).state is state
    refused = state is DeliveryState.REFUSED
    assert _alarms(store) == ([("delivery-refused", f"{message().id}/RXE99")] if refused else [])


def test_every_rung_keeps_its_own_time_and_evidence(store, clock, acknowledgements, send, message):
    send()
    business = clock.forward(minutes=5)
    acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    opened = clock.forward(minutes=30)
    acknowledgements.record("VNX01", "bag-1", "RXE99", Step(Rung.OPENED, evidence="ack-2"))
    facts = [(fact.rung, fact.at, fact.code, fact.evidence) for fact in _leg(store, message).rungs[-2:]]
    assert facts == [
        (Rung.ACCEPTED_BY_ORGANISATION, business, "30001", "ack-1"),
        (Rung.OPENED, opened, "", "ack-2"),
    ]


def test_the_same_answer_again_is_no_news(store, clock, acknowledgements, send, message):
    send()
    assert acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    clock.forward(hours=1)
    assert not acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    assert Counts(store).of("VNX01")["acknowledged"] == 1


def test_being_opened_settles_nothing(store, acknowledgements, send, message):
    send()
    acknowledgements.record("VNX01", "bag-1", "RXE99", Step(Rung.OPENED))
    assert _leg(store, message).state is DeliveryState.SENT


def test_not_known_may_become_known_and_the_alarm_ends(store, acknowledgements, send, message):
    send()
    acknowledgements.record("VNX01", "bag-1", "RXE99", Step(Rung.ACCEPTED_BY_ORGANISATION, "30002"))
    acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    assert _leg(store, message).state is DeliveryState.ACKNOWLEDGED
    assert _alarms(store) == []


def test_known_never_becomes_not_known(store, acknowledgements, send, message):
    send()
    acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    acknowledgements.record("VNX01", "bag-1", "RXE99", Step(Rung.ACCEPTED_BY_ORGANISATION, "30002"))
    assert _leg(store, message).state is DeliveryState.ACKNOWLEDGED
    assert len(_alarms(store)) == 1  # but the contradiction is somebody's to look at


def test_an_answer_that_overtakes_the_receipt_ends_the_retries(store, clock, acknowledgements, send, message, wire):
    """Our line broke after they had it: their answer settles the delivery, so it is not sent again."""
    send(Unknown("line broke"))
    acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    clock.forward(days=1)
    channel = wire()
    assert Dispatcher(store, {"RXE99": channel}).run_once() == 0
    assert _leg(store, message).state is DeliveryState.ACKNOWLEDGED


def test_an_answer_that_comes_while_it_is_being_sent_wins(store, clock, acknowledgements, message, wire):
    class Quick:
        def deliver(self, parcel):
            acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
            return Unknown("line broke")

    Outbox(store).put(message(), ["RXE99"])
    Outbox(store).put(message("bag-2"), ["RXE99"])
    sender = Dispatcher(store, {"RXE99": Quick()})
    assert sender.step()
    assert _leg(store, message).state is DeliveryState.ACKNOWLEDGED
    claimed = store.write(lambda c: lanes.claim(c, clock(), clock() + timedelta(1), "t"))
    assert claimed.message == message("bag-2").id  # the lane stepped on at once


@pytest.mark.parametrize(
    ("identifier", "by"), [("never-sent", "RXE99"), ("bag-1", "Y99901")], ids=["no such message", "not a recipient"]
)
def test_an_answer_that_matches_nothing_is_an_alarm(store, acknowledgements, send, message, identifier, by):
    send()
    assert not acknowledgements.record("VNX01", identifier, by, KNOWN)
    assert [code for code, _ in _alarms(store)] == ["acknowledgement-unmatched"]
    assert _leg(store, message).state is DeliveryState.SENT


def test_a_missing_answer_is_an_alarm_once_and_lost_until_it_comes(store, clock, acknowledgements, send, message):
    send(answer_within=timedelta(hours=2))
    clock.forward(hours=2)
    assert acknowledgements.sweep("VNX01") == 0
    clock.forward(seconds=1)
    assert (acknowledgements.sweep("VNX01"), acknowledgements.sweep("VNX01")) == (1, 1)
    assert _alarms(store) == [("answer-overdue", f"{message().id}/RXE99")]
    assert Counts(store).of("VNX01")["lost"] == 1
    acknowledgements.record("VNX01", "bag-1", "RXE99", KNOWN)
    assert _alarms(store) == []
    assert Counts(store).of("VNX01")["lost"] == 0


def test_an_answer_we_sent_is_never_awaited_to_be_answered(store, clock, acknowledgements, send):
    send(correlates="bag-0")
    clock.forward(days=30)
    assert acknowledgements.sweep("VNX01") == 0
    counts = Counts(store).of("VNX01")
    assert (counts["sent"], counts["answers_sent"], counts["lost"]) == (0, 1, 0)
