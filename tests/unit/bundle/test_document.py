"""Documents: the Composition first, stable names, nothing left out, every reference found."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from interop.bundle import (
    Entry,
    Index,
    assemble_collection,
    assemble_document,
    entries,
    find,
    full_url,
    reachable,
    references,
    sections,
    stable_uuid,
    transaction,
    unreached,
)
from interop.errors import ContentError

NOON = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)
IDENTIFIER = {"system": "https://tools.ietf.org/html/rfc4122", "value": "b1"}


def entry(url: str, kind: str = "Observation", **members: object) -> Entry:
    return Entry(url, {"resourceType": kind, **members})


def to(url: str) -> dict[str, str]:
    return {"reference": url}


@pytest.fixture
def document():
    composition = {
        "resourceType": "Composition",
        "subject": to("urn:uuid:p"),
        "section": [{"title": "A", "entry": [to("urn:uuid:o")], "section": [{"title": "A1"}]}, {"title": "B"}],
    }
    resources = [
        entry("urn:uuid:lost", "Flag"),
        entry("urn:uuid:prov", "Provenance", target=[to("urn:uuid:o")]),
        entry("urn:uuid:org", "Organization"),
        entry("urn:uuid:o", subject=to("urn:uuid:p")),
        entry("urn:uuid:p", "Patient", managingOrganization=to("urn:uuid:org")),
    ]
    return assemble_document(composition, resources, identifier=IDENTIFIER, timestamp=NOON)


def test_the_same_identifiers_give_the_same_uuid_in_every_run():
    assert stable_uuid("a", "b") == "6cbd3c7c-c899-5cd3-9ba6-2b752fddee5d"
    assert stable_uuid("ab", "c") != stable_uuid("a", "bc")
    assert full_url("a") == f"urn:uuid:{stable_uuid('a')}"


def test_nothing_identifies_nothing():
    with pytest.raises(ValueError, match="no identifying value"):
        stable_uuid("", "")


def test_the_composition_stands_first_then_what_it_reaches_then_the_rest(document):
    assert [e.type for e in entries(document)] == [
        "Composition",
        "Patient",
        "Observation",
        "Organization",
        "Flag",
        "Provenance",
    ]
    assert document["type"] == "document"
    assert document["timestamp"] == "2026-11-14T12:00:00+00:00"


def test_what_the_composition_does_not_reach_is_named_but_provenance_may_stand_apart(document):
    assert [e.type for e in unreached(document)] == ["Flag"]
    assert [e.full_url for e in reachable(document)][1:] == ["urn:uuid:p", "urn:uuid:o", "urn:uuid:org"]


def test_the_same_identifier_names_the_composition_alike_and_another_differently():
    def url(value: str) -> str:
        made = assemble_document({}, [], identifier=IDENTIFIER | {"value": value}, timestamp=NOON)
        return str(made["entry"][0]["fullUrl"])

    assert url("b1") == url("b1") != url("b2")


def test_sections_are_given_each_before_those_inside_it(document):
    assert [section["title"] for section in sections(document)] == ["A", "A1", "B"]


@pytest.mark.parametrize("nonsense", [None, 7, [7, None], {"title": "no list"}])
def test_sections_that_are_none_are_passed_over(nonsense):
    bundle = {"entry": [{"resource": {"resourceType": "Composition", "section": nonsense}}]}
    assert sections(bundle) == ()


def test_a_resource_given_twice_stands_once_and_two_under_one_name_are_refused():
    twice = [entry("urn:uuid:o", status="final"), entry("urn:uuid:o", status="final")]
    assert len(assemble_collection(twice, identifier=IDENTIFIER, timestamp=NOON)["entry"]) == 1
    with pytest.raises(ContentError) as refused:
        assemble_collection([*twice, entry("urn:uuid:o")], identifier=IDENTIFIER, timestamp=NOON)
    assert refused.value.code == "bundle-duplicate-entry"


def test_a_time_without_its_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        assemble_collection([], identifier=IDENTIFIER, timestamp=datetime(2026, 11, 14))  # noqa: DTZ001 - the point


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("urn:uuid:1", "by-urn"),
        ("https://fhir.example/Patient/2", "by-url"),
        ("Patient/2", "by-url"),
        ("Patient/2/_history/4", "by-url"),
        ("Patient/3", "by-id"),
        ({"reference": "Patient/3"}, "by-id"),
        ("Observation/2", None),
        ("urn:uuid:9", None),
        ("#inside", None),
        ({"display": "no reference"}, None),
        (None, None),
    ],
)
def test_a_reference_is_found_as_fhir_says(reference, found):
    bundle = {
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "note": "by-urn"}},
            {"fullUrl": "https://fhir.example/Patient/2", "resource": {"resourceType": "Patient", "note": "by-url"}},
            {"resource": {"resourceType": "Patient", "id": "3", "note": "by-id"}},
        ]
    }
    assert (find(bundle, reference) or {}).get("note") == found


def test_references_are_collected_from_anywhere_but_contained_ones_stay_inside():
    resource = {"a": [{"b": to("X/1")}, to("#c")], "contained": [{"d": to("Y/2")}], "attachment": {"url": "urn:uuid:z"}}
    assert sorted(references(resource)) == ["X/1", "Y/2", "urn:uuid:z"]


@pytest.mark.parametrize("junk", [{}, {"entry": 7}, {"entry": [None, {"resource": 3}, {"fullUrl": "x"}]}])
def test_a_bundle_without_usable_entries_has_none(junk):
    assert entries(junk) == ()


def test_a_long_chain_of_ten_thousand_references_is_followed_quickly():
    chain = [entry(f"urn:uuid:{n}", derivedFrom=[to(f"urn:uuid:{n + 1}")]) for n in range(10_000)]
    started = time.perf_counter()
    assert len(Index(tuple(chain)).reachable(chain[0])) == 10_000
    assert time.perf_counter() - started < 2


def test_a_transaction_creates_what_is_not_there_yet():
    made = transaction(
        [
            entry("urn:uuid:1", "Patient", identifier=[{"value": "local"}, {"system": "http://s", "value": "a b"}]),
            entry("urn:uuid:2", "Flag"),
            entry("urn:uuid:3", "Task", identifier=[7]),
        ]
    )
    assert [item["request"] for item in made["entry"]] == [
        {"method": "POST", "url": "Patient", "ifNoneExist": "identifier=http%3A%2F%2Fs%7Ca%20b"},
        {"method": "POST", "url": "Flag"},
        {"method": "POST", "url": "Task"},
    ]
