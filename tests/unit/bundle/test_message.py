"""Messages: the envelope we write, the answers we give, and the envelopes other people write."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop import json_codec
from interop.bundle import Envelope, Handling, Party, response, wrap
from interop.definitions import Definitions
from interop.errors import ContentError
from interop.models import parse_fault
from interop.outcome import Issue
from interop.xml_codec import decode

SHARED = Path(__file__).parents[3].parent / "shared/real-inputs"
NOON = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
ROSEWOOD, HOSPITAL, GP = Party("VNX01", "Rosewood House"), Party("RXE99"), Party("Y99901")
MESSAGE_ID, ANSWER_ID = "0bcb5098-ce5a-4a85-a547-2574f90310e4", "b1f370b6-fc5b-40a1-9721-2a942e301f65"
DOCUMENT = {
    "resourceType": "Bundle",
    "identifier": {"system": "https://tools.ietf.org/html/rfc4122", "value": "doc-1"},
    "type": "document",
    "timestamp": "2026-11-14T12:00:00+00:00",
    "entry": [{"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Composition"}}],
}


def message(**changes):
    return wrap(
        DOCUMENT,
        **{
            "event": "transfer-summary",
            "sender": ROSEWOOD,
            "destinations": [HOSPITAL, GP],
            "identifier": MESSAGE_ID,
            "timestamp": NOON,
            **changes,
        },
    )


def answer(**changes):
    given = {"code": "ok", "itk_code": "30001", "sender": HOSPITAL, "identifier": ANSWER_ID, "timestamp": NOON}
    return response(message(), **given | changes)


def test_what_we_write_we_read():
    read = Envelope.read(message(handling=Handling(sender_reference="RH-014/3")))
    assert read == Envelope(
        identifier=MESSAGE_ID,
        header_id=MESSAGE_ID,
        sender_ods="VNX01",
        destination_ods=("RXE99", "Y99901"),
        event="transfer-summary",
        document=DOCUMENT,
        focus=(DOCUMENT,),
        business_ack=True,
        infrastructure_ack=True,
        sender_reference="RH-014/3",
    )


def test_the_header_stands_first_and_says_where_every_copy_goes():
    made = message()
    header = made["entry"][0]["resource"]
    assert made["type"] == "message"
    assert [d["endpoint"] for d in header["destination"]] == [
        "urn:nhs-uk:addressing:ods:RXE99",
        "urn:nhs-uk:addressing:ods:Y99901",
    ]
    assert header["destination"][1]["receiver"]["identifier"]["value"] == "Y99901"
    assert header["source"] == {"name": "Rosewood House", "endpoint": "urn:nhs-uk:addressing:ods:VNX01"}
    assert header["focus"][0]["reference"] == made["entry"][1]["fullUrl"]
    assert made["entry"][1]["resource"] is DOCUMENT


def test_an_answer_goes_back_to_the_sender_names_the_message_and_asks_for_nothing():
    read = Envelope.read(answer())
    assert read.destination_ods == ("VNX01",)
    assert read.sender_ods == "RXE99"
    assert read.event == "response"
    assert read.response is not None
    assert (read.response.identifier, read.response.code) == (MESSAGE_ID, "ok")
    assert read.response.itk_codes == ("30001",)
    assert (read.business_ack, read.infrastructure_ack, read.document) == (False, False, None)


def test_an_answer_repeats_the_senders_own_reference():
    asked = message(handling=Handling(sender_reference="RH-014/3"))
    given = response(asked, code="ok", itk_code="20013", sender=GP, identifier=ANSWER_ID, timestamp=NOON)
    assert Envelope.read(given).sender_reference == "RH-014/3"


def test_a_refusal_carries_its_findings():
    found = Issue("cardinality", "found 0, profile asks for 1..1", "Patient.identifier")
    read = Envelope.read(answer(code="fatal-error", itk_code="20009", issues=[found]))
    assert read.response is not None
    assert read.response.outcome is not None
    assert [issue["severity"] for issue in read.response.outcome["issue"]] == ["error", "error"]
    assert read.response.outcome["issue"][0]["details"]["coding"][0]["display"] == "Payload validation failure"
    assert read.response.outcome["issue"][1]["expression"] == ["Patient.identifier"]


def test_a_message_without_a_sender_cannot_be_answered():
    nameless = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MessageHeader"}}]}
    with pytest.raises(ValueError, match="names no sender"):
        response(nameless, code="ok", itk_code="20013", sender=GP, identifier=ANSWER_ID, timestamp=NOON)


@pytest.mark.parametrize("made", [message(), answer()], ids=["message", "answer"])
def test_an_independent_model_takes_what_we_write(made):
    entries = [item for item in made["entry"] if item["resource"] is not DOCUMENT]
    assert parse_fault(made | {"entry": entries}) is None


ORGANISATION = {
    "resourceType": "Organization",
    "identifier": [{"system": "http://fhir.nhs.net/Id/ods-site-code", "value": "rye"}],
}
ROLE = {"resourceType": "PractitionerRole", "organization": {"reference": "urn:uuid:org"}}


@pytest.mark.parametrize(
    "sender",
    [
        {"sender": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RYE"}}},
        {"sender": {"identifier": {"system": "https://fhir.nhs.uk/id/ods-organisation-code", "value": "RYE"}}},
        {"sender": {"reference": "urn:uuid:org"}},
        {"sender": {"reference": "urn:uuid:role"}},
        {"source": {"endpoint": "urn:nhs-uk:addressing:ods:RYE"}},
        {"sender": {"display": "no code"}, "source": {"endpoint": "urn:nhs-uk:addressing:ods:RYE"}},
    ],
)
def test_the_sender_is_found_wherever_a_message_says_it(sender):
    bundle = {
        "resourceType": "Bundle",
        "type": "message",
        "entry": [
            {"resource": {"resourceType": "MessageHeader", **sender}},
            {"fullUrl": "urn:uuid:org", "resource": ORGANISATION},
            {"fullUrl": "urn:uuid:role", "resource": ROLE},
        ],
    }
    assert Envelope.read(bundle).sender_ods == "RYE"


def test_a_role_that_points_at_itself_names_nobody():
    circle = {"resourceType": "PractitionerRole", "organization": {"reference": "urn:uuid:r"}}
    header = {"resourceType": "MessageHeader", "sender": {"reference": "urn:uuid:r"}}
    bundle = {"entry": [{"resource": header}, {"fullUrl": "urn:uuid:r", "resource": circle}]}
    assert Envelope.read(bundle).sender_ods is None


def test_entries_round_a_composition_are_a_document():
    bundle = {
        "resourceType": "Bundle",
        "type": "message",
        "entry": [
            {"resource": {"resourceType": "MessageHeader", "focus": [{"reference": "urn:uuid:c"}]}},
            {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient"}},
            {"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Composition", "identifier": {"value": "d"}}},
        ],
    }
    document = Envelope.read(bundle).document
    assert document is not None
    assert document["type"] == "document"
    assert document["identifier"] == {"value": "d"}
    assert [item["resource"]["resourceType"] for item in document["entry"]] == ["Composition", "Patient"]


def test_a_bare_document_is_its_own_envelope():
    composition = {"resourceType": "Composition", "custodian": {"reference": "urn:uuid:org"}}
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "id": "b",
        "entry": [{"resource": composition}, {"fullUrl": "urn:uuid:org", "resource": ORGANISATION}],
    }
    read = Envelope.read(bundle)
    assert (read.identifier, read.sender_ods, read.event, read.document, read.issues) == ("b", "RYE", None, bundle, ())


def test_what_an_envelope_should_say_and_does_not_is_a_finding():
    bare = {"resourceType": "Bundle", "type": "message", "entry": [{"resource": {"resourceType": "MessageHeader"}}]}
    assert [f"{i.code} {i.expression}" for i in Envelope.read(bare).issues] == [
        "envelope-identifier Bundle.identifier",
        "envelope-sender Bundle.entry[0].resource.sender",
        "envelope-destination Bundle.entry[0].resource.destination",
    ]


@pytest.mark.parametrize("thing", [{}, {"resourceType": "Patient"}, {"resourceType": "Bundle", "type": "collection"}])
def test_what_is_neither_message_nor_document_is_refused(thing):
    with pytest.raises(ContentError) as refused:
        Envelope.read(thing)
    assert refused.value.code == "not-a-message"


@pytest.mark.parametrize(
    "header",
    [
        {"sender": 7, "destination": "x", "focus": {"reference": 3}, "eventCoding": [], "response": []},
        {"destination": [None, {"receiver": []}], "extension": [{"url": "x"}, None], "source": "y"},
        {"focus": [{"reference": "urn:uuid:d"}], "response": {"details": {"reference": "urn:uuid:d"}}},
    ],
)
def test_an_envelope_full_of_nonsense_is_read_without_a_crash(header):
    broken = {"resourceType": "DocumentReference", "content": [{"attachment": {"url": 3, "data": "%%%"}}], "issue": 4}
    bundle = {
        "entry": [
            {"resource": {"resourceType": "MessageHeader", **header}},
            {"fullUrl": "urn:uuid:d", "resource": broken},
        ]
    }
    assert Envelope.read(bundle).sender_ods is None


@pytest.mark.skipif(not SHARED.exists(), reason="published messages are not at hand")
@pytest.mark.parametrize(
    ("file", "sender", "receivers", "event", "focus"),
    [
        ("r4/document-message-TOC.json", "RR8", ("GP123456",), "document", "DocumentReference"),
        ("r4/Bundle-message-encounter.json", "V99998", ("Y9062",), "encounter", "Encounter"),
        ("r4/Bundle-message-patient.json", "Z54321", (), "patient", "Patient"),
        ("bars/REFREQ01-111-to-ED.xml", "RND", ("RYE",), "servicerequest-request", "ServiceRequest"),
        ("bars/REFREQ02-999-to-CAS.xml", "RND", (), "servicerequest-request", "ServiceRequest"),
    ],
)
def test_published_messages_say_from_whom_to_whom_and_what(file, sender, receivers, event, focus):
    data = (SHARED / file).read_bytes()
    bundle = decode(data, Definitions.core()) if file.endswith("xml") else json_codec.loads(data)
    read = Envelope.read(bundle)
    assert (read.sender_ods, read.destination_ods, read.event) == (sender, receivers, event)
    assert [resource["resourceType"] for resource in read.focus] == [focus]


@pytest.mark.skipif(not SHARED.exists(), reason="published messages are not at hand")
def test_a_document_that_travels_as_bytes_is_handed_out_as_bytes():
    read = Envelope.read(json_codec.loads((SHARED / "r4/document-message-TOC.json").read_bytes()))
    assert [a.content_type for a in read.attachments] == ["application/fhir+xml; fhirVersion=3.0"]
    assert decode(read.attachments[0].data, Definitions.core())["type"] == "document"
