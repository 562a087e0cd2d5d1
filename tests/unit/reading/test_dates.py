"""Dates and times as people in the UK read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.json_codec import loads
from interop.reading.dates import Calendar

CASES = loads((Path(__file__).parents[2] / "cases" / "reading" / "dates.json").read_bytes())
UK = Calendar.of("Europe/London")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_a_moment_is_shown_on_the_documents_clock(case: dict) -> None:
    assert Calendar.of(case.get("zone")).show(case["value"]) == case["shown"]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_machines_own_time_zone_changes_nothing(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    assert UK.show("2026-07-01T01:10:00Z") == "1 Jul 2026, 02:10"


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("1938-08-14", "2026-11-14T02:30:00+00:00", 88),
        ("1938-08-14", "2026-08-13", 87),
        ("1938-08-14", "2026-08-14", 88),
        ("1940-02-29", "2026-02-28", 85),
        ("1938", "2026-11-14", None),
        ("2030-01-01", "2026-11-14", None),
    ],
)
def test_age_counts_whole_years_and_needs_a_whole_date(born: str, on: str, age: int | None) -> None:
    assert UK.age(born, on) == age


@pytest.mark.parametrize(
    ("end", "now", "past"),
    [
        ("2026-09-01", "2026-09-01T23:59:00+01:00", False),
        ("2026-09-01", "2026-09-02T00:00:00+01:00", True),
        ("2026-09-01T10:00:00+01:00", "2026-09-01T10:00:01+01:00", True),
        ("soon", "2026-09-01", None),
    ],
)
def test_a_date_is_past_only_when_its_whole_day_is(end: str, now: str, past: bool | None) -> None:
    assert UK.is_past(end, now) is past
