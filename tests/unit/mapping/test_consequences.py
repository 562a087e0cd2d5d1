"""A finding that follows from a refused cell points at that cell; one that does not stays where it is."""

from __future__ import annotations

import pytest

from interop.mapping import following
from interop.outcome import Issue, Outcome

TEXT = """
groups:
  - group: patient
    create: Patient
    rules:
      - {source: resident.Name, target: name.family}
      - {source: resident.DOB, target: birthDate, transform: {date: uk}}
      - {source: resident.Sex, target: gender, translate: codes/sex}
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
RESIDENTS = "ID,Name,DOB,Sex,By\nR1,Ash,{dob},{sex},{by}\n"
PATIENT, FIRST, SECOND = (f"Bundle.entry[{number}].resource" for number in range(3))


@pytest.fixture
def moved(mapped):
    """Where a finding of judging points, once it is known what the mapping refused."""

    def found(issue, *, dob="14/08/1938", sex="F", by="", kg=("70", "71")):
        rows = "ID,Kg,What\n" + "".join(f"R1,{value},weight\n" for value in kg)
        made = mapped(TEXT, RESIDENTS.format(dob=dob, sex=sex, by=by), rows)
        judged = Outcome.of([issue]).traced(made.trace.find)
        (told,) = following(judged, made.issues, made.trace)
        assert (told.code, told.text, told.severity) == (issue.code, issue.text, issue.severity)
        return str(told.source), told.hint

    return found


def missing(what, place):
    return Issue("missing-element", f"{what}: found 0, wanted 1..*", place)


def test_a_hole_is_told_at_the_cell_that_left_it(moved):
    place, hint = moved(missing("Patient.birthDate", PATIENT), dob="soon")
    assert place == 'residents.csv row 2, column "DOB"'
    assert "'soon' is not a date" in hint


def test_of_several_cells_the_one_that_is_named(moved):
    assert moved(missing("Patient.gender", PATIENT), dob="soon", sex="?")[0] == 'residents.csv row 2, column "Sex"'


def test_a_rule_that_no_longer_holds_is_told_at_the_cell_too(moved):
    rule = Issue("invariant", "vs-2: a value or a reason", SECOND)
    assert moved(rule, kg=("70", "heavy"))[0] == 'rows.csv row 3, column "Kg"'


def test_another_row_s_cell_is_not_to_blame(moved):
    rule = Issue("invariant", "vs-2: a value or a reason", FIRST)
    assert moved(rule, kg=("70", "heavy")) == ("rows.csv row 2", None)


def test_what_was_not_made_and_is_referred_to_is_told_at_its_cell(moved):
    assert moved(missing("Observation.performer", FIRST), by="soon")[0] == 'residents.csv row 2, column "By"'


@pytest.mark.parametrize("code", ["code-display", "primitive"])
def test_a_finding_about_a_value_that_is_there_stays(moved, code):
    assert moved(Issue(code, "odd", f"{PATIENT}.gender"), dob="soon")[0] == 'residents.csv row 2, column "Sex"'


def test_nothing_moves_where_nothing_was_refused(moved):
    assert moved(missing("Patient.birthDate", PATIENT)) == ("residents.csv row 2", None)


def test_what_is_about_no_resource_of_ours_stays(moved):
    assert moved(missing("Bundle.type", "Bundle"), dob="soon") == ("None", None)
