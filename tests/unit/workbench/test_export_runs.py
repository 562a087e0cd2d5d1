"""An exported StructureMap, run: what it makes is what the mapping makes, and what it lacks is listed.

The interpreter here knows of StructureMap what FHIR R4 says of it, and nothing of our mappings.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import count

import pytest

from interop.catalogue import Catalogue, shipped
from interop.fhirpath import compile as fhirpath
from interop.json_codec import loads
from interop.translator import Translator
from interop.workbench.export.structure_map import structure_map
from interop.workbench.export.terms import element
from interop.workbench.lineage import entries_of
from interop.workbench.rulebook import Rulebook

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
EXAMPLES = shipped("examples")
SAMPLES = {
    "care-home/red-bag": "red-bag-journey/care-home",
    "care-home/red-bag-json": "red-bag-json/RH-014.json",
    "care-home/care-plan-json": "care-plan/RH-014.json",
    "hospital/discharge": "red-bag-journey/hospital/discharge.json",
}


@cache
def _translator():
    return Translator(Catalogue())


@cache
def _concept_maps():
    found = (loads(path.read_bytes()) for path in shipped("mappings").rglob("codes/*.json"))
    return {resource["url"]: resource for resource in found}


class Engine:
    """Runs one StructureMap. Members of what it makes are always lists."""

    def __init__(self, structure_map):
        self.groups = {group["name"]: group for group in structure_map["group"]}
        self.ids = count(1)

    def run(self, record):
        bundle = {}
        self.group("main", [record, bundle])
        return [entry["resource"][0] for entry in bundle.get("entry", [])]

    def group(self, name, given):
        group = self.groups[name]
        names = [one["name"] for one in group["input"]]
        assert len(names) == len(given), name
        for rule in group["rule"]:
            self.rule(rule, dict(zip(names, given, strict=True)))

    def rule(self, rule, seen):
        (source,) = rule["source"]
        focus = seen[source["context"]]
        items = [focus]
        if "element" in source:
            found = focus.get(source["element"]) if isinstance(focus, dict) else None
            found = source.get("defaultString") if found is None else found
            items = found if isinstance(found, list) else [] if found is None else [found]
        for item in items:
            if "condition" in source and fhirpath(source["condition"]).truth(item) is not True:
                continue
            here = seen | ({source["variable"]: item} if "variable" in source else {})
            for target in rule.get("target", ()):
                self.target(target, here)
            for inner in rule.get("rule", ()):
                self.rule(inner, here)
            for call in rule.get("dependent", ()):
                self.group(call["name"], [here[name] for name in call["variable"]])

    def target(self, target, seen):
        parent = seen[target["context"]]
        members = parent.setdefault(target["element"], [])
        if target.get("listMode") == ["share"]:
            shared = parent.setdefault("#shared", {})
            if target["listRuleId"] not in shared:
                members.append(shared.setdefault(target["listRuleId"], {}))
            seen[target["variable"]] = shared[target["listRuleId"]]
            return
        made = self.transformed(target, seen)
        for value in made:
            if isinstance(value, str) and target["element"] in ("title",) and members:
                continue  # a shared section is titled once
            members.append(value)
        if "variable" in target and made:
            seen[target["variable"]] = made[0]
        if not members:
            del parent[target["element"]]

    def transformed(self, target, seen):
        values = [next(iter(one.items())) for one in target.get("parameter", ())]
        given = [seen[value] if kind == "valueId" else value for kind, value in values]
        kind = target.get("transform")
        if kind == "evaluate":
            return fhirpath(given[1]).evaluate(given[0])
        made = {
            None: dict,
            "create": lambda: {"resourceType": given[0]},
            "copy": lambda: given[0].strip() if isinstance(given[0], str) else given[0],
            "cast": lambda: Decimal(str(given[0])) if given[1] == "decimal" else int(given[0]),
            "uuid": lambda: str(next(self.ids)),
            "append": lambda: "".join(given),
            "reference": lambda: {"reference": [f"urn:uuid:{given[0]['id'][0]}"]},
            "cc": lambda: {"coding": [{"system": [given[0]], "code": [given[1]]}]},
            "translate": lambda: self.translated(*given),
        }[kind]()
        return [] if made is None else [made]

    def translated(self, word, url, kind):
        for group in _concept_maps()[url]["group"]:
            for one in group.get("element", ()):
                if one["code"].casefold() == str(word).strip().casefold() and one.get("target"):
                    target = one["target"][0]
                    if "code" not in target:
                        return None
                    coding = {"system": [group.get("target")], "code": [target["code"]]}
                    return {"code": target["code"], "Coding": coding}.get(kind, {"coding": [coding]})
        return None


def _renamed(node):
    """A record in the element names of the logical model, without its empty fields."""
    if isinstance(node, dict):
        return {
            element(key): made for key, child in node.items() if (made := _renamed(child)) not in (None, "", [], {})
        }
    if isinstance(node, list):
        return [_renamed(item) for item in node]
    return node.strip() if isinstance(node, str) else node


def _values(resources):
    """(resource type, element without indexes, value) of everything but ids, references, sections and displays."""
    found = Counter()

    def walk(node, kind, path):
        if isinstance(node, dict):
            for key, child in node.items():
                if key not in ("id", "resourceType", "reference", "#shared", "section", "display") or (
                    key == "display" and path[-1:] != ("coding",)
                ):
                    walk(child, kind, (*path, key))
        elif isinstance(node, list):
            for child in node:
                walk(child, kind, path)
        elif path and path[-1] != "display":
            found[kind, ".".join(path), str(node).lower() if isinstance(node, bool) else str(node)] += 1

    for resource in resources:
        walk(resource, resource["resourceType"], ())
    return found


def _unlabelled(what):
    return "".join(part.partition("]")[2] if number else part for number, part in enumerate(what.split("[")))


@pytest.fixture(params=SAMPLES)
def run(request):
    """What the mapping makes of its example, what the exported map makes of it, and the map's list."""
    name = request.param
    mapping = _translator().mapping(name)
    at = EXAMPLES / SAMPLES[name]
    files = sorted(path for path in at.iterdir() if path.is_file()) if at.is_dir() else [at]
    (record,) = mapping.read({path.name: path.read_bytes() for path in files})
    exported = structure_map(mapping, Rulebook.of(Catalogue().mapping(name)))
    ours = [entry.resource for entry in entries_of(mapping.apply(record, now=NOW))]
    return _values(ours), _values(Engine(exported.structure_map).run(_renamed(record.tree))), exported.notes


def test_what_the_map_makes_the_mapping_makes(run):
    ours, theirs, _ = run
    assert sum(theirs.values()) > 100
    extra = theirs - ours
    assert sorted(extra) == []


def test_what_the_map_does_not_make_is_listed(run):
    ours, theirs, notes = run
    told = [_unlabelled(note.what) for note in notes]
    silent = [
        (kind, path)
        for kind, path, _ in ours - theirs
        if not any(what in (f"{kind}.{path}"[: len(what)], path[: len(what)]) for what in told if what)
        and not path.endswith(("coding.display",))
    ]
    assert sorted(set(silent)) == []
