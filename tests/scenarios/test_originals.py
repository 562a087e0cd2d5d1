"""Nothing is lost even when nothing maps it: the files a message was made of, fetched and traced."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from interop import events
from interop.catalogue import shipped
from interop.client import NodeClient
from interop.desk import Desk
from interop.errors import CatalogueError, ContentError
from interop.node import Node
from interop.pipeline import Arrival, receive
from interop.relay.message import digest
from interop.relay.trail import Trail
from interop.server.app import create_app
from interop.settings import Settings
from interop.trust.tokens import digest as token_digest

EXAMPLES = shipped("examples")
HOME, HOSPITAL, PARTNER = "home-token", "hospital-token", "partner-token"
MAPPING = """\
mapping: home/day-room
version: "3"
title: Who sat where
source: {format: tables, zone: Europe/London, tables: {day: {file: day.csv, key: Resident, one: true}}}
bundle: {type: collection, kind: day-room, person: patient, identity: [day.Resident]}
drop: {day.Chair: "furniture is nobody's care record"}
groups:
  - group: patient
    create: Patient
    identity: [day.NHS]
    rules:
      - {value: https://fhir.nhs.uk/Id/nhs-number, target: "identifier[nhs].system"}
      - {source: day.NHS, target: "identifier[nhs].value", transform: nhs-number}
      - {source: day.Name, target: "name[0].text"}
"""
DAY = b"Resident,NHS,Name,Chair\r\nRH-014,9990000018,Edith Ashworth,by the window\r\n"


def export(folder: str = "care-home") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((EXAMPLES / "red-bag-journey" / folder).iterdir())}


def _organisation(ods: str, name: str, role: str, token: str) -> dict[str, Any]:
    credential = {"name": f"desk of {ods}", "token_sha256": token_digest(token)}
    return {"ods": ods, "name": name, "role": role, "credentials": [credential]}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Node]:
    """Two tenants on one node."""
    folder = tmp_path / "mappings" / "home"
    folder.mkdir(parents=True)
    (folder / "day-room.yaml").write_text(MAPPING, encoding="utf-8")
    table: dict[str, Any] = {
        "node": {"name": "Hub"},
        "mappings": ["mappings"],
        "organisations": [
            _organisation("VNX01", "Rosewood House", "care-home", HOME),
            _organisation("RXE99", "St Elsewhere's", "hospital", HOSPITAL),
        ],
        "partners": [
            {"ods": "Y99901", "name": "Mill Lane", "role": "gp", "token_sha256": token_digest(PARTNER)},
        ],
    }
    with Node.open(Settings.of(table, folder=tmp_path)) as node:
        yield node


@pytest.fixture
def http(hub: Node) -> TestClient:
    return TestClient(create_app(hub), raise_server_exceptions=False)


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("organisation", "mapping", "files"),
    [
        ("VNX01", "care-home/red-bag", export()),
        ("VNX01", "care-home/red-bag-json", {"RH-014.json": (EXAMPLES / "red-bag-json" / "RH-014.json").read_bytes()}),
        ("VNX01", "care-home/care-plan", {"c.xlsx": (EXAMPLES / "care-plan" / "care-plans.xlsx").read_bytes()}),
        ("RXE99", "hospital/adt", {"a01.hl7": export("hospital")["adt-a01.hl7"]}),
        ("RXE99", "hospital/discharge", {"d.json": export("hospital")["discharge.json"]}),
    ],
    ids=["csv", "json", "xlsx", "hl7v2", "discharge"],
)
def test_every_format_is_kept_to_the_byte(hub: Node, organisation: str, mapping: str, files: dict[str, bytes]) -> None:
    desk = Desk(hub, organisation)
    for record in desk.submit(mapping, files)["records"]:
        assert record["status"] in ("queued", "recorded")
        listed = desk.message(record["id"])["originals"]
        assert {k["name"]: (k["sha256"], k["size"]) for k in listed} == {
            name: (digest(body), len(body)) for name, body in files.items()
        }
        for kept in listed:
            assert b"".join(desk.original(record["id"], kept["sha256"]).pieces) == files[kept["name"]]


def test_what_no_rule_reads_is_still_there(hub: Node) -> None:
    """The chair is dropped on purpose: it is in no Bundle, and yet not lost."""
    desk = Desk(hub, "VNX01")
    (record,) = desk.submit("home/day-room", {"day.csv": DAY})["records"]
    assert b"window" not in desk.content(record["id"])[0]
    (kept,) = desk.message(record["id"])["originals"]
    assert b"by the window" in b"".join(desk.original(record["id"], kept["sha256"]).pieces)


def test_the_good_and_the_bad_of_one_export_cite_one_original(hub: Node) -> None:
    desk, good, bad = Desk(hub, "VNX01"), export(), export("care-home-bad")
    both = {**good, "residents.csv": good["residents.csv"].rstrip() + b"\r\n" + bad["residents.csv"].split(b"\n", 1)[1]}
    done = {r["status"]: r["id"] for r in desk.submit("care-home/red-bag", both)["records"]}
    assert set(done) == {"recorded", "quarantined"}
    one, other = (desk.message(number)["originals"] for number in done.values())
    assert one == other
    assert len(hub.originals.listed("VNX01")) == len(both)


def test_what_was_received_is_its_own_original(hub: Node) -> None:
    home, hospital = Desk(hub, "VNX01"), Desk(hub, "RXE99", "nurse")
    (record,) = home.submit("care-home/red-bag", export(), ("RXE99",))["records"]
    body, content_type = home.content(record["id"])
    receive(hub, Arrival(body, content_type, "VNX01", "RXE99"))
    (item,) = hospital.messages("in")["messages"]
    (kept,) = hospital.message(item["id"])["originals"]
    assert b"".join(hospital.original(item["id"], kept["sha256"]).pieces) == body
    assert hospital.message(item["id"])["opened_at"] is None, "to fetch the bytes is not to have looked"
    assert ("nurse", "original-read") in [(e.actor, e.action) for e, _ in Trail(hub.store).entries("RXE99")]
    with pytest.raises(CatalogueError):
        home.original(item["id"], kept["sha256"])


# Over HTTP


@pytest.fixture
def sent(http: TestClient) -> dict[str, Any]:
    files = [("files", (name, body)) for name, body in export().items()]
    told = http.post("/messages?mapping=care-home/red-bag&to=RXE99", files=files, headers=bearing(HOME))
    assert told.status_code == 202, told.text
    number = told.json()["records"][0]["id"]
    message: dict[str, Any] = http.get(f"/messages/{number}", headers=bearing(HOME)).json()
    return message


def _address(message: dict[str, Any], name: str = "residents.csv") -> str:
    (kept,) = [k for k in message["originals"] if k["name"] == name]
    return f"/messages/{message['id']}/originals/{kept['sha256']}"


def test_the_door_gives_an_original_to_its_owner_as_a_file(http: TestClient, sent: dict[str, Any]) -> None:
    answer = http.get(_address(sent), headers=bearing(HOME))
    assert answer.status_code == 200
    assert answer.content == export()["residents.csv"]
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''residents.csv"
    assert answer.headers["x-content-type-options"] == "nosniff"
    taken = answer.headers["repr-digest"].removeprefix("sha-256=:").removesuffix(":")
    assert base64.b64decode(taken).hex() == digest(answer.content)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (bearing("wrong"), 401),
        (bearing(PARTNER), 403),
        (bearing(HOSPITAL), 404),
    ],
    ids=["nobody", "a stranger", "a partner", "another tenant"],
)
@pytest.mark.parametrize("what", ["original", "trace"])
def test_the_door_gives_it_to_nobody_else(
    http: TestClient, hub: Node, sent: dict[str, Any], headers: dict[str, str], status: int, what: str
) -> None:
    trace = f"/messages/{sent['id']}/trace?expression=Bundle.entry[1].resource.birthDate"
    answer = http.get(_address(sent) if what == "original" else trace, headers=headers)
    assert answer.status_code == status, answer.text
    assert "Ashworth" not in answer.text
    assert "original-read" not in [entry.action for entry, _ in Trail(hub.store).entries("VNX01")]


def test_another_tenant_learns_nothing_even_with_the_same_file(http: TestClient, sent: dict[str, Any]) -> None:
    """The hospital holds the very same bytes: the address of the home's message still opens nothing for it."""
    files = [("files", (name, body)) for name, body in export().items()]
    theirs = http.post("/messages?mapping=care-home/red-bag", files=files, headers=bearing(HOSPITAL))
    assert theirs.status_code == 202
    assert http.get(_address(sent), headers=bearing(HOSPITAL)).status_code == 404


def test_a_digest_nobody_has_is_not_found_and_a_wrong_one_is_said_to_be(http: TestClient, sent: dict[str, Any]) -> None:
    base = f"/messages/{sent['id']}/originals"
    assert http.get(f"{base}/{'0' * 64}", headers=bearing(HOME)).status_code == 404
    assert http.get(f"{base}/residents.csv", headers=bearing(HOME)).status_code == 422


def test_damage_is_an_answer_and_not_bytes(http: TestClient, hub: Node, sent: dict[str, Any]) -> None:
    with hub.store.reading() as _:
        pass
    hub.store.write(lambda c: c.exec_driver_sql("UPDATE original_piece SET body = x'00'"))
    answer = http.get(_address(sent), headers=bearing(HOME))
    assert answer.status_code == 503
    assert "no longer what came" in answer.text


def test_reading_is_audited_and_never_logged(
    http: TestClient, hub: Node, sent: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    events.configure()
    http.get(_address(sent), headers=bearing(HOME))
    http.get(f"/messages/{sent['id']}/trace?expression=Bundle.entry[1].resource.birthDate", headers=bearing(HOME))
    readings = [e for e, _ in Trail(hub.store).entries("VNX01") if e.action == "original-read"]
    assert len(readings) == 1 + len(sent["originals"]), "a trace reads them all"
    assert {reading.actor for reading in readings} == {"desk of VNX01"}
    told = capfd.readouterr()
    for word in ("Ashworth", "residents.csv", "9990000018", "14/08/1938"):
        assert word not in told.err + told.out


# Traced


@pytest.mark.parametrize(
    ("expression", "value", "source", "raw"),
    [
        ("Bundle.entry[1].resource.birthDate", "1938-08-14", 'residents.csv row 2, column "DOB"', "14/08/1938"),
        (
            "Bundle.entry[1].resource.identifier[0].value",
            "9990000018",
            'residents.csv row 2, column "NHS Number"',
            "999 000 0018",
        ),
    ],
)
def test_a_value_leads_to_its_cell_in_the_file_kept(
    hub: Node, expression: str, value: str, source: str, raw: str
) -> None:
    desk = Desk(hub, "VNX01")
    (record,) = desk.submit("care-home/red-bag", export(), ("RXE99",))["records"]
    found = desk.trace(record["id"], expression)
    assert (found["value"], found["source"], found["raw"]) == (value, source, raw)
    assert found["original"]["sha256"] == digest(export()["residents.csv"])
    assert found["reproduced"] is True


def test_every_value_of_every_resource_is_made_again_from_what_was_kept(hub: Node) -> None:
    desk = Desk(hub, "RXE99")
    (record,) = desk.submit("hospital/adt", {"a01.hl7": export("hospital")["adt-a01.hl7"]})["records"]
    bundle = json.loads(desk.content(record["id"])[0])
    for number in range(len(bundle["entry"])):
        found = desk.trace(record["id"], f"Bundle.entry[{number}].resource.id")
        assert found["reproduced"] is True, number


def test_a_mapping_that_was_changed_since_is_said_to_be(hub: Node, tmp_path: Path) -> None:
    desk = Desk(hub, "VNX01")
    (record,) = desk.submit("home/day-room", {"day.csv": DAY})["records"]
    file = tmp_path / "mappings" / "home" / "day-room.yaml"
    file.write_text(MAPPING.replace("name[0].text", "name[0].family"), encoding="utf-8")
    with_it = Node.__new__(Node)  # the same store under a translator that has read the new file
    with_it.__dict__ |= hub.__dict__ | {"translator": type(hub.translator)(hub.translator.catalogue)}
    found = Desk(with_it, "VNX01").trace(record["id"], "Bundle.entry[0].resource.identifier[0].value")
    assert found["raw"] == "9990000018"
    assert found["reproduced"] is False


@pytest.mark.parametrize(
    ("expression", "code"),
    [("Bundle.entry[99].resource.birthDate", "no-lineage"), ("nonsense", "no-lineage")],
)
def test_a_place_that_is_not_there_has_no_lineage(hub: Node, expression: str, code: str) -> None:
    desk = Desk(hub, "VNX01")
    (record,) = desk.submit("home/day-room", {"day.csv": DAY})["records"]
    with pytest.raises(ContentError) as refused:
        desk.trace(record["id"], expression)
    assert refused.value.code == code


# On the command line

CONFIG = """
[node]
name = "Rosewood House"
port = {port}
operator_token_file = "token"

[[organisations]]
ods = "VNX01"
name = "Rosewood House"
role = "care-home"

[[organisations.credentials]]
name = "matron"
token_sha256 = "{digest}"

[[partners]]
ods = "RXE99"
name = "St Elsewhere's"
role = "hospital"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "interop.toml"
    path.write_text(CONFIG.format(port=1, digest=token_digest(HOME)), encoding="utf-8")
    (tmp_path / "token").write_text(HOME, encoding="utf-8")
    return path


def test_show_original_trace_and_verify(interop: Any, config: Path, journey: Path, tmp_path: Path) -> None:
    told = interop(
        "send", "care-home/red-bag", journey / "care-home", "--to", "RXE99", "--config", config, "-o", "json"
    )
    number = told.json()["records"][0]["id"]
    shown = interop("show", number, "--config", config)
    assert digest(export()["residents.csv"]) in shown.out
    assert "722 bytes  residents.csv" in shown.out
    assert "made by      care-home/red-bag version 1, record RH-014" in shown.out

    assert interop("original", number, "--out", tmp_path / "all", "--config", config).code == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "all").iterdir()} == export()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "all").iterdir()} == {0o600}
    one = interop("original", number, "--name", "residents.csv", "--out", tmp_path / "one", "--config", config)
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["residents.csv"]
    assert "wrote" in one.out
    none = interop("original", number, "--name", "nothing.csv", "--out", tmp_path / "none", "--config", config)
    assert none.code == 2
    assert "no original 'nothing.csv'" in none.err

    traced = interop("trace", number, "Bundle.entry[1].resource.birthDate", "--config", config)
    assert 'residents.csv row 2, column "DOB"' in traced.out
    checked = interop("store", "verify", "--config", config, "--output", "json").json()
    assert checked == {"checked": {"audit chains": 1, "messages": 1, "originals": len(export())}, "damages": []}


def test_a_file_name_that_climbs_out_stays_in_the_folder(interop: Any, config: Path, tmp_path: Path) -> None:
    with Node.open(Settings.load(config)) as node:
        files = {**export(), "../../climbing.txt": b"up"}
        (record,) = Desk(node, "VNX01").submit("care-home/red-bag", files)["records"]
    interop("original", record["id"], "--out", tmp_path / "deep" / "out", "--config", config)
    assert (tmp_path / "deep" / "out" / "climbing.txt").read_bytes() == b"up"
    assert not (tmp_path / "climbing.txt").exists()


def test_a_large_file_is_sent_from_disk_and_comes_back_through_a_running_node(config: Path, tmp_path: Path) -> None:
    """Through the wire in pieces, with a name that is not ASCII."""
    big = tmp_path / "Überlänge.txt"
    big.write_bytes(b"nobody maps this\n" * 400_000)  # 6.8 MB: stored in pieces before it is cited
    command = [sys.executable, "-m", "interop.cli.main", "serve", "--config", str(config), "--port", "0", "-o", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            address = json.loads("".join(process.stdout.readline().decode() for _ in range(4)))["address"]
            with NodeClient(address, HOME) as client:
                files: dict[str, bytes | Path] = {**export(), big.name: big}
                (record,) = client.submit("care-home/red-bag", files, ("RXE99",))["records"]
                (kept,) = [k for k in client.message(record["id"])["originals"] if k["name"] == big.name]
                found = client.original(record["id"], kept["sha256"])
                assert b"".join(found.pieces) == big.read_bytes()
                traced = client.trace(record["id"], "Bundle.entry[1].resource.birthDate")
                assert traced["raw"] == "14/08/1938"
                with pytest.raises(ContentError, match="no original with that digest"):
                    client.original(record["id"], "0" * 64)
        finally:
            process.terminate()
