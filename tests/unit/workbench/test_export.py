"""A mapping as a StructureMap: valid, whole where it can be, and honest where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from interop.definitions import Definitions
from interop.json_codec import JsonObject
from interop.validation import Validator
from interop.workbench.export.structure_map import structure_map
from interop.workbench.export.terms import Unsaid, element, transformed


@pytest.fixture(scope="module")
def validator():
    return Validator(Definitions.core())


def _rules(node) -> Iterator[JsonObject]:
    for rule in node.get("rule", ()):
        yield rule
        yield from _rules(rule)


def _targets(exported, group):
    found = next(g for g in exported.structure_map["group"] if g["name"] == group)
    return [target for rule in _rules(found) for target in rule.get("target", ())]


def _made(bench, *changes):
    b = bench(*changes)
    return structure_map(b.mapping, b.book)


def test_it_is_a_valid_structure_map(bench, validator):
    outcome = validator.validate(_made(bench).structure_map)
    assert [str(issue) for issue in outcome.errors] == []


def test_one_group_for_each_of_the_mapping_and_a_main_one(bench):
    made = _made(bench).structure_map
    assert [group["name"] for group in made["group"]] == ["main", "fill-patient", "fill-medicines"]
    assert [structure["alias"] for structure in made["structure"]] == [
        "Record",
        "Bundle",
        "Patient",
        "MedicationStatement",
    ]


def test_a_plain_value_is_copied_and_a_date_read_by_its_digits(bench):
    targets = {target["element"]: target for target in _targets(_made(bench), "fill-patient")}
    assert targets["family"]["transform"] == "copy"
    (_, expression) = targets["birthDate"]["parameter"]
    assert expression["valueString"] == (
        "resident.Born.substring(6, 4) & '-' & resident.Born.substring(3, 2) & '-' & resident.Born.substring(0, 2)"
    )


def test_a_code_table_is_translated_by_its_url(bench):
    targets = {target["element"]: target for target in _targets(_made(bench), "fill-patient")}
    assert targets["gender"]["transform"] == "translate"
    assert {"valueString": "https://home.example/ConceptMap/sex"} in targets["gender"]["parameter"]


def test_rows_make_resources_under_their_condition_and_refer_to_the_person(bench):
    made = _made(bench)
    main = next(group for group in made.structure_map["group"] if group["name"] == "main")
    rule = next(rule for rule in _rules(main) if rule["name"] == "make-medicines")
    condition = rule["source"][0]["condition"]
    assert condition == "(Stopped.exists().not()) and ((Medicine.exists()) or (Note.exists()))"
    assert rule["dependent"][0]["variable"][-1] == "r-patient"
    assert any(t["transform"] == "reference" for t in _targets(made, "fill-medicines") if "transform" in t)


def test_every_variable_that_is_used_is_made_where_it_can_be_seen(bench):
    """No rule reads a variable that none of the rules around it, or its group's inputs, has made."""

    def check(rule, seen):
        for source in rule["source"]:
            assert source["context"] in seen
            seen = seen | ({source["variable"]} if "variable" in source else set())
        for target in rule.get("target", ()):
            assert target["context"] in seen
            for parameter in target.get("parameter", ()):
                assert parameter.get("valueId", "record") in seen | {"record"}
            seen = seen | ({target["variable"]} if "variable" in target else set())
        for call in rule.get("dependent", ()):
            assert set(call["variable"]) <= seen
        for inner in rule.get("rule", ()):
            check(inner, seen)

    for group in _made(bench).structure_map["group"]:
        for rule in group["rule"]:
            check(rule, {given["name"] for given in group["input"]})


def test_calls_give_as_many_variables_as_the_group_has_inputs(bench):
    made = _made(bench).structure_map
    inputs = {group["name"]: len(group["input"]) for group in made["group"]}
    calls = [call for group in made["group"] for rule in _rules(group) for call in rule.get("dependent", ())]
    assert calls
    for call in calls:
        assert len(call["variable"]) == inputs[call["name"]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("transform: {date: dd/MM/yyyy}", "transform: {date: d MMM yyyy}"), "only digits at fixed places"),
        (("for: medicines", "for: resident.Surname\n    split: ' '"), "each piece of a cell"),
        (("target: birthDate,", "target: birthDate, required: true,"), "required: an empty source is a finding here"),
    ],
)
def test_what_it_cannot_say_is_listed_with_its_line(bench, change, words):
    if "split" in change[1]:
        b = bench(change, ("    when: {Stopped: absent}\n", ""), ("{source: Medicine,", "{source: .,"),
                  ("      - {source: Note, target: note.text, reverse: false}\n", ""))  # fmt: skip
        notes = structure_map(b.mapping, b.book).notes
    else:
        notes = _made(bench, change).notes
    note = next(note for note in notes if words in note.text)
    assert note.where.startswith("home/test.yaml:")


def test_the_way_back_the_findings_and_the_drops_are_listed(bench):
    told = {note.what: note.text for note in _made(bench).notes}
    assert {"backwards", "findings", "ids"} <= told.keys()
    assert told["drop of resident.Room"] == "Changes daily"


@pytest.mark.parametrize(
    ("name", "expected"), [("NHS Number", "NHSNumber"), ("No. of keys", "NoOfKeys"), ("1st", "n1st"), ("a-b", "aB")]
)
def test_columns_become_element_names(name, expected):
    assert element(name) == expected


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([("upper", None)], "X.upper()"),
        ([("prefix", "urn:")], "'urn:' & X"),
        ([("nhs-number", None)], "X.replace(' ', '').replace('-', '')"),
        ([("date", ["dd/MM/yyyy", "iso"])],
         "iif(X.matches('^[0-9]{2}/[0-9]{2}/[0-9]{4}$'), X.substring(6, 4) & '-' & X.substring(3, 2) & '-' & "
         "X.substring(0, 2), iif(X.matches('^[0-9]{4}\\\\-[0-9]{2}\\\\-[0-9]{2}$'), X.substring(0, 4) & '-' & "
         "X.substring(5, 2) & '-' & X.substring(8, 2), {}))"),
    ],
)  # fmt: skip
def test_transforms_become_fhirpath(calls, expected):
    assert transformed("X", calls)[0] == expected


@pytest.mark.parametrize("call", [("datetime", "dd/MM/yyyy HH:mm"), ("xhtml", None), ("date", "hl7")])
def test_transforms_without_words_say_so(call):
    with pytest.raises(Unsaid):
        transformed("X", [call])


def test_the_same_mapping_is_the_same_bytes_in_every_run(tmp_path):
    """Sets come in another order in another process; what is written does not."""
    written = set()
    for seed in ("1", "2"):
        files = tmp_path / f"map-{seed}.json", tmp_path / f"source-{seed}.json"
        words = ["mapping", "export", "hospital/adt", "--structure-map", "--out", files[0], "--source-model", files[1]]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "interop.cli.main", *map(str, words)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        written.add(tuple(file.read_bytes() for file in files))
    assert len(written) == 1
