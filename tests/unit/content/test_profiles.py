"""The local profiles: each loads, contradicts nothing, and every rule it makes is seen to hold and to fail."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from interop.definitions import Definitions, Package, contradictions
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue
from interop.terminology import Terminology
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
PROFILES = ROOT / "profiles" / "interop.uk.care"
CASES = ROOT / "tests" / "cases" / "profiles"
DEFINITIONS = sorted(path.name for path in PROFILES.glob("StructureDefinition-*.json"))


@cache
def definitions() -> Definitions:
    return Definitions.core().with_package(Package.load(PROFILES))


@cache
def validator() -> Validator:
    return Validator(definitions(), Terminology(definitions()))


def read(path: Path) -> JsonObject:
    found: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return found


def changed(resource: JsonObject, changes: JsonObject) -> JsonObject:
    """A copy of ``resource`` with each path set to its value; None takes the member away."""
    copied = copy.deepcopy(resource)
    for path, value in changes.items():
        steps = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
        node: Json = copied
        for step in steps[:-1]:
            node = node[step]
        if value is None:
            del node[steps[-1]]
        else:
            node[steps[-1]] = value
    return copied


def cases() -> Iterator[pytest.param]:
    for path in sorted(CASES.glob("*.json")):
        told = read(path)
        yield pytest.param(told["valid"], None, id=f"{path.stem}: valid")
        for case in told["cases"]:
            yield pytest.param(changed(told["valid"], case["set"]), case["expect"], id=f"{path.stem}: {case['desc']}")


def test_the_package_loads_without_a_fault() -> None:
    package = Package.load(PROFILES)
    assert package.name == "interop.uk.care"
    assert package.faults == ()


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_profile_has_a_snapshot_and_only_narrows_its_base(name: str) -> None:
    structure = definitions().structure(read(PROFILES / name)["url"])
    assert structure is not None
    assert structure.elements
    assert contradictions(structure, definitions()) == ()


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*-*.json")), ids=lambda path: path.name)
def test_every_file_of_the_package_is_itself_valid_fhir(path: Path) -> None:
    found = read(path)
    assert path.name == f"{found['resourceType']}-{found['id']}.json"
    assert found["url"] == f"https://interop.example/fhir/{found['resourceType']}/{found['id']}"
    assert [str(issue) for issue in validator().validate(found).errors] == []


@pytest.mark.parametrize(("resource", "expected"), list(cases()))
def test_a_rule_of_a_profile_holds_and_fails(resource: JsonObject, expected: Json) -> None:
    outcome = validator().validate(resource)
    local = [issue for issue in outcome if issue in outcome.errors or _is_ours(issue)]
    if expected is None:
        assert [str(issue) for issue in local] == []
        return
    found = {(issue.rule, issue.expression, str(issue.severity)) for issue in local if _is_ours(issue)}
    several = expected if isinstance(expected, list) else [expected]
    assert found == {(one["rule"], one["at"], one["severity"]) for one in several}


def test_every_invariant_has_a_case_that_holds_and_one_that_fails() -> None:
    written = {key for name in DEFINITIONS for key in _keys(read(PROFILES / name))}
    told = [case["expect"] for path in CASES.glob("*.json") for case in read(path)["cases"] if case["expect"]]
    failing = {one["rule"] for expected in told for one in (expected if isinstance(expected, list) else [expected])}
    assert failing == written


def test_every_invariant_of_a_whole_resource_names_only_elements_it_has() -> None:
    for name in DEFINITIONS:
        profile = read(PROFILES / name)
        root = profile["differential"]["element"][0]
        for constraint in root.get("constraint", ()) if root["path"] == profile["type"] else ():
            assert compile_expression(constraint["expression"]).check(profile["type"]) == ()


def test_every_invariant_speaks_to_a_person() -> None:
    for name in DEFINITIONS:
        for element in read(PROFILES / name)["differential"]["element"]:
            for constraint in element.get("constraint", ()):
                assert re.match(r"[A-Z'].*\.$", constraint["human"]), constraint


def _keys(profile: JsonObject) -> Iterator[str]:
    for element in profile["differential"]["element"]:
        yield from (constraint["key"] for constraint in element.get("constraint", ()))


@cache
def _ours() -> frozenset[str]:
    return frozenset(key for name in DEFINITIONS for key in _keys(read(PROFILES / name)))


def _is_ours(issue: Issue) -> bool:
    """A finding of one of our own invariants (the check digit has a house rule beside it)."""
    return issue.rule in _ours()
