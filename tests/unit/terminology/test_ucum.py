"""Units built from UCUM's symbols by its grammar; nothing else is called one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.definitions import Definitions
from interop.terminology import Terminology
from interop.terminology.ucum import Units, shipped

COMMON = "http://hl7.org/fhir/ValueSet/ucum-common"
UCUM = "http://unitsofmeasure.org"


@pytest.fixture(scope="module")
def terminology() -> Terminology:
    return Terminology(Definitions.core())


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("mg", True),
        ("/min", True),
        ("mmol/(8.h){shift}", True),
        ("10*9/L", True),
        ("Mmol", True),  # mol takes every prefix
        ("{tablet}", True),
        ("mL/min/{1.73_m2}", True),
        ("mg/dL.kg-1", True),
        ("kg[lb_av]", False),
        ("[bushel]", False),
        ("mcg", False),
        ("TAB", False),
        ("l/min", True),
        ("[m/s2/Hz^(1/2)]", True),
        ("hd", False),  # a day takes no prefix
        ("mg//L", False),
        ("mg/", False),
        (".mg", False),
        ("(mg", False),
        ("mg)", False),
        ("mg dL", False),
        ("µg", False),
        ("m0", False),
        ("{a{b}}", False),
        ("", False),
        ("(" * 5000, False),
    ],
)
def test_a_unit_is_judged_by_grammar_and_symbols(terminology: Terminology, code: str, known: bool):
    answer = terminology.validate_code(UCUM, code)
    assert answer.known is known
    assert (answer.reason == "") == (known is True)


def test_every_common_unit_of_r4_is_a_unit(terminology: Terminology):
    common = terminology.expand(COMMON)
    assert common is not None
    assert len(common) == 1357  # seven stand twice
    assert [c.code for c in common if not shipped().judge(c.code)[0]] == []


def test_a_symbol_nobody_has_is_named_with_the_way_out():
    assert shipped().judge("mg/tablet") == (False, "UCUM has no unit 'tablet'; a word of your own is {tablet}")


@given(st.text(alphabet="mgLd[]{}()./10*^-+ ", max_size=30))
def test_no_text_breaks_it_and_doubling_a_joint_is_never_right(code: str):
    units = Units.of(["g", "L"], ["d", "10*"], ["m", "d"])
    known, reason = units.judge(code)
    assert known == (reason == "")
    if known:
        assert units.judge(f"mg/({code.removeprefix('/')})")[0]
        assert not units.judge(f"{code}/.g")[0]
