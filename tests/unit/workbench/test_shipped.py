"""What we ship, on the workbench: its cases hold, every field of the examples is known, nothing is lost unsaid."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from interop.catalogue import Catalogue, shipped
from interop.narrative import narrate
from interop.translator import Translator
from interop.workbench.cases import cases_of, run_case
from interop.workbench.coverage import Complaint, coverage
from interop.workbench.explain import explain
from interop.workbench.export.source_model import source_model
from interop.workbench.export.structure_map import structure_map
from interop.workbench.roundtrip import roundtrip
from interop.workbench.rulebook import Rulebook

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
EXAMPLES = shipped("examples")
NAMES = sorted(Catalogue().mapping_names())
CASES = [case for name in NAMES for case in cases_of(name, Catalogue().mapping(name))]
SAMPLES = {
    "care-home/red-bag": "red-bag-journey/care-home",
    "care-home/red-bag-json": "red-bag-json",
    "care-home/care-plan": "care-plan/care-plans.xlsx",
    "care-home/care-plan-json": "care-plan/RH-014.json",
    "care-home/care-team": "care-team/webs-of-care.xlsx",
    "care-home/care-team-json": "care-team/RH-014.json",
    "hospital/discharge": "red-bag-journey/hospital/discharge.json",
}


@cache
def _translator():
    return Translator(Catalogue())


def _judge(bundle):
    return _translator().validator.validate(narrate(bundle) if bundle["type"] == "document" else bundle)


def _book(name):
    return Rulebook.of(Catalogue().mapping(name))


def _records(name):
    at = EXAMPLES / SAMPLES[name]
    files = sorted(path for path in at.iterdir() if path.is_file()) if at.is_dir() else [at]
    return tuple(_translator().mapping(name).read({path.name: path.read_bytes() for path in files}))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_case_beside_a_mapping_holds(case):
    ran = run_case(case, _translator().mapping(case.mapping), judge=_judge)
    assert [failure.as_json() for failure in ran.failures] == []
    assert ran.about
    assert "TODO" not in ran.about


def test_the_main_mappings_have_cases_of_good_and_of_bad_input():
    names = {case.name for case in CASES}
    assert {"care-home/red-bag: edith-ashworth", "care-home/red-bag: impossible-birth-date"} <= names
    assert {"hospital/adt: admission", "hospital/adt: wrong-check-digit"} <= names


@pytest.mark.parametrize("name", SAMPLES)
def test_every_field_of_the_examples_has_a_declared_fate_and_every_word_a_code(name):
    found = coverage(_translator().mapping(name), _book(name), _records(name), now=NOW)
    assert found.records
    complaints = found.complaints()
    assert {kind: complaints[kind] for kind in (Complaint.UNKNOWN, Complaint.UNUSED, Complaint.UNMAPPED_CODES)} == {
        Complaint.UNKNOWN: 0,
        Complaint.UNUSED: 0,
        Complaint.UNMAPPED_CODES: 0,
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_what_the_examples_say_comes_back_or_the_mapping_says_why_not(name):
    found = roundtrip(_translator().mapping(name), _book(name), _records(name), now=NOW)
    assert found.new_losses == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_mapping_exports_as_a_valid_structure_map(name):
    made = structure_map(_translator().mapping(name), _book(name))
    outcome = _translator().validator.validate(made.structure_map)
    assert [str(issue) for issue in outcome.errors] == []
    assert made.notes


def _paths_read(structure_map):
    """Every element of the source that a rule goes through, as a path of the logical model."""

    def walk(rules, seen):
        for rule in rules:
            here = dict(seen)
            for source in rule["source"]:
                at = here.get(source["context"])
                if at is not None and "element" in source:
                    at = f"{at}.{source['element']}"
                    yield at
                if at is not None and "variable" in source:
                    here[source["variable"]] = at
            for call in rule.get("dependent", ()):
                if len(call["variable"]) > 1 and call["variable"][1] in here:
                    rows.setdefault(call["name"], here[call["variable"][1]])
            yield from walk(rule.get("rule", ()), here)

    rows: dict[str, str] = {}
    for group in structure_map["group"]:
        start = {"record": "Record"} | ({"row": rows[group["name"]]} if group["name"] in rows else {})
        yield from walk(group["rule"], start)


@pytest.mark.parametrize("name", NAMES)
def test_the_source_model_is_valid_and_has_every_element_the_map_goes_through(name):
    mapping = _translator().mapping(name)
    model = source_model(mapping)
    assert [str(issue) for issue in _translator().validator.validate(model).errors] == []
    known = {element["path"] for element in model["differential"]["element"]}
    read = set(_paths_read(structure_map(mapping, _book(name)).structure_map))
    assert sorted(read - known) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_every_value_of_a_record_is_explained_by_a_rule_that_is_there(name):
    mapping = _translator().mapping(name)
    told = explain(mapping, _book(name), _records(name)[0], now=NOW)
    assert len(told.sourced) > 20
    root = shipped("mappings")
    lines: dict[str, list[str]] = {}
    for line in told.sourced:
        file, _, number = line.rule.rpartition(":")
        text = lines.setdefault(file, Path(root, file).read_text(encoding="utf-8").splitlines())
        assert "target" in text[int(number) - 1]
