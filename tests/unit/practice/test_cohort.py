"""Virtual wards and cohorts: why each person is on the list, held against the thresholds again and again."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop import narrative
from interop.catalogue import Catalogue
from interop.cli.main import app
from interop.json_codec import JsonObject, dumps
from interop.practice.cohort import Criterion, cohort_issues, ward
from interop.reading import Document
from interop.translator import Translator

EXAMPLE = Path(__file__).parents[3] / "examples" / "virtual-ward" / "elmbridge.json"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@cache
def _made() -> JsonObject:
    files = {EXAMPLE.name: EXAMPLE.read_bytes()}
    (found,) = Translator(Catalogue()).translate("hospital/virtual-ward", files, now=NOW)
    assert found.bundle is not None
    return found.bundle


def made() -> JsonObject:
    return copy.deepcopy(_made())


def risk(bundle: JsonObject, number: int = 0) -> JsonObject:
    found = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "RiskAssessment"]
    resource: JsonObject = found[number]
    return resource


def episode(bundle: JsonObject, number: int = 0) -> JsonObject:
    found = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "EpisodeOfCare"]
    resource: JsonObject = found[number]
    return resource


def facts(bundle: JsonObject, number: int = 0) -> list[JsonObject]:
    return [e for e in risk(bundle, number)["extension"] if e["url"].endswith("inclusion-fact")]


def codes(bundle: JsonObject, now: datetime = NOW) -> list[str]:
    return [issue.code for issue in cohort_issues(Document.of(bundle), now)]


def test_the_example_holds_to_its_own_criteria() -> None:
    assert codes(made()) == []


def test_those_on_the_ward_stand_first_the_highest_score_on_top() -> None:
    found = ward(Document.of(made()))
    assert [(member.name, member.active) for member in found.members] == [
        ("Edith May Ashworth", True),
        ("Olive Trent", True),
        ("Walter Greaves", False),
    ]


def test_every_member_says_by_which_facts_they_are_there() -> None:
    edith = ward(Document.of(made())).members[0]
    assert [(fact.criterion, fact.found, fact.met) for fact in edith.facts] == [
        ("C1", "31.4", True),
        ("C2", "2", True),
        ("C3", "6", True),
        ("C4", "Yes, care home", True),
    ]
    assert (edith.method, edith.model_version) == ("Devon predictive model", "4.2")


@pytest.mark.parametrize(
    ("comparison", "against", "found", "met"),
    [
        ("at-least", "20", "20", True),
        ("at-least", "20", "19.9", False),
        ("more-than", "20", "20", False),
        ("at-most", "20", "20", True),
        ("less-than", "20", "20", False),
        ("equal-to", "6", "6.0", True),
        ("at-least", "20", "31 %", True),
        ("at-least", "20", "high", None),
        ("at-least", None, "31", None),
        ("at-least", "20", "NaN", None),
        ("is-so", None, "Yes, care home", True),
        ("is-so", None, "No", False),
        ("is-so", None, "Not recorded", False),
        ("is-so", None, None, None),
    ],
)
def test_a_fact_is_held_against_its_threshold(
    comparison: str, against: str | None, found: str | None, met: bool | None
) -> None:
    assert Criterion("C1", "Something", comparison, against, True).met(found) is met


def score_too_low(bundle: JsonObject) -> None:
    facts(bundle)[0]["extension"][1]["valueString"] = "12"


def nothing_recorded(bundle: JsonObject) -> None:
    risk(bundle)["extension"] = [e for e in risk(bundle)["extension"] if e is not facts(bundle)[0]]


def wrong_reason(bundle: JsonObject) -> None:
    facts(bundle)[1]["extension"][1]["valueString"] = "0"


def in_words(bundle: JsonObject) -> None:
    facts(bundle)[2]["extension"][1]["valueString"] = "rather frail"


def no_reason_at_all(bundle: JsonObject) -> None:
    risk(bundle)["extension"] = [e for e in risk(bundle)["extension"] if e not in facts(bundle)]


def another_version(bundle: JsonObject) -> None:
    for extension in risk(bundle)["extension"]:
        if extension["url"].endswith("model-version"):
            extension["valueString"] = "4.1"


def never_admitted(bundle: JsonObject) -> None:
    episode(bundle)["extension"] = episode(bundle)["extension"][1:]


def gone_and_still_there(bundle: JsonObject) -> None:
    episode(bundle)["extension"][-1]["extension"][0]["valueCode"] = "discharged"


def out_of_order(bundle: JsonObject) -> None:
    episode(bundle)["extension"][1]["extension"][1]["valueDateTime"] = "2026-11-17T08:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (score_too_low, "cohort-not-met"),
        (nothing_recorded, "cohort-not-met"),
        (wrong_reason, "cohort-reason-wrong"),
        (in_words, "cohort-cannot-tell"),
        (no_reason_at_all, "cohort-no-reason"),
        (another_version, "cohort-models-mixed"),
        (never_admitted, "cohort-steps"),
        (gone_and_still_there, "cohort-steps"),
        (out_of_order, "cohort-steps"),
    ],
)
def test_what_cannot_be_explained_is_told(change: Callable[[JsonObject], None], code: str) -> None:
    bundle = made()
    change(bundle)
    assert code in codes(bundle)


def test_what_cannot_be_compared_is_no_verdict_against_the_person() -> None:
    bundle = made()
    facts(bundle)[0]["extension"][1]["valueString"] = "high"
    assert codes(bundle) == ["cohort-cannot-tell"]


def test_an_old_score_is_told_of_those_on_the_ward_alone() -> None:
    later = datetime(2027, 6, 1, tzinfo=UTC)
    told = [issue.text for issue in cohort_issues(Document.of(made()), later)]
    assert [text.split(":")[0] for text in told] == ["Edith May Ashworth", "Olive Trent"]


def test_the_page_says_why_and_what_the_list_does_not_hold() -> None:
    shown = " ".join(narrative.page(made()).split())
    assert "Elmbridge virtual ward" in shown
    assert "at least 20: found 31.4 (meets it; Score of 18 November 2026, 18 Nov 2026)" in shown
    assert "version 4.2" in shown
    assert "This list holds no allergies, CPR decisions or communication needs" in shown


def test_a_reason_that_does_not_hold_is_loud_on_the_page() -> None:
    bundle = made()
    wrong_reason(bundle)
    assert "DOES NOT MEET IT" in narrative.page(bundle)


def test_the_command_explains_one_person(tmp_path: Path) -> None:
    path = tmp_path / "ward.json"
    path.write_bytes(dumps(made()))
    told = CliRunner().invoke(app, ["care", "cohort", str(path), "--person", "9990000018", "--at", "2026-11-20"])
    assert told.exit_code == 0, told.output
    assert "because      Clinical frailty scale: at least 6: found 6" in told.output
    assert "Greaves" not in told.output
    nobody = CliRunner().invoke(app, ["care", "cohort", str(path), "--person", "9990000077"])
    assert nobody.exit_code == 3
