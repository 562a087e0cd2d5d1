"""HL7 v2 messages: paths as HL7 people write them, both ways."""

from __future__ import annotations

import pytest

from interop.mapping.paths import PathError, Where, read_hl7_path

HEAD = "mapping: home/test\nsource: {format: hl7v2, zone: Europe/London}\n"
GROUPS = """
bundle: {type: message-event, event: [MSH-9.1, MSH-9.2], time: EVN-2}
backwards: {MSH-9.1: ADT, MSH-9.2: A01}
groups:
  - group: patient
    create: Patient
    rules:
      - {value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}
      - {source: "PID-3[5=NH].1", target: "identifier[nhs].value", transform: nhs-number}
      - {source: PID-5.1, target: name.family}
      - {source: PID-7, target: birthDate, transform: {date: hl7}}
      - for: PID-13
        target: telecom
        rules:
          - {value: phone, target: system}
          - {source: "1", target: value}
  - group: next-of-kin
    create: RelatedPerson
    for: NK1
    rules:
      - {source: "2.1", target: name.family}
      - {source: /PID-5.1, target: "name.extension[of].valueString", reverse: false}
      - {value: "https://interop.example/of", target: "name.extension[of].url"}
      - {reference: patient, target: patient}
"""
MESSAGE = (
    "MSH|^~\\&|A|B|C|D|20261114031500||ADT^A01|1|P|2.4\rEVN|A01|20261114031200\r"
    'PID|||H1^^^X^MR~9990000018^^^^NH||ASHWORTH^EDITH||19380814|||||""|01632960101~07700900123\r'
    "NK1|1|BELL^MARGARET\rNK1|2|ASH^PETER\rPV1||I\r"
)


@pytest.fixture
def compiled(mapping):
    return mapping(GROUPS, head=HEAD)


def message(compiled, text, now):
    (record,) = compiled.read({"a.hl7": text.encode()}).records
    return compiled.apply(record, now=now)


def test_a_message_becomes_resources_an_event_and_a_time(compiled, now):
    found = message(compiled, MESSAGE, now)
    patient, *kin = (e.resource for e in found.resources)
    assert patient["identifier"] == [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}]
    assert patient["name"] == [{"family": "ASHWORTH"}]
    assert [t["value"] for t in patient["telecom"]] == ["01632960101", "07700900123"]
    assert [k["name"][0]["family"] for k in kin] == ["BELL", "ASH"]
    assert found.event == "ADT^A01"
    assert found.bundle()["timestamp"] == "2026-11-14T03:12:00+00:00"


def test_a_selector_that_finds_no_repetition_finds_nothing(compiled, now):
    found = message(compiled, MESSAGE.replace("^NH", "^PI"), now)
    assert "identifier" not in found.resources[0].resource
    assert not [i for i in found.issues if i.severity == "error"]


def test_findings_name_the_field_and_component(compiled, now):
    found = message(compiled, MESSAGE.replace("9990000018", "9990000019").replace("19380814", "19380230"), now)
    told = {(i.code, str(i.source), i.value) for i in found.issues if i.severity == "error"}
    assert told == {
        ("nhs-number-check-digit", "a.hl7 PID-3[2].1", "9990000019"),
        ("date-impossible", "a.hl7 PID-7.1", "19380230"),
    }


def test_the_way_back_is_a_message_again(compiled, now):
    back = compiled.reverse(message(compiled, MESSAGE, now).bundle())
    text = back.files["records.hl7"].decode()
    again = message(compiled, text, now)
    ours = [e.resource | {"id": ""} for e in again.resources if e.type == "Patient"]
    assert ours == [e.resource | {"id": ""} for e in message(compiled, MESSAGE, now).resources if e.type == "Patient"]
    assert [e.resource["name"][0]["family"] for e in again.resources[1:]] == ["BELL", "ASH"]


@pytest.mark.parametrize(
    ("text", "row", "steps"),
    [
        ("PID-5", "record", ("PID", 0, "5", 0, 0, 0)),
        ("PID-5.2.3", "record", ("PID", 0, "5", 0, 1, 2)),
        ("PID-3[2].4", "record", ("PID", 0, "3", 1, 3, 0)),
        ("OBX[2]-5", "record", ("OBX", 1, "5", 0, 0, 0)),
        ("3.1", "segment", ("3", 0, 0, 0)),
        ("4.2", "repetition", (3, 1)),
    ],
)
def test_paths_count_from_one_as_hl7_does(text, row, steps):
    assert read_hl7_path(text, row).steps == steps


def test_a_repetition_or_segment_is_chosen_by_a_value():
    assert read_hl7_path("PID-3[5=NH].1").steps == ("PID", 0, "3", Where((4, 0), "NH"), 0, 0)
    assert read_hl7_path("OBX[3=8867-4]-5").steps[1] == Where(("3", 0, 0, 0), "8867-4")


@pytest.mark.parametrize(
    ("text", "row"), [("PID", "record"), ("PID.5", "record"), ("PID-3", "repetition"), ("x", "segment")]
)
def test_a_path_that_is_none_says_how_one_looks(text, row):
    with pytest.raises(PathError, match=r"as in|wanted"):
        read_hl7_path(text, row)
