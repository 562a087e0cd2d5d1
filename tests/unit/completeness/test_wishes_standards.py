"""The end of life, care plan and About me standards: the examples have it all, and what is left out is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.completeness import score, standard
from interop.json_codec import JsonObject
from interop.outcome import Severity
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def made(mapping: str, source: JsonObject) -> JsonObject:
    plan = translator().mapping(f"care-home/{mapping}")
    (found,) = plan.read({"record.json": json.dumps(source).encode()})
    return plan.apply(found, now=NOW).bundle()


def record(path: str) -> JsonObject:
    return json.loads((ROOT / "examples" / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("mapping", "example", "name"),
    [
        ("end-of-life", "end-of-life/RH-014.json", "eol"),
        ("care-plan-json", "care-plan/RH-014.json", "pcsp"),
        ("care-plan-json", "care-plan/RH-014.json", "about-me"),
    ],
)
def test_the_example_has_everything_asked_for(mapping: str, example: str, name: str) -> None:
    found = score(made(mapping, record(example)), standard(name))
    assert (found.score, found.mandatory) == (1, 1)
    assert found.issues == ()


@pytest.mark.parametrize(("mapping", "folder"), [("end-of-life", "end-of-life"), ("care-plan-json", "care-plan")])
def test_a_sparse_example_has_everything_mandatory(mapping: str, folder: str) -> None:
    name = "eol" if mapping == "end-of-life" else "pcsp"
    found = score(made(mapping, record(f"{folder}/RH-022.json")), standard(name))
    assert found.mandatory == 1
    assert 0 < found.score < 1


def without(*path: str) -> Callable[[JsonObject], None]:
    def change(source: JsonObject) -> None:
        for step in path[:-1]:
            source = source[step]
        del source[path[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "severity", "words"),
    [
        (without("endOfLife", "cpr", "decidedOn"), Severity.ERROR, "“Date of the decision” is missing"),
        (without("endOfLife", "cpr", "decidedBy"), Severity.ERROR, "“Who decided” is missing"),
        (without("endOfLife", "cpr", "documentLocation"), Severity.ERROR, "“Location of document” is missing"),
        (without("endOfLife", "cpr", "discussedWith"), Severity.INFORMATION, "with whom it was discussed” is missing"),
        (without("endOfLife", "cpr", "reviewOwner"), Severity.INFORMATION, "“Responsibility for review” is missing"),
        (without("endOfLife", "escalation"), Severity.INFORMATION, "End of life care plans: nothing is recorded"),
        (without("endOfLife", "places"), Severity.INFORMATION, "Preferred place of death: nothing is recorded"),
        (without("endOfLife", "prognosis"), Severity.INFORMATION, "“Estimated prognosis” is missing"),
        (without("endOfLife", "capacity"), Severity.INFORMATION, "“Mental capacity assessment” is missing"),
        (without("aboutMe"), Severity.INFORMATION, "About me: nothing is recorded"),
        (without("resident", "gp", "practiceCode"), Severity.ERROR, "“GP practice identifier” is missing"),
        (without("resident", "dateOfBirth"), Severity.ERROR, "“Date of birth” is missing"),
    ],
)
def test_what_is_left_out_is_named(change: Callable[[JsonObject], None], severity: Severity, words: str) -> None:
    source = record("end-of-life/RH-014.json")
    change(source)
    said = [
        issue.text for issue in score(made("end-of-life", source), standard("eol")).issues if issue.severity is severity
    ]
    assert any(words in text for text in said), said
