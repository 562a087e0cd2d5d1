"""``interop care`` compare, web, meeting, diary and delegation: what they say, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.catalogue import shipped
from interop.cli.care.documents import read_documents
from interop.cli.care.follow_ups import write
from interop.practice.follow_up import FollowUp


@pytest.fixture
def made(interop, tmp_path):
    """The documents these verbs read, made from the shipped examples: ``made(name)`` is a folder."""
    sources = {
        "before": ("care-home/care-team-json", "coordinator-change/before/RH-014.json"),
        "after": ("care-home/care-team-json", "care-team/RH-014.json"),
        "plan": ("care-home/care-plan-json", "care-plan/RH-014.json"),
        "meeting": ("care-home/meeting", "meeting/RH-014.json"),
        "today": ("care-home/diary", "care-diary/today"),
        "next-day": ("care-home/diary", "care-diary/next-day"),
        "delegation": ("care-home/delegation", "delegation/RH-014.json"),
    }

    def folder(name: str) -> Path:
        mapping, source = sources[name]
        out = tmp_path / "made" / name
        if not out.exists():
            told = interop("map", mapping, shipped("examples") / source, "--out", out)
            assert told.code == 0, told.out + told.err
        return out

    return folder


def only(folder: Path) -> Path:
    (found,) = folder.glob("*.json")
    return found


def numbers(folder: Path) -> list[str]:
    """The identifier of each written document: no two files hold the same one."""
    found = [json.loads(path.read_text(encoding="utf-8"))["identifier"]["value"] for path in folder.glob("*.json")]
    assert len(set(found)) == len(found)
    return found


def test_a_hand_over_writes_as_many_files_as_notices_and_the_same_ones_again(interop, made, tmp_path):
    out = tmp_path / "notices"
    words = ("care", "web", only(made("after")), "--before", only(made("before")), "--out", out, "--output", "json")
    notices = interop(*words).json()["notices"]
    assert len(notices) == 5
    assert len(numbers(out)) == 5
    assert not any(":" in path.name for path in out.iterdir())
    interop(*words)
    assert len(numbers(out)) == 5


def test_each_missed_visit_and_the_page_is_a_file(interop, made, tmp_path):
    out = tmp_path / "alerts"
    told = interop("care", "diary", made("today"), made("next-day"), "--now", "2026-11-28T12:00", "--out", out)
    assert told.code == 1
    assert sorted(path.name.rsplit("-", 5)[0] for path in out.glob("*.json")) == [
        "missed-visit",
        "missed-visit",
        "visit-corrected",
    ]
    assert len(list(out.glob("diary-*.html"))) == 1


def test_meeting_and_delegation_write_each_notice(interop, made, tmp_path):
    notices = interop("care", "meeting", only(made("meeting")), "--out", tmp_path / "told", "--output", "json").json()
    assert len(numbers(tmp_path / "told")) == len(notices["notices"]) > 1
    late = ("--at", "2026-12-20", "--out", tmp_path / "refused", "--output", "json")
    refused = interop("care", "delegation", only(made("delegation")), *late).json()["notices"]
    assert len(numbers(tmp_path / "refused")) == len(refused) > 0


def follow_up(identifier: str, title: str) -> FollowUp:
    bundle = {"resourceType": "Bundle", "type": "document", "identifier": {"value": identifier}, "id": title}
    return FollowUp("notice", title, {**bundle, "entry": []}, (), "because")


def test_a_file_that_holds_something_else_is_left_alone(tmp_path):
    one = follow_up("urn:uuid:8d73ff74-d475-5908-800a-9d12fa791c79", "one")
    (first,) = write([one], tmp_path)
    assert first.name == "notice-8d73ff74-d475-5908-800a-9d12fa791c79.json"
    first.write_text('{"mine": true}', encoding="utf-8")
    (second,) = write([one], tmp_path)
    assert second.name == "notice-8d73ff74-d475-5908-800a-9d12fa791c79-2.json"
    assert first.read_text(encoding="utf-8") == '{"mine": true}'
    assert write([one], tmp_path) == [second]


def test_two_documents_of_one_number_are_two_files_and_any_identifier_makes_a_name(tmp_path):
    odd = "https://example.org/a:b\\c?" + "x" * 300
    paths = write([follow_up(odd, "one"), follow_up(odd, "two")], tmp_path)
    assert [json.loads(path.read_bytes())["id"] for path in paths] == ["one", "two"]
    assert all(len(path.name) < 60 and ":" not in path.name for path in paths)


def test_two_versions_of_one_name_are_two_documents_and_one_named_twice_is_one(made):
    today, later = only(made("today")), only(made("next-day"))
    assert today.name == later.name
    assert list(read_documents([today, later])) == [str(today), str(later)]
    assert list(read_documents([today.parent, today])) == [str(today)]


def test_a_new_version_never_overwrites_the_plan_it_was_made_from(interop, made):
    plan = only(made("plan"))
    before = plan.read_bytes()
    told = interop("care", "meeting", only(made("meeting")), "--plan", plan, "--out", plan.parent)
    assert told.code == 2
    assert "would be overwritten" in told.err
    assert plan.read_bytes() == before


@pytest.mark.parametrize(
    ("verb", "given", "said"),
    [
        ("web", "empty", "no web of care"),
        ("web", "delegation", "no web of care"),
        ("meeting", "empty", "no meeting"),
        ("meeting", "plan", "no meeting"),
        ("diary", "empty", "no care diary"),
        ("diary", "meeting", "no care diary"),
        ("delegation", "empty", "no delegated task"),
        ("delegation", "meeting", "no delegated task"),
        ("compare", "empty", "holds no care plan"),
        ("compare", "meeting", "holds no care plan"),
    ],
)
def test_another_document_is_refused_in_words_and_nothing_is_said_of_it(interop, made, tmp_path, verb, given, said):
    file = tmp_path / "empty.json"
    file.write_text('{"resourceType": "Bundle", "type": "document"}', encoding="utf-8")
    given = file if given == "empty" else only(made(given))
    told = interop("care", verb, given, *([given] if verb == "compare" else []))
    assert told.code == (2 if verb == "compare" else 3)
    assert told.out == ""
    assert said in told.err
    assert "Traceback" not in told.err


def test_the_version_before_must_be_a_web_of_care_too(interop, made):
    told = interop("care", "web", only(made("after")), "--before", only(made("delegation")))
    assert (told.code, told.out) == (2, "")
    assert "holds no web of care" in told.err
