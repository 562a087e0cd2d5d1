"""FHIR over HTTP: the request a partner sees, and what each of its answers means."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from interop.channels.channel import Delivered, Parcel, Refused, Unknown, Unreachable
from interop.channels.fhir_rest import FhirRestChannel, Limits, Reply, judge

CASES = json.loads((Path(__file__).parents[2] / "cases/relay/answers.json").read_text(encoding="utf-8"))["cases"]
NOW = datetime(2026, 11, 14, 2, 10, tzinfo=UTC)
PARCEL = Parcel("9896935f", "bag-1", "VNX01", "RXE99", "transfer-summary", "application/fhir+json", b'{"a": 1.50}')
SHORT = Limits(connect=0.5, read=0.5, total=0.6, response_bytes=2_000)
MEANS = {"delivered": Delivered, "refused": Refused, "unreachable": Unreachable, "unknown": Unknown}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_an_answer_means(case):
    body = json.dumps(case["body"]).encode() if "body" in case else case.get("text", "").encode()
    kept = None if case.get("too_long") else body
    kind = case.get("content_type", "application/fhir+json")
    result = judge(Reply(case["status"], kind, case.get("retry_after"), kept), NOW)

    credentials = case["means"] == "credentials"
    assert type(result) is MEANS["refused" if credentials else case["means"]]
    assert getattr(result, "credentials", False) is credentials
    said = result.evidence if isinstance(result, Delivered) else result.reason
    assert case.get("reason", "") in said
    wait = getattr(result, "retry_after", None)
    assert wait == (timedelta(seconds=case["wait_seconds"]) if "wait_seconds" in case else None)


def test_the_receipt_is_the_answers_exact_bytes():
    body = b'{ "resourceType":"OperationOutcome", "issue":[] }'
    assert judge(Reply(200, "application/fhir+json", None, body), NOW) == Delivered(body, "HTTP 200")


def _channel(answer: Callable[[httpx2.Request], httpx2.Response], **options) -> FhirRestChannel:
    transport = httpx2.MockTransport(answer)
    return FhirRestChannel("https://hospital.example/fhir/", {"VNX01": "t0ken"}, transport=transport, **options)


def test_the_partner_gets_the_exact_bytes_with_our_token_for_that_sender():
    seen: list[httpx2.Request] = []

    def answer(request):
        seen.append(request)
        return httpx2.Response(200, json={"resourceType": "OperationOutcome", "issue": []})

    assert isinstance(_channel(answer).deliver(PARCEL), Delivered)
    [request] = seen
    assert (request.method, str(request.url)) == ("POST", "https://hospital.example/fhir/$process-message")
    assert request.read() == PARCEL.body
    assert request.headers["authorization"] == "Bearer t0ken"
    assert request.headers["content-type"] == "application/fhir+json"
    assert request.headers["accept"] == "application/fhir+json"
    assert request.headers["x-request-id"] == PARCEL.id


def test_without_a_token_for_the_sender_nothing_is_sent():
    def answer(request):
        raise AssertionError("it must not be called")

    result = _channel(answer).deliver(Parcel("1", "b", "Y99901", "RXE99", "k", "application/fhir+json", b"{}"))
    assert result == Refused("we hold no token of RXE99 for sender Y99901", credentials=True)


def test_a_redirect_is_not_followed_with_our_token_in_hand():
    calls: list[str] = []

    def answer(request):
        calls.append(str(request.url))
        return httpx2.Response(307, headers={"location": "https://elsewhere.example/fhir"})

    assert isinstance(_channel(answer).deliver(PARCEL), Refused)
    assert len(calls) == 1


def test_an_answer_is_not_read_beyond_the_limit():
    def answer(request):
        return httpx2.Response(200, content=b"x" * 5_000)

    assert _channel(answer, limits=SHORT).deliver(PARCEL) == Delivered(evidence="HTTP 200, an answer too long to keep")


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (httpx2.ConnectError("refused"), Unreachable),
        (httpx2.ConnectTimeout("slow"), Unreachable),
        (httpx2.PoolTimeout("busy"), Unreachable),
        (httpx2.WriteTimeout("slow"), Unknown),
        (httpx2.ReadTimeout("slow"), Unknown),
        (httpx2.ReadError("reset"), Unknown),
        (httpx2.RemoteProtocolError("closed"), Unknown),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.__name__,
)
def test_before_we_send_is_unreachable_and_after_it_is_unknown(fault, result):
    def answer(request):
        raise fault

    assert type(_channel(answer).deliver(PARCEL)) is result


@pytest.mark.parametrize("url", ["ftp://hospital.example/fhir", "hospital.example/fhir"])
def test_an_address_that_is_no_url_is_refused_at_once(url):
    assert isinstance(FhirRestChannel(url, {"VNX01": "t"}).deliver(PARCEL), Refused)


# Over a real socket


@contextmanager
def _partner(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """A partner that takes one connection and does with it as told."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/fhir"
        thread.join(10)
        assert not thread.is_alive()


def _deliver(url: str) -> object:
    channel = FhirRestChannel(url, {"VNX01": "t0ken"}, limits=SHORT)
    try:
        return channel.deliver(PARCEL)
    finally:
        channel.close()


def test_nobody_listening_is_unreachable():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert _deliver(f"http://127.0.0.1:{port}/fhir") == Unreachable("no connection: ConnectError")


def test_a_partner_that_reads_and_hangs_up_is_unknown():
    with _partner(lambda connection: None) as url:
        assert isinstance(_deliver(url), Unknown)


def test_a_partner_that_never_answers_is_unknown():
    over = threading.Event()
    with _partner(lambda connection: over.wait(5)) as url:
        assert _deliver(url) == Unknown("the line broke after we began to send: ReadTimeout")
        over.set()


def test_a_partner_that_drips_its_answer_is_cut_off_at_the_total_limit():
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        try:
            for _ in range(100):
                connection.sendall(b"x")
                threading.Event().wait(0.1)
        except OSError:  # they hung up, as they should
            return
        raise AssertionError("the channel listened to the end")

    with _partner(drip) as url:
        assert isinstance(_deliver(url), Unknown)


def test_an_answer_cut_short_is_unknown():
    def cut(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"resourceType":')

    with _partner(cut) as url:
        assert isinstance(_deliver(url), Unknown)
