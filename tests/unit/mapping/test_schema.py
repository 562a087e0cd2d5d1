"""The JSON Schema of mapping files: it takes what the compiler takes, and refuses what an author may mistype."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from interop.mapping.faults import Faults
from interop.mapping.schema import WHAT, json_schema
from interop.mapping.yaml_tree import read_yaml

MAPPINGS = Path(__file__).parents[3] / "mappings"
SHIPPED = [path for path in sorted(MAPPINGS.rglob("*.yaml")) if "cases" not in path.relative_to(MAPPINGS).parts]
SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
HEAD = "mapping: home/x\nsource: {format: json}\ngroups:\n  - group: p\n    create: Patient\n    rules:\n"


def plain(text):
    return as_json(read_yaml(text, "x.yaml", Faults()).plain)


def as_json(value):
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.relative_to(MAPPINGS).as_posix())
def test_it_takes_every_shipped_mapping_and_piece(path):
    told = [
        f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
        for e in VALIDATOR.iter_errors(plain(path.read_text("utf-8")))
    ]
    assert told == []


@pytest.mark.parametrize(
    "rule",
    [
        "{source: a, taget: gender}",
        "{source: a}",
        "{source: a, value: b, target: gender}",
        "{target: gender}",
        "{source: a, target: birthDate, transform: dates}",
        "{source: a, target: birthDate, transform: {dates: uk}}",
        "{source: a, target: gender, required: sometimes}",
        "{source: a, target: gender, when: {b: {nott: c}}}",
        "{source: a, target: gender, when: {b: []}}",
        "{source: {a: b}, target: gender}",
        "{for: a, target: contact, rules: {source: b, target: name.text}}",
        "{target: gender, cases: [{wen: {a: b}, value: male}]}",
    ],
)
def test_it_refuses_a_mistake_in_a_rule(rule):
    assert list(VALIDATOR.iter_errors(plain(f"{HEAD}      - {rule}\n")))


@pytest.mark.parametrize(
    "text",
    [
        "mapping: x\n",
        "mapping: x\nsource: {format: sql}\n",
        "mapping: x\nsource: {format: json}\nsorce: 1\n",
        "mapping: x\nsource: {format: json}\nbundle: {type: batch}\n",
        "mapping: x\nsource: {format: json}\ngroups: [{group: p, create: Person2}]\n",
        "mapping: x\nsource: {format: json}\ngroups: [{create: Patient}]\n",
        "mapping: x\nsource: {format: json}\ncomposition: {sections: [{title: A, when-empty: unknown}]}\n",
        "mapping: x\nsource: {format: tables, tables: {a: {fil: b}}}\n",
    ],
)
def test_it_refuses_a_mistake_in_a_block(text):
    assert list(VALIDATOR.iter_errors(plain(text)))


@pytest.mark.parametrize(
    "rule",
    [
        "{source: a, target: gender}",
        "{source: [a, b], target: 'name[x].text', transform: [{join: ' '}, trim]}",
        "{value: {coding: [{code: x}]}, target: maritalStatus}",
        "{target: gender, cases: [{when: {a: M}, value: male}, {value: unknown}]}",
        "{value: true, target: active, when: {a: {is: 'Yes', else: 'No'}}}",
        "{value: 1, target: multipleBirthInteger, when: a.exists()}",
    ],
)
def test_it_takes_what_the_compiler_takes(rule):
    assert [e.message for e in VALIDATOR.iter_errors(plain(f"{HEAD}      - {rule}\n"))] == []


def test_every_described_key_is_a_key():
    known = {key for part in SCHEMA["$defs"].values() for key in part.get("properties", {})}
    assert WHAT.keys() - known == set()
