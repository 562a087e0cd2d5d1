"""The documents our own mappings make: whole, in JSON and in XML, under UK Core; and defects seeded into them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interop import json_codec, xml_codec
from interop.catalogue import Catalogue
from interop.definitions import Definitions, Package
from interop.json_codec import Json, JsonObject
from interop.terminology import Terminology
from interop.translator import Translator
from interop.validation import Validator

ROOT = Path(__file__).parents[2]
JOURNEY = ROOT / "examples" / "red-bag-journey"
UK_CORE = ROOT.parent / "shared" / "packages" / "fhir.r4.ukcore"
UK_BUNDLE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-Bundle"
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
SOURCES = {
    "red bag": ("care-home/red-bag", "care-home", "*"),
    "corrected red bag": ("care-home/red-bag", "care-home-corrected", "*"),
    "discharge": ("hospital/discharge", "hospital", "discharge.json"),
    "admission": ("hospital/adt", "hospital", "adt-a01.hl7"),
    "end of stay": ("hospital/adt", "hospital", "adt-a03.hl7"),
}


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator(Catalogue())


@pytest.fixture(scope="module")
def documents(translator: Translator) -> dict[str, JsonObject]:
    made = {}
    for label, (name, folder, pattern) in SOURCES.items():
        files = {path.name: path.read_bytes() for path in sorted((JOURNEY / folder).glob(pattern))}
        (found,) = translator.translate(name, files, now=NOW)
        assert found.bundle is not None
        made[label] = json_codec.loads(json_codec.dumps(found.bundle))
    return made


@pytest.fixture(scope="module")
def judge(translator: Translator) -> Validator:
    if not UK_CORE.is_dir():
        pytest.skip("the UK Core package is not beside the repository")
    definitions = translator.definitions.with_package(Package.load(UK_CORE))
    return Validator(definitions, Terminology(definitions))


@pytest.mark.parametrize("label", SOURCES)
def test_a_whole_document_has_no_error_in_json_and_in_xml(label: str, documents: Any, judge: Validator) -> None:
    data = json_codec.dumps(documents[label])
    told = judge.validate(data, profiles=[UK_BUNDLE])
    assert [str(issue) for issue in told.errors] == []
    as_xml = xml_codec.encode(documents[label], Definitions.core())
    told = judge.validate(as_xml, profiles=[UK_BUNDLE], content_type="application/fhir+xml")
    assert [str(issue) for issue in told.errors] == []


@pytest.mark.parametrize("label", SOURCES)
def test_the_order_of_members_changes_nothing(label: str, documents: Any, judge: Validator) -> None:
    backwards = _backwards(documents[label])
    assert set(judge.validate(backwards)) == set(judge.validate(documents[label]))


def _backwards(node: Json) -> Json:
    if isinstance(node, dict):
        return {name: _backwards(value) for name, value in reversed(node.items())}
    return [_backwards(value) for value in node] if isinstance(node, list) else node


def test_an_unknown_element_is_found_in_every_object_of_a_document(documents: Any, judge: Validator) -> None:
    """One stranger at a time, in a sample of the objects at every depth: found there, and nowhere else."""
    places = [place for place in _objects(documents["red bag"], ()) if "div" not in place]
    for place in places[::41]:
        broken = copy.deepcopy(documents["red bag"])
        node = broken
        for step in place:
            node = node[step]
        node["stranger"] = 1
        found = [issue for issue in judge.validate(broken).errors if issue.code == "unknown-element"]
        assert len(found) == 1, place
        assert _is_at(found[0].expression, place), (found[0].expression, place)


def _objects(node: Json, place: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if isinstance(node, list):
        return [found for number, entry in enumerate(node) for found in _objects(entry, (*place, number))]
    if not isinstance(node, dict):
        return []
    return [place, *(found for name, value in node.items() for found in _objects(value, (*place, name)))]


def _is_at(expression: str, place: tuple[Any, ...]) -> bool:
    """Whether an expression names the place: a choice by its stem, the companion of a primitive without ``_``."""
    steps = [step for step in expression.split(".")[1:] if not step.startswith("ofType(")]
    way: list[str] = []
    for step in place:
        if isinstance(step, int):
            way[-1] += f"[{step}]"
        else:
            way.append(step.removeprefix("_"))
    return len(steps) == len(way) and all(name.startswith(step) for step, name in zip(steps, way, strict=True))
