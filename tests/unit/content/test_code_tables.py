"""The code tables of the mappings: valid ConceptMaps whose targets exist and whose words are told apart."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from interop.definitions import Definitions, Package
from interop.json_codec import JsonObject
from interop.terminology import Terminology
from interop.validation import Validator

ROOT = Path(__file__).parents[3]
TABLES = sorted((ROOT / "mappings").rglob("codes/*.json"))


@cache
def definitions() -> Definitions:
    return Definitions.core().with_package(Package.load(ROOT / "profiles" / "interop.uk.care"))


def read(path: Path) -> JsonObject:
    found: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_a_table_is_a_valid_concept_map(path: Path) -> None:
    assert [str(issue) for issue in Validator(definitions()).validate(read(path)).errors] == []


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_every_target_of_a_system_we_know_exists_with_that_display(path: Path) -> None:
    for group in read(path)["group"]:
        system = definitions().resource("CodeSystem", group["target"])
        if system is None or system.get("content") != "complete":
            continue
        displays = _displays(system["concept"])
        for element in group["element"]:
            for target in element["target"]:
                if "code" not in target:
                    continue  # a word known to have no code
                assert target["code"] in displays, f"{target['code']} is not in {group['target']}"
                if "display" in target:
                    assert target["display"] == displays[target["code"]]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
def test_a_word_stands_once_in_a_group(path: Path) -> None:
    for group in read(path)["group"]:
        words = [element["code"].casefold() for element in group["element"]]
        assert len(words) == len(set(words))


def test_a_statement_about_medicines_only_never_becomes_no_known_allergy() -> None:
    table = read(ROOT / "mappings/care-home/codes/no-known-allergy.json")
    terminology = Terminology(definitions())
    for word in ("NKDA", "No known drug allergies"):
        assert [coding.code for coding in terminology.translate(table, word)] == ["409137002"]
    for word in ("No known allergies", "None known", "NKA"):
        assert [coding.code for coding in terminology.translate(table, word)] == ["716186003"]


def _displays(concepts: list[JsonObject]) -> dict[str, str]:
    found: dict[str, str] = {}
    for concept in concepts:
        found[concept["code"]] = concept.get("display", "")
        found |= _displays(concept.get("concept", []))
    return found
