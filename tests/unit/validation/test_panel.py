"""A rule that is left out where its trigger is absent would have held there."""

from __future__ import annotations

import pytest

from interop.definitions import Definitions
from interop.fhirpath import compile
from interop.validation.panel import trigger_of


@pytest.mark.parametrize(
    ("expression", "trigger"),
    [
        ("a.exists() implies b.exists()", "a"),
        ("a.empty() or b = 'c'", "a"),
        ("a.hasValue().not() or b", "a"),
        ("a.empty() or b.c.where(d.exists()).empty()", "b"),
        ("a.b.where(c='d').empty() or e.empty()", "a"),
        ("(a.exists() and b.exists()).not()", "b"),
        ("where(a = 'b').empty()", "a"),
        ("a.exists() or b.exists()", None),
        ("a.empty() implies b.exists()", None),
        ("a.empty() or b.exists() implies c", None),
        ("(a.count() + b.count()) > 0", None),
        ("where(a = 'b' or c).empty()", None),
    ],
)
def test_the_member_without_which_a_condition_holds(expression: str, trigger: str | None) -> None:
    assert trigger_of(expression) == trigger


def test_every_invariant_of_r4_holds_without_its_trigger() -> None:
    definitions = Definitions.core()
    triggered = {
        (element.path, constraint.expression)
        for name in definitions.type_names
        for element in definitions.structure(name) or ()
        for constraint in element.constraints
        if constraint.expression is not None and trigger_of(constraint.expression) is not None
    }
    failing = [
        (path, expression)
        for path, expression in triggered
        if compile(expression).truth({}, type_name=path, resource={}, root={}) is False
    ]
    assert len(triggered) > 40
    assert failing == []
