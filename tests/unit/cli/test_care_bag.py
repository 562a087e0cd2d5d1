"""``interop care`` checkpoints, transport, reconcile, sign-off and assess: what they say, write and answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.catalogue import shipped


@pytest.fixture
def made(interop, journey, tmp_path):
    """Every document these verbs read, made from the shipped examples: name → file."""
    examples = shipped("examples")
    for mapping, source in (
        ("care-home/checkpoint", sorted((examples / "red-bag-checkpoints").glob("*.csv"))),
        ("care-home/checkpoint-json", [examples / "red-bag-checkpoints" / "ambulance.json"]),
        ("care-home/transport", [examples / "transport-plan" / "RH-014.json"]),
        ("care-home/assessment", [examples / "trusted-assessment" / "RH-014.json"]),
        ("hospital/discharge", [journey / "hospital" / "discharge.json"]),
        ("care-home/red-bag", [journey / "care-home"]),
    ):
        told = interop("map", mapping, *source, "--out", tmp_path / "made" / mapping)
        assert told.code == 0, told.out + told.err
    return tmp_path / "made"


def only(folder: Path) -> Path:
    (found,) = folder.glob("*.json")
    return found


def test_a_bag_s_journey_is_told_in_five_columns_and_what_is_missing_with_both_places(interop, made, tmp_path):
    told = interop("care", "checkpoints", made / "care-home" / "checkpoint", made / "care-home" / "checkpoint-json")
    assert told.code == 1
    assert "MISSING  Hearing aid (left): last seen" in told.out
    assert "found    Slippers" in told.out
    assert "not checked" in told.out
    assert "Leaving" in told.out
    assert "home-out" not in told.out
    (nightdress,) = (line for line in told.out.splitlines() if line.strip("│┃ ").startswith("Nightdress"))
    assert nightdress.index("present 2") < nightdress.index("present 1"), "one of two is told"


def test_checkpoints_writes_the_page_and_a_valid_task_for_each_loss(interop, made, tmp_path):
    out = tmp_path / "bag"
    interop("care", "checkpoints", made / "care-home" / "checkpoint", "--out", out, "--at", "2026-11-20")
    assert "Hearing aid (left)" in (out / "bag.html").read_text(encoding="utf-8")
    tasks = sorted(out.glob("item-lost-*.json"))
    assert len(tasks) == 4
    assert interop("validate", *tasks).code == 0


def test_checkpoints_as_json_and_what_it_could_not_tell(interop, made):
    told = interop("care", "checkpoints", made / "care-home" / "checkpoint", "--output", "json")
    (bag,) = told.json()["journeys"]
    assert {loss["item"] for loss in bag["losses"]} == {"Hearing aid (left)", "Slippers", "Nightdress"}
    assert interop("care", "checkpoints", only(made / "hospital" / "discharge"), "--output", "json").code == 0
    assert interop("care", "checkpoints", only(made / "care-home" / "assessment")).code == 3


def test_transport_tells_what_the_crew_is_told_and_writes_its_page(interop, made, tmp_path):
    plan, bag, page = (
        only(made / "care-home" / "transport"),
        only(made / "care-home" / "red-bag"),
        tmp_path / "crew.html",
    )
    told = interop("care", "transport", plan, "--red-bag", bag, "--at", "2026-11-18T10:00", "--page", page)
    assert (told.code, "CPR decision: Not for attempted CPR" in told.out) == (0, True)
    assert "Slide sheet" in page.read_text(encoding="utf-8")
    late = interop("care", "transport", plan, "--at", "2026-12-18", "--output", "json")
    assert late.code == 1
    assert [issue["code"] for issue in late.json()["issues"]] == ["transport-window-over"]


def test_reconcile_asks_and_a_person_signs_line_by_line(interop, made, tmp_path):
    bag, home = only(made / "care-home" / "red-bag"), only(made / "hospital" / "discharge")
    sheet, signed = tmp_path / "sheet.json", tmp_path / "signed.json"
    told = interop("care", "reconcile", bag, home, "--out", sheet, "--output", "json")
    assert told.code == 1, "eight lines wait for a person"
    assert {line["decision"] for line in told.json()["lines"]} == {None}
    who = ("--by", "Ruth Lane", "--role", "Registered nurse", "--at", "2026-11-18T17:00")
    part = interop("care", "sign-off", sheet, *who, "--accept", "1-7", "--query", "8=Since when?", "--out", signed)
    assert part.code == 1
    whole = interop(
        "care", "sign-off", signed, *who, "--accept", "8=Ward rang back", "--out", signed, "--output", "json"
    )
    assert whole.code == 0
    assert {line["decision"] for line in whole.json()["lines"]} == {"accept"}
    assert interop("validate", sheet, signed).code == 0


def test_two_lists_the_wrong_way_round_are_refused(interop, made):
    told = interop("care", "reconcile", only(made / "hospital" / "discharge"), only(made / "care-home" / "red-bag"))
    assert (told.code, told.out) == (2, "")
    assert "the wrong way round" in " ".join(told.err.split())


def test_an_unexplained_change_is_a_finding_and_is_not_waved_through(interop, made, tmp_path):
    bag, home = only(made / "care-home" / "red-bag"), only(made / "hospital" / "discharge")
    document = json.loads(home.read_text(encoding="utf-8"))
    document["entry"] = [
        e
        for e in document["entry"]
        if "Donepezil" not in json.dumps(e["resource"].get("medicationCodeableConcept", ""))
    ]
    home.write_text(json.dumps(document), encoding="utf-8")
    told = interop("care", "reconcile", bag, home, "--out", tmp_path / "sheet.json")
    assert told.code == 1
    assert "Donepezil" in told.out
    refused = interop("care", "sign-off", tmp_path / "sheet.json", "--by", "R", "--role", "N", "--accept", "1-8")
    assert refused.code == 2
    assert "say what was found out" in refused.err


def test_an_assessment_is_checked_answered_by_legal_moves_only_and_reused(interop, made, tmp_path):
    file, answered = only(made / "care-home" / "assessment"), tmp_path / "answered.json"
    overdue = interop("care", "assess", "check", file, "--at", "2026-11-18")
    assert (overdue.code, "OVERDUE: the answer was due by 17 Nov 2026, 16:00" in overdue.out) == (1, True)
    told = interop("care", "assess", "check", file, "--at", "2026-11-17", "--output", "json")
    assert (told.code, told.json()["standing"], told.json()["nextAction"]) == (0, "waiting", "Rosewood House")
    assert interop("care", "assess", "check", file, "--at", "2026-12-18").code == 1
    wrong = interop("care", "assess", "answer", file, "answer", "--by", "X", "--as", "home")
    assert wrong.code == 2
    assert "legal now: query (by the home)" in wrong.err
    late = interop("care", "assess", "answer", file, "accept", "--by", "X", "--as", "home", "--at", "2026-12-18")
    assert "valid until 24 Nov 2026" in late.err
    when = ("--at", "2026-11-17T13:00")
    assert (
        interop("care", "assess", "answer", file, "accept", "--by", "J", "--as", "home", *when, "--out", answered).code
        == 0
    )
    assert interop("validate", answered).code == 0
    again = ("--person", "999 000 0018", "--kind", "return-to-home")
    open_one = interop("care", "assess", "reuse", file, *again, "--at", "2026-11-17")
    assert open_one.code == 1
    assert "Rosewood House has to answer first" in " ".join(open_one.out.split())
    assert "have the open one answered" in open_one.out
    assert interop("care", "assess", "reuse", file, answered, *again, "--at", "2026-11-20").code == 0
    assert interop("care", "assess", "reuse", file, answered, *again, "--at", "2026-12-20").code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("checkpoints", "{tmp}/broken.json"), "broken.json"),
        (("transport", "{tmp}/patient.json"), "holds no FHIR Bundle"),
        (("transport", "{tmp}/empty.json"), "is not a transport plan"),
        (("assess", "check", "{tmp}/empty.json"), "holds no trusted assessment"),
        (("assess", "reuse", "{tmp}/empty.json", "--person", "9990000081", "--kind", "return-to-home"), "NHS number"),
        (("assess", "reuse", "{tmp}/empty.json", "--person", "9990000018", "--kind", "x"), "choose one of"),
        (("sign-off", "{tmp}/empty.json", "--by", "R", "--role", "N", "--accept", "one"), "names no line"),
        (("sign-off", "{tmp}/empty.json", "--by", "R", "--role", "N", "--accept", "1"), "there is no line 1"),
    ],
)
def test_bad_input_is_a_clear_error(interop, tmp_path, words, said):
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "patient.json").write_text('{"resourceType": "Patient"}', encoding="utf-8")
    (tmp_path / "empty.json").write_text('{"resourceType": "Bundle", "type": "document"}', encoding="utf-8")
    told = interop("care", *(word.format(tmp=tmp_path) for word in words))
    assert told.code == 2, told.out + told.err
    assert said in " ".join(told.err.split())
    assert "Traceback" not in told.err


@pytest.mark.parametrize("verb", ["checkpoints", "transport", "reconcile", "sign-off", "assess"])
def test_each_verb_has_help(interop, verb):
    told = interop("care", verb, "--help")
    assert told.code == 0
    assert "Example:" in told.out or "check" in told.out
