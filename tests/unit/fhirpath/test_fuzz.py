"""Whatever is written, whatever the data: a result or an ExpressionError, never anything else."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interop.errors import ExpressionError
from interop.fhirpath import compile

PATIENT = json.loads((Path(__file__).parents[2] / "cases" / "fhirpath" / "patient.json").read_text(encoding="utf-8"))
PIECES = """
name given family birthDate extension value %resource %x $this $index 1 2.5 'a' true {} @2026-11 @T10 2'mg' 1 day
. . . ( ) [ ] , + - * / | & = != ~ < >= and or xor implies in contains is as div mod
where( select( exists() count() first() children() descendants() ofType(string) toString() toInteger() matches('a')
iif( aggregate( $total sum() sort( lowBoundary() resolve() not() id code deceased type()
""".split()  # noqa: SIM905 - reads as an expression does
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["name", "_name", "given", "value", "id"]), part)
    ),
    max_leaves=8,
)


def attempt(text: str, focus: Any) -> None:
    with contextlib.suppress(ExpressionError):
        expression = compile(text)
        expression.evaluate(focus)
        expression.nodes(focus)
        expression.truth(focus)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_pieces_of_expressions_in_any_order(pieces: list[str]) -> None:
    attempt(" ".join(pieces), PATIENT)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=30))
def test_any_text(text: str) -> None:
    attempt(text, PATIENT)


@settings(max_examples=150, deadline=None)
@given(
    JSON,
    st.sampled_from(
        ["name.given", "descendants().count()", "name.value is string", "children().id", "name.extension('a')"]
    ),
)
def test_any_tree(tree: Any, text: str) -> None:
    attempt(text, {"resourceType": "Patient", "name": tree, "_name": tree})
    attempt(text, tree)
