"""The bag as it left against the bag as it came back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interop.json_codec import loads
from interop.outcome import issue_catalogue
from interop.reconciliation import belongings

CASES = loads((Path(__file__).parents[2] / "cases" / "reconciliation" / "belongings.json").read_bytes())


def checklist(items: list) -> dict:
    def line(name: str, present: str | None, quantity: int | None, note: str | None) -> dict:
        parts: list[dict] = [{"linkId": "item.name", "answer": [{"valueString": name}]}]
        parts += [{"linkId": "item.present", "answer": [{"valueCoding": {"code": present}}]}] if present else []
        parts += [{"linkId": "item.quantity", "answer": [{"valueInteger": quantity}]}] if quantity is not None else []
        parts += [{"linkId": "item.note", "answer": [{"valueString": note}]}] if note else []
        return {"linkId": "item", "item": parts}

    questionnaire = "https://interop.example/fhir/Questionnaire/red-bag-checklist|0.1.0"
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": questionnaire,
        "item": [line(*item) for item in items],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_each_item_is_accounted_for(case: dict, build: Callable[..., dict]) -> None:
    back = [] if case["back"] is None else [checklist(case["back"])]
    lines = belongings(build(checklist(case["went"])), build(*back))
    assert [[line.status, line.name, line.went, line.came_back] for line in lines] == case["lines"]
    silent = {"returned", "extra"}
    assert all((line.issue is None) == (line.status in silent) for line in lines)


def test_the_storys_hearing_aid_is_missed_and_its_note_kept(red_bag: dict, discharge: dict) -> None:
    lines = belongings(red_bag, discharge)
    assert [line.name for line in lines if line.status != "returned"] == ["Hearing aid (left)"]
    assert lines[0].note == "Not found on the ward; lost property asked on 17 November"
    assert lines[0].issue is not None
    assert lines[0].issue.code in issue_catalogue()
    assert len(lines) == 8
