"""Takes the head of each due lane to its channel and writes down what came of it."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random, SystemRandom

from sqlalchemy import Connection, bindparam, select, update

from interop.errors import StoreError
from interop.relay import acks, alarms, lanes, trail
from interop.relay.lanes import Claim
from interop.relay.message import DeliveryState, Rung, moved
from interop.relay.parcel import Channel, Delivered, Delivery, Parcel, Refused, Unknown, Unreachable
from interop.relay.retry import RetryPolicy
from interop.relay.schema import Instant, attempt, delivery, lane
from interop.relay.store import Store

logger = logging.getLogger("interop.relay")
LEASE = timedelta(minutes=3)
"""Longer than any channel's total deadline, so that a lease runs out only when its worker hangs."""
_IDLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a channel's answer.

    again  when to try again, for a delivery that goes back to its lane
    pause  leave the whole destination alone until ``again``
    alarm  code of the alarm a person gets
    """

    state: DeliveryState
    again: datetime | None = None
    pause: bool = False
    alarm: str | None = None


def decide(result: Delivery, claim: Claim, policy: RetryPolicy, now: datetime, rng: Random) -> Decision:
    """Settled, tried again, or given to a person? Pure."""
    match result:
        case Delivered():
            return Decision(DeliveryState.SENT)
        case Refused(credentials=True):
            return Decision(DeliveryState.QUEUED, again=now + policy.pause, pause=True, alarm="credentials-refused")
        case Refused():
            return Decision(DeliveryState.DEAD_LETTERED, alarm="dead-lettered")
        case Unreachable() | Unknown():
            again = policy.next_attempt(claim.tried, claim.patience_from, now, rng, asked=result.retry_after)
            if again is None:
                return Decision(DeliveryState.DEAD_LETTERED, alarm="dead-lettered")
            return Decision(DeliveryState.QUEUED, again=again)


END_ATTEMPT = (
    update(attempt)
    .where(attempt.c.delivery == bindparam("b_delivery"), attempt.c.token == bindparam("b_token"))
    .values(ended=bindparam("b_at", type_=Instant), result=bindparam("b_result"), reason=bindparam("b_reason"))
)
# Move the delivery on, if it is still being sent and the lease is still ours.
SETTLE = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("b_delivery"),
        delivery.c.state == DeliveryState.CLAIMED.value,
        select(lane.c.id).where(lane.c.id == bindparam("b_lane"), lane.c.token == bindparam("b_token")).exists(),
    )
    .values(state=bindparam("b_state"), receipt=bindparam("b_receipt"))
)


class Dispatcher:
    """Sends what the outbox owes. ``channels``: recipient's ODS code → the way to them; it may grow while we run."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        *,
        policy: RetryPolicy | None = None,
        rng: Random | None = None,
    ):
        self._store = store
        self._channels = channels
        self._policy = policy or RetryPolicy()
        self._rng = rng or SystemRandom()

    def run(self, stop: threading.Event, *, workers: int = 4) -> None:
        """Send until ``stop`` is set; each worker finishes the delivery it holds."""
        threads = [threading.Thread(target=self._work, args=(stop,), name=f"dispatcher-{n}") for n in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def run_once(self) -> int:
        """Try everything that is due now, one after the other; how many tries that took."""
        tries = 0
        while self.step():
            tries += 1
        return tries

    def step(self) -> bool:
        """Try the delivery that has been due longest. False when nothing is due."""
        now, token = self._store.now(), secrets.token_hex(16)
        prepared = self._store.write(lambda connection: _prepare(connection, now, token))
        if prepared is None:
            return False
        claim, parcel = prepared
        result = self._deliver(parcel)
        settled = self._store.now()
        decision = decide(result, claim, self._policy, settled, self._rng)
        self._store.write(lambda connection: _settle(connection, settled, claim, result, decision))
        logger.info(
            "delivery tried",
            extra={
                "action": "delivery_tried",
                "message_id": claim.message,
                "recipient": claim.recipient,
                "result": type(result).__name__.lower(),
                "state": decision.state.value,
                "tried": claim.tried,
            },
        )
        return True

    def _deliver(self, parcel: Parcel) -> Delivery:
        channel = self._channels.get(parcel.recipient)
        if channel is None:
            return Refused(f"no channel leads to {parcel.recipient}: add it to the partners, then replay")
        try:
            return channel.deliver(parcel)
        except Exception as fault:
            # A channel that breaks its promise must not take the node down, and may have sent before it broke.
            logger.exception("channel failed", extra={"action": "channel_failed", "recipient": parcel.recipient})
            return Unknown(f"the channel failed: {type(fault).__name__}")

    def _work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            heard = self._store.outbound.rings
            try:
                busy = self.step()
            except StoreError:  # e.g. the disk is full: what was sent is not written down, so it will be sent again
                logger.exception("store failed", extra={"action": "store_failed"})
                busy = False
            if not busy and not stop.is_set():
                self._store.outbound.wait(heard, _IDLE_SECONDS)


def _prepare(connection: Connection, now: datetime, token: str) -> tuple[Claim, Parcel] | None:
    claim = lanes.claim(connection, now, now + LEASE, token)
    if claim is None:
        return None
    identifier, kind, content_type, body, correlates = lanes.parcel_row(connection, claim)
    parcel = Parcel(
        id=claim.message,
        identifier=identifier,
        sender=claim.organisation,
        recipient=claim.recipient,
        kind=kind,
        content_type=content_type,
        body=body,
        correlates=correlates,
    )
    return claim, parcel


def _settle(connection: Connection, now: datetime, claim: Claim, result: Delivery, decision: Decision) -> bool:
    """Write down the result; False when the lease was lost, and then only the facts are kept."""
    reason = result.evidence if isinstance(result, Delivered) else result.reason
    kind = type(result).__name__.lower()
    key = {"b_delivery": claim.delivery, "b_token": claim.token}
    connection.execute(END_ATTEMPT, key | {"b_at": now, "b_result": kind, "b_reason": reason})
    if isinstance(result, Delivered):
        for rung in dict.fromkeys((Rung.SENT, result.rung)):
            acks.climb(connection, now, claim.delivery, acks.Step(rung, evidence=result.evidence))
        alarms.quiet(connection, now, claim.organisation, claim.recipient, ("credentials-refused",))
    receipt = result.receipt if isinstance(result, Delivered) else None
    state = moved(DeliveryState.CLAIMED, decision.state).value
    done = connection.execute(SETTLE, key | {"b_lane": claim.lane, "b_state": state, "b_receipt": receipt})
    if decision.pause and decision.again is not None:
        lanes.pause(connection, claim.organisation, claim.recipient, decision.again, reason)
    # Another answer may have settled the delivery while we were sending: then the lane's next one need not wait.
    waits = done.rowcount == 1 and decision.state is DeliveryState.QUEUED and not decision.pause
    held = lanes.release(connection, claim.lane, claim.token, decision.again if waits and decision.again else now)
    if done.rowcount:
        _tell(connection, now, claim, decision, reason)
    return held


def _tell(connection: Connection, now: datetime, claim: Claim, decision: Decision, reason: str) -> None:
    if decision.state is not DeliveryState.QUEUED:
        action = f"message-{decision.state.value}"
        deed = trail.Deed(claim.organisation, "relay", action, claim.message, {"recipient": claim.recipient})
        trail.record(connection, now, deed)
    if decision.alarm == "credentials-refused":
        text = (
            f"{claim.recipient} refuses our credentials: {reason}. Everything for them waits; put the right token in."
        )
        alarms.sound(connection, now, alarms.Alarm(claim.organisation, decision.alarm, claim.recipient, text))
    elif decision.alarm is not None:
        text = f"Not delivered to {claim.recipient}: {reason}. Mend the cause, then replay the message."
        subject = f"{claim.message}/{claim.recipient}"
        alarms.sound(connection, now, alarms.Alarm(claim.organisation, decision.alarm, subject, text))
