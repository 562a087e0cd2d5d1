"""A store in an empty folder, a clock that moves when told, and short ways to make what the tests need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interop.relay.message import Message, Received
from interop.relay.parcel import Delivered, Delivery, Parcel
from interop.relay.store import Store, StoreSettings


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 14, 2, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **spans: float) -> datetime:
        self.at += timedelta(**spans)
        return self.at


class Wire:
    """A channel that answers as scripted, then with receipts; it remembers every parcel."""

    def __init__(self, *answers: Delivery):
        self.answers = list(answers)
        self.seen: list[Parcel] = []

    def deliver(self, parcel: Parcel) -> Delivery:
        self.seen.append(parcel)
        return self.answers.pop(0) if self.answers else Delivered(b"receipt", "HTTP 200")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    with Store.open(StoreSettings(tmp_path / "node.db"), clock=clock) as opened:
        yield opened


@pytest.fixture
def wire() -> type[Wire]:
    return Wire


@pytest.fixture
def message() -> Callable[..., Message]:
    def build(identifier: str = "bag-1", **changes: Any) -> Message:
        fields: dict[str, Any] = {
            "organisation": "VNX01",
            "identifier": identifier,
            "kind": "transfer-summary",
            "content_type": "application/fhir+json",
            "body": b'{"resourceType":"Bundle"}',
            "person": "9990000018",
        }
        return Message(**(fields | changes))

    return build


@pytest.fixture
def received() -> Callable[..., Received]:
    def build(identifier: str = "bag-1", **changes: Any) -> Received:
        fields: dict[str, Any] = {
            "sender": "VNX01",
            "recipients": ("RXE99",),
            "identifier": identifier,
            "kind": "transfer-summary",
            "content_type": "application/fhir+json",
            "body": b'{"resourceType":"Bundle"}',
            "person": "9990000018",
        }
        return Received(**(fields | changes))

    return build
