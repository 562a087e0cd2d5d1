"""Narrative says what the structured data says, and follows it when it changes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random

import pytest
from lxml import etree

from interop import narrative
from interop.completeness import score, standard, standards
from interop.json_codec import Json
from interop.reconciliation import belongings, medicines

ALLOWED = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "i"}
"""A subset of what txt-1 allows."""


def divs(document: dict) -> list[str]:
    """Every narrative of a document, sections included."""
    found: list[str] = []

    def walk(node: Json) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("text"), dict) and "div" in node["text"]:
                found.append(node["text"]["div"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(document)
    return found


def spoken(document: dict) -> str:
    told = (" ".join(etree.fromstring(div).itertext()) for div in divs(narrative.narrate(document)))
    return " ".join(" ".join(told).split())


def test_every_section_and_resource_gets_generated_valid_xhtml(red_bag: dict) -> None:
    told = narrative.narrate(red_bag)
    composition = told["entry"][0]["resource"]
    assert all(section["text"]["status"] == "generated" for section in composition["section"])
    assert all(entry["resource"]["text"]["status"] == "generated" for entry in told["entry"][1:])
    for div in divs(told):
        tree = etree.fromstring(div)
        assert tree.tag == "{http://www.w3.org/1999/xhtml}div"
        assert {element.tag.split("}")[1] for element in tree.iter()} <= ALLOWED
        assert "".join(tree.itertext()).strip()


def test_narrating_changes_nothing_but_the_text_and_only_once(red_bag: dict) -> None:
    before = copy.deepcopy(red_bag)
    told = narrative.narrate(red_bag)
    assert red_bag == before
    assert narrative.narrate(told) == told

    def silent(node: Json) -> Json:
        if isinstance(node, dict):
            return {k: silent(v) for k, v in node.items() if not (k == "text" and isinstance(v, dict) and "div" in v)}
        return [silent(value) for value in node] if isinstance(node, list) else node

    assert silent(told) == before


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("AllergyIntolerance", "code", "text"), "Latex gloves", "Latex gloves"),
        (("MedicationStatement", "dosage", 0, "text"), "999 mg at noon", "999 mg at noon"),
        (("MedicationStatement", "extension", 0, "valueDateTime"), "2026-11-12T05:06:00+00:00", "12 Nov 2026, 05:06"),
        (("MedicationStatement", "status"), "on-hold", "on hold"),
        (("Flag", "period", "end"), "2031-01-02", "2 Jan 2031"),
        (("Observation", "valueCodeableConcept", "text"), "Cannot be woken", "Cannot be woken"),
        (("Patient", "birthDate"), "1939-09-15", "15 Sep 1939"),
        (("RelatedPerson", "telecom", 0, "value"), "01632 960999", "01632 960999"),
        (("QuestionnaireResponse", "item", 0, "answer", 0, "valueString"), "My garden", "My garden"),
        (("CarePlan", "description"), "Sing every day", "Sing every day"),
        (("Encounter", "reasonCode", 0, "text"), "Chest pain", "Chest pain"),
        (("Condition", "code", "text"), "Gout", "Gout"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else "",
)
def test_a_change_in_the_data_is_a_change_in_the_words(path: tuple, value: str, says: str, red_bag: dict) -> None:
    assert says not in spoken(red_bag)
    kind, *steps, last = path
    resources = (entry["resource"] for entry in red_bag["entry"])
    for node in resources:
        if node["resourceType"] != kind:
            continue
        try:
            for step in steps:
                node = node[step]
            node[last]
        except (KeyError, IndexError):
            continue
        node[last] = value
        break
    else:
        pytest.fail(f"no {path} in the sample")
    assert says in spoken(red_bag)


def test_old_narrative_never_survives_a_change(red_bag: dict) -> None:
    told = narrative.narrate(red_bag)
    allergy = next(e["resource"] for e in told["entry"] if e["resource"]["resourceType"] == "AllergyIntolerance")
    allergy["code"]["text"] = "Latex gloves"
    assert "Penicillin" not in spoken(told)


@pytest.mark.parametrize(
    ("empty", "says"),
    [
        ("notasked", "Not asked."),
        ("nilknown", "None known"),
        ("unavailable", "Not recorded."),
        ("withheld", "Withheld by the sender."),
        ("notstarted", "Not started"),
        (None, "Not recorded."),
    ],
)
def test_an_empty_section_says_why(empty: str | None, says: str, build: Callable[..., dict]) -> None:
    assert spoken(build(sections=[("safety-alerts", [], empty)])).startswith(says)


def test_a_section_of_the_senders_own_words_keeps_them(build: Callable[..., dict]) -> None:
    document = build(sections=[("clinical-narrative", [], None)])
    own = {
        "status": "additional",
        "div": "<div xmlns='http://www.w3.org/1999/xhtml'><p>She sang.</p><script>x</script></div>",
    }
    document["entry"][0]["resource"]["section"][0]["text"] = own
    assert narrative.narrate(document)["entry"][0]["resource"]["section"][0]["text"] == own
    page = narrative.full_pack(document)
    assert "In the sender's own words" in page
    assert "She sang." in page


def test_a_kind_of_resource_we_never_met_is_told_all_the_same(build: Callable[..., dict]) -> None:
    immunization = {
        "resourceType": "Immunization",
        "vaccineCode": {"text": "Influenza"},
        "occurrenceDateTime": "2026-10-02",
        "performer": [{"actor": {"display": "Practice nurse"}}],
        "lotNumber": "AB12",
    }
    told = spoken(build(immunization, sections=[("immunisations", [0], None)]))
    for part in ("Influenza", "2 Oct 2026", "Practice nurse", "AB12"):
        assert part in told


JUNK: tuple[Json, ...] = (
    None, True, 0, -1, "", "x", "T", "#", "2026-13-45", "2026-02-30T99:00:00Z", "urn:uuid:1", "\x00\ufffe", "\ud800",
    [], [[]], [None], {}, {"text": {}}, {"coding": "x"}, {"coding": [None, {"code": 3}]}, {"reference": ["x"]},
    {"value": {"value": []}}, [{"extension": [{}]}], {"item": [{"item": [{"linkId": 4}]}]}, {"start": 5, "end": {}},
    {"url": "x", "valueFoo": {"a": 1}},
)  # fmt: skip


def spoil(document: Json, chance: Random) -> None:
    """Replace one value somewhere in a document by something it should not be."""
    node: Json = chance.choice(document["entry"])
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = chance.choice(keys)
        if not isinstance(node[key], dict | list) or chance.random() < 0.15:
            node[key] = copy.deepcopy(chance.choice(JUNK))
            return
        node = node[key]


@pytest.mark.parametrize("seed", range(80))
def test_odd_data_never_stops_a_page(seed: int, red_bag: dict, discharge: dict) -> None:
    chance = Random(seed)  # noqa: S311  the same spoiling in every run, nothing secret
    for document in (red_bag, discharge):
        for _ in range(chance.randint(1, 25)):
            spoil(document, chance)
        assert narrative.front_sheet(document)
        assert narrative.full_pack(document)
        etree.fromstring(narrative.web_of_care_svg(document).encode())
        for div in divs(narrative.narrate(document)):
            etree.fromstring(div)
        for name in standards():
            assert 0 <= score(document, standard(name)).score <= 1
    compared = medicines(red_bag, discharge), belongings(red_bag, discharge)
    assert narrative.discharge_page(discharge, *compared)
