"""Expressions over cells run as plain Python say what the FHIRPath room says, or leave the row to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.fhirpath import compile as compile_expression
from interop.mapping.cell_expressions import NotPlainError, of
from interop.mapping.conditions import present

KNOWN = [
    "`Dose` & iif(`Route`.exists(), ', ' & `Route`.substring(0, 1).lower() & `Route`.substring(1), '')",
    "iif(Kind = 'Co', 'Co, ' & Role.lower(), Role)",
    "iif(Kind.empty(), Role.upper())",
    "Kind.exists() and Role != 'x'",
    "Kind = 'a' or Role = 'b' or Dose.empty()",
    "(Kind = Role).not()",
    "inner.deep.exists()",
    "inner.deep.empty() and Kind.exists()",
    "inner.deep.lower() = 'x'",
    "Kind.substring(1, 2) & Role.substring(9)",
    "'' & Kind",
]
cells = st.one_of(
    st.none(), st.sampled_from(["", " ", "a", "b", "x", "Co", "Oral", " Twice a day "]), st.text(max_size=4)
)
inner = st.one_of(
    st.none(), cells, st.fixed_dictionaries({"deep": cells}), st.fixed_dictionaries({"deep": st.lists(cells)})
)
rows = st.fixed_dictionaries({"Dose": cells, "Route": cells, "Kind": cells, "Role": cells, "inner": inner})


@pytest.mark.parametrize("expression", KNOWN)
@given(row=rows)
def test_it_says_what_fhirpath_says(expression, row):
    quick = of(expression)
    try:
        found = quick.value(row)
    except NotPlainError:
        return
    assert ([] if found is None else [found]) == compile_expression(expression).evaluate(present(row))


@pytest.mark.parametrize(
    "expression",
    [
        "rows.where(A = 'x').exists()",
        "Kind.length()",
        "Kind + Role",
        "value.exists()",
        "%record.Kind",
        "Kind is String",
        "1",
    ],
)
def test_what_it_does_not_know_is_left_to_fhirpath(expression):
    assert of(expression) is None


def test_a_cell_that_is_no_text_is_left_to_fhirpath():
    with pytest.raises(NotPlainError):
        of("Kind & Role").value({"Kind": 1, "Role": "x"})
