"""A record becomes resources: what is written, what is left out, and what is said about it."""

from __future__ import annotations

import json

import pytest


def resources(mapped, kind=None):
    return [e.resource for e in mapped.resources if kind in (None, e.type)]


def said(mapped, *, information=False):
    return [(i.code, str(i.source), i.value) for i in mapped.issues if information or i.severity != "information"]


PATIENT = """
groups:
  - group: patient
    create: Patient
    identity: [resident.ID]
    rules:
      - {value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}
      - {source: resident.NHS, target: "identifier[nhs].value", transform: nhs-number}
      - {value: official, target: "name[official].use"}
      - {source: resident.Name, target: "name[official].family"}
      - {source: resident.Forenames, target: "name[official].given", transform: {split: " "}}
      - {value: phone, target: "telecom[phone].system"}
      - {source: resident.Phone, target: "telecom[phone].value"}
      - {source: resident.Sex, target: gender, translate: codes/sex}
      - {source: resident.DOB, target: birthDate, transform: {date: uk}, required: true}
"""


def test_a_record_becomes_a_resource_with_trimmed_values(mapped):
    found = mapped(
        PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,999 000 0018, Ashworth ,Edith May,01632,F,14/08/1938\n"
    )
    (patient,) = resources(found)
    assert patient | {"id": "-"} == {
        "resourceType": "Patient",
        "id": "-",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}],
        "name": [{"use": "official", "family": "Ashworth", "given": ["Edith", "May"]}],
        "telecom": [{"system": "phone", "value": "01632"}],
        "gender": "female",
        "birthDate": "1938-08-14",
    }
    assert said(found, information=True) == []


