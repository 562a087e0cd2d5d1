"""Every practice end to end: the example record becomes a valid document, a page people read, and the record again.

The examples stand in ``tests/cases/content/*-examples.yaml``: mapping, example (a file, a folder, or a folder and a
pattern under examples/), kind, what the page must show, and what the mapping drops on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
import yaml

from interop import narrative
from interop.definitions import Package
from interop.json_codec import Json, JsonObject
from interop.mapping import Mapped
from interop.models import parse_fault
from interop.narrative.page import page
from interop.translator import Translator
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
LOCAL = "https://interop.example/fhir/StructureDefinition/"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
FILES = sorted((ROOT / "tests" / "cases" / "content").glob("*-examples.yaml"))
EXAMPLES = [
    pytest.param(one, id=f"{one['mapping']} {one['example']}")
    for path in FILES
    for one in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def records(translator: Translator, practice: Mapping[str, Json]) -> Iterator[Mapped]:
    path = ROOT / "examples" / practice["example"]
    if path.is_dir():
        inside = sorted(member for member in path.iterdir() if member.is_file() and member.suffix != ".md")
    else:
        inside = sorted(path.parent.glob(path.name))
    files = {member.name: member.read_bytes() for member in inside}
    assert files, f"no file for {practice['example']}"
    plan = translator.mapping(practice["mapping"])
    reading = plan.read(files)
    assert [str(issue) for issue in reading.issues] == []
    for record in reading.records:
        yield plan.apply(record, now=NOW)


def document(mapped: Mapped) -> JsonObject:
    bundle = mapped.bundle()
    return narrative.narrate(bundle) if bundle["type"] == "document" else bundle


@cache
def national() -> frozenset[str]:
    package = Package.load(ROOT.parent / "shared" / "packages" / "fhir.r4.ukcore")
    return frozenset(r["url"] for r in package.resources() if r["resourceType"] == "StructureDefinition")


@pytest.mark.parametrize("practice", EXAMPLES)
def test_it_maps_and_is_valid_and_claims_our_profiles(practice: Mapping[str, Json], translator: Translator) -> None:
    for mapped in records(translator, practice):
        bundle = document(mapped)
        outcome = translator.judge(bundle, kind=mapped.kind)
        assert mapped.kind == practice["kind"]
        assert [str(issue) for issue in (*mapped.issues, *outcome.errors) if issue.severity != "information"] == []
        for entry in bundle["entry"]:
            resource = entry["resource"]
            assert resource["meta"]["profile"][0].startswith(LOCAL), resource["resourceType"]
            assert parse_fault(resource) is None


@pytest.mark.parametrize("practice", EXAMPLES)
def test_it_also_satisfies_uk_core(
    practice: Mapping[str, Json], translator: Translator, uk_core_validator: Validator
) -> None:
    excused = set(practice.get("not-in-uk-core", ()))
    for mapped in records(translator, practice):
        for entry in document(mapped)["entry"]:
            resource = entry["resource"]
            profiles = [UK_CORE + resource["resourceType"]] if UK_CORE + resource["resourceType"] in national() else []
            assert profiles or resource["resourceType"] in excused
            assert [str(issue) for issue in uk_core_validator.validate(resource, profiles=profiles).errors] == []


@pytest.mark.parametrize("practice", EXAMPLES)
def test_its_page_says_what_people_look_for(practice: Mapping[str, Json], translator: Translator) -> None:
    first = next(records(translator, practice))
    made = " ".join(page(document(first)).split())
    assert "<h1>" in made
    assert [phrase for phrase in practice.get("page", ()) if phrase not in made] == []


@pytest.mark.parametrize("practice", EXAMPLES)
def test_it_comes_back_field_by_field(practice: Mapping[str, Json], translator: Translator) -> None:
    plan = translator.mapping(practice["mapping"])
    drops = tuple(practice.get("drops", ()))
    for mapped in records(translator, practice):
        local = plan.reverse(document(mapped))
        (again,) = plan.read(local.files)
        sent = {path: value for path, value in told(mapped.record.tree) if not (drops and path.startswith(drops))}
        assert dict(told(again.tree)) == sent
        assert [str(loss) for loss in local.losses if not str(loss.expression).endswith("Provenance")] == []


def told(node: Json, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a tree that says something, by its path; NHS numbers without their spaces."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from told(value, f"{path}.{name}".lstrip("."))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from told(value, f"{path}[{number}]")
    elif node not in (None, ""):
        number_like = path.endswith(("NHS Number", "nhsNumber"))
        yield path, str(node).replace(" ", "") if number_like else str(node)
