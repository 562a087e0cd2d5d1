"""The ledger: a discharge owes its summary until the recipient's organisation has accepted it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interop.relay.acks import Acknowledgements, Step
from interop.relay.alarms import Alarms
from interop.relay.counts import Counts
from interop.relay.debts import Event, Rule
from interop.relay.message import Rung
from interop.relay.obligations import Obligations, standing
from interop.relay.outbox import Outbox
from interop.relay.persons import Persons

EDITH = "9990000018"
RULES = (Rule("ADT^A03", "discharge-summary", ("care-home", "gp"), timedelta(hours=24)),)


@pytest.fixture
def obligations(store):
    persons = Persons(store)
    persons.join("RXE99", EDITH, "care-home", "VNX01")
    persons.join("RXE99", EDITH, "gp", "Y99901")
    return Obligations(store, RULES)


@pytest.fixture
def discharge(clock):
    return Event("RXE99", "ADT^A03", EDITH, clock(), "adt-1")


@pytest.fixture
def send(store, message):
    def accepted(identifier="discharge-1", *, to="VNX01", code="30001", **changes):
        fields = {"organisation": "RXE99", "kind": "discharge-summary", **changes}
        Outbox(store).put(message(identifier, **fields), [to])
        Acknowledgements(store).record("RXE99", identifier, to, Step(Rung.ACCEPTED_BY_ORGANISATION, code))

    return accepted


def _ledger(obligations):
    return {entry.recipient: entry.standing for entry in obligations.ledger("RXE99")}


def _codes(store):
    return [a.alarm.code for a in Alarms(store).standing("RXE99")]


def test_a_discharge_owes_the_summary_to_home_and_gp(clock, obligations, discharge):
    obligations.observe(discharge)
    assert _ledger(obligations) == {"VNX01": "owed", "Y99901": "owed"}
    entry = obligations.ledger("RXE99")[0]
    assert (entry.event, entry.owes, entry.since, entry.due) == (
        "ADT^A03", "discharge-summary", clock(), clock() + timedelta(hours=24),
    )  # fmt: skip


def test_the_same_event_twice_is_one_debt(obligations, discharge):
    obligations.observe(discharge)
    assert obligations.observe(discharge) == ()
    assert len(obligations.ledger("RXE99")) == 2


def test_an_accepted_summary_keeps_the_debt_to_who_accepted_it_only(clock, obligations, discharge, send):
    obligations.observe(discharge)
    clock.forward(hours=2)
    send()
    assert _ledger(obligations) == {"VNX01": "kept", "Y99901": "owed"}
    kept = next(entry for entry in obligations.ledger("RXE99") if entry.recipient == "VNX01")
    assert kept.kept_at == clock()
    assert kept.kept_by is not None


@pytest.mark.parametrize(
    "changes",
    [{"code": "30002"}, {"kind": "transfer-summary"}, {"person": "9990000026"}],
    ids=["patient not known there", "another kind", "another person"],
)
def test_what_is_not_the_thing_owed_settles_nothing(clock, obligations, discharge, send, changes):
    obligations.observe(discharge)
    clock.forward(hours=1)
    send(**changes)
    assert _ledger(obligations)["VNX01"] == "owed"


def test_a_summary_older_than_the_event_settles_nothing(clock, obligations, discharge, send):
    obligations.observe(discharge)
    send("too-old", as_of=discharge.occurred - timedelta(seconds=1))
    assert _ledger(obligations)["VNX01"] == "owed"
    send("just-in-time", as_of=discharge.occurred)
    assert _ledger(obligations)["VNX01"] == "kept"


def test_a_summary_that_was_quicker_than_the_news_keeps_the_debt(clock, obligations, discharge, send):
    clock.forward(minutes=10)
    send(as_of=discharge.occurred)
    obligations.observe(discharge)
    assert _ledger(obligations) == {"VNX01": "kept", "Y99901": "owed"}


def test_a_deadline_missed_is_late_and_stays_late(store, clock, obligations, discharge, send):
    obligations.observe(discharge)
    clock.forward(hours=24)
    assert obligations.sweep("RXE99") == 0
    clock.forward(seconds=1)
    assert (obligations.sweep("RXE99"), obligations.sweep("RXE99")) == (2, 0)
    assert _codes(store) == ["obligation-late"] * 2
    send()
    assert _ledger(obligations) == {"VNX01": "late", "Y99901": "late"}
    assert _codes(store) == ["obligation-late"]  # the one that is still owed
    counts = Counts(store).of("RXE99")
    assert (counts["obligations_kept"], counts["obligations_late"], counts["obligations_owed"]) == (0, 2, 0)


def test_a_role_nobody_holds_is_an_alarm_until_somebody_does(store, clock, discharge, send):
    obligations = Obligations(store, RULES)
    Persons(store).join("RXE99", EDITH, "care-home", "VNX01")
    obligations.observe(discharge)
    assert _ledger(obligations) == {"VNX01": "owed", None: "owed"}
    assert _codes(store) == ["obligation-recipient-unknown"]
    clock.forward(minutes=1)
    send(to="Y99901")  # it was sent to the practice before the circle knew it
    Persons(store).join("RXE99", EDITH, "gp", "Y99901")
    obligations.sweep("RXE99")
    assert _ledger(obligations) == {"VNX01": "owed", "Y99901": "kept"}
    assert _codes(store) == []


def test_a_role_found_twice_is_owed_twice(store, discharge):
    obligations = Obligations(store, RULES)
    obligations.observe(discharge)
    for practice in ("Y99901", "Y99902"):
        Persons(store).join("RXE99", EDITH, "gp", practice)
    obligations.sweep("RXE99")
    obligations.sweep("RXE99")
    assert _ledger(obligations) == {None: "owed", "Y99901": "owed", "Y99902": "owed"}
    assert len(obligations.ledger("RXE99")) == 3


def test_a_second_discharge_is_a_second_debt(clock, obligations, discharge, send):
    obligations.observe(discharge)
    clock.forward(hours=1)
    send()
    again = Event("RXE99", "ADT^A03", EDITH, clock.forward(days=9), "adt-2")
    obligations.observe(again)
    assert [e.standing for e in obligations.ledger("RXE99") if e.recipient == "VNX01"] == ["kept", "owed"]


def test_nobody_sees_anothers_debts(obligations, discharge):
    obligations.observe(discharge)
    assert obligations.ledger("VNX01") == []


@pytest.mark.parametrize(
    ("kept_after", "now_after", "expected"),
    [(None, 1, "owed"), (None, 24, "owed"), (None, 25, "late"), (24, 30, "kept"), (25, 30, "late")],
)
def test_standing_is_a_matter_of_the_clock(clock, kept_after, now_after, expected):
    start = clock()
    kept_at = None if kept_after is None else start + timedelta(hours=kept_after)
    assert standing(start + timedelta(hours=24), kept_at, start + timedelta(hours=now_after)) == expected
