"""Codes explained, and mistyped ones recognised."""

from __future__ import annotations

import pytest

from interop.errors import CatalogueError
from interop.findings import explain, explanations


def test_a_code_is_explained() -> None:
    found = explain(" Cardinality ")
    assert found.code == "cardinality"
    assert set(found.as_json()) == {"code", "type", "means", "matters", "fix", "spec"}
    assert all(found.as_json().values())


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [("cardinalty", "cardinality"), ("unknown_element", "unknown-element"), ("slice", "slice-order")],
)
def test_a_mistyped_code_is_recognised(mistyped: str, meant: str) -> None:
    with pytest.raises(CatalogueError, match=f"there is no issue code '{mistyped}'.*did you mean .*'{meant}'"):
        explain(mistyped)


def test_a_code_like_no_other_leads_to_the_list() -> None:
    with pytest.raises(CatalogueError, match="lists every code"):
        explain("zzzz")


def test_all_of_them_stand_in_the_order_of_the_alphabet() -> None:
    codes = [entry.code for entry in explanations()]
    assert codes == sorted(codes)
    assert "cardinality" in codes
