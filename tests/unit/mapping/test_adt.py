"""HL7 v2 ADT of the six events: to Encounter and back field by field, odd content kept, bad messages told."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from interop.mapping import load
from interop.models import parse_fault
from interop.sources.hl7v2_source import hl7_path

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests" / "cases" / "hospital"
MESSAGE = (CASES / "adt-a03.hl7").read_text()
TOLD = YAML(typ="safe", pure=True).load((CASES / "adt.yaml").read_text())
STATUS = {"A01": "in-progress", "A02": "in-progress", "A03": "finished", "A08": "in-progress", "A11": "cancelled"}


@pytest.fixture(scope="module")
def adt():
    return load(ROOT / "mappings" / "hospital" / "adt.yaml")


def as_event(event):
    """The message as another event; only a discharge has the fields of the discharge."""
    lines = MESSAGE.replace("A03", event).splitlines()
    if event != "A03":
        number = next(n for n, line in enumerate(lines) if line.startswith("PV1"))
        fields = lines[number].split("|")
        for place in TOLD["only-when-discharged"]:
            fields[int(place[4:6])] = ""
        lines[number] = "|".join(fields)
    return "\r".join(lines) + "\r"


def mapped(adt, text, now):
    (record,) = adt.read({"message.hl7": text.encode()})
    return record, adt.apply(record, now=now)


def fields(tree):
    """Every value by its HL7 path."""
    found = {}

    def walk(node, path):
        if isinstance(node, list):
            for number, child in enumerate(node):
                walk(child, (*path, number))
        elif isinstance(node, dict):
            for name, child in node.items():
                walk(child, (*path, name))
        elif node:
            found[hl7_path(path)] = node

    walk({name: node for name, node in tree.items() if name != "segments"}, ())
    return found


def one(bundle, kind):
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)


@pytest.mark.parametrize("event", TOLD["events"])
def test_an_event_comes_back_field_by_field(adt, event, now):
    record, made = mapped(adt, as_event(event), now)
    assert not [str(issue) for issue in made.issues if issue.severity in ("error", "fatal")]
    back = adt.reverse(made.bundle())
    (again,) = adt.read(back.files)
    before, after = fields(record.tree), fields(again.tree)
    lost = {path for path, value in before.items() if after.get(path) != value}
    assert lost <= set(TOLD["lost"])
    assert {path for path in after if path not in before} == set()


def test_the_fields_called_lost_are_lost(adt, now):
    record, made = mapped(adt, as_event("A03"), now)
    (again,) = adt.read(adt.reverse(made.bundle()).files)
    before, after = fields(record.tree), fields(again.tree)
    assert [path for path in TOLD["lost"] if after.get(path) == before.get(path)] == []


@pytest.mark.parametrize("event", TOLD["events"])
def test_an_event_says_how_the_stay_stands(adt, event, now):
    _, made = mapped(adt, as_event(event), now)
    encounter = one(made.bundle(), "Encounter")
    assert encounter["status"] == STATUS.get(event, "in-progress")
    assert [tag["code"] for tag in encounter["meta"]["tag"]] == [event]
    assert made.event == f"ADT^{event}"


def test_the_message_itself_travels_with_its_z_segments(adt, now):
    _, made = mapped(adt, as_event("A03"), now)
    attachment = one(made.bundle(), "DocumentReference")["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]).decode() == as_event("A03")


def test_a_field_nobody_reads_is_named(adt, now):
    _, made = mapped(adt, as_event("A03"), now)
    unread = {str(i.source).removeprefix("message.hl7 ") for i in made.issues if i.code == "source-field-unread"}
    assert unread == {"ZRB-1.1", "ZRB-2.1", "ZRB-3.1"}


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Encounter", ("serviceType", "coding", 0, "system"), "https://fhir.hl7.org.uk/CodeSystem/UKCore-PracticeSettingCodeEngland"),
        ("Encounter", ("hospitalization", "admitSource", "coding", 0, "code"), "85"),
        ("Encounter", ("diagnosis", 0, "use", "coding", 0, "code"), "AD"),
        ("Encounter", ("location", 1, "location", "display"), "AMU, BAY 1, 02"),
        ("Patient", ("extension", 1, "valueCodeableConcept", "coding", 0, "display"), "White - British"),
        ("Patient", ("maritalStatus", "coding", 1, "code"), "W"),
        ("RelatedPerson", ("relationship", 0, "coding", 0, "code"), "DAUC"),
        ("AllergyIntolerance", ("reaction", 0, "severity"), "severe"),
        ("Observation", ("valueQuantity", "unit"), "mmol/L"),
        ("PractitionerRole", ("practitioner", "display"), "DR ADA OKORO"),
    ],
)  # fmt: skip
def test_what_british_feeds_say_is_coded(adt, now, kind, path, value):
    _, made = mapped(adt, as_event("A03"), now)
    node = one(made.bundle(), kind)
    for step in path:
        node = node[step]
    assert node == value


def test_codes_from_abroad_keep_their_words_only(adt, now):
    _, made = mapped(adt, as_event("A03").replace("|GBR|UNICODE", "|USA|UNICODE"), now)
    encounter = one(made.bundle(), "Encounter")
    assert encounter["hospitalization"]["admitSource"] == {"text": "85"}
    assert "system" not in one(made.bundle(), "Organization")["identifier"][0]
    assert not [i for i in made.issues if i.code == "code-unmapped"]


def test_it_parses_as_r4b(adt, now):
    _, made = mapped(adt, as_event("A03"), now)
    assert parse_fault(made.bundle()) is None


@pytest.mark.parametrize("bad", TOLD["bad"], ids=lambda bad: bad["case"])
def test_a_bad_message_is_told(adt, bad, now):
    text = MESSAGE.replace("\n", "\r")
    if "replace" in bad:
        assert bad["replace"] in text
        text = text.replace(bad["replace"], bad["by"])
    reading = adt.read({"message.hl7": text[: bad.get("cut")].encode()})
    records = list(reading)
    told = [*reading.issues, *(issue for record in records for issue in adt.apply(record, now=now).issues)]
    assert len(records) == bad["records"]
    issue = next(issue for issue in told if issue.code == bad["code"])
    assert issue.severity == bad.get("severity", issue.severity)
    assert issue.source is not None
