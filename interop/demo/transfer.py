"""A red bag goes to hospital and a discharge comes home: steps 1 to 7."""

from __future__ import annotations

from interop.channels.fhir_rest import FhirRestChannel
from interop.client import NodeClient
from interop.demo.cast import Member
from interop.demo.scene import (
    Proved,
    Scene,
    StoryError,
    acknowledged,
    document_of,
    expect,
    name_of,
    only,
    reasons,
    until,
)
from interop.json_codec import JsonObject, loads
from interop.relay.parcel import Delivered, Parcel
from interop.settings import read_secret


def red_bag(scene: Scene) -> Proved:
    """1. The home's export becomes a judged document, queued for the hospital and the GP."""
    cast = scene.cast
    with scene.client(cast.home) as home:
        record = only(home.submit("care-home/red-bag", scene.files("care-home"), (cast.hospital.ods, cast.gp.ods)))
        expect(record["status"] == "queued", f"the red bag was {record['status']}: {reasons(record)}")
        scene.bag = record
        body = home.content(record["id"])
        message = loads(body)
        document = document_of(message)
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
    rungs = acknowledged(scene, cast.home, scene.bag["id"])
    with scene.client(cast.home) as home, scene.client(cast.hospital) as hospital:
        sent = home.message(scene.bag["id"])
        arrived = next(m for m in hospital.messages("in")["messages"] if m["identifier"] == sent["identifier"])
        expect(arrived["sha256"] == sent["sha256"], "the hospital holds other bytes than the home sent")
        body = home.content(scene.bag["id"])
        again = _send_again(cast.home, cast.hospital, sent, body)
        twice = hospital.message(arrived["id"])
        expect(twice["duplicates"] >= 1, "the second copy was not recognised")
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
        admitted = only(hospital.submit("hospital/adt", {"adt-a01.hl7": messages["adt-a01.hl7"]}))
        expect(admitted["status"] == "recorded", f"the A01 was {admitted['status']}: {reasons(admitted)}")
        bundle = hospital.content(admitted["id"])
        encounter = next(e["resource"] for e in loads(bundle)["entry"] if e["resource"]["resourceType"] == "Encounter")
        left = only(hospital.submit("hospital/adt", {"adt-a03.hl7": messages["adt-a03.hl7"]}))
        expect(left["status"] == "recorded", f"the A03 was {left['status']}: {reasons(left)}")
        owed = [o for o in hospital.status()["obligations"] if o["owes"] == "discharge-summary"]
        expect(
            {o["to"] for o in owed} == {cast.home.ods, cast.gp.ods}, f"the debts are owed to {[o['to'] for o in owed]}"
        )
    proof = (
        f"A01 → Encounter, status {encounter['status']}, class {encounter['class']['code']}",
        *(
            f"A03 → discharge summary owed to {name_of(cast, o['to'])} by {o['due'][:16].replace('T', ' ')}"
            for o in owed
        ),
    )
    return proof, (scene.keep("hospital/encounter.json", bundle),)


def discharge(scene: Scene) -> Proved:
    """4. The hospital's extract becomes a discharge document; its acceptance settles the debt."""
    cast = scene.cast
    with scene.client(cast.hospital) as hospital:
        files = {"discharge.json": scene.files("hospital")["discharge.json"]}
        record = only(hospital.submit("hospital/discharge", files, (cast.home.ods, cast.gp.ods)))
        expect(record["status"] == "queued", f"the discharge was {record['status']}: {reasons(record)}")
        kept = scene.keep("discharge/message.json", hospital.content(record["id"]))
        rungs = acknowledged(scene, cast.hospital, record["id"])
        owed = until(lambda: _all_kept(hospital), "the debt was not settled")
    proof = (
        *(f"{who}: {' → '.join(ladder)}" for who, ladder in rungs.items()),
        *(f"debt to {name_of(cast, o['to'])}: {o['state']} at {_minute(o['kept_at'])}" for o in owed),
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
        expect(status in medicines, f"no medicine is marked {status}: {medicines}")
    expect("Missing" in belongings, f"the missing item was not noticed: {belongings}")
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
        record = only(home.submit("care-home/red-bag", scene.files("care-home-bad"), (cast.hospital.ods, cast.gp.ods)))
        expect(record["status"] == "quarantined", "the bad record was not noticed")
        errors = [i for i in record["issues"] if i["severity"] in ("fatal", "error")]
        for issue in errors:
            expect(
                "row" in (issue.get("source") or "") or ".csv" in (issue.get("source") or ""), f"{issue} names no cell"
            )
        if scene.line is not None:  # from here on the hospital's next answer is its last
            scene.line.cut_once(lambda: scene.processes.kill(cast.hospital))
        again = only(home.replay(record["id"], scene.files("care-home-corrected"), "corrected by the home"))
        expect(again["status"] == "queued", f"the corrected record was {again['status']}: {reasons(again)}")
        kept = home.message(record["id"])
        expect(
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
    until(lambda: not scene.processes.alive(cast.hospital), "the hospital was not killed")
    scene.processes.start(cast.hospital)
    scene.processes.wait_ready(cast.hospital)
    rungs = acknowledged(scene, cast.home, scene.bag["id"])
    with scene.client(cast.home) as home, scene.client(cast.hospital) as hospital:
        sent = home.message(scene.bag["id"])
        copies = [m for m in hospital.messages("in")["messages"] if m["identifier"] == sent["identifier"]]
        effects = hospital.status()["counts"]["duplicate_effects"]
    expect(len(copies) == 1, f"the hospital holds {len(copies)} copies")
    expect(effects == 0, f"{effects} effects were applied twice")
    tries = next(d["tries"] for d in sent["deliveries"] if d["recipient"] == cast.hospital.ods)
    proof = (
        "killed with -9 after it had stored the message and before its receipt left",
        f"tried {len(tries)} times ({', '.join(t['result'] or '…' for t in tries)}), arrived once",
        f"tries that had arrived already: {copies[0]['duplicates']}, each answered with the first receipt",
        *(f"{who}: {' → '.join(ladder)}" for who, ladder in rungs.items()),
    )
    return proof, ()


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


def _counted(table: bytes, column: str) -> dict[str, int]:
    import csv
    import io

    counted: dict[str, int] = {}
    for row in csv.DictReader(io.StringIO(table.decode("utf-8-sig"))):
        counted[row[column]] = counted.get(row[column], 0) + 1
    return counted


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
