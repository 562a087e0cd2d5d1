"""Agreement with HL7's reference validator and FHIRPath suites: what this project has reached is its floor.

``python -m tests.conformance.tables`` prints the whole tables and the disagreements by cause.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SUITE = Path(__file__).parents[2].parent / "shared" / "conformance"
# (score, agreement on valid or not) in per cent, as measured on the open cases. Raise them, never lower them.
FLOORS = {"core": (95.6, 98.5), "extended": (93.3, 94.6)}
# The FHIRPath scorer compares a type nobody names (null) as the empty name: an adapter that tells the type of each
# result, as the suite's own README asks, cannot meet those 34 of 589 cases. tests/unit/fhirpath counts them by value.
FHIRPATH_FLOOR = 94.2
SECONDS_A_CASE = 5.0

pytestmark = pytest.mark.skipif(not SUITE.exists(), reason="HL7's suites are not beside the repository (../shared)")


@pytest.fixture(scope="module")
def suites() -> ModuleType:
    file = Path(__file__).with_name("suites.py")
    spec = importlib.util.spec_from_file_location("suites", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["suites"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def results(suites: ModuleType) -> list[Any]:
    """Both tiers; a crash fails here."""
    return suites.run(("core", "extended"))


@pytest.mark.parametrize("tier", FLOORS)
def test_agreement_with_the_reference_does_not_fall(tier: str, suites: ModuleType, results: list[Any]) -> None:
    score, verdict = FLOORS[tier]
    row = suites.table(results, tier)
    assert round(row["score"], 1) >= score
    assert round(row["verdict"], 1) >= verdict


def test_no_case_takes_long(results: list[Any]) -> None:
    slow = {result.case: result.seconds for result in results if result.seconds > SECONDS_A_CASE}
    assert slow == {}


def test_fhirpath_does_not_fall(suites: ModuleType) -> None:
    assert suites.fhirpath_score() >= FHIRPATH_FLOOR
