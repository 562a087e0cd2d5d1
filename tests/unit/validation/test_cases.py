"""The rules, as cases anyone can read and add: ``tests/cases/validation/*.json``."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pytest

from interop.definitions import Definitions
from interop.json_codec import loads
from interop.outcome import Severity, issue_catalogue
from interop.terminology import Terminology
from interop.validation import Validator

CASES = Path(__file__).parents[2] / "cases" / "validation"
FILES = sorted(file.name for file in CASES.glob("*.json"))


@lru_cache
def content(name: str) -> dict:
    return loads((CASES / name).read_bytes())


@lru_cache
def judge(name: str) -> Validator:
    definitions = Definitions.core().with_resources(content(name).get("definitions", []))
    return Validator(definitions, Terminology(definitions))


@pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(name, case, id=f"{name}: {case['desc']}") for name in FILES for case in content(name)["cases"]],
)
def test_case(name: str, case: dict) -> None:
    outcome = judge(name).validate(case["resource"], profiles=case.get("profiles", ()))
    found = [[str(i.severity), i.code, i.expression] for i in outcome if i.severity is not Severity.INFORMATION]
    assert sorted(found) == sorted(case["issues"]), json.dumps([i.as_json() for i in outcome], indent=1, default=str)


def test_every_code_a_case_expects_is_in_the_catalogue() -> None:
    codes = {issue[1] for name in FILES for case in content(name)["cases"] for issue in case["issues"]}
    assert codes <= issue_catalogue().keys()
