"""Findings of judging, told to the owner of the record: at the cell, in plain words, each mistake once."""

from __future__ import annotations

import pytest

from interop.definitions import Definitions
from interop.location import SourcePointer
from interop.mapping import Telling
from interop.mapping.phrases import phrase
from interop.outcome import Issue, Outcome, Severity

TEXT = """
groups:
  - group: patient
    create: Patient
    rules:
      - {source: resident.Name, target: name.family}
      - {source: resident.DOB, target: birthDate, transform: {date: uk}}
      - {source: resident.Sex, target: gender, translate: codes/sex}
      - {source: resident.In, target: "extension[stay].valuePeriod.start", transform: {date: uk}}
      - {source: resident.Out, target: "extension[stay].valuePeriod.end", transform: {date: uk}}
      - {value: "https://interop.example/fhir/StructureDefinition/stay", target: "extension[stay].url"}
  - group: weight
    create: Observation
    for: rows
    rules:
      - {value: final, target: status}
      - {source: What, target: code.text}
      - {source: Kg, target: valueQuantity, transform: {quantity: kg}}
      - {reference: author, target: performer}
  - group: author
    create: Practitioner
    rules:
      - {source: resident.By, target: birthDate, transform: {date: uk}}
"""
RESIDENTS = "ID,Name,DOB,Sex,By,In,Out\nR1,Ash,{dob},{sex},{by},02/11/2026,01/11/2026\n"
PATIENT, FIRST, SECOND = (f"Bundle.entry[{number}].resource" for number in range(3))
KG = "If there is no component or hasMember element then either a value[x] or a data absent reason must be present."


@pytest.fixture(scope="module")
def telling():
    return Telling(Definitions.core())


@pytest.fixture
def told(mapped, telling):
    """The finding as it is told, once it is known what the mapping refused."""

    def tell(issue, *, dob="14/08/1938", sex="F", by="", kg=("70", "71")):
        rows = "ID,Kg,What\n" + "".join(f"R1,{value},weight\n" for value in kg)
        made = mapped(TEXT, RESIDENTS.format(dob=dob, sex=sex, by=by), rows)
        (found,) = telling.tell(Outcome.of([issue]), made.issues, made.trace)
        assert found.code == issue.code
        return found

    return tell


def missing(what, place):
    return Issue("missing-element", f"{what}: found 0, wanted 1..*", place)


DOB = 'residents.csv row 2, column "DOB"'


def test_an_empty_cell_is_told_in_plain_words(told):
    found = told(missing("Patient.birthDate", PATIENT), dob="")
    assert str(found) == f"{DOB}: is empty, and a date of birth is needed (fill it in at the source)"
    assert found.severity == "error"


def test_what_follows_from_a_refused_cell_is_told_there_and_is_no_second_error(told):
    found = told(missing("Patient.birthDate", PATIENT), dob="soon")
    assert str(found.source) == DOB
    assert found.severity == "information"
    assert "'soon' is not a date" in found.hint


def test_of_several_cells_the_one_that_would_have_filled_it(told):
    assert str(told(missing("Patient.gender", PATIENT), dob="soon", sex="?").source).endswith('column "Sex"')


def test_a_rule_that_no_longer_holds_is_told_at_the_cell_too(told):
    found = told(Issue("invariant", f"vs-2: {KG}", SECOND), kg=("70", "heavy"))
    assert str(found.source) == 'rows.csv row 3, column "Kg"'
    assert "neither a value nor a reason" in found.text


def test_another_row_s_cell_is_not_to_blame(told):
    found = told(Issue("invariant", f"vs-2: {KG}", FIRST), kg=("70", "heavy"))
    assert (found.source.row, found.severity) == (2, "error")


def test_a_rule_that_looks_at_other_cells_does_not_follow(told):
    """An unrelated rule stays an error at its own cells although another cell of the row was refused."""
    found = told(
        Issue(
            "invariant",
            "per-1: If present, start SHALL have a lower value than end",
            f"{PATIENT}.extension[0].value.ofType(Period)",
        ),
        dob="soon",
    )
    assert found.severity == "error"
    assert found.text == "the end is earlier than the start"
    assert str(found.source) == "residents.csv row 2"
    assert found.hint == "look at “In” '02/11/2026', “Out” '01/11/2026'"


def test_what_was_not_made_and_is_referred_to_is_told_at_its_cell(told):
    found = told(missing("Observation.performer", FIRST), by="soon")
    assert (str(found.source), found.severity) == ('residents.csv row 2, column "By"', "information")


