"""A hospital's messages about a stay, in a node: the home and the practice are told, once, and by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.desk import Desk
from interop.json_codec import JsonObject
from interop.node import Node
from interop.subject import person_key

MESSAGES = Path(__file__).parents[3] / "examples" / "stay-notices" / "hospital"
EDITH = person_key("9990000018")


def send(node: Node, *numbers: str) -> None:
    for number in numbers:
        (path,) = MESSAGES.glob(f"{number}-*.hl7")
        (record,) = Desk(node, "RXE99").submit("hospital/adt", {path.name: path.read_bytes()})["records"]
        assert record["status"] == "recorded", record["issues"]


def notices(node: Node) -> list[JsonObject]:
    """Oldest first."""
    return [m for m in reversed(Desk(node, "RXE99").messages("out")["messages"]) if m["kind"] == "stay-notice"]


def recipients(message: JsonObject) -> set[str]:
    return {delivery["recipient"] for delivery in message["deliveries"]}


@pytest.fixture
def hospital(hub: Node) -> Node:
    hub.persons.join("RXE99", EDITH, "care-home", "VNX01")
    return hub


def test_an_admission_is_told_to_the_home_and_the_practice(hospital: Node) -> None:
    send(hospital, "1")
    (message,) = notices(hospital)
    assert recipients(message) == {"VNX01", "Y99901"}


def test_the_same_message_again_tells_nobody_twice(hospital: Node) -> None:
    send(hospital, "1", "1")
    assert len(notices(hospital)) == 1


def test_every_event_of_a_stay_is_told_once(hospital: Node) -> None:
    send(hospital, "1", "2", "3", "4", "5", "6", "7")
    assert len(notices(hospital)) == 7


def test_what_the_home_reads_names_the_hospital_and_says_what_happened(hospital: Node) -> None:
    send(hospital, "1")
    (message,) = notices(hospital)
    page = Desk(hospital, "RXE99").page(message["id"])
    assert "St Elsewhere" in page
    assert "Admitted to hospital" in page
    assert list(hospital.alarms.standing("RXE99")) == []


def test_without_a_home_in_the_circle_the_practice_is_told_and_the_gap_is_an_alarm(hub: Node) -> None:
    send(hub, "1")
    assert [standing.alarm.code for standing in hub.alarms.standing("RXE99")] != []
    assert [recipients(message) for message in notices(hub)] == [{"Y99901"}]
