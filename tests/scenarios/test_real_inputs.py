"""What others published, sent through a running node as it is: each file with the result it honestly has.

The files are not ours and lie beside the repository; without them these tests are skipped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from interop.client import NodeClient
from interop.demo.cast import Member, free_ports
from interop.demo.nodes import Processes
from interop.trust.tokens import mint

INPUTS = Path(__file__).parents[2].parent / "shared" / "real-inputs"
pytestmark = pytest.mark.skipif(not INPUTS.is_dir(), reason=f"the published examples are not at {INPUTS}")

# Who the messages are for, and who sends them, as the messages themselves say.
RECEIVERS = {
    "GP123456": "gp",
    "RYE": "hospital",
    "Y9062": "other",
    "V396BB": "hospital",
    "GHH": "hospital",
}
SENDERS = ("RR8", "RND", "V99998", "Z54321", "RFM8C2", "RGD")
# The one published patient with a valid number, known at RYE.
REGISTER = "NHS number,Family name,Birth date,Status\n9000000009,Smith,22/10/2010,active\n"

XML, JSON = "application/fhir+xml", "application/fhir+json"
REFUSED, ACCEPTED = "20009", "30001"
BAD_NUMBER = "fails the check digit"
STU3 = "written for FHIR STU3"


@dataclass
class Hub:
    """The running node: its partners' tokens, its operators' clients, its log."""

    member: Member
    tokens: dict[str, str]
    http: httpx2.Client

    def operator(self, ods: str) -> NodeClient:
        return NodeClient(self.member.url, self.tokens[ods])

    def post(self, path: str, body: bytes, content_type: str, by: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.tokens[by]}", "Content-Type": content_type}
        return self.http.post(self.member.url + path, content=body, headers=headers)

    def log(self) -> str:
        return (self.member.folder / "node.log").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    (port,) = free_ports(1)
    member = Member("RYE", "Regional hub", "hospital", folder, port, port)
    tokens, digests = {}, {}
    for ods in (*RECEIVERS, *SENDERS):
        tokens[ods], digests[ods] = mint()
    lines = ["[node]", 'name = "Regional hub"', f"port = {port}", f'operator_token_file = "{member.token_file.name}"']
    for ods, role in RECEIVERS.items():
        lines += ["[[organisations]]", f'ods = "{ods}"', f'name = "{ods}"', f'role = "{role}"']
        lines += ['register = "patients.csv"'] if ods == "RYE" else []
        lines += ["[[organisations.credentials]]", 'name = "desk"', f'token_sha256 = "{digests[ods]}"']
    for ods in SENDERS:
        lines += ["[[partners]]", f'ods = "{ods}"', f'name = "{ods}"', 'role = "other"']
        lines += [f'token_sha256 = "{digests[ods]}"']
    member.config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "patients.csv").write_text(REGISTER, encoding="utf-8")
    member.token_file.write_text(tokens["RYE"], encoding="utf-8")
    processes = Processes()
    try:
        processes.start(member)
        processes.wait_ready(member)
        with httpx2.Client(timeout=60, trust_env=False) as http:
            yield Hub(member, tokens, http)
    finally:
        processes.stop()


def read(name: str) -> tuple[bytes, str]:
    path = INPUTS / name
    return path.read_bytes(), XML if path.suffix == ".xml" else JSON


def words(response: httpx2.Response) -> str:
    """What an OperationOutcome says, places included."""
    outcome: dict[str, Any] = response.json()
    assert outcome["resourceType"] == "OperationOutcome", response.text
    return "\n".join(" ".join([*i.get("expression", ()), i.get("diagnostics", "")]) for i in outcome["issue"])


PROCESS, DOCUMENT = "/fhir/$process-message", "/fhir/Bundle?recipient=RYE"


@dataclass(frozen=True)
class Sending:
    """One file, one door, and what comes of it.

    kept     who holds the exact bytes afterwards; None when the door refused
    answer   the business answer's code; None when there is nobody to answer
    says     what the refusal (at the door, or in the answer) tells, with the place it means
    """

    file: str
    by: str
    door: str
    status: int
    kept: str | None = None
    answer: str | None = None
    says: tuple[str, ...] = ()


# In the order they are sent.
SENDINGS = (
    # Its patient's number can never be one: the check digit would be 10.
    Sending(
        "r4/document-message-TOC.json", "RR8", PROCESS, 202, "GP123456", REFUSED,
        ("Bundle.entry[1].resource.subject.identifier", "9135246570", "can never be an NHS number"),
    ),
    Sending("r4/document-message-TOC.json", "RND", PROCESS, 403, says=("belongs to RND", "it is from RR8")),
    Sending(
        "bars/REFREQ01-111-to-ED.xml", "RND", PROCESS, 202, "RYE", REFUSED,
        ("Bundle.entry[5].resource.identifier[0].value", "3478526985", BAD_NUMBER),
    ),
    # Its receiving organisation has a name and no code; sent to RYE by hand, it turns out to carry no identifier
    # and the same Bundle.id as the message before: which one is meant cannot be told, so the first stands.
    Sending("bars/REFREQ02-999-to-CAS.xml", "RND", PROCESS, 422, says=("MessageHeader.destination", "no ODS code")),
    Sending(
        "bars/REFREQ02-999-to-CAS.xml", "RND", DOCUMENT, 409,
        says=("Bundle.identifier", "received before with other bytes", "under a new identifier"),
    ),
    Sending(
        "r4/Bundle-message-encounter.json", "V99998", PROCESS, 202, "Y9062", REFUSED,
        ("Bundle.entry[2].resource.identifier[0].value", "9876543219", BAD_NUMBER),
    ),
    Sending("r4/Bundle-message-patient.json", "Z54321", PROCESS, 422, says=("MessageHeader.destination",)),
    Sending("r4/Bundle-message-patient.json", "Z54321", DOCUMENT, 202, "RYE", ACCEPTED),
    # Of an older FHIR: kept, judged, answered with the reason.
    Sending(
        "stu3-documents/Ambulance-To-Hospital-Handover-Example-9658218881.xml", "RFM8C2", PROCESS, 202, "V396BB",
        REFUSED, (STU3, "element MessageHeader.event", "send R4"),
    ),
    Sending("stu3-documents/ITK-EDIS-Example-1.xml", "RR8", DOCUMENT, 202, "RYE", REFUSED, (STU3, "meta.profile")),
    Sending("stu3-documents/ITK-MH-Document-Bundle-Example-1.xml", "RGD", DOCUMENT, 202, "RYE", REFUSED, (STU3,)),
    Sending("stu3-documents/ITK-OPL-Document-Bundle-1-Example-4.xml", "RGD", DOCUMENT, 202, "RYE"),
    # The same identifier as the EDIS example, other bytes.
    Sending(
        "stu3-documents/edischarge_full_payload_example-01-mod.xml", "RR8", DOCUMENT, 409,
        says=("received before with other bytes",),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def sent(hub: Hub) -> dict[Sending, httpx2.Response]:
    return {s: hub.post(s.door, *read(s.file), s.by) for s in SENDINGS}


def named(sending: Sending) -> str:
    return f"{Path(sending.file).stem} by {sending.by} at {sending.door.split('?')[0]}"


@pytest.mark.parametrize("sending", SENDINGS, ids=named)
def test_the_door_says_what_it_did(sent: dict[Sending, httpx2.Response], sending: Sending) -> None:
    response = sent[sending]
    assert response.status_code == sending.status, response.text
    said = words(response)
    if sending.kept is None:
        assert not [part for part in sending.says if part not in said], said


@pytest.mark.parametrize("sending", [s for s in SENDINGS if s.kept], ids=named)
def test_what_was_accepted_is_kept_as_it_came_and_answered(
    hub: Hub, sent: dict[Sending, httpx2.Response], sending: Sending
) -> None:
    body, _ = read(sending.file)
    assert sent[sending].status_code == 202
    with hub.operator(sending.kept or "") as desk:
        item = _settled(desk, body)
        answers = [m for m in desk.messages("out")["messages"] if m["answers"] == item["identifier"]]
        if sending.answer is None:
            assert answers == []
            return
        (answer,) = answers
        assert [leg["recipient"] for leg in answer["deliveries"]] == [sending.by]
        bundle = json.loads(desk.content(answer["id"]))
    outcome = next(e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == "OperationOutcome")
    assert sending.answer in {c["code"] for i in outcome["issue"] for c in i.get("details", {}).get("coding", ())}
    said = json.dumps(outcome)
    assert not [part for part in sending.says if part not in said], said


def _settled(desk: NodeClient, body: bytes) -> dict[str, Any]:
    """The arrival that holds exactly these bytes, once it has been handled."""
    give_up = time.monotonic() + 30
    while True:
        items = [m for m in desk.messages("in")["messages"] if desk.content(m["id"]) == body]
        assert len(items) == 1
        if items[0]["state"] == "settled":
            return items[0]
        assert time.monotonic() < give_up, items[0]
        time.sleep(0.05)


def test_a_reused_identifier_raised_an_alarm_and_replaced_nothing(
    hub: Hub, sent: dict[Sending, httpx2.Response]
) -> None:
    with hub.operator("RYE") as desk:
        alarms = [a["code"] for a in desk.status()["alarms"]]
        kept = {desk.content(m["id"]) for m in desk.messages("in")["messages"]}
    assert alarms.count("identifier-conflict") == 2
    assert read("bars/REFREQ01-111-to-ED.xml")[0] in kept
    assert read("bars/REFREQ02-999-to-CAS.xml")[0] not in kept


# Single resources: (file, type, what the errors name; none: no error).
RESOURCES = (
    ("r4/Encounter-ADT_A03-final.json", "Encounter", ("Encounter.subject.identifier.value", BAD_NUMBER)),
    ("r4/Encounter-ADT_A03-initial-version.json", "Encounter", ("Encounter.subject.identifier.value", BAD_NUMBER)),
    ("r4/Encounter-ADT_A03-invalid.json", "Encounter", ("Encounter.subject.identifier.value", BAD_NUMBER)),
    ("r4/CarePlan-Diabetes.json", "CarePlan", ()),
    ("r4/CareTeam-VirtualWard.json", "CareTeam", ()),
    ("r4/Care-and-Support-Plan.R4.json", "Questionnaire", ()),
    ("r4/EPaCCS.json", "Questionnaire", ()),
    ("r4/NEWS2-Assessment.json", "Questionnaire", ()),
    ("r4/PRSB-About-Me.R4.json", "Questionnaire", ()),
    ("r4/ReSPECT.R4.json", "Questionnaire", ()),
    ("bars/FLA06-Safeguarding.xml", "Flag", ()),
    ("bars/FLA07-ReSPECT.xml", "Flag", ()),
    ("bars/Questionnaire-PTS.xml", "Questionnaire", ()),
    ("bars/QuestionnaireResponse-PTS.xml", "QuestionnaireResponse", ("Ecounter",)),  # misspelt as published
    *((f"stu3-documents/{p.name}", "Bundle", (STU3,)) for p in sorted(INPUTS.glob("stu3-documents/*.xml"))),
)


@pytest.mark.parametrize(("file", "kind", "says"), RESOURCES, ids=[Path(r[0]).stem for r in RESOURCES])
def test_a_resource_is_judged(hub: Hub, file: str, kind: str, says: tuple[str, ...]) -> None:
    response = hub.post(f"/fhir/{kind}/$validate", *read(file), "RR8")
    assert response.status_code == 200
    wrong = [i for i in response.json()["issue"] if i["severity"] in ("error", "fatal")]
    assert bool(wrong) == bool(says), wrong
    said = "\n".join(i["diagnostics"] for i in wrong)
    assert not [part for part in says if part not in said], said


def test_the_encounter_that_is_wrong_on_purpose_is_told_from_the_final_one(hub: Hub) -> None:
    """It names the admission method's extension and code system where nobody publishes them."""
    told = {
        name: words(hub.post("/fhir/Encounter/$validate", *read(f"r4/Encounter-ADT_A03-{name}.json"), "RR8"))
        for name in ("invalid", "final")
    }
    odd = "https://fhir.nhs.uk/StructureDefinition/Extension-UKCore-AdmissionMethod is not loaded"
    assert f"Encounter.hospitalization.extension[0]: the definition of extension {odd}" in told["invalid"]
    assert odd not in told["final"]


