"""The audit trail stands beside the data and shows when somebody has been at it."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest
from sqlalchemy import delete, update

from interop.relay.alarms import Alarm, Alarms, sound
from interop.relay.outbox import Outbox
from interop.relay.schema import audit
from interop.relay.trail import Trail


@pytest.fixture
def trail(store, message):
    for number in range(4):
        Outbox(store).put(message(f"bag-{number}"), ["RXE99"])
    Outbox(store).put(message(organisation="Y99901"), ["RXE99"])
    return Trail(store)


def test_every_organisation_has_its_own_unbroken_chain(trail):
    assert [entry.number for entry, _ in trail.entries("VNX01")] == [1, 2, 3, 4]
    assert [entry.number for entry, _ in trail.entries("Y99901")] == [1]
    assert trail.verify("VNX01") is None


@pytest.mark.parametrize(
    ("tamper", "at"),
    [
        (update(audit).where(audit.c.number == 2).values(actor="somebody else"), 2),
        (update(audit).where(audit.c.number == 3).values(hash="0" * 64), 3),
        (delete(audit).where(audit.c.number == 2), 2),
        (delete(audit).where(audit.c.number == 1), 1),
    ],
    ids=["actor changed", "hash changed", "entry removed", "first entry removed"],
)
def test_tampering_shows_where_it_happened(store, trail, tamper, at):
    store.write(lambda connection: connection.execute(tamper.where(audit.c.organisation == "VNX01")))
    assert trail.verify("VNX01").number == at
    assert trail.verify("Y99901") is None


def test_what_was_done_to_one_message_can_be_asked(trail, message):
    [(entry, _)] = trail.entries("VNX01", subject=message("bag-2").id)
    assert (entry.action, entry.actor) == ("message-accepted", "relay")


def test_an_alarm_stands_once_until_a_person_clears_it(store, clock):
    alarms, alarm = Alarms(store), Alarm("VNX01", "dead-lettered", "m/RXE99", "not delivered")
    for _ in range(2):
        store.write(lambda connection: sound(connection, clock(), alarm))
    [standing] = alarms.standing("VNX01")
    assert standing.alarm == alarm
    assert not alarms.clear("RXE99", standing.id, by="stranger")
    assert alarms.clear("VNX01", standing.id, by="joseph")
    assert not alarms.clear("VNX01", standing.id, by="joseph")
    assert alarms.standing("VNX01") == []
    store.write(lambda connection: sound(connection, clock(), alarm))
    assert len(alarms.standing("VNX01")) == 1


def test_every_alarm_code_is_explained_and_every_explanation_is_of_a_code():
    """Alarms of the relay and of the hall, what looking after the store finds, and what an original may be."""
    house = resources.files("interop")
    files = [file for room in ("relay", "pipeline") for file in house.joinpath(room).iterdir()]
    source = "".join(file.read_text(encoding="utf-8") for file in files if file.name.endswith(".py"))
    raised = set(re.findall(r'Alarm\([\w.]+, "([a-z-]+)"|alarm="([a-z-]+)"', source))
    found = set(re.findall(r'Issue\("([a-z-]+)"', house.joinpath("relay", "checking.py").read_text(encoding="utf-8")))
    codes = {one or other for one, other in raised} | found | {"original-changed"}
    catalogue = json.loads(resources.files("interop").joinpath("issues", "relay.json").read_text(encoding="utf-8"))
    assert codes == set(catalogue) - {"store", "store-locked", "transition"}
    assert all(set(entry) == {"type", "means", "matters", "fix", "spec"} for entry in catalogue.values())
