"""Layers, versions and type facts."""

import pytest

from interop.definitions import Definitions
from interop.json_codec import JsonObject


def codes(version: str | None, mark: str, url: str = "http://x/cs") -> JsonObject:
    resource = {"resourceType": "CodeSystem", "url": url, "name": mark}
    return resource | ({"version": version} if version else {})


@pytest.mark.parametrize(
    ("canonical", "found"),
    [
        ("http://x/cs", "ten"),
        ("http://x/cs|1.2.0", "one two"),
        ("http://x/cs|1.2", "one two"),
        ("http://x/cs|1", "ten"),
        ("http://x/cs|9.0.0", None),
        ("http://x/other", None),
    ],
)
def test_versions_stand_side_by_side(core: Definitions, canonical: str, found: str | None):
    layered = core.with_resources([codes("1.2.0", "one two"), codes("1.10.0", "ten"), codes("0.9", "old")])
    resource = layered.resource("CodeSystem", canonical)
    assert (resource or {}).get("name") == found


def test_the_topmost_layer_answers_without_a_version(core: Definitions):
    gender = "http://hl7.org/fhir/administrative-gender"
    mine = core.with_resource(codes("1.0.0", "mine", gender))
    assert mine.resource("CodeSystem", gender)["name"] == "mine"  # type: ignore[index]  # it is there
    assert mine.resource("CodeSystem", f"{gender}|4.0.1")["name"] == "AdministrativeGender"  # type: ignore[index]
    assert mine.versions("CodeSystem", gender) == ("1.0.0", "4.0.1")


def test_adding_leaves_the_original_as_it_was(core: Definitions):
    core.with_resource(codes(None, "added", "http://x/added"))
    assert core.resource("CodeSystem", "http://x/added") is None


def test_core_structures_are_unpacked_once_for_everybody(core: Definitions):
    assert core.with_resource(codes(None, "x")).structure("Patient") is core.structure("Patient")


@pytest.mark.parametrize(
    "canonical",
    [
        "Patient",
        "http://hl7.org/fhir/StructureDefinition/Patient",
        "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1",
        "http://hl7.org/fhir/StructureDefinition/Patient|4.0",
    ],
)
def test_a_structure_is_found_by_name_url_and_version(core: Definitions, canonical: str):
    structure = core.structure(canonical)
    assert structure is not None
    assert structure.canonical == "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1"


def test_an_unknown_structure_is_none(core: Definitions):
    assert core.structure("http://x/nobody") is None
    assert core.structure("http://hl7.org/fhir/StructureDefinition/Patient|5.0.0") is None


def test_extensions_are_found_by_url_and_nothing_else_is_one(core: Definitions):
    found = core.extension("http://hl7.org/fhir/StructureDefinition/patient-birthPlace")
    assert found is not None
    assert [(c.type, c.expression) for c in found.context] == [("element", "Patient")]
    assert core.extension("http://hl7.org/fhir/StructureDefinition/Patient") is None


@pytest.mark.parametrize(
    ("name", "is_type"), [("Patient", True), ("DomainResource", False), ("HumanName", False), ("Nobody", False)]
)
def test_only_concrete_resources_are_resource_types(core: Definitions, name: str, is_type: bool):
    assert core.is_resource_type(name) is is_type


@pytest.mark.parametrize(
    ("name", "ancestor", "answer"),
    [
        ("Age", "Quantity", True),
        ("Patient", "Resource", True),
        ("Patient", "Patient", True),
        ("Quantity", "Age", False),
        ("Nobody", "Element", False),
    ],
)
def test_types_know_what_they_derive_from(core: Definitions, name: str, ancestor: str, answer: bool):
    assert core.is_a(name, ancestor) is answer


@pytest.mark.parametrize(
    ("type_name", "element", "fact"),
    [
        ("Patient", "name", ("HumanName", True)),
        ("Patient", "contact", ("Patient.contact", True)),
        ("Patient.contact", "name", ("HumanName", False)),
        ("Patient", "id", ("string", False)),
        ("Patient", "deceasedBoolean", ("boolean", False)),
        ("Patient", "deceased[x]", None),
        ("Patient", "colour", None),
        ("Observation.component", "referenceRange", ("Observation.referenceRange", True)),
        ("Questionnaire.item", "item", ("Questionnaire.item", True)),
        ("Bundle.entry", "resource", ("Resource", False)),
        ("Narrative", "div", ("xhtml", False)),
        ("Element", "extension", ("Extension", True)),
        ("Timing", "repeat", ("Timing.repeat", False)),
        ("Extension", "url", ("uri", False)),
        ("Nobody", "id", None),
    ],
)
def test_members_have_a_type_and_are_lists_or_not(
    core: Definitions, type_name: str, element: str, fact: tuple[str, bool] | None
):
    assert core.child(type_name, element) == fact


def test_members_come_in_the_order_of_definition(core: Definitions):
    assert core.order("Period") == ("id", "extension", "start", "end")
    assert "deceased[x]" in core.order("Patient")
    assert core.order("Nobody") == ()


def test_slices_are_told_from_re_slices(core: Definitions):
    weight = core.structure("http://hl7.org/fhir/StructureDefinition/bodyweight")
    assert weight is not None
    assert [e.id for e in weight.slices("Observation.category")] == ["Observation.category:VSCat"]
    assert weight.slices("Observation.category:VSCat") == ()
