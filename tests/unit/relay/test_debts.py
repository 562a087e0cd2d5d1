"""Which debts an event opens; the cases are data in tests/cases/relay/debts.json."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interop.relay.debts import Event, Rule, debts

CASES = json.loads((Path(__file__).parents[2] / "cases/relay/debts.json").read_text(encoding="utf-8"))
RULES = [Rule(r["on"], r["owes"], tuple(r["to"]), timedelta(hours=r["within_hours"])) for r in CASES["rules"]]
OCCURRED = datetime(2026, 11, 18, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["desc"])
def test_an_event_opens_these_debts(case):
    event = Event("RXE99", case["event"], "9990000018", OCCURRED, "adt-1")
    found = debts(event, RULES, case["circle"])
    wanted = [(owes, to, OCCURRED + timedelta(hours=hours)) for owes, to, hours in case["owes"]]
    assert [(debt.owes, debt.recipient, debt.due) for debt in found] == wanted


def test_a_debt_runs_from_when_it_happened_not_from_when_we_heard():
    event = Event("RXE99", "ADT^A01", "9990000018", OCCURRED - timedelta(days=3), "late-news")
    [debt] = debts(event, RULES, {"care-home": ["VNX01"]})
    assert debt.due == OCCURRED - timedelta(days=3) + timedelta(hours=1)


@pytest.mark.parametrize(
    "changes",
    [{"on": ""}, {"owes": ""}, {"to": ()}, {"within": timedelta(0)}],
    ids=["no event", "no kind", "nobody", "no time"],
)
def test_a_rule_that_can_never_be_kept_cannot_be_made(changes):
    whole = {"on": "ADT^A03", "owes": "discharge-summary", "to": ("gp",), "within": timedelta(hours=1)}
    with pytest.raises(ValueError, match="obligation"):
        Rule(**(whole | changes))


def test_an_events_time_needs_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        Event("RXE99", "ADT^A03", "9990000018", OCCURRED.replace(tzinfo=None), "adt-1")
