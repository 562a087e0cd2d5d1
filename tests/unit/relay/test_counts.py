"""Numbers from the tables: what each one counts, and above all what it means to be lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from interop.relay.acks import Acknowledgements, Step
from interop.relay.counts import Counts
from interop.relay.dispatcher import Dispatcher
from interop.relay.inbox import Inbox
from interop.relay.message import Rung
from interop.relay.outbox import Outbox
from interop.relay.parcel import Refused, Unknown, Unreachable
from interop.relay.schema import delivery, effect, lane
from interop.relay.store import Store, StoreSettings


@pytest.fixture
def counts(store):
    return Counts(store)


def test_an_empty_store_counts_nothing_but_counts_it_all(counts):
    numbers = counts.of("VNX01")
    assert set(numbers.values()) == {0}
    assert set(numbers) >= {
        "sent", "acknowledged", "quarantined", "replayed", "lost", "duplicate_effects", "duplicates_on_the_wire",
        "obligations_kept", "obligations_late", "obligations_owed", "queued", "dead_lettered", "received", "alarms",
    }  # fmt: skip


def test_a_message_to_two_is_two_deliveries(store, counts, message, wire):
    Outbox(store).put(message(), ["RXE99", "Y99901"])
    Dispatcher(store, {"RXE99": wire(), "Y99901": wire(Unreachable("down"))}).run_once()
    numbers = counts.of("VNX01")
    assert (numbers["sent"], numbers["queued"], numbers["lost"]) == (1, 1, 0)


def test_an_answer_that_overtook_the_receipt_proves_the_handing_over(store, counts, message, wire):
    Outbox(store).put(message(), ["RXE99"])
    Dispatcher(store, {"RXE99": wire(Unknown("line broke"))}).run_once()
    assert counts.of("VNX01")["sent"] == 0
    step = Step(Rung.ACCEPTED_BY_ORGANISATION, "30001")
    Acknowledgements(store).record("VNX01", "bag-1", "RXE99", step)
    numbers = counts.of("VNX01")
    assert (numbers["sent"], numbers["acknowledged"]) == (1, 1)


def test_what_waits_or_stands_with_a_person_is_not_lost(store, clock, counts, message, wire):
    for identifier, person in (("waits", "a"), ("dead", "b")):
        Outbox(store).put(message(identifier, person=person), ["RXE99"])
    Dispatcher(store, {"RXE99": wire(Refused("HTTP 404"), Unreachable("down"))}).run_once()
    clock.forward(days=2)
    numbers = counts.of("VNX01")
    assert (numbers["dead_lettered"], numbers["queued"], numbers["lost"]) == (1, 1, 0)


def test_a_waiting_delivery_no_lane_will_offer_is_lost(store, counts, message):
    Outbox(store).put(message(), ["RXE99"])
    store.write(lambda connection: connection.execute(update(lane).values(head=None, due=None)))
    assert counts.of("VNX01")["lost"] == 1


def test_a_message_that_lost_its_deliveries_is_lost(store, counts, message):
    Outbox(store).put(message(), ["RXE99"])
    store.write(lambda connection: connection.execute(delete(delivery)))
    assert counts.of("VNX01")["lost"] == 1


def test_a_message_nobody_answered_in_time_is_lost(store, clock, counts, message, wire):
    Outbox(store).put(message(answer_within=timedelta(hours=1)), ["RXE99"])
    Dispatcher(store, {"RXE99": wire()}).run_once()
    clock.forward(hours=1)
    assert counts.of("VNX01")["lost"] == 0
    clock.forward(seconds=1)
    assert counts.of("VNX01")["lost"] == 1


def test_an_effect_applied_twice_is_counted_because_the_table_lets_it_be_written(store, counts, received):
    inbox = Inbox(store)
    inbox.receive(received(recipients=("RXE99", "Y99901")))
    for _ in range(2):
        inbox.settle(inbox.claim(timedelta(minutes=1)), ["filed"], lambda: None)
    assert counts.of()["duplicate_effects"] == 0  # two recipients, one effect each
    row = {"organisation": "RXE99", "sender": "VNX01", "identifier": "bag-1", "name": "filed"}
    for _ in range(2):
        store.write(lambda connection: connection.execute(insert(effect).values(**row, applied_at=store.now())))
    assert counts.of("RXE99")["duplicate_effects"] == 2
    assert counts.of("Y99901")["duplicate_effects"] == 0


def test_every_organisation_is_counted_apart_and_together(store, counts, message):
    Outbox(store).put(message(), ["RXE99"])
    Outbox(store).put(message(organisation="Y99901"), ["RXE99"])
    assert [counts.of(ods)["queued"] for ods in ("VNX01", "Y99901", "RXE99", None)] == [1, 1, 0, 2]


def test_a_reader_counts_while_the_node_runs(tmp_path, clock, message):
    settings = StoreSettings(tmp_path / "running.db")
    with Store.open(settings, clock=clock) as node, Store.open(settings, clock=clock, read_only=True) as reader:
        Outbox(node).put(message(), ["RXE99"])
        assert Counts(reader).of("VNX01")["queued"] == 1
