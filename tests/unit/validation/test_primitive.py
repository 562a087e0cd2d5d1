"""Lexical forms of the primitive types (FHIR R4 datatypes.html#primitive)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from interop.validation.primitive import FAULTS


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("boolean", True),
        ("integer", -2147483648),
        ("positiveInt", 1),
        ("unsignedInt", 0),
        ("decimal", Decimal("1.50")),
        ("decimal", 3),
        ("string", "Mrs Ashworth\nRoom 7"),
        ("string", "zażółć"),
        ("code", "not-done"),
        ("code", "two words"),
        ("id", "a.B-9"),
        ("uri", "urn:oid:2.16.840.1"),
        ("oid", "urn:oid:1.2.3"),
        ("uuid", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"),
        ("date", "1938"),
        ("date", "1938-08"),
        ("date", "2024-02-29"),
        ("dateTime", "2026-11-14T02:10:00Z"),
        ("dateTime", "2026-11-14T02:10:00.123+00:00"),
        ("dateTime", "2016-12-31T23:59:60Z"),
        ("instant", "2026-11-14T02:10:00+14:00"),
        ("time", "02:10:00"),
        ("base64Binary", "AAAA\nAAA="),
    ],
)
def test_a_value_of_the_right_form_has_no_fault(kind: str, value: object) -> None:
    assert FAULTS[kind](value) is None


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("boolean", "true", "true or false"),
        ("boolean", 1, "true or false"),
        ("integer", 1.5, "whole number"),
        ("integer", True, "whole number"),
        ("integer", 2147483648, "outside"),
        ("positiveInt", 0, "outside"),
        ("decimal", "1.5", "a number is wanted"),
        ("string", "", "empty"),
        ("string", "   ", "white space"),
        ("string", "a\x00b", "control character"),
        ("string", 7, "a string is wanted"),
        ("code", " final", "not a code"),
        ("code", "two  words", "not a code"),
        ("id", "x" * 65, "65 characters"),
        ("id", "a_b", "not an id"),
        ("uri", "a b", "white space"),
        ("uri", "urn:oid:9.1", "not an OID"),
        ("uri", "urn:uuid:nonsense", "not a UUID"),
        ("date", "14/08/1938", "YYYY-MM-DD"),
        ("date", "2023-02-29", "no day 29"),
        ("date", "2023-13", "no month 13"),
        ("date", "0000", "no year 0000"),
        ("dateTime", "2026-11-14T02:10:00", "time zone"),
        ("dateTime", "2026-11-14T24:00:00Z", "not a FHIR dateTime"),
        ("dateTime", "2026-11-14T02:10Z", "not a FHIR dateTime"),
        ("instant", "2026-11-14", "not a FHIR instant"),
        ("time", "24:00:00", "not"),
        ("base64Binary", "A", "not base64"),
        ("xhtml", 1, "a string is wanted"),
    ],
)
def test_a_value_of_the_wrong_form_is_told_what_is_wanted(kind: str, value: object, says: str) -> None:
    assert says in (FAULTS[kind](value) or "no fault")


@pytest.mark.parametrize("kind", sorted(FAULTS))
@pytest.mark.parametrize("value", [None, {}, [], {"a": 1}, float("nan"), "\ud800", "٣"])
def test_no_value_at_all_makes_a_form_stumble(kind: str, value: object) -> None:
    assert FAULTS[kind](value) is None or isinstance(FAULTS[kind](value), str)
