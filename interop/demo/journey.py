"""The seven steps of the main job, each done for real and proved by what the nodes say afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from interop.channels.fhir_rest import FhirRestChannel
from interop.client import NodeClient
from interop.demo import story
from interop.demo.cast import Cast, Member
from interop.demo.line import Line
from interop.demo.nodes import Processes, client
from interop.errors import InteropError
from interop.json_codec import JsonObject, loads
from interop.relay.parcel import Delivered, Parcel
from interop.settings import read_secret

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
Proved = tuple[tuple[str, ...], tuple[str, ...]]
"""What a node said that shows the step happened, and the files it left."""


class StoryError(InteropError):
    """A step of the demo did not happen as it must."""

    code = "demo"


@dataclass(frozen=True)
class Step:
    """One step that happened. ``proof``: what a node said that shows it. ``at``: when it was done."""

    number: int
    title: str
    sender: Member
    receivers: tuple[Member, ...]
    proof: tuple[str, ...]
    at: datetime
    files: tuple[str, ...] = ()


@dataclass
class Scene:
    """What the steps share: the cast, the wire, the story's records, and where pages go.

    line  the wire to the hospital; None on a hub, where there is none to cut
    """

    cast: Cast
    processes: Processes
    line: Line | None
    records: Path
    output: Path
    now: datetime
    bag: JsonObject = field(default_factory=dict)

    def client(self, member: Member) -> NodeClient:
        return client(member)

    def files(self, name: str) -> dict[str, bytes]:
        return story.read(self.records / name, self.now)

    def keep(self, name: str, body: bytes) -> str:
        path = self.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return name


def red_bag(scene: Scene) -> Proved:
    """1. The home's export becomes a judged document, queued for the hospital and the GP."""
    cast = scene.cast
    with scene.client(cast.home) as home:
        record = _only(home.submit("care-home/red-bag", scene.files("care-home"), (cast.hospital.ods, cast.gp.ods)))
        _expect(record["status"] == "queued", f"the red bag was {record['status']}: {_reasons(record)}")
        scene.bag = record
        body = home.content(record["id"])
        message = loads(body)
        document = _document(message)
        kinds = sorted({entry["resource"]["resourceType"] for entry in document["entry"]})
        files = (
            scene.keep("red-bag/message.json", body),
            scene.keep("red-bag/front-sheet.html", home.page(record["id"]).encode()),
        )
    proof = (
        f"{len(document['entry'])} resources, valid against the local profile: {', '.join(kinds)}",
        f"queued for {cast.hospital.name} and {cast.gp.name}",
    )
    return proof, files


def stored_and_answered(scene: Scene) -> Proved:
    """2. The hospital has the exact bytes, once, and says: received; patient known."""
    cast = scene.cast
    rungs = _acknowledged(scene, cast.home, scene.bag["id"])
    with scene.client(cast.home) as home, scene.client(cast.hospital) as hospital:
        sent = home.message(scene.bag["id"])
        arrived = next(m for m in hospital.messages("in")["messages"] if m["identifier"] == sent["identifier"])
        _expect(arrived["sha256"] == sent["sha256"], "the hospital holds other bytes than the home sent")
        body = home.content(scene.bag["id"])
        again = _send_again(cast.home, cast.hospital, sent, body)
        twice = hospital.message(arrived["id"])
        _expect(twice["duplicates"] >= 1, "the second copy was not recognised")
        page = scene.keep("red-bag/as-the-hospital-reads-it.html", hospital.page(arrived["id"]).encode())
    proof = (
        f"the same {len(body):,} bytes at both ends, sha256 {sent['sha256'][:12]}…",
        f"a second copy was answered with the first receipt ({again}) and changed nothing",
        *(f"{who}: {' → '.join(ladder)}" for who, ladder in rungs.items()),
    )
    return proof, (page,)


def admission_and_debt(scene: Scene) -> Proved:
    """3. A01 becomes an Encounter; A03 makes the hospital owe a discharge summary to the home and the GP."""
    cast, messages = scene.cast, scene.files("hospital")
    with scene.client(cast.hospital) as hospital:
        admitted = _only(hospital.submit("hospital/adt", {"adt-a01.hl7": messages["adt-a01.hl7"]}))
        _expect(admitted["status"] == "recorded", f"the A01 was {admitted['status']}: {_reasons(admitted)}")
        bundle = hospital.content(admitted["id"])
        encounter = next(e["resource"] for e in loads(bundle)["entry"] if e["resource"]["resourceType"] == "Encounter")
        left = _only(hospital.submit("hospital/adt", {"adt-a03.hl7": messages["adt-a03.hl7"]}))
        _expect(left["status"] == "recorded", f"the A03 was {left['status']}: {_reasons(left)}")
        owed = [o for o in hospital.status()["obligations"] if o["owes"] == "discharge-summary"]
        _expect(
            {o["to"] for o in owed} == {cast.home.ods, cast.gp.ods}, f"the debts are owed to {[o['to'] for o in owed]}"
        )
    proof = (
        f"A01 → Encounter, status {encounter['status']}, class {encounter['class']['code']}",
        *(f"A03 → discharge summary owed to {_name(cast, o['to'])} by {o['due'][:16].replace('T', ' ')}" for o in owed),
    )
    return proof, (scene.keep("hospital/encounter.json", bundle),)


