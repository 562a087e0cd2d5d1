"""Every field has a fate, and what has none is found."""

from __future__ import annotations

import pytest

from interop.workbench.coverage import Complaint, Fate, coverage

R = "ID,Surname,Forenames,Born,Sex,Room,Shoe Size"


def _fields(found):
    return {field.name: field for field in found.fields}


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        ("resident.Surname", Fate.MAPPED),
        ("resident.Sex", Fate.MAPPED),
        ("medicines.Medicine", Fate.TEXT),
        ("medicines.Note", Fate.TEXT),
        ("medicines.Stopped", Fate.DECIDES),
        ("medicines.ID", Fate.DECIDES),
        ("resident.Room", Fate.DROPPED),
        ("resident.Shoe Size", Fate.UNUSED),
    ],
)
def test_each_field_of_the_mapping_has_its_fate_without_any_sample(bench, now, name, fate):
    b = bench()
    assert _fields(coverage(b.mapping, b.book, (), now=now))[name].fate is fate


def test_a_mapped_field_names_its_targets_and_the_line_of_its_rule(bench, now):
    b = bench()
    field = _fields(coverage(b.mapping, b.book, (), now=now))["resident.Surname"]
    assert field.targets == ("Patient.name[official].family",)
    assert field.rules == ("home/test.yaml:16",)


def test_a_dropped_field_gives_its_reason(bench, now):
    b = bench()
    assert _fields(coverage(b.mapping, b.book, (), now=now))["resident.Room"].reason == "Changes daily"


def test_samples_count_values_and_records(bench, now):
    b = bench()
    fields = _fields(coverage(b.mapping, b.book, b.records(), now=now))
    assert (fields["medicines.Medicine"].filled, fields["medicines.Medicine"].records) == (3, 2)
    assert str(fields["medicines.Medicine"].first) == 'medicines.csv row 2, column "Medicine"'


def test_a_column_the_mapping_does_not_know_is_unknown(bench, now):
    b = bench()
    found = coverage(b.mapping, b.book, b.records(medicines="ID,Medicine,Stopped,Batch\nR1,Senna,,X1\n"), now=now)
    assert _fields(found)["medicines.Batch"].fate is Fate.UNKNOWN
    assert found.complaints()[Complaint.UNKNOWN] == 1


def test_a_field_that_is_read_and_always_empty_is_never_filled(bench, now):
    b = bench()
    found = coverage(b.mapping, b.book, b.records(residents=f"{R}\nR1,,Edith,14/08/1938,F,,\n"), now=now)
    assert "resident.Surname" in [field.name for field in found.never_filled]
    assert "resident.Born" not in [field.name for field in found.never_filled]


def test_without_samples_nothing_is_never_filled(bench, now):
    b = bench()
    assert coverage(b.mapping, b.book, (), now=now).complaints()[Complaint.NEVER_FILLED] == 0


def test_codes_no_table_knows_come_the_most_frequent_first(bench, now):
    b = bench()
    rows = "".join(f"R{n},A,B,01/01/1940,{sex},,\n" for n, sex in enumerate(["X", "Dame", "Dame", "F"]))
    found = coverage(b.mapping, b.book, b.records(residents=f"{R}\n{rows}"), now=now)
    assert [(code.value, code.count, str(code.first)) for code in found.codes] == [
        ("Dame", 2, 'residents.csv row 3, column "Sex"'),
        ("X", 1, 'residents.csv row 2, column "Sex"'),
    ]
    assert {code.table for code in found.codes} == {"codes/sex"}


def test_rows_that_no_group_takes_are_counted_by_file(bench, now):
    b = bench()
    assert coverage(b.mapping, b.book, b.records(), now=now).untaken == (("medicines.csv", 1),)


def test_json_leaves_the_words_out_when_asked(bench, now):
    b = bench()
    found = coverage(b.mapping, b.book, b.records(residents=f"{R}\nR1,A,B,01/01/1940,Secret,,\n"), now=now)
    assert "value" not in found.as_json(values=False)["unmappedCodes"][0]
    assert found.as_json()["unmappedCodes"][0]["value"] == "Secret"
