"""``interop mapping``: every verb by hand, in text and JSON, with its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interop.catalogue import shipped

VERBS = {
    "list": "every mapping",
    "check": "every fault with its file, line and column",
    "coverage": "fate of every source field",
    "roundtrip": "kept, normalised, changed, dropped or invented",
    "new": "Draft a mapping from sample files",
    "explain": "value by value",
    "test": "cases beside mappings",
    "diff": "would have changed",
    "export": "another engine's language",
    "schema": "JSON Schema of mapping files",
}

MAPPING = """\
mapping: {name}
version: "1"
title: A small one
source:
  format: tables
  zone: Europe/London
  tables: {{people: {{file: people.csv, key: ID, one: true}}}}
groups:
  - group: patient
    create: Patient
    rules:
      - {{source: people.Surname, target: "name[official].family"}}
      - {{value: {use}, target: "name[official].use"}}
      - {{source: people.ID, target: "identifier[id].value"}}
"""
PEOPLE = "ID,Surname,Shoe\nR1,Ashworth,5\nR2,Greaves,\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder of one mapping, ``home/small``, and its samples in ``samples``."""
    (tmp_path / "mine" / "home").mkdir(parents=True)
    (tmp_path / "mine" / "home" / "small.yaml").write_text(MAPPING.format(name="home/small", use="official"))
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "people.csv").write_text(PEOPLE)
    return tmp_path


@pytest.fixture
def small(shelf: Path) -> Path:
    return shelf / "mine" / "home" / "small.yaml"


@pytest.mark.parametrize(("verb", "words"), VERBS.items())
def test_each_verb_says_what_it_does_with_an_example(interop, verb, words):
    told = interop("mapping", verb, "--help")
    assert told.code == 0
    page = " ".join(told.out.replace("│", " ").split())
    assert words in page
    assert f"Example: interop mapping {verb}" in page
    assert "--output" in told.out


def test_the_family_names_every_verb(interop):
    told = interop("mapping", "--help")
    assert [verb for verb in VERBS if f" {verb} " not in told.out] == []


def test_list_shows_ours_and_yours(interop, shelf):
    found = interop("mapping", "list", "--mappings", shelf / "mine", "--output", "json").json()["mappings"]
    names = {one["name"]: one for one in found}
    assert {"care-home/red-bag", "hospital/adt", "home/small"} <= names.keys()
    assert names["home/small"]["makes"] == {"Patient": 1}
    assert "home/small" in interop("mapping", "list", "--mappings", shelf / "mine").out


def test_check_is_fine_for_everything_shipped(interop):
    told = interop("mapping", "check", shipped("mappings"))
    assert told.code == 0, told.out
    assert "✓ care-home/red-bag" in told.out


def test_check_shows_every_fault_with_a_caret(interop, shelf, small):
    bad = small.with_name("bad.yaml")
    bad.write_text(
        small.read_text().replace("home/small", "home/bad").replace(".family", ".famly").replace("Patient", "Patent")
    )
    told = interop("mapping", "check", bad)
    assert told.code == 1
    assert "home/bad.yaml:10:" in told.out
    assert "did you mean 'Patient'?" in told.out
    assert "^" in told.out
    faults = interop("mapping", "check", bad, "-o", "json").json()["mappings"][0]["faults"]
    assert faults[0]["line"] == 10


def test_check_of_what_is_not_there_is_usage(interop):
    assert interop("mapping", "check", "home/nothing").code == 2


def test_a_field_is_shown_as_its_owner_writes_it(interop, shelf, small):
    """Brackets in a heading are no marks of ours: ``Dose [mg]`` keeps its unit."""
    (shelf / "samples" / "people.csv").write_text("ID,Surname,Dose [mg],[/b]\nR1,Ashworth,5,x\n")
    told = interop("mapping", "coverage", small, shelf / "samples")
    assert "people.Dose [mg]" in told.out
    assert "people.[/b]" in told.out


def test_coverage_shows_every_field_and_fails_only_on_what_is_asked(interop, shelf, small):
    told = interop("mapping", "coverage", small, shelf / "samples")
    assert told.code == 0
    assert "people.Shoe" in told.out
    assert "unknown" in told.out
    assert interop("mapping", "coverage", small, shelf / "samples", "--fail-on", "unknown").code == 1
    assert interop("mapping", "coverage", small, shelf / "samples", "--fail-on", "never-filled").code == 0
    assert interop("mapping", "coverage", small, "--fail-on", "unknown").code == 0
    fields = interop("mapping", "coverage", small, shelf / "samples", "-o", "json").json()["fields"]
    assert {f["field"]: f["fate"] for f in fields} == {
        "people.ID": "mapped",
        "people.Surname": "mapped",
        "people.Shoe": "unknown",
    }


def test_a_misspelt_fail_on_is_usage(interop, small):
    told = interop("mapping", "coverage", small, "--fail-on", "unkown")
    assert told.code == 2
    assert "unmapped-codes" in told.err