def test_what_was_not_made_because_its_cell_is_empty_is_told_at_the_empty_cell(told):
    found = told(missing("Observation.performer", FIRST))
    assert (str(found.source), found.severity) == ('residents.csv row 2, column "By"', "error")


@pytest.mark.parametrize("code", ["code-display", "primitive"])
def test_a_finding_about_a_value_that_is_there_stays(told, code):
    found = told(Issue(code, "odd", f"{PATIENT}.gender"), dob="soon")
    assert (str(found.source), found.severity) == ('residents.csv row 2, column "Sex"', "error")


def test_what_is_about_no_resource_of_ours_stays(told):
    issue = missing("Bundle.type", "Bundle")
    assert told(issue, dob="soon") == issue


def test_too_few_are_counted(told):
    found = told(Issue("cardinality", "Patient.name: found 1, wanted 2..*", PATIENT))
    assert found.text == "1 of at least 2 is there: a name"


def test_a_code_outside_its_list_is_told_by_the_list_s_name(told):
    text = "http://terminology.hl7.org/CodeSystem/v2-0203#SS is not in {} (extensible)"
    text = text.format("http://hl7.org/fhir/ValueSet/identifier-type")
    found = told(Issue("code-not-extensible", text, f"{PATIENT}.gender", hint="use a code from the value set"))
    assert found.text == "'SS' is no code of the list “identifier type”"
    assert "http://hl7.org/fhir/ValueSet/identifier-type" in found.hint


def test_a_list_without_a_row_is_told_where_it_would_stand(telling, mapping, now):
    head = "mapping: home/test\nsource: {format: json, zone: Europe/London}\n"
    text = """
    groups:
      - group: team
        create: CareTeam
        rules:
          - {source: name, target: name}
          - for: people
            target: participant
            rules: [{source: who, target: member.display}]
    """
    compiled = mapping(text, head=head)
    (record,) = compiled.read({"a.json": b'{"name": "Team", "people": []}'})
    made = compiled.apply(record, now=now)
    issue = missing("CareTeam.participant", "Bundle.entry[0].resource")
    (found,) = telling.tell(Outcome.of([issue]), made.issues, made.trace)
    assert str(found) == "a.json $.people: is empty, and who is in the team is needed (fill it in at the source)"


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ("Patient.birthDate", "a date of birth"),
        ("Patient.identifier[nhs].value", "an NHS number"),
        ("QuestionnaireResponse.item.item[name].answer.valueString", "the name of the thing"),
        ("Encounter.period.start", "the date and time of admission"),
        ("Observation.valueQuantity", "a value"),
        ("Patient.extension[ethnicity].valueString", "an ethnicity"),
        ("Patient.maritalStatus", "a marital status"),
        ("MedicationStatement.medicationCodeableConcept.text", "the name of the medicine"),
    ],
)
def test_an_element_has_words(element, words):
    assert phrase(element) == words


def unread(path):
    return Issue(
        "source-field-unread",
        "no rule of hospital/adt reads this field",
        severity=Severity.INFORMATION,
        source=SourcePointer("a.hl7", path=path),
        value=f"value of {path}",
    )


def test_many_unread_fields_of_one_segment_are_one_finding_with_examples(telling):
    issues = [unread(f"NK1-{number}.2") for number in range(1, 9)] + [unread("PV1-3.1")]
    told = telling.once(issues)
    assert [str(issue.source) for issue in told] == ["a.hl7 NK1", "a.hl7 PV1-3.1"]
    assert "reads 8 fields here: NK1-1.2 'value of NK1-1.2'" in told[0].text
    assert "and 3 more" in told[0].text
    assert telling.once(issues, every=True) == tuple(issues)


def test_json_of_another_shape_is_told_once_at_its_place(mapping, telling, now):
    text = """
    groups:
      - group: patient
        create: Patient
        rules:
          - {source: person.surname, target: name.family, required: true}
          - {source: person.born, target: birthDate, transform: {date: iso}, required: true}
    """
    compiled = mapping(text, head="mapping: home/test\nsource: {format: json, zone: Europe/London}\n")
    (record,) = compiled.read({"a.json": b'{"person": "Mrs Ash"}'})
    told = telling.once(compiled.apply(record, now=now).issues)
    (error,) = [issue for issue in told if issue.severity == "error"]
    assert str(error).startswith(
        "a.json $.person: 'Mrs Ash': a text stands where a group of fields is wanted (surname, born)"
    )
    assert len([issue for issue in told if (issue.hint or "").startswith("it follows from this cell")]) == 2