def discharge(scene: Scene) -> Proved:
    """4. The hospital's extract becomes a discharge document; its acceptance settles the debt."""
    cast = scene.cast
    with scene.client(cast.hospital) as hospital:
        files = {"discharge.json": scene.files("hospital")["discharge.json"]}
        record = _only(hospital.submit("hospital/discharge", files, (cast.home.ods, cast.gp.ods)))
        _expect(record["status"] == "queued", f"the discharge was {record['status']}: {_reasons(record)}")
        kept = scene.keep("discharge/message.json", hospital.content(record["id"]))
        rungs = _acknowledged(scene, cast.hospital, record["id"])
        owed = _until(lambda: _all_kept(hospital), "the debt was not settled")
    proof = (
        *(f"{who}: {' → '.join(ladder)}" for who, ladder in rungs.items()),
        *(f"debt to {_name(cast, o['to'])}: {o['state']} at {o['kept_at'][:19].replace('T', ' ')}" for o in owed),
    )
    return proof, (kept,)


def home_again(scene: Scene) -> Proved:
    """5. The home reads the discharge in its own format, held against the red bag it sent."""
    cast = scene.cast
    with scene.client(cast.home) as home:
        arrived = next(m for m in home.messages("in")["messages"] if m["kind"] == "discharge-summary")
        files = home.local_files(arrived["id"])
        page = home.page(arrived["id"]).encode()
    written = [scene.keep(f"discharge/rosewood-house/{name}", body) for name, body in files.items()]
    written.append(scene.keep("discharge/as-the-home-reads-it.html", page))
    medicines = _counted(files["medicines-compared.csv"], "Change")
    belongings = _counted(files["belongings-compared.csv"], "Status")
    for status in ("New", "Changed", "Stopped", "Same"):
        _expect(status in medicines, f"no medicine is marked {status}: {medicines}")
    _expect("Missing" in belongings, f"the missing item was not noticed: {belongings}")
    proof = (
        f"back in the home's own columns: {', '.join(sorted(files))}",
        "medicines: " + ", ".join(f"{count} {status.lower()}" for status, count in medicines.items()),
        "belongings: " + ", ".join(f"{count} {status.lower()}" for status, count in belongings.items()),
    )
    return proof, tuple(written)


def quarantine(scene: Scene) -> Proved:
    """6. A bad record is kept, not sent, and explained cell by cell."""
    cast = scene.cast
    with scene.client(cast.home) as home:
        record = _only(home.submit("care-home/red-bag", scene.files("care-home-bad"), (cast.hospital.ods, cast.gp.ods)))
        _expect(record["status"] == "quarantined", "the bad record was not noticed")
        errors = [i for i in record["issues"] if i["severity"] in ("fatal", "error")]
        for issue in errors:
            _expect(
                "row" in (issue.get("source") or "") or ".csv" in (issue.get("source") or ""), f"{issue} names no cell"
            )
        if scene.line is not None:  # from here on the hospital's next answer is its last
            scene.line.cut_once(lambda: scene.processes.kill(cast.hospital))
        again = _only(home.replay(record["id"], scene.files("care-home-corrected"), "corrected by the home"))
        _expect(again["status"] == "queued", f"the corrected record was {again['status']}: {_reasons(again)}")
        kept = home.message(record["id"])
        _expect(
            kept["state"] == "replayed" and kept["replayed_as"] == again["id"], "the record is not marked as replayed"
        )
        scene.bag = again
    proof = (
        "not sent, kept with the files it came in:",
        *(f"{issue['source']}: {issue['text']}" for issue in errors),
        "the corrected file was replayed and is on its way",
    )
    return proof, ()


def killed(scene: Scene) -> Proved:
    """7. The hospital dies after it received and before it answered; the message arrives once."""
    cast = scene.cast
    if scene.line is None:
        scene.processes.kill(cast.hospital)
    _until(lambda: not scene.processes.alive(cast.hospital), "the hospital was not killed")
    scene.processes.start(cast.hospital)
    scene.processes.wait_ready(cast.hospital)
    rungs = _acknowledged(scene, cast.home, scene.bag["id"])
    with scene.client(cast.home) as home, scene.client(cast.hospital) as hospital:
        sent = home.message(scene.bag["id"])
        copies = [m for m in hospital.messages("in")["messages"] if m["identifier"] == sent["identifier"]]
        effects = hospital.status()["counts"]["duplicate_effects"]
    _expect(len(copies) == 1, f"the hospital holds {len(copies)} copies")
    _expect(effects == 0, f"{effects} effects were applied twice")
    tries = next(d["tries"] for d in sent["deliveries"] if d["recipient"] == cast.hospital.ods)
    proof = (
        "killed with -9 after it had stored the message and before its receipt left",
        f"tried {len(tries)} times ({', '.join(t['result'] or '…' for t in tries)}), arrived once",
        f"tries that had arrived already: {copies[0]['duplicates']}, each answered with the first receipt",
        *(f"{who}: {' → '.join(ladder)}" for who, ladder in rungs.items()),
    )
    return proof, ()


