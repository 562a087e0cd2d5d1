"""A discharge comes in where a bag had gone out: that home owes itself a worksheet, once, and nobody else does."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from interop.catalogue import shipped
from interop.desk import Desk
from interop.json_codec import JsonObject
from interop.node import Node
from interop.workers import Workers

JOURNEY = shipped("examples") / "red-bag-journey"
BAG = {path.name: path.read_bytes() for path in sorted((JOURNEY / "care-home").iterdir())}
DISCHARGE = {"discharge.json": (JOURNEY / "hospital" / "discharge.json").read_bytes()}


def deliver(node: Node, clock: Any) -> None:
    workers = Workers(node)
    while workers.dispatcher.run_once() or workers.handle_next():
        clock.forward(seconds=1)


@pytest.fixture
def home_again(hub: Node, clock: Any) -> Node:
    """A bag has gone from the home to hospital and practice; the discharge has come back to home and practice."""
    clock.forward(hours=24 * 7)
    # Everybody knows her already: a document about somebody unknown waits for a person to say who it is.
    for ods in ("RXE99", "Y99901"):
        Desk(hub, ods).submit("care-home/red-bag", BAG)
    Desk(hub, "VNX01").submit("care-home/red-bag", BAG, ("RXE99", "Y99901"))
    deliver(hub, clock)
    Desk(hub, "RXE99").submit("hospital/discharge", DISCHARGE, ("VNX01", "Y99901"))
    deliver(hub, clock)
    return hub


def sheets(node: Node, ods: str) -> list[JsonObject]:
    return [m for m in Desk(node, ods).messages("out")["messages"] if m["kind"] == "medicines-sign-off"]


def test_the_home_keeps_one_worksheet_and_is_told_of_it(home_again: Node) -> None:
    (sheet,) = sheets(home_again, "VNX01")
    assert sheet["deliveries"] == []
    alarms = Counter(s.alarm.code for s in home_again.alarms.standing("VNX01"))
    assert alarms["follow-up"] == 1
    assert not alarms.keys() & {"rule-failed", "follow-up-invalid"}


def test_nothing_is_decided_in_it_and_it_can_be_read(home_again: Node) -> None:
    (sheet,) = sheets(home_again, "VNX01")
    page = Desk(home_again, "VNX01").page(sheet["id"])
    assert "NOT DECIDED" in page
    assert "Zopiclone" in page


@pytest.mark.parametrize("ods", ["RXE99", "Y99901"])
def test_whoever_else_holds_both_documents_owes_nothing(home_again: Node, ods: str) -> None:
    assert sheets(home_again, ods) == []


def test_the_same_discharge_again_makes_no_second_worksheet(home_again: Node, clock: Any) -> None:
    Desk(home_again, "RXE99").submit("hospital/discharge", DISCHARGE, ("VNX01",))
    deliver(home_again, clock)
    assert len(sheets(home_again, "VNX01")) == 1
