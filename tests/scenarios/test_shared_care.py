"""What practice asks for, done by a node: new co-ordinator, actions of a meeting, missed visit, competency over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interop.desk import Desk
from interop.json_codec import JsonObject
from interop.node import Node
from interop.pipeline import look_again
from interop.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"
ORGANISATIONS = (
    ("VNX01", "Rosewood House", "care-home"),
    ("Y99901", "Mill Lane Surgery", "gp"),
    ("RXN98", "Elmbridge Community Nursing", "hospital"),
    ("RXN97", "Elmbridge Community Rehabilitation", "hospital"),
    ("E99801", "Elmbridge Council Adult Services", "hospital"),
)


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Node]:
    table: JsonObject = {
        "node": {"name": "Hub"},
        "organisations": [{"ods": ods, "name": name, "role": role} for ods, name, role in ORGANISATIONS],
    }
    with Node.open(Settings.of(table, folder=tmp_path), clock=clock) as node:
        yield node


def submit(node: Node, mapping: str, place: str) -> None:
    path = EXAMPLES / place
    files = {member.name: member.read_bytes() for member in ([path] if path.is_file() else sorted(path.iterdir()))}
    records = Desk(node, "VNX01").submit(mapping, files)["records"]
    assert [one["status"] for one in records] in (["recorded"], ["duplicate"], ["unchanged"]), records


def told(node: Node, kind: str) -> list[list[str]]:
    """For each message of a kind the home has made: to whom."""
    messages = Desk(node, "VNX01").messages("out")["messages"]
    return sorted(sorted(leg["recipient"] for leg in m["deliveries"]) for m in messages if m["kind"] == kind)


def test_a_new_co_ordinator_is_told_to_every_organisation_around_the_person_once(hub: Node) -> None:
    submit(hub, "care-home/care-team-json", "coordinator-change/before/RH-014.json")
    assert told(hub, "coordinator-notice") == []
    submit(hub, "care-home/care-team-json", "care-team/RH-014.json")
    assert told(hub, "coordinator-notice") == [[], ["E99801"], ["RXN97"], ["RXN98"], ["Y99901"]]
    submit(hub, "care-home/care-team-json", "care-team/RH-014.json")
    assert len(told(hub, "coordinator-notice")) == 5


def test_the_actions_of_a_meeting_reach_their_owners(hub: Node) -> None:
    submit(hub, "care-home/meeting", "meeting/RH-014.json")
    assert told(hub, "meeting-actions") == [[], ["E99801"], ["RXN97"], ["Y99901"]]


def test_a_visit_that_becomes_missed_while_nobody_looks_alerts_once_and_is_taken_back(hub: Node, clock: Clock) -> None:
    submit(hub, "care-home/diary", "care-diary/today")
    assert told(hub, "missed-visit") == [[]]  # the befriender's, of the day before
    clock.at = datetime(2026, 11, 27, 11, 29, tzinfo=UTC)
    look_again(hub, "VNX01")
    assert told(hub, "missed-visit") == [[]]
    for _ in range(3):
        clock.at += timedelta(minutes=5)
        look_again(hub, "VNX01")
    assert told(hub, "missed-visit") == [[], ["RXN98"]]
    clock.at = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
    submit(hub, "care-home/diary", "care-diary/next-day")
    assert told(hub, "visit-corrected") == [[]]
    submit(hub, "care-home/diary", "care-diary/next-day")
    assert told(hub, "visit-corrected") == [[]]


def test_a_competency_that_runs_out_stops_the_task_that_rests_on_it(hub: Node, clock: Clock) -> None:
    submit(hub, "care-home/delegation", "delegation/RH-014.json")
    assert told(hub, "delegation-refused") == []
    clock.at = datetime(2026, 12, 15, 1, 0, tzinfo=UTC)
    look_again(hub, "VNX01")
    assert told(hub, "delegation-refused") == [["RXN98"], ["RXN98"]]  # the eye drops, and a task whose time is over
