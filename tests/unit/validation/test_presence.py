"""Invariants judged in plain Python have the truth of their FHIRPath, whatever is there and whatever is not."""

from __future__ import annotations

import re
from itertools import product

import pytest

from interop.definitions import Definitions
from interop.fhirpath import compile
from interop.json_codec import Json, JsonObject
from interop.terminology import Terminology
from interop.validation import Validator
from interop.validation.item import NO_MEMBERS
from interop.validation.native import NATIVE
from interop.validation.presence import presence_predicate
from interop.validation.run import Run
from interop.validation.schemas import Schemas
from interop.validation.scope import Scope

MOST_ELEMENTS = 4


@pytest.mark.parametrize(
    "expression",
    [
        "a.count() > 1",
        "a.exists() and",
        "(a.exists()",
        "a.exists() b.exists()",
        "a.b.exists()",
        "a.coding.where(code='x').exists()",
        "a.exists(b)",
        "",
    ],
)
def test_what_is_not_of_the_form_is_left_to_fhirpath(expression: str) -> None:
    assert presence_predicate(expression) is None


def invariants() -> dict[str, tuple[str, str]]:
    """Every invariant of R4's types that is judged this way: key → (type key, FHIRPath)."""
    definitions = Definitions.core()
    return {
        f"{constraint.key} of {element.path}": (element.path, constraint.expression)
        for name in definitions.type_names
        for element in definitions.structure(name) or ()
        for constraint in element.constraints
        if constraint.expression not in NATIVE and constraint.expression and presence_predicate(constraint.expression)
    }


def test_many_of_r4s_invariants_are_of_the_form() -> None:
    assert len(invariants()) > 80


@pytest.fixture(scope="module")
def scope() -> Scope:
    definitions = Definitions.core()
    validator = Validator(definitions, Terminology(definitions))
    return Scope(Run(validator._knowledge), {}, (None, "", None, None))


def objects(schemas: Schemas, key: str, expression: str) -> list[JsonObject]:
    """Objects in which each element the expression names is there or not, with a code it asks for or another."""
    names = list(dict.fromkeys(re.findall(r"([a-z][A-Za-z]*)\.(?:exists|empty|coding)", expression)))[:MOST_ELEMENTS]
    systems = re.findall(r"system\s*=\s*'([^']*)'", expression) or ["http://x.test"]
    codes = [*re.findall(r"code\s*=\s*'([^']*)'", expression), "other"]
    choices: list[list[tuple[str, Json]]] = []
    for name in names:
        found = schemas.names(key, name) or schemas.names(key, f"{name}[x]")
        given: list[tuple[str, Json]] = [("", None)]
        for one in found[:2]:
            concepts = [{"coding": [{"system": systems[0], "code": code}]} for code in codes]
            plain: list[Json] = ["x"] if one.companion else [{"id": "x"}]
            values = concepts if one.type == "CodeableConcept" else plain
            many = schemas[key].elements[name].definition.repeats if name in schemas[key].elements else False
            given += [(one.json, [value] if many else value) for value in values]
        choices.append(given)
    return [{name: value for name, value in picked if name} for picked in product(*choices)]


@pytest.mark.parametrize("name", invariants())
def test_the_same_truth_as_fhirpath(name: str, scope: Scope) -> None:
    key, expression = invariants()[name]
    predicate = presence_predicate(expression)
    schemas = scope.run.schemas
    assert predicate is not None
    assert isinstance(schemas, Schemas)
    type_key = key if key in schemas or "." not in key else schemas.key_below(*key.rsplit(".", 1), None) or key
    compiled = compile(expression)
    for node in objects(schemas, type_key, expression):
        truth = compiled.truth(node, type_name=type_key)
        assert predicate(node or NO_MEMBERS, type_key, scope) is truth, node
