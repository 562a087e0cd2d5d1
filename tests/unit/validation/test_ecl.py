"""Expression constraints of SNOMED CT: what is one, and where another text stops being one."""

from __future__ import annotations

import pytest

from interop.validation.ecl import ecl_fault


@pytest.mark.parametrize(
    "text",
    [
        "404684003 |Clinical finding|",
        "<< 73211009",
        "<! 404684003",
        "descendantOrSelfOf 404684003",
        "*",
        "^ 700043003 |Example problem list|",
        "^ [targetComponentId] 447562003",
        "< 19829001 AND < 301867009 AND < 404684003",
        "< 19829001, < 301867009",
        "< 19829001 MINUS << 301867009",
        "(< 404684003 MINUS << 64572001) AND ^ 700043003",
        "< 404684003 : 363698007 |Finding site| = << 39057004",
        "< 404684003 : { 363698007 = << 39057004 , 116676008 = << 415582006 } , { 363698007 = << 53085002 }",
        "< 404684003 : (363698007 = 39057004 OR 363698007 = 53085002)",
        "< 27658006 : 411116001 = << 385055001, { 1142135004 >= #250, 732945000 = 258684004 }",
        "< 125605004 : [1..3] { 363698007 = * }",
        "< 91723000 : R 363698007 = < 125605004",
        "< 125605004 . 363698007",
        '< 64572001 {{ term = "heart att" }}',
        "<< 404684003 /* findings */ : << 47429007 = (<< 55342001 OR 39057004)",
    ],
)
def test_an_expression_constraint(text: str) -> None:
    assert ecl_fault(text) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "a concept is wanted at the end"),
        ("<", "a concept is wanted at the end"),
        ("404684003 << 404684003", "'<<' has no place there"),
        ("404684003 :", "a concept is wanted at the end"),
        ("404684003 : 363698007 39057004", "compare is wanted before '39057004'"),
        ("(404684003", ") is wanted at the end"),
        ("404684003 AND 39057004 OR 363698007", "AND and OR stand side by side without brackets"),
        ("heart attack", "a concept is wanted before 'heart'"),
        ("404684003 ; 39057004", "nothing begins with '; 39057004' at character 11"),
        ("(" * 60 + "404684003" + ")" * 60, "nested too deep"),
    ],
)
def test_no_expression_constraint(text: str, fault: str) -> None:
    assert ecl_fault(text) == fault
