"""The hall without a network: what a record becomes, and that saying it twice is saying it once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interop.catalogue import shipped
from interop.desk import Desk
from interop.errors import AccessError, ContentError, TransitionError
from interop.models import parse_fault
from interop.node import Node
from interop.pipeline import Arrival, receive
from interop.settings import Settings
from interop.workers import Workers

STORY = shipped("examples") / "red-bag-journey"


def files(name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((STORY / name).iterdir())}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Node]:
    """Three organisations on one node; nothing runs unless a test runs it."""
    back = {"discharge-summary": {"mapping": "care-home/discharge", "compare_with": "transfer-summary"}}
    table: dict[str, Any] = {
        "node": {"name": "Hub"},
        "organisations": [
            {"ods": "VNX01", "name": "Rosewood House", "role": "care-home", "receives": back},
            {"ods": "RXE99", "name": "St Elsewhere's", "role": "hospital", "register": STORY / "hospital/patients.csv"},
            {"ods": "Y99901", "name": "Mill Lane", "role": "gp", "register": STORY / "gp/patients.csv"},
        ],
        "obligations": [{"on": "ADT^A03", "owes": "discharge-summary", "to": ["care-home", "gp"], "within": "24h"}],
    }
    with Node.open(Settings.of(table, folder=tmp_path)) as node:
        yield node


def run(node: Node) -> None:
    """Everything that is due: deliveries and arrivals, until nothing is left."""
    workers = Workers(node)
    while workers.dispatcher.run_once() or workers.handle_next():
        pass


def test_the_same_export_twice_is_one_message(hub: Node) -> None:
    home = Desk(hub, "VNX01")
    first = home.submit("care-home/red-bag", files("care-home"), ("RXE99",))["records"][0]
    again = home.submit("care-home/red-bag", files("care-home"), ("RXE99",))["records"][0]
    assert first["status"] == again["status"] == "queued"
    assert first["id"] == again["id"]
    assert len(home.messages("out")["messages"]) == 1
    run(hub)
    assert hub.counts("VNX01")["acknowledged"] == 1


def test_the_same_record_with_other_content_is_not_silently_replaced(hub: Node) -> None:
    home, export = Desk(hub, "VNX01"), files("care-home")
    home.submit("care-home/red-bag", export, ("RXE99",))
    changed = {**export, "allergies.csv": export["allergies.csv"].replace(b"Penicillin", b"Trimethoprim")}
    assert changed != export
    with pytest.raises(TransitionError) as refused:
        home.submit("care-home/red-bag", changed, ("RXE99",))
    assert refused.value.code == "identifier-conflict"
    assert len(home.messages("out")["messages"]) == 1
    assert "identifier-conflict" in [alarm.alarm.code for alarm in hub.alarms.standing("VNX01")]


def test_an_unknown_recipient_is_refused_before_anything_is_stored(hub: Node) -> None:
    home = Desk(hub, "VNX01")
    with pytest.raises(AccessError, match="ZZZ99"):
        home.submit("care-home/red-bag", files("care-home"), ("RXE99", "ZZZ99"))
    assert not home.messages("out")["messages"]
    assert not home.messages("quarantine")["messages"]


def test_a_person_nobody_knows_is_answered_so_and_not_filed(hub: Node) -> None:
    home, export = Desk(hub, "VNX01"), files("care-home")
    stranger = {name: body.replace(b"999 000 0018", b"999 000 0107") for name, body in export.items()}
    home.submit("care-home/red-bag", stranger, ("RXE99",))
    run(hub)
    (message,) = home.messages("out")["messages"]
    (leg,) = message["deliveries"]
    assert leg["state"] == "refused"
    assert leg["rungs"][-1]["code"] == "30002"
    assert "delivery-refused" in [alarm.alarm.code for alarm in hub.alarms.standing("VNX01")]


def test_the_right_number_with_another_birth_date_is_somebody_else(hub: Node) -> None:
    home, export = Desk(hub, "VNX01"), files("care-home")
    other = {**export, "residents.csv": export["residents.csv"].replace(b"14/08/1938", b"15/08/1938")}
    home.submit("care-home/red-bag", other, ("RXE99",))
    run(hub)
    assert home.messages("out")["messages"][0]["deliveries"][0]["rungs"][-1]["code"] == "30002"


def test_everything_we_make_is_taken_by_an_independent_model(hub: Node) -> None:
    home, hospital = Desk(hub, "VNX01"), Desk(hub, "RXE99")
    made = [
        home.submit("care-home/red-bag", files("care-home"), ("RXE99",)),
        hospital.submit("hospital/adt", {"a.hl7": files("hospital")["adt-a01.hl7"]}),
        hospital.submit("hospital/discharge", {"d.json": files("hospital")["discharge.json"]}, ("VNX01",)),
    ]
    for answer, desk in zip(made, (home, hospital, hospital), strict=True):
        (record,) = answer["records"]
        bundle = json.loads(desk.content(record["id"])[0])
        assert parse_fault(bundle) is None


def test_a_bare_document_is_known_by_its_type(hub: Node) -> None:
    home = Desk(hub, "VNX01")
    record = home.submit("care-home/red-bag", files("care-home"), ("RXE99",))["records"][0]
    message = json.loads(home.content(record["id"])[0])
    document = next(e["resource"] for e in message["entry"] if e["resource"]["resourceType"] == "Bundle")
    arrival = Arrival(json.dumps(document).encode(), "application/fhir+json", "VNX01", "RXE99")
    assert receive(hub, arrival).status == "received"
    (row,) = Desk(hub, "RXE99").messages("in")["messages"]
    assert row["kind"] == "transfer-summary"
    run(hub)
    assert {row["outcome"] for row in Desk(hub, "RXE99").messages("in")["messages"]} == {"filed"}


def test_the_audit_chain_is_whole(hub: Node) -> None:
    from interop.relay.trail import Trail

    Desk(hub, "VNX01").submit("care-home/red-bag", files("care-home"), ("RXE99", "Y99901"))
    run(hub)
    trail = Trail(hub.store)
    assert {entry.action for entry, _ in trail.entries("VNX01")} >= {"message-accepted", "message-acknowledged"}
    assert {entry.action for entry, _ in trail.entries("RXE99")} >= {"message-received", "message-settled"}
    assert [trail.verify(ods) for ods in ("VNX01", "RXE99", "Y99901")] == [None, None, None]


def two_residents() -> dict[str, bytes]:
    """Edith Ashworth's good export and Walter Greaves' bad one in the same files."""
    good, bad = files("care-home"), files("care-home-bad")
    together = {}
    for name, body in good.items():
        if name.endswith(".csv"):
            together[name] = body.rstrip() + b"\r\n" + bad[name].split(b"\n", 1)[1]
        else:
            both = json.loads(body), json.loads(bad[name])
            together[name] = json.dumps({"residents": both[0]["residents"] + both[1]["residents"]}).encode()
    return together


def test_one_records_fault_keeps_no_other_back(hub: Node) -> None:
    home = Desk(hub, "VNX01")
    done = {r["key"]: r["status"] for r in home.submit("care-home/red-bag", two_residents(), ("RXE99",))["records"]}
    assert done == {"RH-014": "queued", "RH-022": "quarantined"}


def test_a_conflict_of_one_record_keeps_no_other_back(hub: Node) -> None:
    home, export = Desk(hub, "VNX01"), two_residents()
    home.submit("care-home/red-bag", files("care-home"), ("RXE99",))
    changed = {**export, "allergies.csv": export["allergies.csv"].replace(b"Penicillin", b"Trimethoprim")}
    done = {r["key"]: r for r in home.submit("care-home/red-bag", changed, ("RXE99",))["records"]}
    assert {key: record["status"] for key, record in done.items()} == {"RH-014": "refused", "RH-022": "quarantined"}
    assert done["RH-014"]["issues"][0]["code"] == "identifier-conflict"


def test_a_replay_sends_the_corrected_record_and_no_other(hub: Node) -> None:
    home, export = Desk(hub, "VNX01"), two_residents()
    (bad,) = [r for r in home.submit("care-home/red-bag", export, ("RXE99",))["records"] if r["key"] == "RH-022"]
    mended = two_residents()
    for name, body in files("care-home-corrected").items():
        if name.endswith(".csv"):
            mended[name] = files("care-home")[name].rstrip() + b"\r\n" + body.split(b"\n", 1)[1]
    again = home.replay(bad["id"], mended, "corrected")["records"]
    assert [(record["key"], record["status"]) for record in again] == [("RH-022", "queued")]
    assert home.message(bad["id"])["replayed_as"] == again[0]["id"]
    assert len(home.messages("out")["messages"]) == 2


def test_a_replay_without_the_record_it_is_for_is_refused(hub: Node) -> None:
    home = Desk(hub, "VNX01")
    (bad,) = home.submit("care-home/red-bag", files("care-home-bad"), ("RXE99",))["records"]
    with pytest.raises(ContentError, match="no record 'RH-022'"):
        home.replay(bad["id"], files("care-home"), "the wrong file")
    assert home.message(bad["id"])["state"] == "quarantined"


def test_files_that_could_not_be_read_are_replayed_whole(hub: Node) -> None:
    home, export = Desk(hub, "VNX01"), files("care-home")
    broken = {**export, "allergies.csv": b""}
    records = home.submit("care-home/red-bag", broken, ("RXE99",))["records"]
    assert [(record["key"], record["status"]) for record in records] == [("files", "quarantined")]
    again = home.replay(records[0]["id"], export, "exported again")["records"]
    assert [(record["key"], record["status"]) for record in again] == [("RH-014", "queued")]
    assert home.message(records[0]["id"])["state"] == "replayed"