# All seven carry MSH-10 MSG00001 from one sender, so a node keeps the first and says of each other what it is:
# (file, event, Encounter.status, answer where it comes after the first).
ADT = (
    ("ADT-A01-01.hl7", "A01", "in-progress", 202),  # the first itself
    ("ADT-A01-02.hl7", "A01", "in-progress", 409),
    ("ADT-A02-01.hl7", "A02", "in-progress", 409),
    ("ADT-A03-01.hl7", "A03", "finished", 409),
    ("ADT-A08-01.hl7", "A08", "finished", 409),  # PV1-45 says when the person left
    ("ADT-A11-01.hl7", "A11", "cancelled", 409),
    ("ADT-A13-01.hl7", "A13", "in-progress", 409),  # discharge taken back: another event
)


@pytest.mark.parametrize(("name", "event", "status"), [row[:3] for row in ADT], ids=[row[0] for row in ADT])
def test_an_adt_message_becomes_an_encounter(interop: Any, name: str, event: str, status: str) -> None:
    """Made abroad: codes keep their words, and no NHS number or ODS code is made up from local identifiers."""
    told = interop("map", "hospital/adt", INPUTS / "hl7v2-adt" / name, "--output", "json")
    assert told.code == 0, told.out + told.err
    (record,) = told.json()["records"]
    resources = {e["resource"]["resourceType"]: e["resource"] for e in record["bundle"]["entry"]}
    assert resources["Encounter"]["status"] == status
    assert resources["Patient"]["name"][0]["family"] == "EVERYMAN"
    # PID-3 with both its repetitions, then what PID-2 and PID-4 called the patient in older versions.
    known_by = [i["value"] for i in resources["Patient"]["identifier"]]
    assert known_by == ["PATID1234", "123456789", "1234567", "PATID567"]
    systems = [i.get("system", "") for r in resources.values() for i in r.get("identifier", ())]
    assert not [s for s in systems if s.startswith("https://fhir.nhs.uk/")], systems
    assert resources["Encounter"]["serviceType"] == {"text": "SUR"}  # PV1-10
    assert "fhir.hl7.org.uk/CodeSystem" not in json.dumps(resources["Encounter"])


