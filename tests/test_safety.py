"""The hazard log tells the truth: every hazard has a control, every control a test that exists, every id one row."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOG = ROOT / "SAFETY.md"
_ID = re.compile(r"HAZ-[A-Z]?\d+")
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@dataclass(frozen=True, slots=True)
class Hazard:
    id: str
    hazard: str
    cause: str
    control: str
    proofs: tuple[tuple[str, str], ...]


@cache
def log() -> tuple[Hazard, ...]:
    found = []
    for line in LOG.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if _ID.fullmatch(cells[0]):
            name, hazard, cause, control, proof = cells
            found.append(Hazard(name, hazard, cause, control, tuple(_TEST.findall(proof))))
    return tuple(found)


@cache
def _named_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_the_log_has_hazards_and_each_id_stands_once() -> None:
    ids = [hazard.id for hazard in log()]
    assert len(ids) > 20
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("hazard", log(), ids=lambda hazard: hazard.id)
def test_a_hazard_has_a_cause_a_control_and_tests_that_exist(hazard: Hazard) -> None:
    assert all((hazard.hazard, hazard.cause, hazard.control))
    assert hazard.proofs
    missing = [f"{path}::{name}" for path, name in hazard.proofs if name not in _named_in(path)]
    assert missing == []


def test_every_hazard_a_profile_names_is_in_the_log() -> None:
    known = {hazard.id for hazard in log()}
    for path in sorted((ROOT / "profiles" / "interop.uk.care").glob("StructureDefinition-*.json")):
        rows = json.loads(path.read_bytes())["differential"]["element"]
        named = {name for row in rows for key in ("comment", "requirements") for name in _ID.findall(row.get(key, ""))}
        assert named <= known, path.name


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6, 8, 9])
def test_every_hazard_uk_core_knows_is_answered(number: int) -> None:
    assert any(f"FHIR00{number}" in hazard.hazard for hazard in log())
