"""A FHIR record back into the Bundle it would have been read from."""

from __future__ import annotations

import json

import pytest

from interop.sources import Format, SourceSpec, read, write

SPEC = SourceSpec(Format.FHIR, versions=("STU3",))
TREE = {
    "File": {"name": "a.xml"},
    "Bundle": {"type": "document"},
    "Patient": {
        "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
        "name": {"family": "Ash", "given": "Edie"},
        "birthDate": ["1938-08-14"],
    },
    "Composition": [{"title": "Summary", "class": [{"text": "x"}], "subject": {"reference": "urn:uuid:1"}}],
}


def test_lists_are_where_that_version_has_lists_and_the_composition_comes_first():
    bundle = json.loads(write(SPEC, [TREE])["records.json"])
    composition, patient = (entry["resource"] for entry in bundle["entry"])
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "document")
    assert composition["class"] == {"text": "x"}, "STU3 has one class, R4 a list of categories"
    assert patient["name"] == [{"family": "Ash", "given": ["Edie"]}]
    assert patient["birthDate"] == "1938-08-14"
    assert bundle["entry"][1]["fullUrl"] == TREE["Patient"]["fullUrl"]


def test_what_was_written_is_read_as_the_same_rows():
    (record,) = read(SPEC, write(SPEC, [TREE]))
    assert record.value(("Patient", 0, "name", 0, "given", 0)) == "Edie"
    assert record.value(("Patient", 0, "fullUrl")) == TREE["Patient"]["fullUrl"]


def test_fhir_of_several_versions_is_not_written():
    with pytest.raises(ValueError, match="fhir of one version"):
        write(SourceSpec(Format.FHIR, versions=("STU3", "R4")), [TREE])
