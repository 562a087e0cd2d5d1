"""What every channel promises, whatever it is made of: one answer of four, never an exception, the same twice."""

from __future__ import annotations

import httpx2
import pytest

from interop.channels.channel import Channel, Delivered, Parcel, Refused, Unknown, Unreachable
from interop.channels.fhir_rest import FhirRestChannel
from interop.channels.local import LocalChannel
from interop.errors import AccessError, StoreError
from interop.relay.inbox import Inbox
from interop.relay.message import Received
from interop.relay.store import Store, StoreSettings

PARCEL = Parcel("9896935f", "bag-1", "VNX01", "RXE99", "transfer-summary", "application/fhir+json", b'{"a":1}')


class FarSide:
    """A receiver with a real inbox, reached through the channel under test."""

    def __init__(self, inbox: Inbox):
        self.inbox = inbox
        self.fault: Exception | None = None

    def take(self, sender: str, body: bytes) -> tuple[str, bytes]:
        if self.fault is not None:
            raise self.fault
        given = Received(sender, ("RXE99",), "bag-1", "transfer-summary", "application/fhir+json", body)
        receipt = self.inbox.receive(given, lambda receipt: b'{"resourceType":"OperationOutcome"}')
        return receipt.status, receipt.body

    def local(self) -> Channel:
        def hand_over(parcel: Parcel):
            status, body = self.take(parcel.sender, parcel.body)
            return Refused("conflict") if status == "conflict" else Delivered(body, status)

        return LocalChannel(hand_over)

    def fhir_rest(self) -> Channel:
        def answer(request: httpx2.Request) -> httpx2.Response:
            try:
                status, body = self.take("VNX01", request.read())
            except AccessError:
                return httpx2.Response(404)
            except StoreError:
                return httpx2.Response(503)
            return httpx2.Response(409) if status == "conflict" else httpx2.Response(200, content=body)

        return FhirRestChannel("https://far.example/fhir", {"VNX01": "t"}, transport=httpx2.MockTransport(answer))


@pytest.fixture
def far_side(tmp_path):
    with Store.open(StoreSettings(tmp_path / "far.db")) as store:
        yield FarSide(Inbox(store))


@pytest.fixture(params=["local", "fhir_rest"])
def channel(request, far_side):
    return getattr(far_side, request.param)()


def test_a_delivered_parcel_is_there_to_the_byte_and_has_a_receipt(channel, far_side):
    result = channel.deliver(PARCEL)
    assert isinstance(result, Delivered)
    assert result.receipt == b'{"resourceType":"OperationOutcome"}'
    [item] = far_side.inbox.items("RXE99")
    assert item.body == PARCEL.body


def test_a_second_delivery_of_the_same_parcel_is_not_a_second_message_and_has_the_same_receipt(channel, far_side):
    first, second = channel.deliver(PARCEL), channel.deliver(PARCEL)
    assert first.receipt == second.receipt
    assert len(far_side.inbox.items("RXE99")) == 1


def test_other_bytes_under_the_same_identifier_are_refused(channel, far_side):
    channel.deliver(PARCEL)
    changed = Parcel("9896935f", "bag-1", "VNX01", "RXE99", "transfer-summary", "application/fhir+json", b"other")
    assert isinstance(channel.deliver(changed), Refused)


def test_a_receiver_that_says_no_is_a_refusal(channel, far_side):
    far_side.fault = AccessError("not for us")
    assert isinstance(channel.deliver(PARCEL), Refused)


def test_a_receiver_that_cannot_store_is_unreachable_and_works_again_later(channel, far_side):
    far_side.fault = StoreError("disk full")
    assert isinstance(channel.deliver(PARCEL), Unreachable | Unknown)
    far_side.fault = None
    assert isinstance(channel.deliver(PARCEL), Delivered)
