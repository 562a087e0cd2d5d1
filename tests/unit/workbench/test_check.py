"""Faults with the line they stand in; mappings on a shelf."""

from __future__ import annotations

from interop.definitions import Definitions
from interop.workbench.check import check
from interop.workbench.shelf import files_in, listed


def test_a_mapping_without_fault_is_compiled(bench):
    found = check(bench().path, Definitions.core())
    assert found.mapping is not None
    assert found.as_json()["valid"] is True


def test_all_faults_come_with_their_line_and_a_caret_under_the_spot(bench):
    path = bench().path
    text = (
        path.read_text(encoding="utf-8").replace("target: birthDate", "target: birthdate").replace("gender", "gendre")
    )
    path.write_text(text, encoding="utf-8")
    faults = check(path, Definitions.core()).faults
    assert [(fault.file, fault.line) for fault in faults] == [("home/test.yaml", 19), ("home/test.yaml", 20)]
    for fault, word in zip(faults, ("birthdate", "gendre"), strict=True):
        assert fault.excerpt[fault.caret :].startswith(word)
        assert str(fault).splitlines()[2].index("^") == str(fault).splitlines()[1].index(word)


def test_of_a_very_long_line_the_part_around_the_spot_is_shown(bench):
    path = bench().path
    text = path.read_text(encoding="utf-8").replace(
        "{source: resident.Born, target: birthDate",
        "{note: " + "x" * 400 + ", source: resident.Born, target: birthdate",
    )
    path.write_text(text, encoding="utf-8")
    (fault,) = check(path, Definitions.core()).faults
    assert len(fault.excerpt) <= 161
    assert fault.excerpt[fault.caret :].startswith("birthdate")


def test_a_file_that_is_no_yaml_has_its_fault_shown_too(bench):
    path = bench().path
    path.write_text("mapping: [", encoding="utf-8")
    (fault,) = check(path, Definitions.core()).faults
    assert "not YAML" in fault.text


def test_a_shelf_tells_what_a_mapping_reads_and_makes(bench):
    path = bench().path
    (one,) = listed(["home/test"], lambda _: path)
    assert (one.title, one.version, one.source) == ("A small mapping", "1", "tables: csv x 2")
    assert one.makes_words == "Patient, MedicationStatement"
    assert one.bundle == "collection"
    assert one.readable


def test_a_faulty_mapping_is_listed_as_such(bench):
    path = bench().path
    path.write_text("nonsense: true\n", encoding="utf-8")
    assert [one.readable for one in listed(["home/test"], lambda _: path)] == [False]


def test_pieces_and_cases_in_a_folder_are_no_mappings(tmp_path):
    for name in ("a.yaml", "home/b.yaml", "home/pieces/c.yaml", "home/cases/b/one/d.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    assert [path.name for path in files_in(tmp_path)] == ["a.yaml", "b.yaml"]
