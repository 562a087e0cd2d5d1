"""What is labelled restricted reaches only those who may see it; the sender keeps the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interop.catalogue import shipped
from interop.desk import Desk
from interop.json_codec import JsonObject, loads
from interop.node import Node
from interop.pipeline import rules
from interop.reading import Document
from interop.relay.counts import Counts
from interop.relay.history import Sought
from interop.settings import Settings
from interop.workers import Workers

SECRET = "finger shaped bruises"
EXAMPLES = shipped("examples")


def red_bag(concern: str = "Yes") -> dict[str, bytes]:
    record = json.loads((EXAMPLES / "red-bag-json" / "RH-014.json").read_text(encoding="utf-8"))
    record["assessment"]["safeguarding"] = {"concern": concern} | ({"detail": SECRET} if concern == "Yes" else {})
    return {"RH-014.json": json.dumps(record).encode()}


@pytest.fixture(autouse=True)
def no_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", ())


def partner(ods: str, role: str, **more: str) -> dict[str, Any]:
    return {"ods": ods, "name": f"Partner {ods}", "role": role, **more}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Desk]:
    table: dict[str, Any] = {
        "node": {"name": "Home"},
        "organisations": [
            {"ods": "VNX01", "name": "Rosewood House", "role": "care-home"},
            {"ods": "RXE99", "name": "St Elsewhere's", "role": "hospital", "sees": "full"},
        ],
        "partners": [
            partner("RX801", "ambulance", sees="emergency"),
            partner("Y99901", "gp"),
            partner("Y99902", "gp", sees="restricted"),
        ],
    }
    with Node.open(Settings.of(table, folder=tmp_path)) as node:
        desk = Desk(node, "VNX01")
        desk.node = node  # type: ignore[attr-defined]  # for the tests alone
        yield desk


def sent(home: Desk, *to: str, concern: str = "Yes") -> JsonObject:
    (record,) = home.submit("care-home/red-bag-json", red_bag(concern), to)["records"]
    assert record["status"] == "queued", record["issues"]
    found: JsonObject = record
    return found


def node_of(home: Desk) -> Node:
    found: Node = home.node  # type: ignore[attr-defined]
    return found


def by_recipient(home: Desk) -> dict[str, str]:
    """Recipient → the id of the message they get."""
    return {leg["recipient"]: m["id"] for m in home.messages("out")["messages"] for leg in m["deliveries"]}


def test_each_gets_the_copy_that_is_theirs(home: Desk) -> None:
    record = sent(home, "RXE99", "RX801", "Y99901", "Y99902")
    assert sorted(record["recipients"]) == ["RX801", "RXE99", "Y99901", "Y99902"]
    ids = by_recipient(home)
    assert ids["RXE99"] == record["id"]
    assert ids["Y99901"] == ids["Y99902"], "one copy for all who see the same"
    assert len({ids["RXE99"], ids["RX801"], ids["Y99901"]}) == 3
    bodies = {ods: home.content(number)[0].decode() for ods, number in ids.items()}
    assert [ods for ods, body in bodies.items() if SECRET in body] == ["RXE99"]
    for ods in ("RX801", "Y99901"):
        assert "Restricted information is held by the sender." in bodies[ods]


def test_the_sender_keeps_the_whole_even_when_nobody_may_have_it(home: Desk) -> None:
    record = sent(home, "Y99901")
    assert SECRET in home.content(record["id"])[0].decode()
    told = home.message(record["id"])
    assert told["deliveries"] == []
    (copy,) = told["copies"]
    assert home.message(copy)["copy_of"] == record["id"]
    assert Counts(node_of(home).store).of("VNX01")["lost"] == 0


def test_nobody_gets_the_originals_of_a_copy(home: Desk) -> None:
    record = sent(home, "Y99901")
    (copy,) = home.message(record["id"])["copies"]
    assert home.message(copy)["originals"] == []
    assert len(home.message(record["id"])["originals"]) == 1


def test_a_copy_is_narrated_again_and_says_what_it_holds(home: Desk) -> None:
    record = sent(home, "Y99901")
    (copy,) = home.message(record["id"])["copies"]
    message = loads(home.content(copy)[0])
    document = Document.of(message)
    assert any("div" in section.get("text", {}) for section in document.composition["section"])
    assert node_of(home).translator.judge(document.bundle, kind="transfer-summary").ok
    assert document.bundle["identifier"] != Document.of(loads(home.content(record["id"])[0])).bundle["identifier"]


def test_without_anything_restricted_there_is_one_message_for_all(home: Desk) -> None:
    record = sent(home, "RXE99", "Y99901", concern="No")
    assert set(by_recipient(home).values()) == {record["id"]}
    assert home.message(record["id"])["copies"] == []


def test_the_same_record_again_makes_no_second_copy(home: Desk) -> None:
    first, again = sent(home, "RXE99", "Y99901"), sent(home, "RXE99", "Y99901")
    assert first["id"] == again["id"]
    assert len(home.messages("out")["messages"]) == 2


def test_rules_and_comparisons_see_the_whole_and_never_a_copy(home: Desk) -> None:
    record = sent(home, "RXE99", "Y99901")
    node = node_of(home)
    (story,) = [s for s in node.history.stories("VNX01") if s.id == record["id"]]
    assert story.person is not None
    sought = Sought("VNX01", story.person, ("transfer-summary",), limit=10)
    assert node.history.newest_ids(sought) == (record["id"],)
    latest = node.history.latest("VNX01", story.person, "transfer-summary")
    assert latest is not None
    assert latest.id == record["id"]


def test_what_is_restricted_as_a_whole_goes_only_to_who_sees_all(home: Desk) -> None:
    path = EXAMPLES / "safeguarding" / "SG-2026-031.json"
    (record,) = home.submit("care-home/safeguarding", {path.name: path.read_bytes()}, ("RXE99", "Y99901"))["records"]
    assert (record["status"], record["recipients"]) == ("queued", ["RXE99"])
    assert [issue["code"] for issue in record["issues"] if issue["severity"] == "warning"][-1] == "disclosure-withheld"
    alarms = [standing.alarm for standing in node_of(home).alarms.standing("VNX01")]
    assert [alarm.code for alarm in alarms] == ["disclosure-withheld"]
    assert "Y99901" in alarms[0].text


def test_what_nobody_named_may_have_is_set_aside_and_explained(home: Desk) -> None:
    path = EXAMPLES / "safeguarding" / "SG-2026-031.json"
    (record,) = home.submit("care-home/safeguarding", {path.name: path.read_bytes()}, ("Y99901",))["records"]
    assert record["status"] == "quarantined"
    assert "disclosure-withheld" in [issue["code"] for issue in record["issues"]]
    assert home.messages("out")["messages"] == []


def test_a_copy_is_answered_and_settles_what_is_owed(home: Desk) -> None:
    """Within one node: the hospital sees all here, so ask it to see less, and look what it files."""
    node = node_of(home)
    parts = [o.model_copy(update={"sees": "restricted"}) for o in node.settings.organisations]
    node.settings = node.settings.model_copy(update={"organisations": tuple(parts)})
    record = sent(home, "RXE99")
    workers = Workers(node)
    while workers.dispatcher.run_once() or workers.handle_next():
        pass
    (copy,) = home.message(record["id"])["copies"]
    (leg,) = home.message(copy)["deliveries"]
    assert leg["rungs"][-1]["rung"] == "accepted-by-organisation"
    (arrived,) = Desk(node, "RXE99").messages("in")["messages"]
    assert SECRET not in Desk(node, "RXE99").content(arrived["id"])[0].decode()
