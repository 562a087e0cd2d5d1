"""Snapshot generation, rule by rule. Source: FHIR R4 profiling.html#snapshot."""

import json
from pathlib import Path

import pytest

from interop.definitions import Definitions, ElementDefinition, StructureDefinition
from interop.definitions.parsing import read_structure
from interop.definitions.writing import structure_json
from interop.errors import DefinitionError
from interop.json_codec import JsonObject

CASES = json.loads((Path(__file__).parents[2] / "cases" / "definitions" / "snapshots.json").read_text(encoding="utf-8"))


def profile(*rows: JsonObject, base: str = "Observation", url: str = "http://x/profile") -> JsonObject:
    return {
        "resourceType": "StructureDefinition",
        "url": url,
        "name": "Case",
        "kind": "resource",
        "type": base,
        "abstract": False,
        "derivation": "constraint",
        "baseDefinition": base if ":" in base else f"http://hl7.org/fhir/StructureDefinition/{base}",
        "differential": {"element": [{"path": base}, *rows] if ":" not in base else list(rows)},
    }


def made(*resources: JsonObject) -> StructureDefinition:
    """The snapshot of the last one; the others are known."""
    structure = Definitions.core().with_resources(resources).structure(resources[-1]["url"])
    assert structure is not None
    return structure


def shown(element: ElementDefinition) -> JsonObject:
    """What the case files can speak of."""
    return {
        "min": element.min,
        "max": "*" if element.max is None else str(element.max),
        "types": list(element.type_codes),
        "slice": element.slice_name,
        "rules": element.slicing.rules if element.slicing else None,
        "discriminators": [f"{d.type}:{d.path}" for d in element.slicing.discriminators] if element.slicing else None,
        "fixed": element.fixed[1] if element.fixed else None,
        "pattern": element.pattern[1] if element.pattern else None,
        "binding": f"{element.binding.strength} {element.binding.value_set}" if element.binding else None,
        "invariants": [c.key for c in element.constraints],
        "modifier": element.is_modifier,
        "contentReference": element.content_reference,
    }


@pytest.mark.parametrize("case", CASES, ids=[case["desc"] for case in CASES])
def test_differentials_become_snapshots(case: JsonObject):
    structure = made(*case.get("given", ()), profile(*case["differential"], base=case["base"]))
    for id, wanted in case["result"].items():
        element = structure.element(id)
        assert (element is not None) == (wanted is not None), [e.id for e in structure]
        if element is not None:
            assert {key: shown(element)[key] for key in wanted} == wanted


def test_children_follow_their_element_and_slices_follow_both():
    structure = made(
        profile(
            {"path": "Observation.code.coding", "slicing": {"discriminator": [{"type": "value", "path": "system"}]}},
            {"path": "Observation.code.coding", "sliceName": "loinc"},
            {"path": "Observation.code.coding.system", "fixedUri": "http://loinc.org"},
        )
    )
    ids = [e.id for e in structure if e.id.startswith("Observation.code")]
    assert ids[:4] == [
        "Observation.code",
        "Observation.code.id",
        "Observation.code.extension",
        "Observation.code.coding",
    ]
    assert ids[4] == "Observation.code.coding:loinc"
    assert ids.index("Observation.code.coding:loinc.system") < ids.index("Observation.code.text")


def test_a_profile_of_a_profile_carries_both():
    first = profile({"path": "Observation.subject", "min": 1}, url="http://x/first")
    second = profile({"path": "Observation.encounter", "min": 1}, url="http://x/second")
    second["baseDefinition"] = "http://x/first"
    structure = made(first, second)
    assert [e.min for e in structure if e.id in ("Observation.subject", "Observation.encounter")] == [1, 1]


def test_a_differential_without_ids_is_read_by_path_and_slice_name():
    with_ids = made(
        profile(
            {"id": "Observation.component:a", "path": "Observation.component", "sliceName": "a"},
            {"id": "Observation.component:a.code", "path": "Observation.component.code", "patternCodeableConcept": {}},
        )
    )
    without = made(
        profile(
            {"path": "Observation.component", "sliceName": "a"},
            {"path": "Observation.component.code", "patternCodeableConcept": {}},
        )
    )
    assert with_ids.elements == without.elements


def test_a_logical_model_may_add_elements():
    model = {
        "resourceType": "StructureDefinition",
        "url": "http://x/Model",
        "name": "Model",
        "kind": "logical",
        "type": "http://x/Model",
        "abstract": False,
        "derivation": "specialization",
        "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Element",
        "differential": {
            "element": [
                {"path": "Model", "min": 0, "max": "*"},
                {"path": "Model.weight", "min": 1, "max": "1", "type": [{"code": "Quantity"}]},
            ]
        },
    }
    assert [e.id for e in made(model)] == ["Model", "Model.id", "Model.extension", "Model.weight"]


@pytest.mark.parametrize(
    ("change", "code", "names"),
    [
        ({"baseDefinition": "http://x/nobody"}, "definition-missing", "http://x/nobody"),
        ({"baseDefinition": "http://x/profile"}, "definition-circle", "http://x/profile"),
        ({"differential": {"element": [{"path": "Observation.colour"}]}}, "definition-unknown-element", "colour"),
        ({"differential": {"element": [{"id": "Observation"}]}}, "definition-incomplete", "path"),
        ({"differential": {"element": [{"path": "Observation.code", "max": {}}]}}, "definition-incomplete", "shape"),
        ({"differential": {"element": 7}}, "definition-incomplete", "shape"),
    ],
)
def test_a_profile_that_cannot_be_completed_says_what_is_wrong(change: JsonObject, code: str, names: str):
    with pytest.raises(DefinitionError) as caught:
        made(profile() | change)
    assert caught.value.code == code
    assert names in str(caught.value)


def test_the_same_fault_is_told_again_without_trying_again():
    definitions = Definitions.core().with_resource(profile() | {"baseDefinition": "http://x/nobody"})
    for _ in range(2):
        with pytest.raises(DefinitionError, match="nobody"):
            definitions.structure("http://x/profile")


def test_the_least_length_and_the_element_of_a_profile_are_read_and_survive_the_cache(core: Definitions):
    base = "http://hl7.org/fhir/StructureDefinition/"
    element = "Composition.section:procedure"
    named = {"url": f"{base}elementdefinition-profile-element", "valueString": element}
    type_row = {
        "code": "BackboneElement",
        "profile": ["http://x/one", "http://x/two"],
        "_profile": [None, {"extension": [named]}],
    }
    resource = {
        "resourceType": "StructureDefinition",
        "url": "http://x/p",
        "name": "P",
        "kind": "resource",
        "type": "Composition",
        "derivation": "constraint",
        "baseDefinition": f"{base}Composition",
        "differential": {
            "element": [
                {"path": "Composition.title", "extension": [{"url": f"{base}minLength", "valueInteger": 3}]},
                {"path": "Composition.section", "type": [type_row]},
            ]
        },
    }
    made = core.with_resource(resource).structure("http://x/p")
    assert made is not None
    for structure in (made, read_structure(structure_json(made))):
        title, section = structure.element("Composition.title"), structure.element("Composition.section")
        assert title is not None
        assert section is not None
        assert title.min_length == 3
        assert section.types[0].profile_elements == (None, element)
        assert structure.root.min_length is None
        assert structure.root.types == made.root.types
