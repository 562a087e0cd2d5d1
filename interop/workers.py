"""What a running node does by itself: send what is queued, handle what arrived."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Self

from interop import pipeline
from interop.channels.fhir_rest import FhirRestChannel, Limits
from interop.channels.local import LocalChannel
from interop.events import log, place
from interop.node import Node
from interop.relay.dispatcher import Dispatcher
from interop.relay.inbox import Held
from interop.relay.originals import UNCITED_FOR
from interop.relay.parcel import Channel
from interop.relay.retry import RetryPolicy
from interop.settings import tokens

LEASE = timedelta(seconds=60)
"""Longer than handling one message ever takes; a worker that died is replaced after this."""
TRIES = 5
_IDLE_SECONDS = 1.0
_SWEEP_SECONDS = 20.0


class Workers:
    """Threads round one node: dispatcher, inbox, sweeper. Use it in a ``with`` statement."""

    def __init__(self, node: Node):
        retry = node.settings.retry
        self._node = node
        self._policy = RetryPolicy(base=retry.base, cap=retry.cap, patience=retry.patience)
        self.dispatcher = Dispatcher(node.store, _channels(node), policy=self._policy, rng=node.rng)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        jobs: dict[str, Callable[[], None]] = {
            "dispatcher": lambda: self.dispatcher.run(self._stopping),
            "inbox": self._handle_arrivals,
            "sweeper": self._sweep,
        }
        self._threads = [threading.Thread(target=job, name=name) for name, job in jobs.items()]
        for thread in self._threads:
            thread.start()
        settings = self._node.settings.node
        log.info("node_started", node=settings.name, address=f"{settings.host}:{settings.port}")
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        """Finish what is under way; what is queued stays queued."""
        self._stopping.set()
        self._node.store.inbound.ring()
        self._node.store.outbound.ring()
        for thread in self._threads:
            thread.join()
        log.info("node_stopped", node=self._node.settings.node.name)

    def handle_next(self) -> bool:
        """Handle the oldest arrival that waits; False when none does."""
        held = self._node.inbox.claim(LEASE)
        if held is None:
            return False
        try:
            pipeline.handle(self._node, held)
        except Exception as fault:  # noqa: BLE001  whatever it is, the message must not be lost nor the worker die
            self._postpone(held, fault)
        return True

    def _handle_arrivals(self) -> None:
        heard = self._node.store.inbound.rings
        while not self._stopping.is_set():
            if not self.handle_next():
                heard = self._node.store.inbound.wait(heard, _IDLE_SECONDS)

    def _sweep(self) -> None:
        """Debts past their deadline and answers that never came raise their alarms; what nothing was made of goes."""
        node = self._node
        while not self._stopping.wait(_SWEEP_SECONDS):
            node.originals.drop_uncited(node.now() - UNCITED_FOR)
            for organisation in node.settings.organisations:
                node.obligations.sweep(organisation.ods)
                node.acknowledgements.sweep(organisation.ods)
                pipeline.look_again(node, organisation.ods)

    def _postpone(self, held: Held, fault: Exception) -> None:
        log.error("worker_failed", worker="inbox", message=held.item.id, fault=place(fault))
        node, tried = self._node, held.item.attempts
        now = node.now()
        again = self._policy.next_attempt(tried, held.item.received_at, now, node.rng) if tried < TRIES else None
        node.inbox.fail(held, f"{type(fault).__name__} while it was handled", again=again)


def _channels(node: Node) -> Mapping[str, Channel]:
    """The way to every partner that has one; organisations of this very node need no wire."""
    local = LocalChannel(lambda parcel: pipeline.hand_over(node, parcel))
    channels: dict[str, Channel] = {organisation.ods: local for organisation in node.settings.organisations}
    for partner in node.settings.partners:
        if partner.url is not None:
            limits = Limits(total=partner.timeout.total_seconds())
            channels[partner.ods] = FhirRestChannel(partner.url, tokens(node.settings, partner), limits=limits)
    return channels
