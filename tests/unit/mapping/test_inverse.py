"""A mapping run backwards: the law local -> FHIR -> local, and Bundles that others made."""

from __future__ import annotations

import copy
import csv
import io
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LAW = """
groups:
  - group: patient
    create: Patient
    rules:
      - {value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}
      - {source: resident.NHS, target: "identifier[nhs].value", transform: nhs-number}
      - {value: https://interop.example/Id/resident-id, target: "identifier[home].system"}
      - {source: resident.ID, target: "identifier[home].value"}
      - {value: official, target: "name[official].use"}
      - {source: resident.Name, target: "name[official].family"}
      - {value: nickname, target: "name[nick].use"}
      - {source: resident.Nickname, target: "name[nick].text"}
      - {source: resident.Sex, target: gender, translate: codes/sex}
      - {source: resident.DOB, target: birthDate, transform: {date: [dd/MM/yyyy, MM/yyyy]}}
      - {source: [resident.Street, resident.Town], target: address.text, transform: {join: ", "}}
      - {reference: gp, target: "generalPractitioner[gp]"}
      - {reference: nurse, target: "generalPractitioner[nurse]"}
  - group: gp
    create: Practitioner
    rules: [{source: resident.GP, target: name.text}]
  - group: nurse
    create: Practitioner
    rules:
      - {source: resident.Nurse, target: name.text}
      - {value: Nurse, target: qualification.code.text, selector: true}
  - group: meds
    create: MedicationStatement
    for: rows
    when: {Kind: Medicine}
    rules:
      - {value: active, target: status}
      - {source: What, target: medicationCodeableConcept.text}
      - {source: [Day, Time], target: effectiveDateTime, transform: [{join: " "}, {datetime: dd/MM/yyyy HH:mm}]}
      - {reference: patient, target: subject}
  - group: systolic
    create: Observation
    for: rows
    when: {Kind: Reading}
    rules:
      - {value: final, target: status}
      - {code: "loinc|8480-6", target: code}
      - {source: Systolic, target: valueQuantity, transform: {quantity: "mm[Hg]"}}
      - {source: Day, target: effectiveDateTime, transform: {date: dd/MM/yyyy}}
      - {reference: pulse, target: "hasMember[pulse]"}
  - group: pulse
    create: Observation
    for: rows
    when: {Kind: Reading}
    rules:
      - {value: final, target: status}
      - {code: "loinc|8867-4", target: code}
      - {source: Pulse, target: valueQuantity, transform: {quantity: /min}}
"""

words = st.text(st.sampled_from("ABCdefgh'é-"), min_size=1, max_size=8)
maybe = st.one_of(st.just(""), words)
days = st.dates(min_value=date(1900, 1, 1)).map(lambda d: d.strftime("%d/%m/") + f"{d.year:04}")
residents = st.fixed_dictionaries({
    "ID": words, "NHS": st.sampled_from(["", "9990000018", "9990000034"]), "Name": words, "Nickname": maybe,
    "Sex": st.sampled_from(["", "F", "M"]), "DOB": st.one_of(st.just(""), days, days.map(lambda d: d[3:])),
    "Street": words, "Town": words, "GP": maybe, "Nurse": maybe,
})  # fmt: skip
medicines = st.fixed_dictionaries(
    {"Kind": st.just("Medicine"), "What": words, "Day": days, "Time": st.sampled_from(["00:15", "13:00"])}
)
readings = st.fixed_dictionaries({
    "Kind": st.just("Reading"), "Day": days,
    "Systolic": st.integers(60, 200).map(str), "Pulse": st.integers(30, 180).map(str),
})  # fmt: skip


