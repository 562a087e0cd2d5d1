"""What a system calls its fields, and what a mapping calls them: there, back, and pointing at the system's own."""

from __future__ import annotations

from interop.location import SourcePath, SourcePointer
from interop.sources.json_path import json_path
from interop.sources.naming import Names
from interop.sources.record import SourceRecord

NAMES = Names(
    {
        ".": {"contacts": "people", "resident": "person"},
        "resident": {"NHS Number": "nhsNumber"},
        "contacts": {"Kind": "kind", "Role": "role"},
        "plan.goals": {"Goal": "goal"},
    }
)
TREE = {
    "person": {"nhsNumber": "9990000018", "room": "7"},
    "people": [{"kind": "Family"}, {"kind": "Advocate", "role": "Citizen advocate"}],
    "plan": {"goals": [{"goal": "Walk to church"}]},
}


def _at(path: SourcePath) -> SourcePointer:
    return SourcePointer("resident.json", path=json_path(path, root="$"))


RECORD = SourceRecord(TREE, (), "RH-014", _at)


def test_the_tree_has_the_mapping_s_names_and_keeps_what_is_not_named() -> None:
    assert NAMES.into(RECORD).tree == {
        "resident": {"NHS Number": "9990000018", "room": "7"},
        "contacts": [{"Kind": "Family"}, {"Kind": "Advocate", "Role": "Citizen advocate"}],
        "plan": {"goals": [{"Goal": "Walk to church"}]},
    }


def test_a_place_is_told_in_the_system_s_own_names() -> None:
    pointer = NAMES.into(RECORD).pointer
    assert str(pointer(("resident", "NHS Number"))) == "resident.json $.person.nhsNumber"
    assert str(pointer(("contacts", 1, "Role"))) == "resident.json $.people[1].role"
    assert str(pointer(("plan", "goals", 0, "Goal"))) == "resident.json $.plan.goals[0].goal"
    assert str(pointer(("resident", "room"))) == "resident.json $.person.room"


def test_back_gives_the_tree_that_came() -> None:
    assert NAMES.back(NAMES.into(RECORD).tree) == TREE


def test_a_member_that_has_another_one_s_name_is_kept_beside_it() -> None:
    record = SourceRecord({"person": {"nhsNumber": "1", "NHS Number": "2"}}, (), "RH-014", _at)
    read = NAMES.into(record)
    (stray,) = set(read.tree["resident"]) - {"NHS Number"}
    assert (read.tree["resident"]["NHS Number"], read.tree["resident"][stray]) == ("1", "2")
    assert str(read.pointer(("resident", stray))) == "resident.json $.person['NHS Number']"


def test_the_record_that_came_is_left_alone() -> None:
    before = repr(TREE)
    NAMES.into(RECORD)
    assert repr(TREE) == before


NESTED = Names(
    {
        ".": {"aboutMe": "assessment.aboutMe"},
        "resident": {"Forenames": "name.given", "Surname": "name.family", "Doses": "`No. of doses`"},
    }
)
DEEP = {
    "resident": {"name": {"given": "Edith", "family": "Ashworth"}, "No. of doses": "3"},
    "assessment": {"aboutMe": {"wellness": "I hum"}, "concerns": "The nights"},
}


def test_a_value_kept_deeper_is_brought_up_and_what_is_left_stays() -> None:
    record = NESTED.into(SourceRecord(DEEP, (), "RH-014", _at))
    assert record.tree == {
        "aboutMe": {"wellness": "I hum"},
        "resident": {"Forenames": "Edith", "Surname": "Ashworth", "Doses": "3"},
        "assessment": {"concerns": "The nights"},
    }
    assert str(record.pointer(("aboutMe", "wellness"))) == "resident.json $.assessment.aboutMe.wellness"
    assert str(record.pointer(("resident", "Surname"))) == "resident.json $.resident.name.family"
    assert NESTED.back(record.tree) == DEEP
