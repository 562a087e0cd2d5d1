"""The story's dates move together; nothing else does."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from interop.demo.story import DISCHARGED, days_to_move, moved


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("14/11/2026 02:10", "17/11/2026 02:10"),
        ("2026-11-14T02:10:00Z", "2026-11-17T02:10:00Z"),
        ("|20261114021000|", "|20261117021000|"),
        ("|20261114|", "|20261117|"),
        ("31/12/2026", "03/01/2027"),
        ("14/08/1938", "14/08/1938"),
        ("19380814", "19380814"),
        ("31/02/1935", "31/02/1935"),
        ("999 000 0018", "999 000 0018"),
        ("99/99/2026", "99/99/2026"),
    ],
)
def test_only_the_storys_own_dates_move(written: str, found: str) -> None:
    assert moved(written, timedelta(days=3)) == found


@pytest.mark.parametrize("hours", [0, 1, 23, 24, 500, 3_000])
def test_the_debt_of_the_discharge_is_always_fresh(hours: int) -> None:
    wall = DISCHARGED + timedelta(hours=hours, minutes=1)
    now = wall.replace(tzinfo=ZoneInfo("Europe/London"))
    age = wall - (DISCHARGED + days_to_move(now))
    assert timedelta(minutes=-30) <= age < timedelta(hours=23, minutes=30)
