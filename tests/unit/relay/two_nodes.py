"""A process to be killed: a home and a hospital, each with its store, exchanging messages and answers for ever.

Run: ``python two_nodes.py FOLDER CYCLE``. With CYCLE ``drain`` it sends nothing new and ends when all is answered.
It prints the identifier of a message once ``Outbox.put`` has said it is safe: from then on it must never be lost.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from interop.channels.local import LocalChannel
from interop.relay.acks import Acknowledgements, Step
from interop.relay.counts import Counts
from interop.relay.dispatcher import Dispatcher
from interop.relay.inbox import Inbox
from interop.relay.message import Message, Received, Rung
from interop.relay.outbox import Outbox
from interop.relay.parcel import Delivered, Delivery, Parcel, Unknown
from interop.relay.retry import RetryPolicy
from interop.relay.store import Store, StoreSettings

PERSONS = 5
POLICY = RetryPolicy(base=timedelta(milliseconds=20), cap=timedelta(milliseconds=100), patience=timedelta(hours=1))


class Node:
    def __init__(self, ods: str, folder: Path):
        self.ods = ods
        self.store = Store.open(StoreSettings(folder / f"{ods}.db"))
        self.outbox, self.inbox = Outbox(self.store), Inbox(self.store)

    def door(self, parcel: Parcel) -> Delivery:
        """Every seventh receipt is lost on the way back, so that duplicates really travel."""
        given = Received(
            sender=parcel.sender,
            recipients=(self.ods,),
            identifier=parcel.identifier,
            kind=parcel.kind,
            content_type=parcel.content_type,
            body=parcel.body,
            person=parcel.identifier.split("/")[-2],
            correlates=parcel.correlates,
        )
        receipt = self.inbox.receive(given)
        lost = receipt.status == "received" and sum(parcel.id.encode()) % 7 == 0
        return Unknown("the receipt was lost") if lost else Delivered(b"receipt")

    def work(self, stop: threading.Event) -> None:
        while not stop.is_set():
            heard = self.store.inbound.rings
            held = self.inbox.claim(timedelta(seconds=30))
            if held is None:
                self.store.inbound.wait(heard, 0.05)
                continue
            item = held.item
            if item.correlates is not None:
                step = Step(Rung.ACCEPTED_BY_ORGANISATION, "30001", item.identifier)
                answered, by = item.correlates, item.sender
                self.inbox.settle(
                    held,
                    ["acknowledged"],
                    lambda a=answered, b=by, s=step: Acknowledgements(self.store).record(self.ods, a, b, s),
                )
            else:
                answer = message(self.ods, f"answer/{item.identifier}", correlates=item.identifier)
                to = (item.sender,)
                self.inbox.settle(held, ["filed"], lambda a=answer, t=to: self.outbox.put(a, t))


def message(ods: str, identifier: str, correlates: str | None = None) -> Message:
    person = identifier.split("/")[-2]
    body = identifier.encode() * 50
    return Message(ods, identifier, "summary", "text/plain", body, person=person, correlates=correlates)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(folder: Path, cycle: str) -> None:
    home, hospital = Node("VNX01", folder), Node("RXE99", folder)
    stop = threading.Event()
    for node, other in ((home, hospital), (hospital, home)):
        sender = Dispatcher(node.store, {other.ods: LocalChannel(other.door)}, policy=POLICY)
        threading.Thread(target=sender.run, args=(stop,), kwargs={"workers": 2}, daemon=True).start()
        threading.Thread(target=node.work, args=(stop,), daemon=True).start()
    _say("ready")
    number = 0
    while cycle != "drain":
        number += 1
        identifier = f"{cycle}/{number % PERSONS}/{number}"
        home.outbox.put(message("VNX01", identifier), ["RXE99"])
        _say(identifier)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        counts = [Counts(node.store).of() for node in (home, hospital)]
        if not any(c["queued"] + c["unsettled"] for c in counts):
            break
        time.sleep(0.05)
    stop.set()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
