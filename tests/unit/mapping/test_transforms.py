"""Every transform, forward and back, from tests/cases/mapping/transforms.yaml."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.mapping.dates import DateFormat
from interop.mapping.faults import Faults
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError
from interop.mapping.transforms import TRANSFORMS, make
from interop.mapping.yaml_tree import read_yaml

LONDON = ZoneInfo("Europe/London")
FILE = Path(__file__).parents[2] / "cases" / "mapping" / "transforms.yaml"
CASES = read_yaml(FILE.read_text(encoding="utf-8"), FILE.name, Faults()).plain


def transform(call):
    name, argument = (call, None) if isinstance(call, str) else next(iter(call.items()))
    return make(name, argument, LONDON)


@pytest.mark.parametrize("case", [c for c in CASES if "fhir" in c], ids=lambda c: f"{c['transform']}-{c['source']}")
def test_a_transform_gives_the_fhir_value_and_comes_back(case):
    step = transform(case["transform"])
    assert step.forward(case["source"]) == case["fhir"]
    if case.get("one-way"):
        assert step.backward is None
    else:
        assert step.backward(case["fhir"]) == case.get("back", case["source"])


@pytest.mark.parametrize("case", [c for c in CASES if "refused" in c], ids=lambda c: f"{c['transform']}-{c['source']}")
def test_what_cannot_be_carried_is_refused_and_never_guessed(case):
    with pytest.raises(Refusal) as refusal:
        transform(case["transform"]).forward(case["source"])
    assert refusal.value.code == case["refused"]
    assert case["source"].split()[0] in refusal.value.text or "NHS" in refusal.value.text


def test_every_transform_has_a_case():
    used = {
        case["transform"] if isinstance(case["transform"], str) else next(iter(case["transform"])) for case in CASES
    }
    assert set(TRANSFORMS) - used == {"text", "trim", "lower", "join"}  # shown with whole rules in test_forward


def test_an_ambiguous_time_still_carries_its_date():
    with pytest.raises(Refusal) as refusal:
        transform({"datetime": "dd/MM/yyyy HH:mm"}).forward("25/10/2026 01:30")
    assert refusal.value.instead == "2026-10-25"
    assert refusal.value.severity == "warning"


def test_digits_of_a_number_are_kept():
    assert str(transform("number").forward("1.50")) == "1.50"
    assert transform({"number": {"decimal": ","}}).forward("1,50") == Decimal("1.50")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [("dd/MM/yy", "two-digit year"), ("dd/mmm/yyyy", "no field"), ("dd/dd", "twice"), ("--", "no field")],
)
def test_a_format_that_would_need_a_guess_is_refused_before_the_first_record(pattern, reason):
    with pytest.raises((ValueError, ArgumentError), match=reason):
        DateFormat.of(pattern)


@pytest.mark.parametrize(
    ("formats", "two"),
    [
        (["dd/MM/yyyy", "MM/dd/yyyy"], "dd/MM/yyyy and another as MM/dd/yyyy"),
        (["iso", "yyyy-dd-MM"], "iso and another as yyyy-dd-MM"),
        (
            [{"format": "dd/MM/yy", "pivot": 30}, {"format": "yy/MM/dd", "pivot": 30}],
            "dd/MM/yy and another as yy/MM/dd",
        ),
        (["dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm"], "dd/MM/yyyy HH:mm and another as MM/dd/yyyy HH:mm"),
    ],
)
def test_formats_that_read_one_text_as_two_dates_are_refused_before_the_first_record(formats, two):
    with pytest.raises(ArgumentError, match=two):
        transform({"datetime" if "HH" in str(formats) else "date": formats})


@pytest.mark.parametrize(
    "formats", [["dd/MM/yyyy", "yyyy-MM-dd", "MM/yyyy", "yyyy", "iso", "d MMM yyyy"], ["hl7", "iso"]]
)
def test_formats_no_text_can_be_mistaken_in_go_together(formats):
    assert transform({"date": formats})


@pytest.mark.parametrize(
    ("fhir", "back", "code"),
    [
        ("2026-11-18T07:20:31+00:00", "18/11/2026 07:20", "reverse-shortened"),
        ("2026-11", None, "reverse-date"),
        ("tomorrow", None, "reverse-date"),
    ],
)
def test_a_date_that_does_not_fit_the_local_format_is_told(fhir, back, code):
    with pytest.raises(Refusal) as refusal:
        transform({"datetime": ["dd/MM/yyyy HH:mm", "dd/MM/yyyy"]}).backward(fhir)
    assert (refusal.value.code, refusal.value.instead) == (code, back)


def test_a_measurement_in_another_unit_does_not_come_back_as_a_number():
    with pytest.raises(Refusal, match="not a plain number of kg"):
        transform({"quantity": "kg"}).backward({"value": 11, "unit": "st", "code": "[stone_av]"})


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # local times
def test_every_local_time_comes_back_or_is_refused(moment):
    step = transform({"datetime": "dd/MM/yyyy HH:mm:ss"})
    text = moment.strftime("%d/%m/%Y %H:%M:%S")
    refused = None
    try:
        assert step.backward(step.forward(text)) == text
    except Refusal as refusal:
        refused = refusal.code
    assert refused in (None, "time-ambiguous", "time-skipped")
