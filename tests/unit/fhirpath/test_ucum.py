"""UCUM codes: what they measure and by how much."""

from __future__ import annotations

import json
from fractions import Fraction
from importlib import resources

import pytest

from interop.fhirpath.ucum import unit

TABLE = json.loads(resources.files("interop.fhirpath").joinpath("ucum.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", TABLE["atoms"])
def test_every_atom_can_be_traced_to_base_units(code: str) -> None:
    assert unit(code) is not None


def test_atoms_that_take_prefixes_are_atoms() -> None:
    assert set(TABLE["metric"]) <= set(TABLE["atoms"])


@pytest.mark.parametrize(
    ("code", "same"),
    [
        ("mL", "cm3"),
        ("10*3/uL", "10*9/L"),
        ("10^9/L", "10*9/L"),
        ("kg.m/s2", "N"),
        ("/min", "min-1"),
        ("mg/dL", "10.mg/L"),
        ("ng/(24.h)", "ng/d"),
        ("{score}", "1"),
        ("mL/min/{1.73_m2}", "mL/min"),
        ("[stone_av]", "14.[lb_av]"),
        ("da[arb'U]", "10.[arb'U]"),
    ],
)
def test_two_codes_for_the_same(code: str, same: str) -> None:
    assert unit(code) is not None
    assert unit(code) == unit(same)


@pytest.mark.parametrize("code", ["", "shoe", "kkg", "m//s", "(m", "m)", "m{open", "1/0", "m." + "(" * 50, "m1000000"])
def test_what_cannot_be_read_is_unknown(code: str) -> None:
    assert unit(code) is None


def test_a_scale_with_its_own_zero() -> None:
    celsius = unit("Cel")
    assert celsius is not None
    assert celsius.measure(Fraction(37)) == Fraction("310.15")
