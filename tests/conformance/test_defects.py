"""Seeded defects: one change to a valid example, and exactly what must be found, where.

The cases are data: ``tests/cases/defects/*.json``. Each names a base (an example HL7 or UK Core published, or one of
the file's own), a change in the operations of JSON Patch (RFC 6902), and the findings: severity, code, expression.
Errors must be these and no others; a warning or information must be among what is found.
"""

from __future__ import annotations

import copy
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from interop.definitions import Definitions
from interop.json_codec import Json, JsonObject, loads
from interop.outcome import Issue, Outcome, issue_catalogue
from interop.terminology import Terminology
from interop.validation import Validator

CASES = Path(__file__).parents[1] / "cases" / "defects"
FILES = sorted(file.stem for file in CASES.glob("*.json"))
STOPS = ("error", "fatal")


@lru_cache
def content(name: str) -> dict[str, Any]:
    return loads((CASES / f"{name}.json").read_bytes())


@lru_cache
def own_judge(name: str) -> Validator:
    definitions = Definitions.core().with_resources(content(name).get("definitions", []))
    return Validator(definitions, Terminology(definitions))


def judge_of(name: str, request: pytest.FixtureRequest) -> Validator:
    package = content(name).get("package")
    return request.getfixturevalue("published").validator(package) if package else own_judge(name)


def base_of(name: str, base: str, request: pytest.FixtureRequest) -> tuple[JsonObject, tuple[str, ...]]:
    told = content(name)["bases"][base]
    if "resource" in told:
        return copy.deepcopy(told["resource"]), tuple(told.get("profiles", ()))
    resource, profiles = request.getfixturevalue("published").example(told["package"], told["file"])
    return resource, tuple(told.get("profiles", profiles))


def patched(document: Json, operations: list[JsonObject]) -> Json:
    """The document after the operations, in order (RFC 6902: add, replace, remove, move, copy)."""
    for step in operations:
        if step["op"] in ("move", "copy"):
            holder, key = _find(document, step["from"])
            value = copy.deepcopy(holder[key])
            if step["op"] == "move":
                del holder[key]
        else:
            value = copy.deepcopy(step.get("value"))
        holder, key = _find(document, step["path"])
        if step["op"] == "remove":
            del holder[key]
        elif isinstance(holder, list) and step["op"] != "replace":
            holder.insert(len(holder) if key == "-" else key, value)
        else:
            assert step["op"] != "replace" or isinstance(holder, list) or key in holder, step
            holder[key] = value
    return document


def _find(document: Json, pointer: str) -> tuple[Json, Any]:
    *way, last = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    for part in way:
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document, int(last) if isinstance(document, list) and last != "-" else last


def told(issue: Issue) -> list[str]:
    return [str(issue.severity), issue.code, issue.expression]


def shown(outcome: Outcome) -> str:
    return "\n".join(f"{issue.severity} {issue.code} {issue}" for issue in outcome)


ALL = [pytest.param(name, case, id=f"{name}: {case['desc']}") for name in FILES for case in content(name)["defects"]]
BASES = [pytest.param(name, base, id=f"{name}: {base}") for name in FILES for base in content(name)["bases"]]


@pytest.mark.parametrize(("name", "base"), BASES)
def test_every_base_is_valid(name: str, base: str, request: pytest.FixtureRequest) -> None:
    resource, profiles = base_of(name, base, request)
    outcome = judge_of(name, request).validate(resource, profiles=profiles)
    assert outcome.ok, shown(outcome)
    assert "profile-not-checked" not in {issue.code for issue in outcome}, shown(outcome)


@pytest.mark.parametrize(("name", "case"), ALL)
def test_the_defect_is_found_where_it_is(name: str, case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    resource, profiles = base_of(name, case["base"], request)
    outcome = judge_of(name, request).validate(patched(resource, case["change"]), profiles=profiles)
    errors = sorted({tuple(told(issue)) for issue in outcome if issue.severity in STOPS})
    assert errors == sorted(tuple(found) for found in case["found"] if found[0] in STOPS), shown(outcome)
    others = [told(issue) for issue in outcome]
    assert [found for found in case["found"] if found not in others] == [], shown(outcome)


def test_the_set_is_large_and_its_codes_are_documented() -> None:
    cases = [case for name in FILES for case in content(name)["defects"]]
    assert len(cases) >= 150
    assert len({json.dumps([c["base"], c["change"]], default=str) for c in cases}) > 0.9 * len(cases)
    assert {code for case in cases for _, code, _ in case["found"]} <= issue_catalogue().keys()
    assert all(case["found"] for case in cases)
