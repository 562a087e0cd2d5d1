"""How complete a document is against a standard, and the words for what is missing."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from interop.completeness import Completeness, Level, Standard, score, standard, standards
from interop.errors import CatalogueError, DefinitionError
from interop.outcome import Severity, issue_catalogue
from interop.reading import Presence


def codes(found: Completeness, severity: Severity) -> list[str]:
    return [issue.text for issue in found.issues if issue.severity is severity]


@pytest.mark.parametrize(("fixture", "name"), [("red_bag", "red-bag"), ("discharge", "discharge")])
def test_the_story_has_everything_mandatory(fixture: str, name: str, request: pytest.FixtureRequest) -> None:
    found = score(request.getfixturevalue(fixture), standard(name))
    assert found.mandatory == 1
    assert codes(found, Severity.ERROR) == []
    assert codes(found, Severity.WARNING) == []


def section_of(document: dict, code: str) -> dict:
    sections = document["entry"][0]["resource"]["section"]
    return next(section for section in sections if section["code"]["coding"][0]["code"] == code)


def without(document: dict, code: str, kind: str | None = None) -> None:
    sections = document["entry"][0]["resource"]["section"]
    sections.remove(section_of(document, code))
    document["entry"] = [entry for entry in document["entry"] if entry["resource"]["resourceType"] != kind]


def test_a_mandatory_section_left_out_is_an_error_in_plain_words(red_bag: dict) -> None:
    without(red_bag, "allergies-and-adverse-reaction", "AllergyIntolerance")
    found = score(red_bag, standard("red-bag"))
    (said,) = codes(found, Severity.ERROR)
    assert said.startswith("Allergies and adverse reactions is missing: a document cannot be sent without it.")
    assert found.mandatory < 1


def test_a_mandatory_section_that_is_there_but_empty_is_an_error(red_bag: dict) -> None:
    section = section_of(red_bag, "allergies-and-adverse-reaction")
    section["entry"] = []
    red_bag["entry"] = [e for e in red_bag["entry"] if e["resource"]["resourceType"] != "AllergyIntolerance"]
    (said,) = codes(score(red_bag, standard("red-bag")), Severity.ERROR)
    assert "is there but empty" in said


def test_a_mandatory_section_stated_as_not_asked_is_a_warning_that_says_so(red_bag: dict) -> None:
    section = section_of(red_bag, "allergies-and-adverse-reaction")
    section["entry"] = []
    section["emptyReason"] = {"coding": [{"code": "notasked"}]}
    red_bag["entry"] = [e for e in red_bag["entry"] if e["resource"]["resourceType"] != "AllergyIntolerance"]
    found = score(red_bag, standard("red-bag"))
    (said,) = codes(found, Severity.WARNING)
    assert "the sender states 'not asked'" in said
    assert codes(found, Severity.ERROR) == []
    assert found.mandatory < 1


@pytest.mark.parametrize(
    ("reason", "silent"), [("notasked", True), ("nilknown", True), ("unavailable", False), (None, False)]
)
def test_a_required_section_is_information_unless_stated_unknown(
    reason: str | None, silent: bool, red_bag: dict
) -> None:
    section = section_of(red_bag, "safety-alerts")
    section["entry"] = []
    if reason:
        section["emptyReason"] = {"coding": [{"code": reason}]}
    found = score(red_bag, standard("red-bag"))
    assert (codes(found, Severity.INFORMATION) == []) is silent
    marks = next(marks for marks in found.sections if marks.title == "Alerts and risks")
    assert marks.met == int(silent)


def test_an_optional_section_is_never_mentioned(discharge: dict) -> None:
    found = score(discharge, standard("discharge"))
    assert not any("Procedures" in issue.text or "Social context" in issue.text for issue in found.issues)


def test_a_missing_field_names_whose_it_is_and_where(red_bag: dict) -> None:
    index = next(i for i, e in enumerate(red_bag["entry"]) if "Zopiclone" in str(e) and i)
    red_bag["entry"][index]["resource"]["extension"] = []
    (issue,) = score(red_bag, standard("red-bag")).issues
    assert issue.text == "Medications and medical devices, Zopiclone 3.75 mg tablets: “When last given” is missing"
    assert issue.expression == f"Bundle.entry[{index}].resource"
    assert issue.severity is Severity.INFORMATION


def test_a_cpr_decision_without_its_date_is_an_error(red_bag: dict) -> None:
    flag = next(e["resource"] for e in red_bag["entry"] if "450476008" in str(e))
    del flag["period"]["start"]
    (said,) = codes(score(red_bag, standard("red-bag")), Severity.ERROR)
    assert "Date of the CPR decision" in said


def test_a_need_left_out_is_named(red_bag: dict) -> None:
    red_bag["entry"] = [e for e in red_bag["entry"] if "'code': 'skin'" not in str(e["resource"].get("code"))]
    (said,) = codes(score(red_bag, standard("red-bag")), Severity.INFORMATION)
    assert said == "Care needs now and usual: “Skin” is missing"


def test_an_empty_document_scores_nothing_and_never_fails(build: Callable[..., dict]) -> None:
    for name in standards():
        found = score(build(), standard(name))
        wanted = [s for s in standard(name).sections if s.level is Level.MANDATORY]
        assert len(codes(found, Severity.ERROR)) == len(wanted)
        assert found.mandatory == (0 if any(marks.mandatory_asked for marks in found.sections) else 1)
        assert {marks.presence for marks in found.sections} == {Presence.NOT_RECORDED}


def test_both_generations_of_heading_code_are_understood(build: Callable[..., dict]) -> None:
    condition = {"resourceType": "Condition", "code": {"text": "Gout"}}
    for code in ("diagnoses", "887161000000102"):
        found = score(build(condition, sections=[(code, [0], None)]), standard("discharge"))
        marks = next(marks for marks in found.sections if marks.title == "Diagnoses")
        assert (marks.mandatory_met, marks.mandatory_asked) == (2, 2)


def test_shipped_standards_say_where_they_come_from_and_how_far_to_trust_them() -> None:
    assert standards() == ("about-me", "discharge", "eol", "pcsp", "red-bag")
    assert standard("red-bag").status == "derived"
    assert all(section.source for name in standards() for section in standard(name).sections)
    assert score({}, standard("red-bag")).score == Fraction(0)


def test_an_unknown_standard_names_those_there_are() -> None:
    with pytest.raises(CatalogueError, match="about-me, discharge, eol, pcsp, red-bag"):
        standard("blue-bag")


def test_a_broken_standard_names_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(
        '{"sections": [{"title": "A", "codes": ["a"], "level": "urgent", "fields": ['
        '{"name": "B", "level": "required", "on": "Patient", "expression": "name.where("}]}]}'
    )
    with pytest.raises(DefinitionError) as raised:
        Standard.load(path)
    assert "level 'urgent' is none of" in str(raised.value)
    assert "A, 'B':" in str(raised.value)


def test_every_issue_code_is_in_the_catalogue(build: Callable[..., dict]) -> None:
    issues = score(build(sections=[("diagnoses", [], "notasked")]), standard("discharge")).issues
    assert {issue.code for issue in issues} <= issue_catalogue().keys()
    assert len({issue.code for issue in issues}) == 3
