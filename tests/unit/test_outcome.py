"""Findings: three answers, words for people, and an OperationOutcome for machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.location import SourcePointer
from interop.outcome import Issue, Outcome, Severity, Verdict, issue_catalogue

ERROR = Issue("cardinality", "found 0, profile asks for 1..1", "Patient.name")
WARNING = Issue("binding", "not in the value set", "Patient.language", severity=Severity.WARNING)
UNTOLD = Issue("unknown-profile", "not here", "Patient.meta", severity=Severity.FATAL)

FHIR_ISSUE_TYPES = {
    "invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden",
    "suppressed", "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long",
    "code-invalid", "extension", "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store",
    "exception", "timeout", "incomplete", "throttled", "informational",
}  # fmt: skip


@pytest.mark.parametrize(
    ("issues", "verdict", "ok"),
    [
        ([], Verdict.VALID, True),
        ([WARNING], Verdict.VALID, True),
        ([UNTOLD], Verdict.COULD_NOT_TELL, False),
        ([ERROR, UNTOLD], Verdict.INVALID, False),
    ],
)
def test_a_verdict_is_one_of_three(issues: list[Issue], verdict: Verdict, ok: bool) -> None:
    outcome = Outcome.of(issues)
    assert (outcome.verdict, outcome.ok) == (verdict, ok)


def test_an_issue_is_said_in_the_words_of_its_source() -> None:
    pointer = SourcePointer("residents.csv", row=14, column="Allergies")
    issue = Issue(
        "binding", "not an allergy we know", "AllergyIntolerance.code", source=pointer, value="??", hint="ask"
    )
    assert str(issue) == "residents.csv row 14, column \"Allergies\": '??': not an allergy we know (ask)"


def test_tracing_adds_the_source_where_one_is_known_and_keeps_the_rest() -> None:
    pointer = SourcePointer("a.hl7", path="PID-5.1")
    traced = Outcome.of([ERROR, WARNING]).traced(
        lambda expression: (pointer, "raw", "rule 1") if expression == "Patient.name" else None
    )
    assert [issue.source for issue in traced] == [pointer, None]
    assert traced.issues[0].value == "raw"
    assert traced.issues[0].text == ERROR.text


def test_an_operation_outcome_is_never_empty() -> None:
    assert Outcome().operation_outcome()["issue"][0]["severity"] == "information"


def test_every_issue_code_is_explained() -> None:
    for code, entry in issue_catalogue().items():
        assert set(entry) == {"type", "means", "matters", "fix", "spec"}, code
        assert entry["type"] in FHIR_ISSUE_TYPES, code
        assert all(entry.values()), code


def test_no_issue_code_is_explained_twice() -> None:
    files = sorted((Path(__file__).parents[2] / "interop" / "issues").glob("*.json"))
    assert files
    seen: dict[str, str] = {}
    for file in files:
        for code in json.loads(file.read_text(encoding="utf-8")):
            assert code not in seen, f"{code} stands in {seen.get(code)} and {file.name}"
            seen[code] = file.name
