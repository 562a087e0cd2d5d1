"""``interop care`` wishes, pointer, adjustments, disclose and consent: what they say, write and answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.catalogue import shipped


def document(interop, tmp_path: Path, practice: str, record: str) -> Path:
    """The document made of a shipped example."""
    out = tmp_path / practice
    told = interop("map", f"care-home/{practice}", shipped("examples") / practice / record, "--out", out)
    assert told.code == 0, told.out + told.err
    (found,) = out.glob("*.json")
    return found


@pytest.fixture
def record(interop, tmp_path):
    return document(interop, tmp_path, "end-of-life", "RH-014.json")


def test_wishes_say_who_decides_and_what_ended(interop, record):
    told = interop("care", "wishes", record, "--at", "2026-11-21")
    assert told.code == 0
    assert "Who decides: the attorney for health and welfare: Margaret Ashworth-Bell" in told.out
    assert "not in force (Edith revoked it" in told.out


def test_wishes_judge_reviews_as_of_the_day_asked_for(interop, record):
    told = interop("care", "wishes", record, "--at", "2027-06-01", "--output", "json")
    assert told.code == 1
    assert [issue["code"] for issue in told.json()["issues"]][:2] == ["review-overdue", "review-overdue"]


def test_a_pointer_is_written_and_is_valid(interop, record, tmp_path):
    out = tmp_path / "pointer.json"
    told = interop("care", "pointer", record, "--url", "https://rosewood-house.example/1", "--out", out)
    assert told.code == 0
    assert interop("validate", out).code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["custodian"]["identifier"]["value"] == "VNX01"


def test_a_pointer_that_breaks_a_rule_names_it_and_writes_nothing(interop, record, tmp_path):
    out = tmp_path / "pointer.json"
    told = interop("care", "pointer", record, "--url", "ssp://rosewood-house.example/1", "--out", out)
    assert told.code == 1
    assert "nrl-asid" in told.out
    assert not out.exists()
    as_json = interop("care", "pointer", record, "--url", "nowhere", "--output", "json")
    assert [issue["rule"] for issue in as_json.json()["issues"]] == ["nrl-content-type"]


def test_a_setting_without_its_words_is_a_mistake_of_use(interop, record):
    assert interop("care", "pointer", record, "--url", "https://x.example", "--setting", "413294000").code == 2


def test_adjustments_are_told_with_the_page_they_ask_for(interop, tmp_path):
    found = document(interop, tmp_path, "accessible-information", "RH-014.json")
    flag = tmp_path / "flag.json"
    told = interop("care", "adjustments", found, "--national", flag)
    assert told.code == 0
    assert "letters of at least 24 points, easy read" in told.out
    assert json.loads(flag.read_text(encoding="utf-8"))["type"] == "transaction"
    assert interop("care", "adjustments", found, "--output", "json").json()["page"]["points"] == 24


@pytest.mark.parametrize(
    ("practice", "record"),
    [
        ("accessible-information", "RH-014.json"),
        ("accessible-information", "RH-022.json"),
        ("end-of-life", "RH-014.json"),
        ("safeguarding", "SG-2026-031.json"),
        ("sharing-consent", "RH-014.json"),
    ],
)
def test_a_shipped_example_makes_no_warning_and_comes_back_without_one(practice, record, interop, tmp_path):
    told = interop("map", f"care-home/{practice}", shipped("examples") / practice / record, "--out", tmp_path / "made")
    assert "warning" not in told.out + told.err
    (made,) = (tmp_path / "made").glob("*.json")
    back = interop("map", f"care-home/{practice}", made, "--reverse", "--out", tmp_path / "back")
    assert back.code == 0
    assert "warning" not in back.out + back.err


def test_a_restricted_record_is_not_copied_and_the_whole_is(interop, tmp_path):
    found = document(interop, tmp_path, "safeguarding", "SG-2026-031.json")
    refused = interop("care", "disclose", found, "--role", "restricted", "--out", tmp_path / "copy.json")
    assert refused.code == 1
    assert "whole document is restricted" in refused.out
    assert not (tmp_path / "copy.json").exists()
    assert interop("care", "disclose", found, "--role", "full", "--out", tmp_path / "copy.json").code == 0


def test_a_restricted_copy_of_a_red_bag_says_that_something_is_held(interop, tmp_path):
    source = json.loads((shipped("examples") / "red-bag-json" / "RH-014.json").read_text(encoding="utf-8"))
    source["assessment"]["safeguarding"] = {"concern": "Yes", "detail": "Bruises seen by the night nurse"}
    (tmp_path / "RH-014.json").write_text(json.dumps(source), encoding="utf-8")
    interop("map", "care-home/red-bag-json", tmp_path / "RH-014.json", "--out", tmp_path / "bag")
    out = tmp_path / "copy.json"
    assert interop("care", "disclose", tmp_path / "bag" / "RH-014.json", "--out", out).code == 0
    copied = out.read_text(encoding="utf-8")
    assert "Bruises" not in copied
    assert "Restricted information is held by the sender" in copied
    assert interop("validate", out).code == 0


def test_consent_answers_yes_no_and_ask_first(interop, tmp_path):
    found = document(interop, tmp_path, "sharing-consent", "RH-014.json")
    yes = interop("care", "consent", found, "--person", "Margaret Ashworth-Bell")
    no = interop("care", "consent", found, "--person", "Peter Ashworth", "--topic", "money")
    ask = interop("care", "consent", found, "--person", "Samuel Osei", "--topic", "health-and-care")
    assert (yes.code, no.code, ask.code) == (0, 1, 3)
    assert "objected to: money and property" in no.out
    assert "Nobody recorded a decision" in ask.out


def test_an_unknown_topic_is_a_mistake_of_use(interop, tmp_path):
    found = document(interop, tmp_path, "sharing-consent", "RH-014.json")
    assert interop("care", "consent", found, "--topic", "gossip").code == 2


@pytest.mark.parametrize(
    ("verb", "says"),
    [("wishes", "holds no wishes for the end of life"), ("adjustments", "no adjustments"), ("consent", "no decisions")],
)
def test_a_document_without_any_of_it_could_not_tell(verb, says, interop, tmp_path):
    interop("map", "hospital/hub", *sorted((shipped("examples") / "hub").glob("*.csv")), "--out", tmp_path / "hub")
    board = next((tmp_path / "hub").glob("*.json"))
    told = interop("care", verb, board)
    assert told.code == 3
    assert says in " ".join(told.err.split())
    assert told.out == ""


def test_a_record_of_another_practice_does_not_become_an_end_of_life_record(interop, tmp_path):
    other = shipped("examples") / "delegation" / "RH-014.json"
    told = interop("map", "care-home/end-of-life", other, "--out", tmp_path / "made")
    assert told.code == 1
    assert "says something about the end of life" in " ".join((told.out + told.err).split())
    assert interop("care", "wishes", tmp_path / "made" / "RH-014.json").code == 3


def test_a_place_whose_words_were_replaced_is_named(interop, tmp_path):
    source = json.loads((shipped("examples") / "red-bag-json" / "RH-014.json").read_text(encoding="utf-8"))
    source["assessment"]["safeguarding"] = {"concern": "Yes", "detail": "Nephew Brutus suspected of theft"}
    source["conditions"][0]["note"] = "Nephew Brutus suspected of theft, says Edie"
    (tmp_path / "RH-014.json").write_text(json.dumps(source), encoding="utf-8")
    interop("map", "care-home/red-bag-json", tmp_path / "RH-014.json", "--out", tmp_path / "bag")
    told = interop("care", "disclose", tmp_path / "bag" / "RH-014.json", "--out", tmp_path / "copy.json")
    assert "words that repeat it were replaced at Bundle.entry[" in " ".join(told.err.split())
    assert "Brutus" not in (tmp_path / "copy.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", ["wishes", "adjustments", "disclose", "consent"])
def test_a_file_that_is_no_document_is_told_without_a_traceback(verb, interop, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text("{", encoding="utf-8")
    told = interop("care", verb, bad)
    assert told.code in (1, 2)
    assert "Traceback" not in told.out + told.err
