"""Cases beside a mapping: data in, expectations as data, a clear difference when they are not met."""

from __future__ import annotations

import json

import pytest

from interop.errors import ContentError
from interop.outcome import Issue, Outcome
from interop.workbench.cases import Case, cases_of, run_case
from interop.workbench.expectation import value_of

RESIDENTS = "ID,Surname,Forenames,Born,Sex,Room,Shoe Size\nR1,Ashworth,Edith May,14/08/1938,F,,\n"
MEDICINES = "ID,Medicine,Note,Stopped\nR1,Senna,at night,\nR1,Ramipril,,\n"


@pytest.fixture
def case(bench):
    """``case(records, **more)``: a case of these expectations, and a way to run it."""
    b = bench()
    folder = b.path.parent / "cases" / "test" / "one"

    def made(records=None, *, update=False, **more):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "residents.csv").write_text(more.pop("residents", RESIDENTS), encoding="utf-8")
        (folder / "medicines.csv").write_text(MEDICINES, encoding="utf-8")
        if records is not None:
            (folder / "expected.json").write_text(json.dumps({"records": records, **more}), encoding="utf-8")
        return run_case(Case("home/test", folder), b.mapping, update=update)

    made.folder = folder
    made.path = b.path
    return made


def test_what_is_as_expected_passes(case):
    expected = {
        "values": {
            "Patient.name.family": "Ashworth",
            "Patient.name.given": ["Edith", "May"],
            "MedicationStatement.medication.ofType(CodeableConcept).text": ["Senna", "Ramipril"],
            "Bundle.type": "collection",
            "Patient.deceased": [],
        },
        "reverse": {"resident.Born": "14/08/1938", "medicines[2].Medicine": "Ramipril"},
    }
    ran = case({"R1": expected})
    assert ran.failures == []
    assert ran.asked == 7


def test_a_difference_shows_expected_and_found(case):
    (failure,) = case({"R1": {"values": {"Patient.name.given": ["Edith"]}}}).failures
    assert (failure.record, failure.what) == ("R1", "Patient.name.given")
    assert (failure.expected, failure.found) == (["Edith"], ["Edith", "May"])


def test_a_value_that_does_not_come_back_is_a_difference(case):
    (failure,) = case({"R1": {"reverse": {"resident.Born": "15/08/1938"}}}).failures
    assert (failure.what, failure.found) == ("backwards: resident.Born", "14/08/1938")


def test_an_unexpected_error_fails_a_case_and_information_does_not(case):
    bad = RESIDENTS.replace("14/08/1938", "31/02/1938").replace(",,\n", ",,5\n")
    (failure,) = case({"R1": {}}, residents=bad).failures
    assert failure.expected is None
    assert failure.found["severity"] == "error"
    assert failure.found["source"] == 'residents.csv row 2, column "Born"'


def test_an_expected_finding_must_come_and_may_be_named_in_part(case):
    bad = RESIDENTS.replace(",F,", ",Dame,")
    assert case({"R1": {"issues": [{"code": "code-unmapped", "value": "Dame"}]}}, residents=bad).ok
    (failure,) = case({"R1": {"issues": [{"code": "code-unmapped"}]}}).failures
    assert failure.what == "finding code-unmapped"


def test_whether_the_bundle_is_valid_is_asked_of_the_validator(case, bench):
    fine = lambda bundle: Outcome()  # noqa: E731  a validator of one line
    bad = lambda bundle: Outcome.of([Issue("cardinality", "found 0")])  # noqa: E731
    case({"R1": {"valid": True}})
    one, mapping = Case("home/test", case.folder), bench().mapping
    assert run_case(one, mapping, judge=fine).failures == []
    assert [f.found for f in run_case(one, mapping, judge=bad).failures] == [["found 0"]]
    assert [f.found for f in run_case(one, mapping).failures] == ["cannot be asked: there is no validator here"]


def test_a_record_nobody_expects_and_one_that_does_not_come(case):
    failures = case({"R9": {}}).failures
    assert [(f.record, f.what) for f in failures] == [("R9", "record"), ("R1", "record")]


def test_an_expression_that_cannot_be_asked_is_a_failure_not_a_crash(case):
    (failure,) = case({"R1": {"values": {"Patient.name.(": "x"}}}).failures
    assert failure.found.startswith("cannot be asked: ")


def test_without_expectation_a_case_fails_and_update_drafts_one(case):
    assert [failure.what for failure in case().failures] == ["expected.json"]
    drafted = case(update=True)
    assert drafted.ok
    written = json.loads((case.folder / "expected.json").read_text(encoding="utf-8"))
    assert written["records"]["R1"]["values"]["Patient.birthDate"] == "1938-08-14"
    assert written["records"]["R1"]["values"]["MedicationStatement.medication.ofType(CodeableConcept).text"] == [
        "Senna",
        "Ramipril",
    ]
    assert run_again(case).ok


def run_again(case):
    return case()


def test_update_answers_the_same_questions_anew_and_keeps_the_rest(case):
    assert case({"R1": {"values": {"Patient.gender": "male"}, "note": "kept"}}, about="why", update=True).updated
    written = json.loads((case.folder / "expected.json").read_text(encoding="utf-8"))
    assert written["about"] == "why"
    assert written["records"]["R1"]["values"] == {"Patient.gender": "female"}
    assert written["records"]["R1"]["note"] == "kept"
    assert not run_again(case).failures


def test_a_case_that_holds_is_not_written_again(case):
    case({"R1": {"values": {"Patient.gender": "female"}}}, update=True)
    assert (case.folder / "expected.json").read_text(encoding="utf-8").startswith('{"records"')


def test_a_case_takes_the_files_it_lacks_from_its_base(case, bench):
    case({"R1": {}})
    other = case.folder.parent / "two"
    other.mkdir()
    (other / "medicines.csv").write_text("ID,Medicine\nR1,Warfarin\n", encoding="utf-8")
    expected = {"base": "../one", "records": {"R1": {"values": {"MedicationStatement.count()": 1}}}}
    (other / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    assert run_case(Case("home/test", other), bench().mapping).failures == []


@pytest.mark.parametrize("base", ["../one", "../nowhere"])
def test_a_base_that_is_itself_or_nothing_is_refused(case, base):
    with pytest.raises(ContentError):
        case({"R1": {}}, base=base)


@pytest.mark.parametrize("now", ["2026-01-01T12:00:00", "noon"])
def test_the_moment_of_a_case_has_an_offset(case, now):
    with pytest.raises(ContentError, match="wanted a moment with its offset"):
        case({"R1": {}}, now=now)


def test_the_cases_of_a_mapping_stand_beside_it_by_name(case):
    case({"R1": {}})
    assert [one.name for one in cases_of("home/test", case.path)] == ["home/test: one"]
    assert cases_of("home/other", case.path.with_name("other.yaml")) == ()


def test_an_expression_that_begins_with_a_type_asks_every_resource_of_it():
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": "a", "gender": "female"}},
            {"resource": {"resourceType": "Patient", "id": "b", "gender": "male"}},
        ],
    }
    assert value_of("Patient.gender", bundle) == ["female", "male"]
    assert value_of("Bundle.entry.count()", bundle) == 2
    assert value_of("entry.resource.count()", bundle) == 2
    assert value_of("Observation.status", bundle) is None
