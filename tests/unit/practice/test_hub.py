"""The discharge hub: who is next, since when, what waits for what, and which moves are legal."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from typer.testing import CliRunner

from interop import narrative
from interop.catalogue import Catalogue
from interop.cli.main import app
from interop.json_codec import JsonObject, dumps
from interop.narrative.hub_page import long_words
from interop.practice.hub import MOVED_TO, OPEN, board, hub_issues, legal_moves, may_move
from interop.reading import Document
from interop.translator import Translator

HUB = Path(__file__).parents[3] / "examples" / "hub"
MORNING = datetime(2026, 11, 18, 9, tzinfo=UTC)
NOON = datetime(2026, 11, 18, 13, tzinfo=UTC)


@cache
def _made() -> JsonObject:
    files = {path.name: path.read_bytes() for path in HUB.glob("*.csv")}
    (found,) = Translator(Catalogue()).translate("hospital/hub", files, now=MORNING)
    assert found.bundle is not None
    return found.bundle


def hub() -> JsonObject:
    return copy.deepcopy(_made())


def task(bundle: JsonObject, number: str) -> JsonObject:
    found: JsonObject = next(
        e["resource"]
        for e in bundle["entry"]
        if e["resource"]["resourceType"] == "Task" and e["resource"]["identifier"][0]["value"] == number
    )
    return found


def codes(bundle: JsonObject, now: datetime = MORNING) -> list[str]:
    return [issue.code for issue in hub_issues(Document.of(bundle), now)]


def test_whoever_has_to_act_now_stands_first_and_longest_held_on_top() -> None:
    found = board(Document.of(hub()), MORNING)
    assert [action.number for action in found.actions] == ["A4", "A5", "A1", "A3", "A2", "A6"]
    assert [action.number for action in found.next_actions] == ["A4", "A5", "A1"]
    first = found.actions[0]
    assert (first.organisation, first.holder, first.phone) == (
        "Elmbridge Community Equipment",
        "Leon Petrov",
        "01632 960970",
    )
    assert first.held == timedelta(hours=43, minutes=30)


def test_the_board_says_pathway_and_how_long_the_person_has_been_ready() -> None:
    found = board(Document.of(hub()), MORNING)
    assert found.pathway == "Pathway 1: home with new or additional support"
    assert found.ready_for == timedelta(hours=18)
    assert found.co_ordinator == "Farah Siddiqui"


def test_what_waits_for_an_open_action_is_next_when_that_one_is_done() -> None:
    bundle = hub()
    task(bundle, "A1").update({"status": "completed"})
    task(bundle, "A1")["businessStatus"]["coding"][0]["code"] = "done"
    found = board(Document.of(bundle), MORNING)
    assert "A3" in [action.number for action in found.next_actions]
    assert "hub-wait-is-over" in codes(bundle)


def test_the_example_is_right_in_the_morning_and_late_at_noon() -> None:
    assert codes(hub()) == []
    assert codes(hub(), NOON) == ["hub-overdue", "hub-overdue"]


@pytest.mark.parametrize(("before", "after"), list(product(legal_moves(), [state for state in legal_moves() if state])))
def test_a_move_is_legal_only_where_the_table_says_so(before: str, after: str) -> None:
    bundle = hub()
    bundle["entry"] = [e for e in bundle["entry"] if not _is_move(e["resource"], {"A3", "A4", "A5", "A6"})]
    moves = [e["resource"] for e in bundle["entry"] if _is_move(e["resource"], {"A1", "A2"})]
    path = _way_to(before)
    for hour, (move, state) in enumerate(zip(moves, (*path, after), strict=False)):
        move["recorded"] = f"2026-11-16T{hour + 10}:00:00+00:00"
        move["target"][0]["identifier"]["value"] = "A1"
        next(x for x in move["extension"] if x["url"] == MOVED_TO)["valueCode"] = state
    used = {id(move) for move in moves[: len(path) + 1]}
    bundle["entry"] = [
        e for e in bundle["entry"] if e["resource"]["resourceType"] != "Provenance" or id(e["resource"]) in used
    ]
    assert ("hub-illegal-move" not in codes(bundle)) == may_move(before, after)


def _is_move(resource: JsonObject, numbers: set[str]) -> bool:
    return resource["resourceType"] == "Provenance" and resource["target"][0]["identifier"]["value"] in numbers


def _way_to(state: str) -> tuple[str, ...]:
    """A legal way from nothing to a state."""
    ways: list[tuple[str, ...]] = [()]
    for way in ways:
        if (way[-1] if way else "") == state:
            return way
        ways += [(*way, after) for after in legal_moves()[way[-1] if way else ""] if after not in way]
    raise AssertionError(f"no way to {state}")


def test_the_table_names_every_state_and_leads_out_of_every_open_one() -> None:
    named = {after for following in legal_moves().values() for after in following}
    assert named == set(legal_moves()) - {""}
    assert all(legal_moves()[state] for state in OPEN)


def other_holder(bundle: JsonObject) -> None:
    held = task(bundle, "A1")["owner"]["extension"][0]["extension"][0]
    held["valueString"] = "Dr Somebody Else"


def other_standing(bundle: JsonObject) -> None:
    task(bundle, "A1")["businessStatus"]["coding"][0]["code"] = "accepted"


def round_and_round(bundle: JsonObject) -> None:
    waits = copy.deepcopy(task(bundle, "A3")["input"])
    waits[0]["valueReference"]["identifier"]["value"] = "A3"
    task(bundle, "A1")["input"] = waits


def all_over(bundle: JsonObject) -> None:
    for number in ("A1", "A3", "A4", "A5"):
        task(bundle, number)["businessStatus"]["coding"][0]["code"] = "cancelled"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (other_holder, "hub-history-differs"),
        (other_standing, "hub-history-differs"),
        (round_and_round, "hub-waits-for-itself"),
        (all_over, "hub-nobody-next"),
    ],
)
def test_what_nobody_would_untie_is_told(change: Callable[[JsonObject], None], code: str) -> None:
    bundle = hub()
    change(bundle)
    assert code in codes(bundle)


def test_the_page_shows_the_next_action_and_what_it_waits_for() -> None:
    shown = " ".join(narrative.page(hub()).split())
    assert "<strong>Elmbridge Community Equipment</strong>, Leon Petrov" in shown
    assert "NEXT: blocked" in shown
    assert "Medicines to take home are not ready (A1)" in shown
    assert shown.index("NEXT: blocked") < shown.index(">waiting<")


@pytest.mark.parametrize(
    ("minutes", "words"), [(5, "5 min"), (65, "1 h 05 min"), (43 * 60 + 30, "1 day 19 h"), (48 * 60, "2 days 0 h")]
)
def test_a_length_of_time_in_words(minutes: int, words: str) -> None:
    assert long_words(timedelta(minutes=minutes)) == words


def test_the_command_tells_next_and_overdue(tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    path.write_bytes(dumps(hub()))
    result = CliRunner().invoke(app, ["care", "hub", str(path), "--at", "2026-11-18T13:00"])
    assert result.exit_code == 1
    assert "NEXT  A4  blocked, OVERDUE" in result.output
    nothing = tmp_path / "nothing.json"
    nothing.write_bytes(dumps({"resourceType": "Bundle", "type": "document"}))
    assert CliRunner().invoke(app, ["care", "hub", str(nothing)]).exit_code == 3
