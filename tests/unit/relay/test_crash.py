"""kill -9 at random moments: nothing accepted is lost, nothing takes effect twice, each person's order holds."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select

from interop.relay.counts import Counts
from interop.relay.schema import effect, inbox
from interop.relay.store import Store, StoreSettings
from interop.relay.trail import Trail

CYCLES = int(os.environ.get("CYCLES", "8"))
PROGRAM = Path(__file__).with_name("two_nodes.py")


def _run(folder: Path, cycle: str, seconds: float | None) -> list[str]:
    """What the process printed before it was killed, or before it ended by itself."""
    process = subprocess.Popen([sys.executable, str(PROGRAM), str(folder), cycle], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "ready\n"
        if seconds is not None:
            threading.Timer(seconds, process.kill).start()
        lines = [line.strip() for line in process.stdout if line.endswith("\n")]
    assert process.returncode == (0 if seconds is None else -9)
    return lines


@pytest.fixture(scope="module")
def after(tmp_path_factory):
    """(identifiers that were accepted, the home's store, the hospital's store) after the last restart."""
    folder = tmp_path_factory.mktemp("nodes")
    rng = random.Random(20261114)  # noqa: S311  the moments to kill at, the same in every run
    accepted = [line for n in range(CYCLES) for line in _run(folder, f"c{n}", rng.uniform(0.05, 0.6))]
    _run(folder, "drain", None)
    with (
        Store.open(StoreSettings(folder / "VNX01.db")) as home,
        Store.open(StoreSettings(folder / "RXE99.db")) as hospital,
    ):
        yield accepted, home, hospital


def test_something_was_really_sent_and_really_killed(after):
    accepted, _, hospital = after
    assert len({identifier.split("/")[0] for identifier in accepted}) > CYCLES / 2
    assert Counts(hospital).of()["duplicates_on_the_wire"] > 0


def test_nothing_accepted_is_lost(after):
    accepted, home, hospital = after
    with hospital.reading() as connection:
        arrived = set(connection.scalars(select(inbox.c.identifier)))
    assert set(accepted) - arrived == set()
    for node in (home, hospital):
        counts = Counts(node).of()
        assert (counts["lost"], counts["queued"], counts["dead_lettered"], counts["unsettled"]) == (0, 0, 0, 0)
    assert Counts(home).of()["acknowledged"] == len(arrived)


def test_nothing_takes_effect_twice(after):
    _, home, hospital = after
    for node in (home, hospital):
        counts = Counts(node).of()
        with node.reading() as connection:
            applied = list(connection.execute(select(effect.c.sender, effect.c.identifier, effect.c.name)))
        assert counts["duplicate_effects"] == 0
        assert len(applied) == len(set(applied)) == counts["received"]


def test_every_body_arrived_to_the_byte(after):
    _, _, hospital = after
    with hospital.reading() as connection:
        rows = connection.execute(select(inbox.c.identifier, inbox.c.body)).all()
    assert [row.identifier for row in rows if row.body != row.identifier.encode() * 50] == []


def test_each_persons_messages_took_effect_in_the_order_they_were_sent(after):
    _, _, hospital = after
    orders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    with hospital.reading() as connection:
        for identifier in connection.scalars(select(effect.c.identifier).order_by(effect.c.id)):
            cycle, person, number = identifier.split("/")
            orders[person].append((int(cycle[1:]), int(number)))
    assert len(orders) == 5
    assert [person for person, order in orders.items() if order != sorted(order)] == []


def test_the_audit_chain_holds(after):
    _, home, hospital = after
    assert Trail(home).verify("VNX01") is None
    assert Trail(hospital).verify("RXE99") is None