ACTS: tuple[tuple[str, str, str, Callable[[Scene], Proved]], ...] = (
    ("The red bag becomes one document", "home", "hospital gp", red_bag),
    ("Stored as sent, recognised when sent twice, answered", "hospital", "home", stored_and_answered),
    ("Admitted, then going home: now a summary is owed", "hospital", "hospital", admission_and_debt),
    ("The discharge summary is sent, accepted, and the debt is settled", "hospital", "home gp", discharge),
    ("Home again, in the home's own words", "home", "home", home_again),
    ("A bad record is stopped at the door, mended and replayed", "home", "home", quarantine),
    ("The hospital's node is killed; nothing is lost, nothing is doubled", "home", "hospital", killed),
)
"""What happens, who does it, who gets it, and how."""


def play(scene: Scene) -> Iterator[Step]:
    """Each step as it is done. Raises StoryError, or the node's own refusal, at the first that fails."""
    for number, (title, sender, receivers, act) in enumerate(ACTS, start=1):
        proof, files = act(scene)
        members = tuple(getattr(scene.cast, name) for name in receivers.split())
        yield Step(number, title, getattr(scene.cast, sender), members, proof, datetime.now(UTC), files)


def _acknowledged(scene: Scene, member: Member, message: str) -> dict[str, list[str]]:
    """Wait until every recipient's organisation has accepted; each one's ladder of rungs."""

    def accepted() -> JsonObject | None:
        with scene.client(member) as client:
            story = client.message(message)
        return story if all(d["state"] == "acknowledged" for d in story["deliveries"]) else None

    story = _until(accepted, f"message {message} was not acknowledged")
    return {
        _name(scene.cast, d["recipient"]): [
            rung["rung"] + (f" ({rung['code']})" if rung["code"] else "") for rung in d["rungs"]
        ]
        for d in story["deliveries"]
    }


def _send_again(sender: Member, receiver: Member, sent: JsonObject, body: bytes) -> str:
    """The same bytes over the same wire once more, as a nervous sender would; the receiver's receipt id."""
    channel = FhirRestChannel(
        f"http://127.0.0.1:{receiver.door}/fhir", {sender.ods: read_secret(sender.token_file_for(receiver))}
    )
    try:
        result = channel.deliver(
            Parcel(
                sent["id"], sent["identifier"], sender.ods, receiver.ods, sent["kind"], "application/fhir+json", body
            )
        )
    finally:
        channel.close()
    if not isinstance(result, Delivered):
        raise StoryError(f"the second copy was answered with {result}")
    return str(loads(result.receipt)["id"])


def _all_kept(hospital: NodeClient) -> list[JsonObject] | None:
    owed: list[JsonObject] = hospital.status()["obligations"]
    return owed if owed and all(o["kept_at"] for o in owed) else None


def _until(found: Callable[[], T | None], complaint: str) -> T:
    """The first answer that is true, looking ten times a second."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (answer := found()):
        if time.monotonic() > give_up:
            raise StoryError(f"{complaint} within {PATIENCE_SECONDS:.0f} seconds")
        time.sleep(0.1)
    return answer


def _expect(truth: bool, complaint: str) -> None:
    if not truth:
        raise StoryError(complaint)


def _only(answer: JsonObject) -> JsonObject:
    records = answer["records"]
    _expect(len(records) == 1, f"expected one record, found {[(r['key'], r['status']) for r in records]}")
    record: JsonObject = records[0]
    return record


def _reasons(record: JsonObject) -> str:
    errors = [i for i in record["issues"] if i["severity"] in ("fatal", "error")]
    return "; ".join(f"{i.get('source') or i.get('expression', '')}: {i['text']}" for i in errors)


def _document(message: JsonObject) -> JsonObject:
    return next(e["resource"] for e in message["entry"] if e["resource"]["resourceType"] == "Bundle")


def _counted(table: bytes, column: str) -> dict[str, int]:
    import csv
    import io

    counted: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig"))):
        counted[row[column]] = counted.get(row[column], 0) + 1
    return counted


def _name(cast: Cast, ods: str) -> str:
    return next((m.name for m in cast.members if m.ods == ods), ods)
