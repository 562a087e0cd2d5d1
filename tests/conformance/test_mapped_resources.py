"""Whatever a shipped mapping makes of a record is FHIR: our own judge says so, and others who know nothing of us.

Records are the samples of ``tests/cases/mapping-faults`` and records drawn from each mapping's source. Drawn records
hold values of the right kind and no sense: they must be R4 and parse, and be what UK Core asks for where its package is
at hand; what our own profiles ask beyond that is asked of the samples.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from interop.catalogue import Catalogue
from interop.definitions import Definitions, Package
from interop.json_codec import JsonObject
from interop.models import parse_fault
from interop.narrative import narrate
from interop.outcome import Issue
from interop.sources import SourceRecord
from interop.terminology import Terminology
from interop.translator import Translator
from interop.validation import Validator

UK_CORE = Path(__file__).parents[2].parent / "shared" / "packages" / "fhir.r4.ukcore"
NATIONAL = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"

SENSE = {"per-1", "inv-1"}
"""Rules that ask for sense between values drawn apart: a period begins before it ends, a task is changed after it was
written."""


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tests.conformance.{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


samples, drawing = _module("mapping_samples"), _module("test_mapping_round_trip")
translator = cache(lambda: Translator(Catalogue()))
BASES = samples.base_names()
DRAWN = [name for name in drawing.MAPPINGS if drawing.is_drawn(name)]


@cache
def made(name: str) -> list[JsonObject]:
    """The Bundles of a sample's records."""
    base = samples.base(name, translator())
    found = list(translator().translate(base.mapping, base.files, now=samples.NOW))
    assert [str(issue) for one in found for issue in one.outcome.errors] == []
    return [one.bundle for one in found if one.bundle is not None]


@cache
def plain_r4() -> Validator:
    core = Definitions.core()
    return Validator(core, Terminology(core))


@cache
def with_uk_core() -> tuple[Validator, frozenset[str]]:
    package = Package.load(UK_CORE)
    known = translator().definitions.with_package(package)
    profiles = frozenset(r["url"] for r in package.resources() if r["resourceType"] == "StructureDefinition")
    return Validator(known, Terminology(known)), profiles


@cache
def uk_core_alone() -> tuple[Validator, frozenset[str]]:
    """UK Core without our own profiles: those ask for sense that drawn records do not have."""
    known = Definitions.core().with_package(Package.load(UK_CORE))
    return Validator(known, Terminology(known)), with_uk_core()[1]


@pytest.mark.parametrize("name", BASES)
def test_a_sample_s_bundle_is_valid_by_our_own_profiles(name: str) -> None:
    assert made(name)


@pytest.mark.parametrize("name", BASES)
def test_every_resource_of_a_sample_parses_elsewhere(name: str) -> None:
    for bundle in made(name):
        assert [fault for e in bundle["entry"] if (fault := parse_fault(e["resource"]))] == []
        assert parse_fault(bundle) is None


@pytest.mark.skipif(not UK_CORE.is_dir(), reason="the UK Core package is not beside the repository (../shared)")
@pytest.mark.parametrize("name", BASES)
def test_every_resource_of_a_sample_satisfies_uk_core(name: str) -> None:
    judge, profiles = with_uk_core()
    wrong: list[Issue] = []
    for entry in (entry for bundle in made(name) for entry in bundle["entry"]):
        profile = NATIONAL + entry["resource"]["resourceType"]
        wrong += judge.validate(entry["resource"], profiles=[profile] if profile in profiles else []).errors
    assert [str(issue) for issue in wrong] == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawn_record_becomes_fhir(name: str) -> None:
    mapping = translator().mapping(name)

    @given(tree=drawing.drawn(name))
    @settings(
        max_examples=drawing.EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def law(tree: Any) -> None:
        bundle = mapping.apply(SourceRecord(tree, (), "drawn", drawing.nowhere), now=drawing.NOW).bundle()
        if bundle["type"] == "document":
            bundle = narrate(bundle)  # the words of a section without entries are the node's
        for entry in bundle["entry"]:
            resource = {key: value for key, value in entry["resource"].items() if key != "meta"}
            assert parse_fault(resource) is None, resource
            wrong = [issue for issue in plain_r4().validate(resource).errors if issue.rule not in SENSE]
            assert [str(issue) for issue in wrong] == [], resource
            assert [str(issue) for issue in _against_uk_core(resource)] == [], resource

    law()


def _against_uk_core(resource: JsonObject) -> list[Issue]:
    """What UK Core has against a drawn resource beyond asking for sense; nothing where the package is not at hand."""
    if not UK_CORE.is_dir():
        return []
    judge, profiles = uk_core_alone()
    profile = NATIONAL + str(resource["resourceType"])
    found = judge.validate(resource, profiles=[profile]).errors if profile in profiles else ()
    return [issue for issue in found if issue.rule not in SENSE]
