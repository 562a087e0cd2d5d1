"""What an analyst is told about a mistake in a mapping file: all of it, with its place, before the first record."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import indent

import pytest
from ruamel.yaml import YAML

from interop.errors import CatalogueError, MappingError
from interop.mapping import load

HEAD = """mapping: home/test
source:
  format: tables
  tables:
    resident: {file: r.csv, key: ID, one: true, columns: [ID, Name, DOB, Sex]}
    rows: {file: w.csv, key: ID, columns: [ID, What]}
groups:
  - group: patient
    create: Patient
    rules:
"""
FIRST_RULE = HEAD.count("\n") + 1
CASES = YAML(typ="safe").load(
    (Path(__file__).parents[2] / "cases" / "mapping" / "faults.yaml").read_text(encoding="utf-8")
)


def faults_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(MappingError) as error:
        load(path)
    return error.value.faults


@pytest.fixture
def write(folder):
    def write(text: str, name: str = "home/test.yaml") -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_mistake_is_told_with_its_line_and_what_to_change(case, write):
    (fault,) = faults_of(write(HEAD + indent(case["rules"], "      ")))
    line = FIRST_RULE + case.get("line", 1) - 1
    assert fault.startswith(f"home/test.yaml:{line}:")
    for words in case["told"]:
        assert words in fault


def test_an_element_r4_asks_for_and_no_rule_writes_is_told_once_the_group_is_sound(write):
    rule = "      - {source: resident.Name, target: birthDate}\n"
    group = "  - group: weight\n    create: Observation\n    rules:\n      - {value: weight, target: code.text}\n"
    (fault,) = faults_of(write(HEAD + rule + group))
    assert fault.startswith("home/test.yaml:12:")
    assert "Observation needs status (1..1)" in fault
    (fault,) = faults_of(write(HEAD + rule + group + "      - {value: final, target: statu}\n"))
    assert "needs status" not in fault


def test_a_code_table_must_say_which_of_several_words_comes_back(write, folder):
    element = [{"code": word, "target": [{"code": "female", "equivalence": "wider"}]} for word in ("F", "Lady")]
    table = {"resourceType": "ConceptMap", "group": [{"target": "http://x", "element": element}]}
    (folder / "home" / "codes" / "her.json").write_text(json.dumps(table))
    rule = "      - {source: resident.Sex, target: gender, translate: codes/her"
    (fault,) = faults_of(write(HEAD + rule + "}\n"))
    assert "'F' and 'Lady' all mean 'female', and none says it is the way back" in fault
    load(write(HEAD + rule + ", reverse: false}\n"))


def test_two_pieces_may_build_on_a_third(write):
    person = "groups:\n  - {group: p, create: Patient, rules: [{source: resident.Name, target: birthDate}]}\n"
    write(person, "home/person.yaml")
    write("use: person.yaml\n", "home/one.yaml")
    write("use: person.yaml\n", "home/two.yaml")
    head, _, _ = HEAD.partition("groups:")
    assert list(load(write(head + "use: [one.yaml, two.yaml]\n")).plan.groups) == ["p"]


def test_all_mistakes_come_together_in_the_order_of_the_file(write):
    rules = "      - {source: resident.Nmae, target: birthdat}\n      - {value: x, target: activ}\n"
    told = faults_of(write(HEAD + rules))
    assert [fault.split(":")[1] for fault in told] == [str(FIRST_RULE), str(FIRST_RULE + 1)]


def test_the_column_is_the_value_that_is_wrong(write):
    rule = "      - {source: resident.Name, target: nam}"
    (fault,) = faults_of(write(f"{HEAD}{rule}\n"))
    assert fault.startswith(f"home/test.yaml:{FIRST_RULE}:{rule.index('nam}') + 1}: ")


def test_brackets_inside_braces_need_quotes_and_the_fault_says_so(write):
    (fault,) = faults_of(write(HEAD + "      - {source: resident.Name, target: name[a].family}\n"))
    assert "quotes" in fault


def test_pieces_that_use_each_other_are_a_circle(write):
    write("use: [b.yaml]\n", "home/a.yaml")
    write("use: [a.yaml]\n", "home/b.yaml")
    told = faults_of(write("use: [a.yaml]\n" + HEAD + "      - {value: true, target: active}\n"))
    assert any("in a circle: a.yaml → b.yaml → a.yaml" in fault for fault in told)


def test_a_missing_piece_names_its_neighbour(write):
    write("groups: []\n", "home/pieces/person.yaml")
    (fault,) = faults_of(write("use: [pieces/persons.yaml]\n" + HEAD + "      - {value: true, target: active}\n"))
    assert "did you mean 'pieces/person.yaml'?" in fault


@pytest.mark.parametrize("text", ["", "- a list\n", "mapping: [\n", "just text", "mapping: home/test\n"])
def test_a_file_that_is_no_mapping_is_refused_with_its_place(text, write):
    told = faults_of(write(text))
    assert told
    assert all(fault.startswith(("home/test.yaml:", "test.yaml:")) for fault in told)


def test_a_mapping_that_is_not_there_says_what_is(folder):
    (folder / "home" / "red-bag.yaml").write_text("mapping: home/red-bag\n")
    with pytest.raises(CatalogueError, match="red-bag"):
        load(folder / "home" / "redbag.yaml")


def test_two_local_codes_that_claim_one_way_back_are_a_fault(write, folder):
    (folder / "home" / "codes" / "twice.json").write_text(
        '{"resourceType":"ConceptMap","group":[{"target":"http://x","element":['
        '{"code":"F","target":[{"code":"female","equivalence":"equivalent"}]},'
        '{"code":"W","target":[{"code":"female","equivalence":"equivalent"}]}]}]}'
    )
    (fault,) = faults_of(write(HEAD + "      - {source: resident.Sex, target: gender, translate: codes/twice}\n"))
    assert "'F' and 'W' both say" in fault
    assert "wider, narrower or inexact" in fault