def test_a_constant_stands_only_beside_a_value_it_belongs_to(mapped):
    (patient,) = resources(mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ashworth,, ,F,14/08/1938\n"))
    assert patient.keys() == {"resourceType", "id", "name", "gender", "birthDate"}


def test_a_record_without_a_single_value_makes_no_resource(mapped):
    text = PATIENT.replace(", required: true", "")
    assert resources(mapped(text, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,,,,,\n")) == []


def test_a_bad_nhs_number_is_a_finding_and_is_kept_as_text_under_no_system(mapped):
    found = mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,999 000 0019,Ash,,,F,14/08/1938\n")
    assert said(found) == [("nhs-number-check-digit", 'residents.csv row 2, column "NHS"', "999 000 0019")]
    (identifier,) = resources(found)[0]["identifier"]
    assert identifier == {"type": {"text": "Identifier as recorded, not valid"}, "value": "999 000 0019"}


def test_a_required_value_that_cannot_be_read_leaves_the_reason_in_its_place(mapped):
    found = mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ash,,,F,31/02/1935\n")
    assert said(found) == [("date-impossible", 'residents.csv row 2, column "DOB"', "31/02/1935")]
    (patient,) = resources(found)
    assert "birthDate" not in patient
    assert patient["_birthDate"]["extension"][0]["valueCode"] == "error"


def test_a_required_cell_that_is_empty_is_named(mapped):
    found = mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ash,,,F,\n")
    assert said(found) == [("source-required", 'residents.csv row 2, column "DOB"', "")]


def test_a_required_cell_of_blanks_is_named_too(mapped):
    found = mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ash,,,F, \t\n")
    assert said(found) == [("source-required", 'residents.csv row 2, column "DOB"', "")]


def test_a_required_cell_whose_word_counts_as_empty_is_named_with_the_word(mapped):
    text = PATIENT.replace("{date: uk}, required", "{date: uk}, empty: [N/K], required")
    found = mapped(text, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ash,,,F,N/K\n")
    assert said(found) == [("source-required", 'residents.csv row 2, column "DOB"', "N/K")]


def test_an_unknown_code_names_the_cell_and_the_known_codes(mapped):
    found = mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ash,,,Female,14/08/1938\n")
    (issue,) = [i for i in found.issues if i.code == "code-unmapped"]
    assert (str(issue.source), issue.value, issue.severity) == ('residents.csv row 2, column "Sex"', "Female", "error")
    assert "'F', 'Lady', 'M'" in issue.hint
    assert "gender" not in resources(found)[0]


def test_codes_are_compared_without_case_and_extra_spaces(mapped):
    found = mapped(PATIENT, "ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,Ash,,, f ,14/08/1938\n")
    assert resources(found)[0]["gender"] == "female"


def test_text_is_kept_beside_a_code_and_alone_where_there_is_none(mapped):
    text = """
groups:
  - group: condition
    create: Condition
    for: rows
    rules:
      - {value: the person, target: subject.display}
      - {source: What, target: code, translate: codes/sex}
"""
    found = mapped(text, "ID\nR1\n", "ID,What\nR1,F\nR1,other\n")
    known, unknown = (r["code"] for r in resources(found))
    assert known == {"coding": [{"system": "http://hl7.org/fhir/administrative-gender", "code": "female"}], "text": "F"}
    assert unknown == {"text": "other"}
    assert [(i.code, i.severity) for i in found.issues if i.source] == [("code-unmapped", "warning")]


ROWS = """
groups:
  - group: person
    create: Practitioner
    for: rows
    when: {Kind: [Nurse, Doctor]}
    rules:
      - {source: Name, target: name.text}
  - group: role
    create: PractitionerRole
    for: rows
    when: {Kind: [Nurse, Doctor]}
    rules:
      - {reference: person, target: practitioner}
      - {source: Kind, target: code.text}
  - group: team
    create: CareTeam
    rules:
      - {value: active, target: status}
      - for: rows
        target: participant
        rules:
          - {source: Kind, target: role.text}
          - {reference: role, target: member}
"""


def test_a_reference_inside_the_same_rows_links_the_resources_of_one_row(mapped):
    found = mapped(ROWS, "ID\nR1\n", "ID,Kind,Name\nR1,Nurse,Ann\nR1,Cat,Tom\nR1,Doctor,Bob\n")
    names = {e.full_url: e.resource["name"][0]["text"] for e in found.resources if e.type == "Practitioner"}
    roles = {e.full_url: e.resource for e in found.resources if e.type == "PractitionerRole"}
    assert [(r["code"][0]["text"], names[r["practitioner"]["reference"]]) for r in roles.values()] == [
        ("Nurse", "Ann"),
        ("Doctor", "Bob"),
    ]
    (team,) = resources(found, "CareTeam")
    members = [roles.get(p.get("member", {}).get("reference"), {}).get("code") for p in team["participant"]]
    assert members == [[{"text": "Nurse"}], None, [{"text": "Doctor"}]]


def test_conditions_ignore_case_and_extra_spaces(mapped):
    found = mapped(ROWS, "ID\nR1\n", "ID,Kind,Name\nR1, nurse ,Ann\n")
    assert len(resources(found, "Practitioner")) == 1


def test_a_reference_circle_is_closed(mapped):
    text = """
groups:
  - group: stay
    create: Encounter
    rules:
      - {value: finished, target: status}
      - {value: IMP, target: class.code}
      - {value: the person, target: subject.display}
      - {source: resident.Why, target: reasonCode.text}
      - {reference: problem, target: diagnosis.condition}
  - group: problem
    create: Condition
    rules:
      - {value: the person, target: subject.display}
      - {source: resident.Why, target: code.text}
      - {reference: stay, target: encounter}
"""
    found = mapped(text, "ID,Why\nR1,Fell\n")
    stay, problem = found.resources
    assert stay.resource["diagnosis"] == [{"condition": {"reference": problem.full_url}}]
    assert problem.resource["encounter"] == {"reference": stay.full_url}


def test_ids_follow_the_business_identity_not_the_day(mapping, now):
    compiled = mapping(PATIENT)

    def ids(name):
        text = f"ID,NHS,Name,Forenames,Phone,Sex,DOB\nR1,,{name},,,F,14/08/1938\n"
        (record,) = compiled.read({"residents.csv": text.encode()}).records
        return [e.full_url for e in compiled.apply(record, now=now).resources]

    assert ids("Ashworth") == ids("Smith")


def test_two_rows_with_one_identity_are_one_resource_when_equal_and_two_when_not(mapped):
    text = """
groups:
  - group: org
    create: Organization
    for: rows
    identity: [Code]
    rules:
      - {source: Code, target: identifier.value}
      - {source: Name, target: name}
"""
    found = mapped(text, "ID\nR1\n", "ID,Code,Name\nR1,X,Elm\nR1,X,Elm\nR1,X,Oak\n")
    assert [r["name"] for r in resources(found)] == ["Elm", "Oak"]
    assert len({r["id"] for r in resources(found)}) == 2


def test_a_cell_can_be_split_into_rows(mapped):
    text = """
groups:
  - group: allergies
    create: AllergyIntolerance
    for: resident.Allergies
    split: ";"
    rules:
      - {value: the person, target: patient.display}
      - {source: ".", target: code.text}
"""
    found = mapped(text, "ID,Allergies\nR1,Penicillin; Latex;\n")
    assert [r["code"]["text"] for r in resources(found)] == ["Penicillin", "Latex"]
    assert str(found.trace.find("Bundle.entry[1].resource.code.text")[0]) == 'residents.csv row 2, column "Allergies"'


def test_the_first_rule_whose_condition_holds_writes_the_target(mapped):
    text = """
groups:
  - group: med
    create: MedicationStatement
    for: rows
    rules:
      - {value: the person, target: subject.display}
      - {source: What, target: medicationCodeableConcept.text}
      - {value: stopped, target: status, when: {End: present}}
      - {value: active, target: status, when: {End: absent}}
      - {source: [End, Time], target: effectiveDateTime, transform: [{join: " "}, {datetime: dd/MM/yyyy HH:mm}]}
"""
    found = mapped(text, "ID\nR1\n", "ID,What,End,Time\nR1,A,01/02/2026,10:00\nR1,B,,\n")
    assert [(r["status"], r.get("effectiveDateTime")) for r in resources(found)] == [
        ("stopped", "2026-02-01T10:00:00+00:00"),
        ("active", None),
    ]


def test_fhirpath_sees_an_empty_cell_as_absent_and_the_whole_record_by_name(mapped):
    text = """
groups:
  - group: flag
    create: Flag
    for: rows
    when: "`Ended`.exists().not() and %record.resident.Name.exists()"
    rules:
      - {value: active, target: status}
      - {value: the person, target: subject.display}
      - {compute: "What & ', ' & Since", target: code.text}
"""
    found = mapped(text, "ID,Name\nR1,Ash\n", "ID,What,Since,Ended\nR1,Falls,2020, \nR1,Wanders,2021,2022\n")
    assert [r["code"]["text"] for r in resources(found)] == ["Falls, 2020"]


def test_what_nobody_reads_is_reported_once_a_column_and_once_a_row(mapped):
    text = ROWS + "drop:\n  rows.Shoe size: Nobody needs it\n"
    text = text.replace(
        "      - for: rows\n        target: participant\n", "      - for: resident\n        target: participant\n"
    )
    text = text.replace("{source: Kind, target: role.text}", "{source: ID, target: role.text}")
    found = mapped(text, "ID,Room\nR1,7\n", "ID,Kind,Name,Shoe size,Hat\nR1,Nurse,Ann,7,big\nR1,Cat,Tom,1,small\n")
    assert sorted(said(found, information=True)) == [
        ("source-field-unread", 'residents.csv row 2, column "Room"', "7"),
        ("source-field-unread", 'rows.csv row 2, column "Hat"', "big"),
        ("source-row-unused", "rows.csv row 3", None),
    ]


def test_mapping_twice_gives_the_same_and_leaves_the_record_alone(mapping, now):
    compiled = mapping(ROWS)
    files = {"residents.csv": b"ID\nR1\n", "rows.csv": b"ID,Kind,Name\nR1,Nurse,Ann\n"}
    (record,) = compiled.read(files).records
    before = json.dumps(record.tree)
    first, second = (compiled.apply(record, now=now).bundle() for _ in range(2))
    assert first == second
    assert json.dumps(record.tree) == before


@pytest.mark.parametrize(
    ("residents", "timestamp", "codes"),
    [
        ("ID,Name,At\nR1,Ash,14/11/2026 02:35\n", "2026-11-14T02:35:00+00:00", []),
        ("ID,Name,At\nR1,Ash,\n", "2026-11-14T03:00:00+00:00", ["bundle-time"]),
        ("ID,Name,At\nR1,Ash,soon\n", "2026-11-14T03:00:00+00:00", ["bundle-time"]),
    ],
)
def test_the_bundle_is_dated_by_the_event_and_says_so_when_it_cannot(mapped, residents, timestamp, codes):
    text = """
bundle:
  type: collection
  time: {source: resident.At, transform: {datetime: dd/MM/yyyy HH:mm}}
groups:
  - group: patient
    create: Patient
    rules: [{source: resident.Name, target: name.text}]
"""
    found = mapped(text, residents)
    assert found.bundle()["timestamp"] == timestamp
    assert [i.code for i in found.issues] == codes
