"""Every value of a mapped Bundle names a cell of the sender's files, and what it says stands there does stand there.

Asked of ``map_record`` as a measurer would: by what comes out, with the sender's files read by other means.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from interop.catalogue import Catalogue
from interop.translator import Translator

ROOT = Path(__file__).parents[2]
# Written by the mapper itself, not by a rule: ids, what narrates or arranges the rest.
OWN = re.compile(r"\.(resourceType|id|text\.(status|div))$|\.section(\[|\.|$)")


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tests.conformance.{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


samples, adapter = _module("mapping_samples"), _module("map_adapter")
translator = cache(lambda: Translator(Catalogue()))


@cache
def mapped(name: str) -> tuple[Any, dict[str, Any]]:
    base = samples.base(name, translator())
    return base, adapter.map_record(base.mapping, dict(base.files))


def leaves(node: Any, at: str) -> Any:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from leaves(child, f"{at}.{key}")
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from leaves(child, f"{at}[{number}]")
    else:
        yield at, node


def values_of(bundle: dict[str, Any], at: str = "Bundle") -> Any:
    """The values of the resources in a Bundle, or in the Bundles it holds; not those of the Bundle itself."""
    for number, entry in enumerate(bundle["entry"]):
        place, resource = f"{at}.entry[{number}].resource", entry["resource"]
        yield from values_of(resource, place) if resource["resourceType"] == "Bundle" else leaves(resource, place)


BASES = samples.base_names()


@pytest.mark.parametrize("name", BASES)
def test_every_value_of_the_bundle_has_its_origin(name: str) -> None:
    _, result = mapped(name)
    traced = {entry["target"] for entry in result["trace"]}
    places = {at for at, _ in values_of(result["bundle"]) if not OWN.search(at)}
    assert places - traced == set()
    # Of a FHIR source even the narrative and the codes of sections have an origin.
    assert traced - {at for at, _ in values_of(result["bundle"])} == set(), "an origin of what is not there"


@pytest.mark.parametrize("name", BASES)
def test_what_an_origin_says_stands_there_stands_there(name: str) -> None:
    base, result = mapped(name)
    quoted = [entry for entry in result["trace"] if entry["raw"] is not None]
    assert quoted
    wrong = []
    for entry in quoted:
        found = samples.value_at(base.files, entry["source"])
        if base.kind == "fhir" and (found is None or "{" in found):
            continue  # a datatype that was copied whole: its origin is the whole of it
        if found is None or found.strip() != entry["raw"].strip():
            wrong.append((entry["target"], entry["source"], entry["raw"], found))
    assert wrong == []


@pytest.mark.parametrize("name", BASES)
def test_an_origin_names_its_rule_by_file_and_line(name: str) -> None:
    _, result = mapped(name)
    assert result["trace"]
    for entry in result["trace"]:
        file, _, line = entry["rule"].rpartition(":")
        text = (ROOT / "mappings" / file).read_text(encoding="utf-8").splitlines()
        assert int(line) <= len(text), entry
        assert text[int(line) - 1].strip(), entry


@pytest.mark.parametrize("name", BASES)
def test_a_text_taken_as_it_is_stands_in_its_cell(name: str) -> None:
    """No value of the sender is put under another's name: a text in the Bundle is in the cell, or made by a rule."""
    _, result = mapped(name)
    bundle = dict(leaves(result["bundle"], "Bundle"))
    plain = 0
    for entry in result["trace"]:
        value = bundle[entry["target"]]
        if entry["raw"] and isinstance(value, str) and value in entry["raw"]:
            plain += 1
    assert plain >= 5, "hardly any text is as the sender wrote it"


def test_several_records_are_one_collection_and_every_place_is_its_own() -> None:
    base = samples.base("adt-a01", translator())
    (first,) = base.files.values()
    second = first.replace(b"RXE99-000417", b"RXE99-000418")
    result = adapter.map_record("hospital/adt", {"one.hl7": first, "two.hl7": second})
    assert [e["resource"]["type"] for e in result["bundle"]["entry"]] == ["collection", "collection"]
    assert {e["source"].partition(" ")[0] for e in result["trace"]} == {"one.hl7", "two.hl7"}
    places = dict(leaves(result["bundle"], "Bundle"))
    assert all(entry["target"] in places for entry in result["trace"])


JUNK: dict[str, dict[str, bytes]] = {
    "nothing": {},
    "empty files": {"residents.csv": b"", "discharge.json": b"", "a.hl7": b""},
    "bytes": {"residents.csv": bytes(range(256)), "discharge.json": bytes(range(256)), "a.hl7": bytes(range(256))},
    "a list": {"discharge.json": b"[1, 2]"},
    "deep": {"discharge.json": b'{"a":' * 5000 + b"1" + b"}" * 5000},
    "another's file": {"notes.txt": b"ring the ward"},
}


@pytest.mark.parametrize("name", ["care-home/red-bag", "hospital/discharge", "hospital/adt", "no/such"])
@pytest.mark.parametrize("case", JUNK)
def test_bad_input_is_a_finding(name: str, case: str) -> None:
    result = adapter.map_record(name, dict(JUNK[case]))
    assert set(result) == {"bundle", "issues", "trace"}
    assert [i for i in result["issues"] if i["severity"] in ("error", "fatal")]
    assert "crashed" not in {i["code"] for i in result["issues"]}
    for issue in result["issues"]:
        assert set(issue) == {"severity", "code", "expression", "message", "source"}
    json.dumps(result)


def test_a_result_is_plain_json_and_the_same_in_every_run() -> None:
    base, result = mapped("red-bag")
    assert json.loads(json.dumps(result)) == result
    assert adapter.map_record(base.mapping, dict(base.files)) == result