def test_one_control_id_is_one_message(hub: Hub) -> None:
    answers = {}
    for name, *_ in ADT:
        body = (INPUTS / "hl7v2-adt" / name).read_bytes()
        path = f"/messages?mapping=hospital/adt&filename={name}"
        answers[name] = hub.post(path, body, "x-application/hl7-v2+er7", "GHH")
    assert {name: answer.status_code for name, answer in answers.items()} == {row[0]: row[3] for row in ADT}
    for answer in answers.values():
        if answer.status_code == httpx2.codes.CONFLICT:
            assert "needs a new business key" in words(answer)
    taken = [a.json()["records"][0] for a in answers.values() if a.status_code == httpx2.codes.ACCEPTED]
    assert {(record["status"], record["kind"]) for record in taken} == {("recorded", "encounter-event")}
    with hub.operator("GHH") as desk:
        assert [m["id"] for m in desk.messages("out")["messages"]] == list({record["id"] for record in taken})
        assert "identifier-conflict" in [alarm["code"] for alarm in desk.status()["alarms"]]


def test_the_command_line_asks_the_running_node_as_the_tenant_its_token_is_of(
    hub: Hub, interop: Any, sent: dict[Sending, httpx2.Response]
) -> None:
    config = ("--config", hub.member.config, "--output", "json")
    told = interop("inbox", "--as", "RYE", *config)
    assert told.code == 0, told.err
    assert {m["sender"] for m in told.json()["messages"]} == {"RND", "Z54321", "RR8", "RGD"}
    other = interop("inbox", "--as", "GHH", *config)
    assert other.code == 2
    assert "speaks for RYE, not for GHH (set operator_token_file to a token of GHH)" in " ".join(other.err.split())


def test_nothing_of_this_made_the_node_stumble(hub: Hub, sent: dict[Sending, httpx2.Response]) -> None:
    """Last: no fault, no person in the log, still ready."""
    assert not [r for r in sent.values() if r.status_code >= 500]
    log = hub.log()
    for trace in ("Traceback", "request_failed", "worker_failed"):
        assert trace not in log, log
    for person in ("EVERYMAN", "Jones", "9000000009", "9658218881", "Meakin"):
        assert person not in log
    with hub.operator("RYE") as desk:
        assert desk.ready()
