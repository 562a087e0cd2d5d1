"""The cost of validation grows with what is validated and with nothing else: work is counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from interop.definitions import Definitions
from interop.terminology import Terminology
from interop.validation import Validator

BASE = "https://records.example/fhir"


@pytest.fixture(scope="module")
def judge() -> Validator:
    definitions = Definitions.core()
    return Validator(definitions, Terminology(definitions))


def _linked(entries: int) -> dict[str, Any]:
    """A Bundle in which every entry refers to another one."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": f"{BASE}/Condition/{n}",
                "resource": {
                    "resourceType": "Condition",
                    "id": f"{n}",
                    "subject": {"reference": f"{BASE}/Patient/{n}"},
                    "evidence": [{"detail": [{"reference": f"{BASE}/Condition/{n * 7919 % entries}"}]}],
                },
            }
            for n in range(entries)
        ],
    }


def _document(entries: int) -> dict[str, Any]:
    """A document whose only section lists every entry."""
    urls = [f"urn:uuid:00000000-0000-4000-8000-{n:012d}" for n in range(entries)]
    composition = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "Summary"},
        "date": "2026-11-14",
        "author": [{"display": "A. Nurse"}],
        "title": "Summary",
        "section": [{"title": "All", "entry": [{"reference": url} for url in urls]}],
    }
    return {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": f"{BASE}/document", "value": "1"},
        "timestamp": "2026-11-14T03:00:00Z",
        "entry": [
            {"fullUrl": "urn:uuid:00000000-0000-4000-9000-000000000000", "resource": composition},
            *({"fullUrl": url, "resource": {"resourceType": "Basic", "code": {"text": "x"}}} for url in urls),
        ],
    }


def _nested(items: int) -> dict[str, Any]:
    """One resource with many items."""
    answers = [{"linkId": f"q{n}", "answer": [{"valueString": f"answer {n}"}]} for n in range(items)]
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": answers}


def _invalid(entries: int) -> dict[str, Any]:
    """A Bundle with a fault in every entry."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": {"resourceType": "Patient", "gender": "F", "nam": []}} for _ in range(entries)],
    }


def _work(judge: Validator, resource: dict[str, Any]) -> int:
    """How many Python functions one validation calls."""
    count = 0

    def called(code: Any, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call" and isinstance(code.f_code, CodeType)

    sys.setprofile(called)
    try:
        judge.validate(resource)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("made", [_linked, _document, _nested, _invalid])
def test_each_further_entry_costs_the_same(judge: Validator, made: Callable[[int], dict[str, Any]]) -> None:
    judge.validate(made(50))  # what is written or remembered for the first objects of a type is there by then
    few, some, many = (_work(judge, made(size)) for size in (50, 100, 200))
    assert many - some == pytest.approx(2 * (some - few), rel=0.05)


def test_nothing_is_compiled_again(judge: Validator, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = _linked(5)
    judge.validate(resource)

    def again(*_: object) -> None:
        pytest.fail("compiled again")

    monkeypatch.setattr("interop.validation.schemas.Schemas._compile_type", again)
    monkeypatch.setattr("interop.validation.profiles.Profiles._compile", again)
    monkeypatch.setattr("interop.validation.invariant.compile_expression", again)
    judge.validate(resource)
