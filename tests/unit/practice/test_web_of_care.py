"""The web of care looked at for holes: each is found, told in words and weighed; none is found where none is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml
from lxml import etree

from interop import narrative
from interop.catalogue import Catalogue
from interop.json_codec import Json, JsonObject
from interop.narrative.web_page import web_page
from interop.practice.web_of_care import web_of_care
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
RECORD = json.loads((ROOT / "examples" / "care-team" / "RH-014.json").read_text(encoding="utf-8"))
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "web-of-care" / "holes.yaml").read_text(encoding="utf-8"))
GROUPS = {
    "health": "Health",
    "family": "Family",
    "voluntary": "Voluntary",
    "advocate": "Advocate",
    "social": "Social care",
}


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def web(record: JsonObject) -> JsonObject:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    (found,) = translator().translate("care-home/care-team-json", {"x.json": json.dumps(record).encode()}, now=now)
    assert found.bundle is not None
    return found.bundle


def edited(case: Mapping[str, Json]) -> JsonObject:
    record = copy.deepcopy(RECORD)
    for path, value in case.get("set", {}).items():
        *steps, last = (int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path))
        node: Json = record
        for step in steps:
            node = node[step]
        node[last] = value
    gone = {GROUPS[group] for group in case.get("drop", ())}
    kept = case.get("keep", ())
    record["members"] = [m for m in record["members"] if m["kind"] not in gone or m["name"] in kept]
    return record


def moment(case: Mapping[str, Json]) -> datetime:
    return datetime.fromisoformat(f"{case.get('at', '2026-11-20')}T12:00:00+00:00")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["desc"])
def test_a_hole_is_found(case: Mapping[str, Json]) -> None:
    found = list(web_of_care(Document.of(web(edited(case))), moment(case)).findings)
    for wanted in case["expect"]:
        match = [one for one in found if one.kind == wanted["kind"] and wanted["says"] in one.text]
        assert match, [(one.kind, one.text) for one in found]
        assert match[0].weight.name.lower() == wanted["weight"]
        found.remove(match[0])
    if not case.get("loose"):
        assert [one.text for one in found if one.who != "Anne Doyle" or one.kind != "left"] == []


def test_the_worst_stands_first() -> None:
    record = edited({"set": {"members[3].phone": None, "members[0].accepted": None}, "drop": ["advocate"]})
    weights = [one.weight for one in web_of_care(Document.of(web(record)), moment({})).findings]
    assert weights == sorted(weights)
    assert len(set(weights)) == 3


def test_the_page_says_whom_to_ring_before_anything_else_and_marks_who_has_left() -> None:
    page = web_page(web(RECORD), at=datetime(2027, 3, 2, tzinfo=UTC))
    assert page.index("Joseph Mensah, named care co-ordinator: 01632 960100") < page.index("missing or out of date")
    assert "HAS LEFT: Leila Haddad" in page
    assert "01632 960399" in page


def test_who_has_left_is_grey_dashed_and_said_in_words() -> None:
    drawn = etree.fromstring(narrative.web_of_care_svg(web(RECORD), "2027-03-02").encode())
    space = {"s": "http://www.w3.org/2000/svg"}
    dashed = drawn.xpath(
        "//s:g[s:rect[@stroke-dasharray='8 6' and @fill='#eceff1']]/s:text[1]/text()", namespaces=space
    )
    assert dashed == ["LEFT: Leila Haddad", "LEFT: Anne Doyle"]
    (words,) = drawn.xpath("//s:desc/text()", namespaces=space)
    assert "LEFT: Leila Haddad" in words
    assert "LEFT the team 28 Feb 2027" in words


def test_the_person_is_nobody_s_family() -> None:
    others = web_of_care(Document.of(web(RECORD)), moment({})).in_group("other")
    assert [standing.one.member.name for standing in others] == ["Mrs Edith May Ashworth"]