def test_roundtrip_fails_on_a_loss_and_a_baseline_accepts_it(interop, shelf, small):
    losses = shelf / "losses.json"
    assert interop("mapping", "roundtrip", small, shelf / "samples").code == 1
    assert interop("mapping", "roundtrip", small, shelf / "samples", "--baseline", losses, "--write-baseline").code == 0
    assert json.loads(losses.read_text())["acceptedLosses"] == {"people.Shoe": ["dropped"]}
    told = interop("mapping", "roundtrip", small, shelf / "samples", "--baseline", losses)
    assert told.code == 0
    assert "2 records there and back" in told.out


def test_no_values_of_patients_leave_when_they_are_not_wanted(interop, shelf, small):
    for words in (("roundtrip",), ("explain",), ("coverage",)):
        for output in ("text", "json"):
            told = interop("mapping", *words, small, shelf / "samples", "--no-values", "-o", output)
            assert "Ashworth" not in told.out + told.err, (words, output)


def test_write_baseline_without_a_file_is_usage(interop, shelf, small):
    assert interop("mapping", "roundtrip", small, shelf / "samples", "--write-baseline").code == 2


def test_explain_tells_a_record_and_draws_it(interop, shelf, small):
    told = interop("mapping", "explain", small, shelf / "samples", "--record", "R2")
    assert told.code == 0
    assert "Greaves" in told.out
    assert "small.yaml:12" in told.out
    told = interop("mapping", "explain", small, shelf / "samples", "--svg", shelf / "a.svg", "--html", shelf / "a.html")
    assert (shelf / "a.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert "Ashworth" in (shelf / "a.html").read_text(encoding="utf-8")
    assert interop("mapping", "explain", small, shelf / "samples", "--record", "R9").code == 2


def test_new_drafts_a_mapping_that_its_own_check_passes(interop, shelf):
    out = shelf / "mine" / "home" / "drafted.yaml"
    told = interop("mapping", "new", shelf / "samples", "--out", out)
    assert told.code == 0, told.err
    assert "the draft compiles and maps 2 records" in told.err
    assert out.read_text(encoding="utf-8").count("mapping: home/drafted") == 1
    assert interop("mapping", "check", out).code == 0
    assert interop("mapping", "coverage", out, shelf / "samples", "--fail-on", "unknown").code == 0
    assert interop("mapping", "new", shelf / "samples", "--out", out).code == 2  # it is there already


def test_new_without_out_prints_the_draft(interop, shelf):
    told = interop("mapping", "new", shelf / "samples", "--name", "a/b")
    assert "mapping: a/b" in told.out
    assert interop("mapping", "new", shelf / "samples", "-o", "json").json()["trial"]["compiles"] is True


def test_test_runs_the_cases_beside_a_mapping(interop, shelf, small):
    assert interop("mapping", "test", small).code == 2  # there are none
    case = small.parent / "cases" / "small" / "one"
    case.mkdir(parents=True)
    (case / "people.csv").write_text("ID,Surname\nR1,Ashworth\n")
    assert interop("mapping", "test", small).code == 1
    assert interop("mapping", "test", small, "--update").code == 0
    assert interop("mapping", "test", small).code == 0
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    expected["records"]["R1"]["values"]["Patient.name.family"] = "Other"
    (case / "expected.json").write_text(json.dumps(expected))
    told = interop("mapping", "test", small)
    assert told.code == 1
    assert "- Other" in told.out
    assert "+ Ashworth" in told.out
    assert (
        interop("mapping", "test", "home/small", "--mappings", shelf / "mine", "-o", "json").json()["cases"][0]["ok"]
        is False
    )


def test_diff_tells_what_a_change_changes(interop, shelf, small):
    other = shelf / "other" / "home" / "small.yaml"
    other.parent.mkdir(parents=True)
    other.write_text(MAPPING.format(name="home/small", use="usual"))
    assert interop("mapping", "diff", small, small, shelf / "samples").code == 0
    told = interop("mapping", "diff", small, other, shelf / "samples")
    assert told.code == 1
    assert "Patient.name.use" in told.out
    assert interop("mapping", "diff", small, other, shelf / "samples", "-o", "json").json()["values"][0]["changed"] == 2


def test_export_writes_a_structure_map_that_we_call_valid(interop, shelf):
    out = shelf / "map.json"
    told = interop("mapping", "export", "care-home/red-bag", "--structure-map", "--out", out)
    assert told.code == 0
    assert "not expressed: " in told.err
    assert interop("validate", out).code == 0
    found = interop("mapping", "export", "care-home/red-bag", "--structure-map", "-o", "json").json()
    assert found["structureMap"]["resourceType"] == "StructureMap"
    assert len(found["notExpressed"]) == told.err.count("not expressed: ")
    assert interop("mapping", "export", "care-home/red-bag").code == 2


def test_schema_is_a_json_schema(interop, shelf):
    found = interop("mapping", "schema").json()
    assert "json-schema.org" in found["$schema"]
    interop("mapping", "schema", "--out", shelf / "mapping.schema.json")
    assert json.loads((shelf / "mapping.schema.json").read_text(encoding="utf-8")) == found


@pytest.mark.parametrize("verb", ["roundtrip", "coverage"])
def test_samples_that_hold_no_record_are_said_to(interop, shelf, small, verb):
    (shelf / "empty").mkdir()
    (shelf / "empty" / "other.csv").write_text("X\n1\n")
    told = interop("mapping", verb, small, shelf / "empty")
    assert told.code == 2
    assert "the samples hold no record" in told.err
