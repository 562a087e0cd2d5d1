"""R4 as shipped: small, quick to open, made from HL7's package and from nothing else."""

import time
from importlib import resources
from pathlib import Path

import pytest

from interop.definitions import Definitions, Package
from interop.definitions.build import BALED, KINDS, build, compact, pack
from interop.definitions.core import FILE_NAME, CoreFile
from interop.errors import DefinitionError

SHIPPED = resources.files("interop.definitions").joinpath(FILE_NAME)


def unpacked(file: CoreFile) -> dict[tuple[str, str, str], object]:
    return {
        (kind, url, version): file.read(kind, url, version)
        for kind in (*KINDS, *BALED)
        for url in file.urls(kind)
        for version in file.versions(kind, url)
    }


def test_the_shipped_file_is_what_the_build_script_makes_of_the_package(core_package_file: Path):
    fresh = CoreFile(build(core_package_file))
    shipped = CoreFile(SHIPPED.read_bytes())
    # Content, not bytes: another zlib may pack the same content otherwise.
    assert (fresh.package, fresh.types) == (shipped.package, shipped.types)
    assert unpacked(fresh) == unpacked(shipped), "run python -m interop.definitions.build PACKAGE"


def test_the_order_of_the_input_does_not_change_a_byte():
    systems = [{"resourceType": "CodeSystem", "url": f"http://a/{n}", "content": "complete"} for n in range(5)]
    assert pack(systems, {"name": "x"}) == pack(reversed(systems), {"name": "x"})


def test_the_shipped_file_is_small():
    assert len(SHIPPED.read_bytes()) < 4_000_000


def test_opening_is_quick_and_unpacks_nothing():
    began = time.perf_counter()
    CoreFile.shipped()
    assert time.perf_counter() - began < 0.2  # 8 ms alone on a quiet machine


def test_search_parameters_are_at_hand(core: Definitions):
    by_name = core.resource("SearchParameter", "http://hl7.org/fhir/SearchParameter/Patient-name")
    assert by_name is not None
    assert (by_name["base"], by_name["type"], by_name["expression"]) == (["Patient"], "string", "Patient.name")
    composite = core.resource("SearchParameter", "http://hl7.org/fhir/SearchParameter/Observation-code-value-quantity")
    assert composite is not None
    definitions = [core.resource("SearchParameter", part["definition"]) for part in composite["component"]]
    assert [found["code"] for found in definitions if found] == ["code", "value-quantity"]
    assert len(list(core.canonicals("SearchParameter"))) == 1400
    assert core.resource("SearchParameter", "http://hl7.org/fhir/SearchParameter/Patient-shoe-size") is None


def test_every_core_structure_opens_with_its_elements(core: Definitions, core_package: Package):
    published = [r for r in core_package.resources() if r["resourceType"] == "StructureDefinition" and "snapshot" in r]
    assert len(published) > 600
    for resource in published:
        structure = core.structure(resource["url"])
        assert structure is not None, resource["url"]
        assert [e.id for e in structure] == [e["id"] for e in resource["snapshot"]["element"]]


def test_prose_is_dropped_and_what_machines_need_is_kept():
    row = {
        "id": "Patient.gender",
        "path": "Patient.gender",
        "short": "male | female",
        "definition": "prose",
        "min": 0,
        "max": "1",
        "isModifier": False,
        "constraint": [{"key": "x-1", "severity": "error", "human": "kept", "expression": "true", "xpath": "dropped"}],
        "binding": {"strength": "required", "valueSet": "http://v", "description": "prose"},
        "patternCode": "male",
    }
    resource = {"resourceType": "StructureDefinition", "url": "http://x", "snapshot": {"element": [row]}, "text": {}}
    assert compact(resource) == {
        "resourceType": "StructureDefinition",
        "url": "http://x",
        "snapshot": {
            "element": [
                {
                    "id": "Patient.gender",
                    "path": "Patient.gender",
                    "min": 0,
                    "max": "1",
                    "constraint": [{"key": "x-1", "severity": "error", "human": "kept", "expression": "true"}],
                    "binding": {"strength": "required", "valueSet": "http://v"},
                    "patternCode": "male",
                }
            ]
        },
    }


def test_a_file_of_another_making_is_refused():
    with pytest.raises(DefinitionError) as caught:
        CoreFile(b"PK\x03\x04 something else")
    assert caught.value.code == "definition-file"


def test_an_element_knows_what_it_was_published_with(core: Definitions):
    patient = core.structure("Patient")
    assert patient is not None
    gender = patient.element("Patient.gender")
    assert gender is not None
    assert (gender.min, gender.max, gender.type_codes) == (0, 1, ("code",))
    assert gender.binding is not None
    assert gender.binding.strength == "required"
    assert gender.binding.value_set == "http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"
    identifier = patient.element("Patient.id")
    assert identifier is not None
    assert (identifier.types[0].code, identifier.types[0].fhir_type) == ("System.String", "string")
    deceased = patient.element("Patient.deceased[x]")
    assert deceased is not None
    assert deceased.is_modifier
    assert deceased.is_choice
    narrative = next(c for c in patient.root.constraints if c.key == "dom-6")
    assert (narrative.severity, narrative.best_practice) == ("warning", True)


def test_primitives_bring_their_lexical_form(core: Definitions):
    code = core.structure("code")
    assert code is not None
    value = code.element("code.value")
    assert value is not None
    assert value.types[0].regex == r"[^\s]+(\s[^\s]+)*"
