"""What a change of a mapping would have changed."""

from __future__ import annotations

from interop.workbench.difference import Kind, difference


def _difference(bench, now, *changes, residents=None, **more):
    one, two = bench(), bench(*changes)
    given = [residents] if residents else []
    return difference(
        (one.mapping, one.records(*given)), (two.mapping, two.records(*given)), now=now, names=("A", "B"), **more
    )


def _paths(changes):
    return {change.path: dict(change.counts) for change in changes}


def test_the_same_mapping_changes_nothing(bench, now):
    found = _difference(bench, now)
    assert not found.differs
    assert (found.records, found.same) == (2, 2)


def test_a_rule_taken_away_removes_its_values(bench, now):
    gone = "      - {source: resident.Sex, target: gender, translate: codes/sex}\n"
    found = _difference(bench, now, (gone, ""))
    assert _paths(found.values) == {"Patient.gender": {Kind.REMOVED: 2}}
    assert _paths(found.findings) == {"information source-field-unread": {Kind.ADDED: 2}}
    assert found.values[0].records == 2


def test_a_changed_value_shows_both(bench, now):
    found = _difference(bench, now, ("{value: official, ", "{value: usual, "))
    (change,) = found.values
    assert (change.path, dict(change.counts)) == ("Patient.name.use", {Kind.CHANGED: 2})
    assert (change.examples[0].record, change.examples[0].before, change.examples[0].after) == (
        "R1",
        "official",
        "usual",
    )


def test_a_resource_more_is_one_change_and_does_not_upset_the_others(bench, now):
    found = _difference(bench, now, ("    when: {Stopped: absent}\n", ""))
    assert _paths(found.values) == {"MedicationStatement (whole)": {Kind.ADDED: 1}}
    assert found.values[0].examples[0].after.endswith("Zopiclone")


def test_other_ids_are_no_difference(bench, now):
    """Another name of the mapping gives every resource another id; references still answer to each other."""
    found = _difference(bench, now, ("mapping: home/test", "mapping: other/test"))
    assert not found.values
    assert not found.findings


def test_what_touches_most_records_comes_first(bench, now):
    residents = "ID,Surname,Forenames,Born,Sex,Room,Shoe Size\nR1,A,B,14/08/1938,,,\nR2,C,D,14/08/1938,M,,\n"
    gone = "      - {source: resident.Sex, target: gender, translate: codes/sex}\n"
    family = '      - {source: resident.Surname, target: "name[official].family", note: As on the passport}\n'
    found = _difference(bench, now, (gone, ""), (family, ""), residents=residents)
    assert [change.path for change in found.values] == ["Patient.name.family", "Patient.gender"]


def test_json_without_values_keeps_paths_and_counts(bench, now):
    told = _difference(bench, now, ("{value: official, ", "{value: usual, ")).as_json(values=False)
    assert told["values"][0]["changed"] == 2
    assert "official" not in str(told)


def test_json_without_values_names_no_record_by_its_key(bench, now):
    """A key may be an NHS number."""
    told = _difference(bench, now, ("{value: official, ", "{value: usual, ")).as_json(values=False)
    assert told["values"][0]["examples"][0]["record"] == "record 1"
    assert "R1" not in str(told)
