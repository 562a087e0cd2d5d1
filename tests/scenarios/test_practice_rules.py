"""The rules of a node on the shipped examples: what a document makes necessary is sent, once, and is valid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from interop import pipeline
from interop.catalogue import shipped
from interop.desk import Desk
from interop.node import Node
from interop.settings import Settings

EXAMPLES = shipped("examples")


class Clock:
    at = datetime(2026, 11, 27, 12, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def node(tmp_path: Path, clock: Clock) -> Iterator[Node]:
    """Everybody the examples name is a partner that may see all."""
    named = ("RXN97", "RXN98", "E99801", "VNX77", "RX801", "RXE98", "VNX02")
    partners: list[dict[str, Any]] = [
        {"ods": o, "name": f"Partner {o}", "role": "other", "sees": "full"} for o in named
    ]
    organisations = [
        {"ods": "VNX01", "name": "Rosewood House", "role": "care-home", "sees": "full"},
        {"ods": "RXE99", "name": "St Elsewhere's", "role": "hospital", "sees": "full"},
        {"ods": "Y99901", "name": "Mill Lane Surgery", "role": "gp", "sees": "full"},
    ]
    table = {"node": {"name": "Hub"}, "organisations": organisations, "partners": partners}
    with Node.open(Settings.of(table, folder=tmp_path), clock=clock) as opened:
        yield opened


def submit(node: Node, mapping: str, *paths: str, ods: str = "VNX01") -> None:
    files = {path.name: path for name in paths for path in _files(EXAMPLES / name)}
    for record in Desk(node, ods).submit(mapping, files)["records"]:
        assert record["status"] == "recorded", record["issues"]


def _files(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else [path]


def followed(node: Node, ods: str = "VNX01") -> Counter[str]:
    """Kind of follow-up → how many were made; and none failed on the way."""
    codes = {standing.alarm.code for standing in node.alarms.standing(ods)}
    assert not codes & {"rule-failed", "follow-up-invalid", "identifier-conflict"}
    desk = Desk(node, ods)
    found = [desk.message(message["id"]) for message in desk.messages("out")["messages"]]
    return Counter(message["kind"] for message in found if message["follows"])


def test_a_new_care_coordinator_is_told_to_all_around_once(node: Node) -> None:
    submit(node, "care-home/care-team-json", "coordinator-change/before/RH-014.json")
    assert followed(node) == {}
    submit(node, "care-home/care-team-json", "care-team/RH-014.json")
    told = followed(node)
    assert told["coordinator-notice"] > 1
    submit(node, "care-home/care-team-json", "care-team/RH-014.json")
    assert followed(node) == told


def test_a_missed_visit_alerts_once_by_the_clock_alone(node: Node, clock: Clock) -> None:
    submit(node, "care-home/diary", "care-diary/today")
    before = followed(node)
    for _ in range(12):
        clock.at += timedelta(hours=6)
        pipeline.look_again(node, "VNX01")
    after = followed(node)
    assert after["missed-visit"] > before["missed-visit"] > 0
    for _ in range(12):
        clock.at += timedelta(hours=6)
        pipeline.look_again(node, "VNX01")
    assert followed(node) == after, "nothing new became true"


def test_a_thing_missing_from_the_bag_is_looked_for_once(node: Node) -> None:
    checks = ("red-bag-checkpoints/checkpoints.csv", "red-bag-checkpoints/checkpoint-items.csv")
    submit(node, "care-home/checkpoint", *checks)
    submit(node, "care-home/checkpoint-json", "red-bag-checkpoints/ambulance.json")
    told = followed(node)
    assert told["item-lost"] >= 3
    submit(node, "care-home/checkpoint", *checks)
    assert followed(node) == told
