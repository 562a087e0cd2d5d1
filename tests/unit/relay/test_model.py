"""Whatever happens in whatever order, the relay agrees with a model small enough to believe."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from interop.relay.acks import Acknowledgements, Step
from interop.relay.counts import Counts
from interop.relay.dispatcher import Dispatcher
from interop.relay.history import History
from interop.relay.message import Accepted, Conflict, DeliveryState, Message, Rung
from interop.relay.outbox import Outbox
from interop.relay.parcel import Delivered, Delivery, Parcel, Refused, Unknown, Unreachable
from interop.relay.retry import RetryPolicy
from interop.relay.store import Store, StoreSettings

PEOPLE = st.sampled_from(["p1", "p2"])
RESULTS = st.sampled_from([Delivered(), Refused("no"), Unreachable("down"), Unknown("cut")])
CODES = st.sampled_from(["30001", "30002"])
POLICY = RetryPolicy(base=timedelta(seconds=1), cap=timedelta(seconds=1), patience=timedelta(days=9))


class Relay(RuleBasedStateMachine):
    """Messages of two people to one hospital; the store may close and open again between any two steps."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.time = datetime(2026, 11, 14, tzinfo=UTC)
        self.state: dict[str, DeliveryState] = {}
        self.person: dict[str, str] = {}
        self.answers: dict[str, set[str]] = defaultdict(set)
        self.out_of_order: list[str] = []
        self.next: Delivery = Delivered()
        self._open()

    def _open(self) -> None:
        self.store = Store.open(StoreSettings(Path(self.folder.name) / "node.db"), clock=lambda: self.time)
        self.sender = Dispatcher(self.store, {"RXE99": self}, policy=POLICY, rng=Random(1))  # noqa: S311  jitter

    def deliver(self, parcel: Parcel) -> Delivery:
        person = self.person[parcel.identifier]
        waiting = [other for other in self.state if self.person[other] == person and self._waits(other)]
        if [parcel.identifier] != waiting[:1]:  # the dispatcher survives a channel that raises, so tell it another way
            self.out_of_order.append(parcel.identifier)
        self.state[parcel.identifier] = {
            Delivered: DeliveryState.SENT,
            Refused: DeliveryState.DEAD_LETTERED,
        }.get(type(self.next), DeliveryState.QUEUED)
        return self.next

    def _waits(self, identifier: str) -> bool:
        return self.state[identifier] is DeliveryState.QUEUED

    @rule(person=PEOPLE)
    def put(self, person: str) -> None:
        identifier = f"m{len(self.state)}"
        item = Message("VNX01", identifier, "summary", "text/plain", identifier.encode(), person=person)
        assert isinstance(Outbox(self.store).put(item, ["RXE99"]), Accepted)
        self.state[identifier], self.person[identifier] = DeliveryState.QUEUED, person

    @rule(pick=st.randoms(use_true_random=False), same=st.booleans())
    def put_again(self, pick: Random, same: bool) -> None:
        if not self.state:
            return
        identifier = pick.choice(list(self.state))
        body = identifier.encode() if same else b"other"
        item = Message("VNX01", identifier, "summary", "text/plain", body, person=self.person[identifier])
        assert isinstance(Outbox(self.store).put(item, ["RXE99"]), Accepted if same else Conflict)

    @rule(result=RESULTS)
    def step(self, result: Delivery) -> None:
        self.next = result
        self.time += timedelta(seconds=2)
        tried = self.sender.step()
        assert tried or not any(self._waits(identifier) for identifier in self.state)

    @rule(pick=st.randoms(use_true_random=False), code=CODES)
    def answer(self, pick: Random, code: str) -> None:
        if not self.state:
            return
        identifier = pick.choice(list(self.state))
        step = Step(Rung.ACCEPTED_BY_ORGANISATION, code)
        news = Acknowledgements(self.store).record("VNX01", identifier, "RXE99", step)
        assert news is (code not in self.answers[identifier])
        self.answers[identifier].add(code)
        if code == "30001":
            self.state[identifier] = DeliveryState.ACKNOWLEDGED
        elif news and self.state[identifier] is not DeliveryState.ACKNOWLEDGED:
            self.state[identifier] = DeliveryState.REFUSED

    @rule(pick=st.randoms(use_true_random=False))
    def replay(self, pick: Random) -> None:
        if not self.state:
            return
        identifier = pick.choice(list(self.state))
        dead = self.state[identifier] is DeliveryState.DEAD_LETTERED
        again = Outbox(self.store).replay("VNX01", identifier, actor="joseph", reason="mended")
        assert again == (("RXE99",) if dead else ())
        if dead:
            self.state[identifier] = DeliveryState.QUEUED

    @rule()
    def restart(self) -> None:
        self.store.close()
        self._open()

    @invariant()
    def the_store_agrees_with_the_model(self) -> None:
        if not hasattr(self, "store"):
            return
        stories = History(self.store).stories("VNX01", limit=1000)
        assert {story.identifier: story.legs[0].state for story in stories} == self.state
        counts = Counts(self.store).of("VNX01")
        assert self.out_of_order == []
        assert counts["lost"] == 0
        assert counts["acknowledged"] == sum("30001" in codes for codes in self.answers.values())

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()


TestRelay = Relay.TestCase
TestRelay.settings = settings(
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
