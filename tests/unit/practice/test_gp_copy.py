"""The copy for the GP practice: who it finds, what it asks, and that its page says what its data say."""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop.bundle import Envelope
from interop.catalogue import Catalogue
from interop.cli.main import app
from interop.errors import ContentError
from interop.json_codec import JsonObject, dumps
from interop.narrative import page as page_of
from interop.practice.gp_copy import GpCopy, Page, gp_copy, gp_copy_issues, routing_key
from interop.reading import Document
from interop.translator import Translator

EXAMPLES = Path(__file__).parents[3] / "examples"
NOW = datetime(2026, 11, 19, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


@cache
def _discharge() -> JsonObject:
    path = EXAMPLES / "discharge" / "edith-ashworth-v2.json"
    (found,) = translator().translate("hospital/discharge", {path.name: path.read_bytes()}, now=NOW)
    assert found.bundle is not None
    return found.bundle


def discharge() -> JsonObject:
    return copy.deepcopy(_discharge())


def html(document: JsonObject) -> Page:
    return Page("text/html", page_of(document).encode())


def made(document: JsonObject | None = None) -> GpCopy:
    given = document or discharge()
    return gp_copy(given, html(given), event="discharge-summary")


def patient(document: JsonObject) -> JsonObject:
    found: JsonObject = next(e["resource"] for e in document["entry"] if e["resource"]["resourceType"] == "Patient")
    return found


def test_the_routing_key_is_made_of_what_the_patient_resource_says() -> None:
    assert routing_key(Document.of(discharge())) == "GPPROVIDER_9990000018_14081938_Ashworth"


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"birthDate": "1938"}, "whole birth date"),
        ({"name": [{"text": "Edith Ashworth"}]}, "surname"),
        ({"identifier": []}, "NHS number"),
        ({"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000019"}]}, "NHS number"),
    ],
    ids=["year alone", "no surname", "no number", "wrong check digit"],
)
def test_a_key_that_is_nearly_right_is_not_made(change: JsonObject, gap: str) -> None:
    document = discharge()
    patient(document).update(change)
    with pytest.raises(ContentError, match=gap):
        made(document)


def test_a_document_that_names_no_practice_has_no_copy() -> None:
    document = discharge()
    del patient(document)["generalPractitioner"]
    with pytest.raises(ContentError, match="GP practice"):
        made(document)


def test_the_message_asks_for_both_answers_and_goes_to_the_practice() -> None:
    envelope = Envelope.read(made().message)
    assert (envelope.sender_ods, envelope.destination_ods) == ("RXE99", ("Y99901",))
    assert (envelope.business_ack, envelope.infrastructure_ack) == (True, True)
    assert envelope.event == "discharge-summary"
    assert envelope.issues == ()


def test_document_and_page_travel_side_by_side() -> None:
    envelope = Envelope.read(made().message)
    assert envelope.document == discharge()
    (attached,) = envelope.attachments
    assert (attached.content_type, attached.data) == ("text/html", page_of(discharge()).encode())


def test_it_is_for_action_where_the_practice_is_asked_for_something() -> None:
    assert made().for_action
    document = discharge()
    for entry in document["entry"]:
        if entry["resource"]["resourceType"] == "CarePlan":
            entry["resource"]["activity"] = entry["resource"]["activity"][2:]
    assert not made(document).for_action


def test_the_same_document_gives_the_same_message() -> None:
    assert dumps(made().message) == dumps(made().message)


def test_nothing_of_the_person_stands_in_the_local_id_or_a_file_name() -> None:
    headers = made().headers()
    for word in ("9990000018", "Ashworth", "1938"):
        assert word not in headers["Mex-LocalID"] + headers["Mex-FileName"] + headers["Mex-WorkflowID"]


def test_the_message_is_valid() -> None:
    outcome = translator().judge(made().message)
    assert [str(issue) for issue in outcome if issue.severity != "information"] == []


def codes(message: JsonObject) -> list[str]:
    return [issue.code for issue in gp_copy_issues(message, html(discharge()))]


def test_an_untouched_copy_has_no_findings() -> None:
    assert codes(made().message) == []


def test_a_page_changed_on_the_way_is_found_by_hash_and_by_content() -> None:
    message = copy.deepcopy(made().message)
    binary = message["entry"][3]["resource"]
    changed = b64decode(binary["data"]).replace(b"5 mg, by mouth", b"9 mg, by mouth")
    binary["data"] = b64encode(changed).decode()
    assert codes(message) == ["gp-copy-attachment", "gp-copy-differs"]


def test_a_page_cut_short_is_found_by_its_size() -> None:
    message = copy.deepcopy(made().message)
    binary = message["entry"][3]["resource"]
    binary["data"] = b64encode(b64decode(binary["data"])[:-20]).decode()
    assert codes(message)[:1] == ["gp-copy-attachment"]


def test_data_changed_under_the_page_are_found() -> None:
    message = copy.deepcopy(made().message)
    inside = message["entry"][1]["resource"]
    for entry in inside["entry"]:
        if "dosage" in entry["resource"] and "Amlodipine" in entry["resource"]["medicationCodeableConcept"]["text"]:
            entry["resource"]["dosage"][0]["text"] = "10 mg"
    assert [i.code for i in gp_copy_issues(message, html(inside))] == ["gp-copy-differs"]


@pytest.mark.parametrize("gone", [2, 3], ids=["the reference", "the bytes"])
def test_a_copy_without_its_page_is_incomplete(gone: int) -> None:
    message = copy.deepcopy(made().message)
    del message["entry"][gone]
    assert codes(message)[0] in ("gp-copy-incomplete", "gp-copy-attachment")


def test_the_command_writes_message_page_and_headers(tmp_path: Path) -> None:
    document = tmp_path / "discharge.json"
    document.write_bytes(dumps(discharge()))
    result = CliRunner().invoke(app, ["care", "gp-copy", str(document), "--out", str(tmp_path / "gp")])
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "gp").iterdir()} == {"message.json", "page.html", "mesh.json"}
    headers = json.loads((tmp_path / "gp" / "mesh.json").read_text())
    assert headers["Mex-To"] == "GPPROVIDER_9990000018_14081938_Ashworth"
    checked = CliRunner().invoke(app, ["care", "gp-copy", "--check", str(tmp_path / "gp" / "message.json")])
    assert checked.exit_code == 0, checked.output