def table(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def filled(rows) -> list[dict[str, str]]:
    return sorted(({k: v for k, v in sorted(row.items()) if v} for row in rows), key=str)


@given(resident=residents, rows=st.lists(st.one_of(medicines, readings), max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_went_out_comes_back(mapping, now, resident, rows):
    compiled = _once(mapping)
    joined = [{"ID": resident["ID"]} | row for row in rows]
    reading = compiled.read({"residents.csv": table([resident]), "rows.csv": table(joined or [{"ID": ""}])})
    (record,) = reading.records
    mapped = compiled.apply(record, now=now)
    assert not [i for i in mapped.issues if i.severity in ("error", "fatal")]
    back = compiled.reverse(mapped.bundle())
    assert back.tree["resident"] == {k: v for k, v in resident.items() if v}
    assert filled(back.tree["rows"]) == filled(joined)
    assert [i for i in back.losses if i.severity != "information"] == []
    again = compiled.read(back.files).records[0]
    assert compiled.apply(again, now=now).bundle()["identifier"] == mapped.bundle()["identifier"]


_made: dict[str, object] = {}


def _once(mapping):
    """Compiling is not what the law is about: do it once for all examples."""
    if "law" not in _made:
        _made["law"] = mapping(LAW)
    return _made["law"]


RECORD = {
    "ID": "R1", "NHS": "9990000018", "Name": "Ash", "Nickname": "Edie", "Sex": "F", "DOB": "14/08/1938",
    "Street": "1 Elm Lane", "Town": "Elmbridge", "GP": "Dr Nair", "Nurse": "Ann",
}  # fmt: skip
ROW = {"ID": "R1", "Kind": "Medicine", "What": "Aspirin", "Day": "13/11/2026", "Time": "08:00"}


@pytest.fixture
def compiled(mapping):
    return mapping(LAW)


@pytest.fixture
def bundle(compiled, now):
    (record,) = compiled.read({"residents.csv": table([RECORD]), "rows.csv": table([ROW])}).records
    return copy.deepcopy(compiled.apply(record, now=now).bundle())


def resource(bundle, kind):
    return next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind)


def losses(back):
    return {(i.code, i.expression) for i in back.losses}


def test_two_people_of_one_kind_are_told_apart(compiled, bundle):
    bundle["entry"].reverse()
    tree = compiled.reverse(bundle).tree["resident"]
    assert (tree["GP"], tree["Nurse"]) == ("Dr Nair", "Ann")


def test_extra_content_does_not_disturb_and_is_reported(compiled, bundle):
    patient = resource(bundle, "Patient")
    patient["maritalStatus"] = {"text": "Widowed"}
    patient["identifier"].insert(0, {"system": "https://elsewhere.example/id", "value": "X"})
    bundle["entry"].append(
        {"fullUrl": "urn:uuid:9", "resource": {"resourceType": "Goal", "description": {"text": "Walk"}}}
    )
    back = compiled.reverse(bundle)
    assert back.tree["resident"] == RECORD
    number = bundle["entry"].index(next(e for e in bundle["entry"] if e["resource"] is patient))
    assert losses(back) == {
        ("reverse-value-dropped", f"Bundle.entry[{number}].resource.maritalStatus"),
        ("reverse-value-dropped", f"Bundle.entry[{number}].resource.identifier[0]"),
        ("reverse-resource-dropped", f"Bundle.entry[{len(bundle['entry']) - 1}].resource"),
    }


def test_a_name_without_use_is_taken_for_the_official_one_but_an_old_one_is_not(compiled, bundle):
    patient = resource(bundle, "Patient")
    patient["name"] = [{"use": "old", "family": "Maiden"}, {"family": "Ash"}]
    assert compiled.reverse(bundle).tree["resident"]["Name"] == "Ash"


def test_an_identifier_under_another_system_is_never_taken_for_an_nhs_number(compiled, bundle):
    resource(bundle, "Patient")["identifier"] = [{"system": "https://elsewhere.example/id", "value": "9990000018"}]
    assert "NHS" not in compiled.reverse(bundle).tree["resident"]


def test_a_measurement_in_another_unit_is_not_written_as_if_it_were_in_ours(compiled, bundle):
    observation = {
        "resourceType": "Observation",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]},
        "valueQuantity": {"value": 13, "unit": "kPa", "code": "kPa"},
    }
    bundle["entry"].append({"fullUrl": "urn:uuid:8", "resource": observation})
    back = compiled.reverse(bundle)
    assert not any("Systolic" in row for row in back.tree["rows"])
    assert "reverse-unit" in {i.code for i in back.losses}


def test_a_many_to_one_code_comes_back_as_the_equivalent_one(compiled, now):
    (record,) = compiled.read({"residents.csv": table([RECORD | {"Sex": "Lady"}]), "rows.csv": table([ROW])}).records
    assert compiled.reverse(compiled.apply(record, now=now).bundle()).tree["resident"]["Sex"] == "F"


def test_a_code_without_a_local_word_is_told(compiled, bundle):
    resource(bundle, "Patient")["gender"] = "unknown"
    back = compiled.reverse(bundle)
    assert "Sex" not in back.tree["resident"] or back.tree["resident"]["Sex"] == "unknown"
    assert "reverse-code" in {i.code for i in back.losses}


def test_a_message_round_the_document_is_opened(compiled, bundle):
    message = {"resourceType": "Bundle", "type": "message", "entry": [{"resource": bundle}]}
    assert compiled.reverse(message).tree["resident"] == RECORD


@pytest.mark.parametrize(
    "strange",
    [
        {},
        {"resourceType": "Bundle"},
        {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "Patient", "name": "Ash", "gender": ["x"]}}],
        },
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "identifier": [None, 7]}}]},
        {
            "resourceType": "Bundle",
            "entry": [{"resource": {"resourceType": "MedicationStatement", "effectiveDateTime": 7}}],
        },
    ],
)
def test_strange_content_is_a_loss_and_never_a_crash(compiled, strange):
    back = compiled.reverse(strange)
    assert "reverse-key" in {i.code for i in back.losses}


def test_the_files_are_the_local_systems_own(compiled, bundle):
    files = compiled.reverse(bundle).files
    assert files["rows.csv"].decode().splitlines() == ["ID,Kind,What,Day,Time", "R1,Medicine,Aspirin,13/11/2026,08:00"]


PIECES = """
groups:
  - group: pressure
    create: Observation
    for: rows
    rules:
      - {value: final, target: status}
      - {value: Blood pressure, target: code.text}
      - {value: Systolic, target: "component[high].code.text", selector: true}
      - {source: BP, target: "component[high].valueString", transform: {part: {of: /, number: 1}}}
      - {value: Diastolic, target: "component[low].code.text", selector: true}
      - {source: BP, target: "component[low].valueString", transform: {part: {of: /, number: LAST}}}
"""


def test_pieces_of_a_cell_come_back_as_the_cell(mapped, mapping):
    made = mapped(PIECES.replace("LAST", "2"), "ID\nR1\n", "ID,BP\nR1,120/80\n")
    assert mapping(PIECES.replace("LAST", "2")).reverse(made.bundle()).tree["rows"][0]["BP"] == "120/80"


def test_pieces_do_not_come_back_where_one_of_them_has_no_rule(mapped, mapping):
    made = mapped(PIECES.replace("LAST", "3"), "ID\nR1\n", "ID,BP\nR1,120/80/60\n")
    local = mapping(PIECES.replace("LAST", "3")).reverse(made.bundle())
    assert not any("BP" in row for row in local.tree["rows"])
    assert {loss.value for loss in local.losses} >= {"120", "60"}
