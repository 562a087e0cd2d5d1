"""What hospitals really send, mapped: no error under our profiles and under UK Core, and it parses as R4B."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from interop import json_codec
from interop.catalogue import Catalogue
from interop.definitions import Definitions, Package
from interop.json_codec import JsonObject
from interop.models import parse_fault
from interop.terminology import Terminology
from interop.translator import Translated, Translator
from interop.validation import Validator

ROOT = Path(__file__).parents[2]
CASES = ROOT / "mappings" / "hospital" / "cases"
REAL = ROOT.parent / "shared" / "real-inputs"
UK_CORE = ROOT.parent / "shared" / "packages" / "fhir.r4.ukcore"
UK_PROFILE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)

# What some of them are refused for, and rightly: an NHS number that fails the check digit.
REFUSED = {"nhs-number-check-digit"}

INPUTS = [
    *(("hospital/adt", path) for path in sorted((REAL / "hl7v2-adt").glob("*.hl7"))),
    *(
        (f"hospital/{'referral' if path.name.startswith('Ambulance') else 'edischarge'}-stu3", path)
        for path in sorted((REAL / "stu3-documents").glob("*.xml"))
    ),
    *(
        (f"hospital/{path.parts[-3]}", path)
        for path in sorted(CASES.glob("*/*/*"))
        if path.suffix != ".csv" and path.name != "expected.json" and path.parent.name != "medicine-without-name"
    ),
]


@pytest.fixture(scope="module")
def translator() -> Translator:
    return Translator(Catalogue())


@pytest.fixture(scope="module")
def uk_core(translator: Translator) -> tuple[Definitions, Validator]:
    if not UK_CORE.is_dir():
        pytest.skip("the UK Core package is not beside the repository")
    definitions = translator.definitions.with_package(Package.load(UK_CORE))
    return definitions, Validator(definitions, Terminology(definitions))


def mapped(translator: Translator, name: str, path: Path) -> tuple[Translated, JsonObject]:
    (made,) = translator.translate(name, {path.name: path.read_bytes()}, now=NOW)
    assert made.bundle is not None
    return made, json_codec.loads(json_codec.dumps(made.bundle))


def test_the_published_inputs_are_all_there() -> None:
    if not REAL.is_dir():
        pytest.skip("the published inputs are not beside the repository")
    assert [name for name, path in INPUTS if path.is_relative_to(REAL)].count("hospital/adt") == 7
    assert [name for name, path in INPUTS if path.is_relative_to(REAL)].count("hospital/edischarge-stu3") == 4


@pytest.mark.parametrize(
    ("name", "path"), INPUTS, ids=[f"{n.split('/')[1]}-{p.parent.name}-{p.stem}" for n, p in INPUTS]
)
def test_an_input_maps_to_a_bundle_without_error(name: str, path: Path, translator: Translator, uk_core: Any) -> None:
    made, bundle = mapped(translator, name, path)
    assert [str(issue) for issue in made.outcome.errors if issue.code not in REFUSED] == []
    definitions, judge = uk_core
    assert [str(issue) for issue in judge.validate(bundle).errors] == []
    for entry in bundle["entry"]:
        resource = entry["resource"]
        profile = UK_PROFILE + resource["resourceType"]
        if definitions.structure(profile) is not None:
            told = judge.validate(resource, profiles=[profile]).errors
            assert [str(i) for i in told if not i.code.startswith("reference")] == [], resource["resourceType"]
    assert parse_fault(bundle) is None
