"""Several rules for one place: the first that gives a value, `cases`, and what `else` brings back."""

from __future__ import annotations

import pytest

NHS = """
groups:
  - group: patient
    create: Patient
    rules:
      - {source: resident.ID, target: "identifier[home].value"}
      - {value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}
      - {source: resident.NHS, target: "identifier[nhs].value", transform: nhs-number, when: {Own: "Yes"}}
      - {source: resident.Old, target: "identifier[nhs].value", transform: nhs-number}
""".replace("when: {Own", "when: {resident.Own")


@pytest.mark.parametrize(
    ("row", "told", "kept"),
    [
        ("R1,9990000018,,Yes", [], {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}),
        ("R1,9990000019,9990000018,Yes", ["nhs-number-check-digit"], "9990000019"),
        ("R1,,9990000019,No", ["nhs-number-check-digit"], "9990000019"),
    ],
)
def test_a_refused_number_is_told_once_and_kept_under_no_system(mapped, row, told, kept):
    found = mapped(NHS, f"ID,NHS,Old,Own\n{row}\n")
    _, number = found.resources[0].resource["identifier"]
    assert [i.code for i in found.issues if i.severity == "error"] == told
    assert number == kept if isinstance(kept, dict) else ("system" not in number and number["value"] == kept)


CASES = """
groups:
  - group: patient
    create: Patient
    rules:
      - {source: resident.Name, target: "name[a].family"}
      - target: gender
        cases:
          - {when: {resident.Sex: [M, Man]}, value: male}
          - {when: {resident.Sex: F}, value: female}
          - {when: {resident.Sex: present}, value: other}
      - {value: true, target: active, when: {resident.Here: {is: "Yes", else: "No"}}}
"""


@pytest.mark.parametrize(
    ("sex", "gender", "back"),
    [("Man", "male", None), ("F", "female", "F"), ("Both", "other", None), ("", None, None)],
)
def test_the_first_case_that_holds_is_written_and_one_that_names_its_word_comes_back(
    mapping, mapped, sex, gender, back
):
    found = mapped(CASES, f"ID,Name,Sex,Here\nR1,Ash,{sex},Yes\n")
    patient = found.resources[0].resource
    assert patient.get("gender") == gender
    assert mapping(CASES).reverse(found.bundle()).tree["resident"].get("Sex") == back


@pytest.mark.parametrize("here", ["Yes", "No"])
def test_else_brings_back_the_word_for_which_nothing_is_written(mapping, mapped, here):
    found = mapped(CASES, f"ID,Name,Sex,Here\nR1,Ash,F,{here}\n")
    assert found.resources[0].resource.get("active") == (True if here == "Yes" else None)
    assert mapping(CASES).reverse(found.bundle()).tree["resident"]["Here"] == here


ROWS = """
groups:
  - group: family
    create: RelatedPerson
    for: rows
    when: {Kind: Family}
    rules:
      - {value: the person, target: patient.display}
      - {source: Name, target: name.text}
      - {value: true, target: active, when: {Next: {is: "Yes", else: "No"}}}
      - {source: Phone, target: telecom.value, when: {Next: "Yes"}}
  - group: staff
    create: Practitioner
    for: rows
    when: {Kind: Staff}
    rules:
      - {source: Name, target: name.text}
"""


def test_a_cell_that_only_other_rows_use_is_told_as_unread(mapped):
    found = mapped(
        ROWS, "ID\nR1\n", "ID,Kind,Name,Next,Phone\nR1,Family,Ann,Yes,1\nR1,Staff,Bob,Yes,2\nR1,Family,Cy,No,3\n"
    )
    told = {(i.code, str(i.source), i.value) for i in found.issues}
    assert told == {
        ("source-field-unread", 'rows.csv row 3, column "Next"', "Yes"),
        ("source-field-unread", 'rows.csv row 3, column "Phone"', "2"),
    }
    (phone,) = [i for i in found.issues if i.value == "2"]
    assert "that applies to this row" in phone.text
    assert "1 more" in phone.text  # Cy's: the condition of its rule does not hold


def test_else_works_row_by_row(mapping, mapped):
    found = mapped(ROWS, "ID\nR1\n", "ID,Kind,Name,Next,Phone\nR1,Family,Ann,Yes,1\nR1,Family,Cy,No,\n")
    rows = mapping(ROWS).reverse(found.bundle()).tree["rows"]
    assert [(row["Name"], row["Next"], row.get("Phone")) for row in rows] == [("Ann", "Yes", "1"), ("Cy", "No", None)]


def test_a_condition_the_data_does_not_allow_is_told_at_its_cell_and_not_met(mapping, now):
    compiled = mapping(
        """
        groups:
          - group: flag
            create: Patient
            when: "concern.text.lower() != 'no'"
            rules: [{source: name, target: birthDate, default: "1938"}]
        """,
        head="mapping: home/test\nsource: {format: json, key: name}\n",
    )
    (record,) = compiled.read({"a.json": b'{"name": "1940", "concern": {"text": true}}'}).records
    made = compiled.apply(record, now=now)
    assert made.resources == ()
    (issue,) = [i for i in made.issues if i.code == "condition-failed"]
    assert (str(issue.source).partition(" ")[2], issue.value) == ("$.concern.text", "true")
