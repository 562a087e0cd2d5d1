"""A terminology server that is slow, drips, breaks, lies or is not there: validation goes on."""

import json
import socket
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest

from interop.json_codec import JsonObject
from interop.terminology.breaker import Patience
from interop.terminology.server import Limits, TerminologyServer

SNOMED = "http://snomed.info/sct"
DIABETES, ARM, NEVER = "73211009", "368209003", "371535009"
QUICK = Limits(connect=0.4, total=0.4, slow=0.3, response_bytes=10_000)


def parameters(**said: object) -> bytes:
    kinds = {bool: "valueBoolean", str: "valueString", dict: "resource"}
    listed = [{"name": name.replace("_", "-"), kinds[type(value)]: value} for name, value in said.items()]
    return json.dumps({"resourceType": "Parameters", "parameter": listed}).encode()


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        handler.wfile.write(f"X-{number}: more\r\n".encode())
        time.sleep(0.1)


def sleep(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.5)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def without_length(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * 100_000)


@pytest.mark.parametrize(
    "said",
    [
        sleep,
        drip,
        drip_headers,
        hang_up,
        without_length,
        (500, b"{}"),
        (503, b"try later"),
        (401, parameters(result=True)),
        (302, b""),
        (200, b"<html>log in</html>"),
        (200, b"\xff\xfe\x00"),
        (200, b"[]"),
        (200, b"null"),
        (200, b'{"resourceType": "Patient"}'),
        (200, b'{"resourceType": "Parameters"}'),
        (200, b'{"resourceType": "Parameters", "parameter": 7}'),
        (200, b'{"resourceType": "Parameters", "parameter": [7, {"name": "result", "valueString": "true"}]}'),
        (
            200,
            b'{"resourceType": "Parameters", "parameter": [{"name": "result", "valueBoolean": true}]}' + b" " * 99_999,
        ),
        (200, b'{"a":' * 5000),
    ],
    ids=lambda said: said.__name__ if callable(said) else f"{said[0]} {said[1][:40]!r}",
)
def test_no_misbehaviour_raises_or_counts_as_an_answer(start, said: object):
    _, server = start(lambda path, asked: said, limits=QUICK)
    began = time.monotonic()
    assert server.validate_code(SNOMED, DIABETES).known is None
    assert server.contains("http://x/vs", SNOMED, ARM) is None
    assert time.monotonic() - began < 1.4
    trouble = server.trouble()
    assert trouble is not None
    assert (trouble.code, str(trouble.severity)) == ("terminology-server-silent", "information")
    assert "2 times" in trouble.text


@pytest.mark.parametrize(
    "said",
    [
        (404, b'{"resourceType": "OperationOutcome"}'),
        (422, b""),
        (400, b"what?"),
        (200, parameters(result=False, x_caused_by_unknown_system=SNOMED)),
        (200, parameters(result=False, issues={"resourceType": "OperationOutcome", "issue": [{"code": "not-found"}]})),
    ],
)
def test_a_server_that_does_not_know_could_not_tell_and_stays_in_use(start, said: tuple[int, bytes]):
    far, server = start(lambda path, asked: said)
    for code in "abcdefgh":
        assert server.contains("http://x/vs", SNOMED, code) is None
    assert len(far.asked) == 8
    assert server.trouble() is None


def test_the_no_of_a_server_without_the_code_system_counts_for_nothing(start):
    def lacks_snomed(path: str, asked: JsonObject) -> bytes:
        if path.startswith("/fhir/CodeSystem?"):
            lacking = parse_qs(urlsplit(path).query)["url"] == [SNOMED]
            return json.dumps({"resourceType": "Bundle", "total": 0 if lacking else 1}).encode()
        return parameters(result=False)

    far, server = start(lacks_snomed)
    assert server.validate_code(SNOMED, NEVER).known is None
    assert server.validate_code(SNOMED, ARM).known is None
    assert server.validate_code("http://loinc.org", "1-8").known is False
    assert len(far.asked) - len(far.validations) == 2  # once for each system


def test_after_some_failures_the_server_is_left_alone_and_later_tried_again(start, knows_everything):
    now = [0.0]
    ill = [True]
    far, server = start(
        lambda path, asked: (500, b"") if ill[0] else knows_everything(path, asked),
        patience=Patience(failures=3, pause=30),
        clock=lambda: now[0],
    )
    for code in "abcdefgh":
        assert server.validate_code(SNOMED, code).known is None
    assert len(far.asked) == 3
    now[0] = 31
    assert server.validate_code(SNOMED, DIABETES).known is None
    assert server.validate_code(SNOMED, DIABETES).known is None
    assert len(far.asked) == 4
    ill[0] = False
    now[0] = 92
    assert server.validate_code(SNOMED, DIABETES).known is True
    assert server.validate_code(SNOMED, ARM).known is True
    assert server.trouble() is None


def test_a_server_that_is_always_late_is_left_alone_too(start, knows_everything):
    def late(path: str, asked: JsonObject) -> bytes:
        time.sleep(0.15)
        return knows_everything(path, asked)

    far, server = start(late, limits=Limits(total=2, slow=0.1), patience=Patience(failures=2, pause=60))
    answers = [server.validate_code(SNOMED, code).known for code in (DIABETES, ARM, "44054006", "22298006")]
    assert answers == [True, True, None, None]
    assert len(far.asked) == 2


@pytest.mark.parametrize("code", ["", " ", "\ud800", "a" * 100_000, "\x00", "日本"], ids=ascii)
def test_no_code_breaks_the_question(start, code: str):
    _, server = start()
    parts: list[JsonObject] = [
        {"system": SNOMED, "filter": [{"property": "concept", "op": "is-a", "value": code}]},
        {"system": "http://x", "filter": [{"property": "p", "op": "=", "value": 10**30}]},
        {"system": "http://x", "filter": [{"property": code, "op": code, "value": code}]},
    ]
    for part in parts:
        assert server.selects(part, code) is not True
    assert server.validate_code(SNOMED, code).known is not True
    assert server.contains(code, code, code) is not True


def test_nobody_at_the_address_is_could_not_tell():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = TerminologyServer(f"http://127.0.0.1:{port}/fhir", limits=QUICK)
    assert server.validate_code(SNOMED, DIABETES).known is None
    assert server.trouble() is not None
    server.close()
