"""Functions written from definitions: what a definition calls its elements is data, never code."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from interop.validation.glance import MISSHAPEN, ByNames, Glance, Rules, always, never
from interop.validation.primitive import RIGHT
from interop.validation.shapes import MET
from interop.validation.unrolled import Members, Objects, Primitive, Several, anything, unroll

OTHER: Any = {"Other": SimpleNamespace(glance=unroll("Other", Members(plain={"a": anything})))}
ONE = {"a": 1}
ODD = "a']; raise SystemExit #"
SCOPE: Any = SimpleNamespace(sure={}, run=SimpleNamespace(codes=SimpleNamespace(sure=set())))


def said(glance: Glance, node: Any) -> bool:
    try:
        return glance(node, SCOPE)
    except MISSHAPEN:
        return False


def looked_up_and_written(members: Members, node: dict[str, Any]) -> bool:
    """What both ways say, which has to be the same."""
    found = said(members.look_up, node)
    assert said(members.write("Odd", tuple(node), SCOPE), node) is found
    return found


def test_odd_names_are_names() -> None:
    names = {ODD: anything, "b": anything, f"{ODD}X": anything, f"{ODD}Y": anything}
    members = Members(plain=names, must=frozenset("b"), stems={f"{ODD}X": f"{ODD}[x]", f"{ODD}Y": f"{ODD}[x]"})
    assert looked_up_and_written(members, {ODD: 1, "b": 2, f"{ODD}X": 3})
    assert not looked_up_and_written(members, {ODD: 1}), "b must be there"
    assert not looked_up_and_written(members, {"b": 2, f"{ODD}X": 3, f"{ODD}Y": 4}), "one choice twice"
    assert not looked_up_and_written(members, {"b": 2, "c": 3}), "no such member"


@pytest.mark.parametrize(
    ("value", "right"), [([ONE], True), ([ONE, ONE], True), ([ONE] * 3, False), ([], False), ([5], False), (ONE, False)]
)
def test_many_are_counted(value: Any, right: bool) -> None:
    members = Members(deep={"many": Several(Objects("Other", (), OTHER), 2)})
    assert looked_up_and_written(members, {"many": value}) is right


@pytest.mark.parametrize(("value", "right"), [("one", True), ("two", True), ("three", False), ("", False)])
def test_rules_on_a_primitive_are_asked_of_values_not_known_yet(value: str, right: bool) -> None:
    two = Primitive(RIGHT["string"], {"one"}, (lambda value, scope: value == "two",))
    assert looked_up_and_written(Members(deep={"a": two}), {"a": value}) is right


@pytest.mark.parametrize(
    ("rules", "right"),
    [
        (((None, always),), True),
        (((None, never),), False),
        ((("a", never),), False),
        ((("b", never),), True),
        (((None, ByNames(lambda value, scope: "a" in value)),), True),
        (((None, ByNames(lambda value, scope: "b" in value)),), False),
    ],
)
def test_a_rule_is_asked_where_its_member_is(rules: Rules, right: bool) -> None:
    assert looked_up_and_written(Members(plain={"a": anything, "b": anything}, rules=rules), {"a": 1}) is right


@pytest.mark.parametrize("kind", sorted(RIGHT))
@pytest.mark.parametrize(
    "value",
    [
        *("x", " x", "x ", "x y", " ", "", "\x00", "x\n", "http://x.test/y", "urn:uuid:1", "1900-02-30", "2024-02-29"),
        *("2024-05-01", "2024-05-01T10:00:00Z", "12:00:00", "QUJD", True, False, 0, 1, -1, 2**31, 1.5, "1"),
    ],
)
def test_a_primitive_written_out_is_as_right_as_looked_up(kind: str, value: Any) -> None:
    looked_up_and_written(Members(plain={"a": RIGHT[kind]}), {"a": value})


def test_a_shape_met_often_has_a_function_of_its_own() -> None:
    shapes = unroll("Some", Members(plain={"a": lambda value: value == 1, "b": anything}, must=frozenset("a")))
    nodes: list[Any] = [{"a": 1}, {"a": 2}, {}, {"a": 1, "c": 1}, {"b": 1}, [], None, ["a"]]
    early = [said(shapes, node) for node in nodes]
    for _ in range(MET):
        shapes({"a": 1}, SCOPE)
    assert list(shapes) == [("a",)]
    assert early == [said(shapes, node) for node in nodes] == [True, *[False] * 7]


def test_shapes_without_number_are_forgotten() -> None:
    shapes = unroll("Some", Members(plain={}))
    for number in range(5000):
        shapes({f"a{number}": 1}, SCOPE)
    assert not shapes
    assert len(shapes._met) < 2000
