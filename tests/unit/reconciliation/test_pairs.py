"""A hundred labelled pairs of medicine lines: every unexplained change is asked about, and hardly anything else is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from interop.json_codec import JsonObject
from interop.reconciliation import medicines

CASES = Path(__file__).parents[2] / "cases" / "reconciliation"
PAIRS = yaml.safe_load((CASES / "pairs.yaml").read_text(encoding="utf-8"))
LATER = yaml.safe_load((CASES / "pairs-held-out.yaml").read_text(encoding="utf-8"))
LOCAL = "https://interop.example/fhir/StructureDefinition"
FALSE_ALLOWED = 0.05

Build = Callable[..., JsonObject]


def statement(line: JsonObject) -> JsonObject:
    """A MedicationStatement from one line of a pair."""
    dosage: JsonObject = {"text": line["text"]} if "text" in line else {}
    if "dose" in line:
        dosage["extension"] = [{"url": f"{LOCAL}/dose-text", "valueString": line["dose"]}]
    if "often" in line:
        dosage["timing"] = {"code": {"text": line["often"]}}
    if "route" in line:
        dosage["route"] = {"text": line["route"]}
    made: JsonObject = {
        "resourceType": "MedicationStatement",
        "status": line.get("state", "active"),
        "medicationCodeableConcept": {"text": line["name"]},
        "dosage": [dosage],
    }
    if "why" in line:
        made["reasonCode"] = [{"text": line["why"]}]
    if "change" in line:
        parts = [{"url": "status", "valueCode": {"new": "started"}.get(line["change"], line["change"])}]
        parts += [{"url": "reason", "valueString": line["reason"]}] if "reason" in line else []
        made["extension"] = [{"url": f"{LOCAL}/medication-change", "extension": parts}]
    return made


def listed(side: object) -> list[JsonObject]:
    lines = side if isinstance(side, list) else [side] if side else []
    return [statement(line) for line in lines]


def asked(pair: JsonObject, build: Build) -> bool:
    changes = medicines(build(*listed(pair["before"])), build(*listed(pair["after"])))
    return any(change.unexplained for change in changes)


def test_the_pairs_are_a_hundred_and_more_and_of_both_kinds() -> None:
    assert len(PAIRS) >= 100
    assert len({pair["desc"] for pair in PAIRS}) == len(PAIRS)
    assert sum(pair["ask"] for pair in PAIRS) >= 40
    assert sum(not pair["ask"] for pair in PAIRS) >= 40


@pytest.mark.parametrize("pair", [pair for pair in (*PAIRS, *LATER) if pair["ask"]], ids=lambda pair: pair["desc"])
def test_an_unexplained_change_is_always_asked_about(pair: JsonObject, build: Build) -> None:
    assert asked(pair, build)


@pytest.mark.parametrize("pairs", [PAIRS, LATER], ids=["the hundred", "written later"])
def test_hardly_anything_else_is_asked_about(
    pairs: list[JsonObject], build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    unexplained = [pair for pair in pairs if pair["ask"]]
    others = [pair for pair in pairs if not pair["ask"]]
    found = sum(asked(pair, build) for pair in unexplained)
    needless = [pair["desc"] for pair in others if asked(pair, build)]
    with capsys.disabled():
        share = f"{len(needless)} of {len(others)} asked without need ({len(needless) / len(others):.1%})"
        sys.stdout.write(f"\nreconciliation: {found} of {len(unexplained)} unexplained changes asked about; {share}\n")
    assert found == len(unexplained)
    assert len(needless) <= FALSE_ALLOWED * len(others), needless


def test_an_explained_change_is_shown_with_its_reason(build: Build) -> None:
    explained = [pair for pair in PAIRS if not pair["ask"] and "reason" in str(pair["after"])]
    assert len(explained) >= 10
    for pair in explained:
        lines = pair["after"] if isinstance(pair["after"], list) else [pair["after"]]
        changes = medicines(build(*listed(pair["before"])), build(*listed(pair["after"])))
        assert {change.reason for change in changes} >= {line["reason"] for line in lines if "reason" in line}
