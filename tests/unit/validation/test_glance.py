"""The first look never passes what the full check would speak of: with it and without it the answers are the same."""

from __future__ import annotations

import copy
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from interop.catalogue import Catalogue
from interop.definitions import Definitions
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, loads
from interop.translator import Translator
from interop.validation import Validator
from interop.xml_codec import decode

ROOT = Path(__file__).parents[3]
MUTATIONS_EACH = 2
LARGEST = 60_000
ODD: tuple[Json, ...] = (None, "", " ", "x y", "#a", "http://x.test/y", "urn:uuid:1", "1900-02-30", 5, True, -1, [], {})
ADDED = ("id", "extension", "foo", "system", "code", "reference", "coding", "value", "contained", "modifierExtension")


@pytest.fixture(scope="module")
def both() -> tuple[Validator, Validator]:
    """The validator as it is, and one that knows the same and looks at everything closely."""
    quick = Translator(Catalogue()).validator
    known = quick._knowledge
    slow = Validator(known.definitions, known.codes._vocabulary, policy=known.policy, at_a_glance=False)
    return quick, slow


def ours() -> list[JsonObject]:
    """Everything FHIR among our own examples and test cases."""
    folders = (ROOT / "examples", ROOT / "tests" / "cases", ROOT / "profiles")
    return list(_resources(path for folder in folders for path in sorted(folder.rglob("*.json"))))


def published(shared: Path) -> list[JsonObject]:
    """HL7's examples, UK Core's, and the validator suite."""
    folders = (shared / "packages" / "fhir.r4.ukcore" / "examples", shared / "conformance" / "validator")
    found = list(_resources(path for folder in folders for path in sorted(folder.rglob("*.*"))))
    with tarfile.open(next((shared / "packages" / "hl7.fhir.r4.examples").glob("*.tgz"))) as archive:
        members = [archive.extractfile(m) for m in archive if m.isfile() and m.size < LARGEST]
        found += [loads(member.read()) for member in members if member is not None]
    return [resource for resource in found if "resourceType" in resource]


def _resources(paths: Iterator[Path]) -> Iterator[JsonObject]:
    for path in paths:
        if path.stat().st_size > LARGEST:
            continue
        try:
            found = (
                loads(path.read_bytes()) if path.suffix == ".json" else decode(path.read_bytes(), Definitions.core())
            )
        except ContentError:
            continue
        for resource in found if isinstance(found, list) else [found]:
            if isinstance(resource, dict) and "resourceType" in resource:
                yield resource


def damaged(resource: JsonObject, luck: random.Random) -> JsonObject:
    """A copy in which one node is gone, doubled, of another shape, or something else."""
    found = copy.deepcopy(resource)
    places: list[tuple[Json, Json]] = []
    waiting: list[Json] = [found]
    while waiting:
        node = waiting.pop()
        inner = node.items() if isinstance(node, dict) else enumerate(node)
        places += [(node, key) for key, _ in inner]
        waiting += [
            value for value in (node.values() if isinstance(node, dict) else node) if isinstance(value, dict | list)
        ]
    node, key = luck.choice(places)
    chance = luck.random()
    if chance < 0.25:
        del node[key]
    elif chance < 0.4:
        node[key] = [node[key]]
    elif chance < 0.6:
        node[key] = luck.choice(ODD)
    elif chance < 0.8 and isinstance(node, dict):
        node[luck.choice((*ADDED, f"_{key}"))] = luck.choice(
            (*ODD, {"id": "a"}, [{"url": "http://x.test/y"}], node[key])
        )
    else:
        other, there = luck.choice(places)
        node[key] = copy.deepcopy(other[there])
    return found


def hold(both: tuple[Validator, Validator], resources: list[JsonObject]) -> None:
    quick, slow = both
    luck = random.Random(4)  # noqa: S311  the same damage in every run
    for resource in resources:
        for case in (resource, *(damaged(resource, luck) for _ in range(MUTATIONS_EACH))):
            quick.validate(case)  # what is remembered of the first time must not change the second
            assert quick.validate(case) == slow.validate(case), case


def test_our_own_resources_whole_and_damaged(both: tuple[Validator, Validator]) -> None:
    hold(both, ours())


def test_published_resources_whole_and_damaged(both: tuple[Validator, Validator], shared: Path) -> None:
    hold(both, published(shared))


def test_most_of_what_is_right_is_passed_at_a_glance(both: tuple[Validator, Validator]) -> None:
    """Without this the law above could hold because nothing is ever passed."""
    quick, _ = both
    plan: JsonObject = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/1"},
        "created": "2026-10-10",
        "activity": [
            {"detail": {"status": "in-progress", "description": "Walk", "performer": [{"display": "Carers"}]}}
        ],
    }
    for _ in range(2):  # codes are remembered the first time
        quick.validate(plan)
    scope = None
    deep = quick._knowledge.schemas["CarePlan"].deep
    assert deep["activity"](plan["activity"], scope)
    assert not deep["activity"]([{"detail": {"status": "walking"}}], scope)
