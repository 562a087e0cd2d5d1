"""Functions written from definitions: what a definition calls its elements is data, never code."""

from __future__ import annotations

from typing import Any

import pytest

from interop.validation.glance import always
from interop.validation.unrolled import Members, Objects, Sampling, anything, unroll

ODD = "a']; raise SystemExit #"
SCOPE: Any = None


def whole(members: Members, node: dict[str, Any], *, usual: set[str]) -> bool:
    return unroll("Odd", members, (), lambda key: always, usual)(node, SCOPE)


@pytest.mark.parametrize("usual", [set(), {ODD, "b", f"{ODD}X", f"{ODD}Y"}])
def test_odd_names_are_names(usual: set[str]) -> None:
    names = {ODD: anything, "b": anything, f"{ODD}X": anything, f"{ODD}Y": anything}
    members = Members(plain=names, must=("b",), stems={f"{ODD}X": f"{ODD}[x]", f"{ODD}Y": f"{ODD}[x]"})
    assert whole(members, {ODD: 1, "b": 2, f"{ODD}X": 3}, usual=usual)
    assert not whole(members, {ODD: 1}, usual=usual), "b must be there"
    assert not whole(members, {"b": 2, f"{ODD}X": 3, f"{ODD}Y": 4}, usual=usual), "one choice twice"
    assert not whole(members, {"b": 2, "c": 3}, usual=usual), "no such member"


@pytest.mark.parametrize("usual", [set(), {"many"}])
@pytest.mark.parametrize(
    ("value", "right"), [([{}], True), ([{}, {}], True), ([{}] * 3, False), ([], False), ({}, False)]
)
def test_many_are_counted(value: Any, right: bool, usual: set[str]) -> None:
    def many(found: Any, scope: Any) -> bool:
        return isinstance(found, list) and 0 < len(found) <= 2

    members = Members(deep={"many": many}, objects={"many": Objects("Other", many=True, most=2, rules=())})
    assert whole(members, {"many": value}, usual=usual) is right


def test_the_written_function_and_the_first_look_agree() -> None:
    members = Members(plain={"a": lambda value: value == 1}, must=("a",))
    glance = Sampling("Some", members, ((None, lambda value, scope: True),), lambda key: always)
    nodes: list[Any] = [{"a": 1}, {"a": 2}, {}, {"a": 1, "b": 1}, [], None]
    early = [glance(node, SCOPE) for node in nodes]
    for _ in range(20):
        glance({"a": 1}, SCOPE)
    assert glance.chosen is not None
    assert early == [glance.chosen(node, SCOPE) for node in nodes] == [True, False, False, False, False, False]
