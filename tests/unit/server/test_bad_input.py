"""Whatever arrives: a stated status, an OperationOutcome that says what to change, never a 500."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from fastapi.testclient import TestClient

from interop.node import Node
from interop.server import examples

MESSAGE = "/fhir/$process-message"


def message(**changes: Any) -> dict[str, Any]:
    """A small message from the care home to the hospital; ``changes`` replace members of the Bundle."""
    return {**deepcopy(examples.MESSAGE), **changes}


def told(response: Any) -> str:
    body = response.json()
    assert body["resourceType"] == "OperationOutcome", body
    return " ".join(issue.get("diagnostics", "") for issue in body["issue"])


DEEP = b'{"resourceType":"Bundle","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
XML_BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Bundle xmlns="http://hl7.org/fhir">&b;</Bundle>'


@pytest.mark.parametrize(
    ("body", "content_type", "status", "words"),
    [
        (b'{"resourceType":"Bundle",', "application/fhir+json", 400, "line 1 column"),
        (b"", "application/fhir+json", 400, "not JSON"),
        (b"[]", "application/fhir+json", 400, "resourceType"),
        (b'{"resourceType":7}', "application/fhir+json", 400, "resourceType"),
        (DEEP, "application/fhir+json", 400, "200 levels"),
        (b'{"a":1,"a":2}', "application/fhir+json", 400, "stands twice"),
        (b"\xff\xfe{}", "application/fhir+json", 400, "UTF-8"),
        (b"hello", "text/plain", 415, "application/fhir+json"),
        (b"hello", "", 415, "application/fhir+json"),
        (XML_BOMB, "application/fhir+xml", 400, "DOCTYPE"),
        (b"<Bundle", "application/fhir+xml", 400, ""),
        (b'{"resourceType":"Patient"}', "application/fhir+json", 400, "neither a message"),
        (b'{"resourceType":"Bundle","type":"message","entry":"x"}', "application/fhir+json", 400, "neither"),
        (
            b'{"resourceType":"Bundle","type":"message","entry":[null,7,{"resource":3}]}',
            "application/fhir+json",
            400,
            "",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason(
    http: TestClient, as_partner: dict[str, str], body: bytes, content_type: str, status: int, words: str
) -> None:
    response = http.post(MESSAGE, content=body, headers={**as_partner, "Content-Type": content_type})
    assert response.status_code == status, response.text
    assert words.lower() in told(response).lower()


def test_thirty_megabytes_are_refused_before_they_are_read(http: TestClient, as_partner: dict[str, str]) -> None:
    response = http.post(MESSAGE, content=b" " * (30 * 2**20), headers=as_partner)
    assert response.status_code == 413
    assert "20 MB" in told(response)


def test_a_stream_that_hides_its_length_is_cut_off_too(http: TestClient, as_partner: dict[str, str]) -> None:
    response = http.post(MESSAGE, content=(b" " * 2**20 for _ in range(30)), headers=as_partner)
    assert response.status_code == 413


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}])
@pytest.mark.parametrize("path", [MESSAGE, "/fhir/Bundle", "/fhir/Patient/$validate", "/map/care-home/red-bag"])
def test_a_wrong_token_opens_nothing(http: TestClient, header: dict[str, str], path: str) -> None:
    response = http.post(path, content=b"{}", headers=header)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert "token" in told(response)


def test_a_token_speaks_for_its_own_organisation_only(http: TestClient, as_partner: dict[str, str]) -> None:
    forged = json.dumps(message()).replace("VNX01", "Y99901")
    response = http.post(MESSAGE, content=forged, headers=as_partner)
    assert response.status_code == 403
    assert "VNX01" in told(response)
    assert "Y99901" in told(response)


def test_a_partner_may_send_but_not_look(http: TestClient, as_partner: dict[str, str]) -> None:
    response = http.get("/messages", headers=as_partner)
    assert response.status_code == 403


def test_an_unknown_receiver_is_named_with_those_we_know(http: TestClient, as_partner: dict[str, str]) -> None:
    elsewhere = json.dumps(message()).replace("RXE99", "ZZZ99")
    response = http.post(MESSAGE, content=elsewhere, headers=as_partner)
    assert response.status_code == 422
    assert "ZZZ99" in told(response)
    assert "RXE99" in told(response)


def test_a_message_without_an_identifier_is_refused(http: TestClient, as_partner: dict[str, str]) -> None:
    bundle = message()
    del bundle["identifier"]
    response = http.post(MESSAGE, json=bundle, headers=as_partner)
    assert response.status_code == 400
    assert "identifier" in told(response)


def test_a_duplicate_gets_the_first_receipt_and_other_bytes_an_alarm(
    http: TestClient, node: Node, as_partner: dict[str, str]
) -> None:
    body = json.dumps(message()).encode()
    first = http.post(MESSAGE, content=body, headers=as_partner)
    again = http.post(MESSAGE, content=body, headers=as_partner)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.content == again.content
    other = http.post(MESSAGE, content=body.replace(b"Transfer summary", b"Another summary"), headers=as_partner)
    assert other.status_code == 409
    assert "alarm" in told(other)
    (item,) = [i for i in node.inbox.items("RXE99") if i.identifier == examples.MESSAGE["identifier"]["value"]]
    assert item.body == body
    assert item.duplicates == 1
    assert "identifier-conflict" in [a.alarm.code for a in node.alarms.standing("RXE99")]


def test_a_wrong_nhs_number_is_kept_judged_and_answered(
    http: TestClient, node: Node, as_partner: dict[str, str]
) -> None:
    bundle = message(identifier={"system": "https://tools.ietf.org/html/rfc4122", "value": "wrong-number"})
    patient = {**examples.PATIENT, "identifier": [{**examples.PATIENT["identifier"][0], "value": "9990000019"}]}
    bundle["entry"][1]["resource"]["entry"].append({"fullUrl": "urn:uuid:0f1e", "resource": patient})
    body = json.dumps(bundle).encode()
    assert http.post(MESSAGE, content=body, headers=as_partner).status_code == 202
    (item,) = [i for i in node.inbox.items("RXE99") if i.identifier == "wrong-number"]
    assert item.body == body


def test_a_resource_is_checked_where_it_is_asked_for(http: TestClient, as_partner: dict[str, str]) -> None:
    patient = {**examples.PATIENT, "identifier": [{**examples.PATIENT["identifier"][0], "value": "9990000019"}]}
    response = http.post("/fhir/Patient/$validate", json=patient, headers=as_partner)
    assert response.status_code == 200
    assert "check digit" in told(response)
    other = http.post("/fhir/Observation/$validate", json=patient, headers=as_partner)
    assert "found Patient" in told(other)
    odd = http.post("/fhir/Nonsense/$validate", json={"resourceType": "Nonsense"}, headers=as_partner)
    assert odd.status_code == 200
    assert "Nonsense" in told(odd)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/messages/nothing", 404),
        ("/messages/nothing/content", 404),
        ("/messages/nothing/page", 404),
        ("/messages?direction=up", 422),
        ("/nowhere", 404),
        ("/messages/" + "x" * 65, 422),
    ],
)
def test_what_is_not_there_is_said_in_fhir_too(
    http: TestClient, as_operator: dict[str, str], path: str, status: int
) -> None:
    response = http.get(path, headers=as_operator)
    assert response.status_code == status
    told(response)


@pytest.mark.parametrize(
    ("path", "files", "status", "words"),
    [
        ("/messages?mapping=care-home/redbag", {"a.csv": b"x"}, 404, "did you mean"),
        ("/messages?mapping=care-home/red-bag&to=ZZZ99", {"a.csv": b"x"}, 422, "ZZZ99"),
        ("/messages?mapping=care-home/red-bag", {}, 400, "no file"),
        ("/messages", {"a.csv": b"x"}, 422, "mapping"),
        ("/map/../../etc/passwd", {"a.csv": b"x"}, 404, ""),
    ],
)
def test_an_order_that_cannot_be_carried_out_says_why(
    http: TestClient, as_operator: dict[str, str], path: str, files: dict[str, bytes], status: int, words: str
) -> None:
    response = http.post(path, files=[("files", (n, b)) for n, b in files.items()] or None, headers=as_operator)
    assert response.status_code == status, response.text
    assert words in told(response)


def test_two_files_of_one_name_are_refused(http: TestClient, as_operator: dict[str, str]) -> None:
    twice = [("files", ("a.csv", b"1")), ("files", ("a.csv", b"2"))]
    response = http.post("/messages?mapping=care-home/red-bag", files=twice, headers=as_operator)
    assert response.status_code == 400
    assert "a.csv" in told(response)
