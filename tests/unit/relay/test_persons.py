"""The register answers by number and by what else is stated; the circle says who stands around a person."""

from __future__ import annotations

from datetime import date

import pytest

from interop.relay.persons import Answer, Demographics, Persons, Standing, same_name
from interop.relay.trail import Trail

EDITH = "9990000018"
HELD = Demographics("Ashworth-Bell", date(1938, 8, 14))


@pytest.fixture
def persons(store):
    register = Persons(store)
    register.register("RXE99", EDITH, HELD)
    return register


@pytest.mark.parametrize(
    "stated",
    [HELD, Demographics(), Demographics("ASHWORTH BELL"), Demographics(birth_date=date(1938, 8, 14))],
    ids=["all equal", "nothing stated", "another spelling", "only the birth date"],
)
def test_a_person_is_known_when_nothing_contradicts_the_register(persons, stated):
    assert persons.lookup("RXE99", EDITH, stated) == Answer(Standing.KNOWN)


@pytest.mark.parametrize(
    ("stated", "mismatch"),
    [
        (Demographics("Greaves", date(1938, 8, 14)), ("family name",)),
        (Demographics("Ashworth-Bell", date(1983, 8, 14)), ("birth date",)),
        (Demographics("Greaves", date(1940, 1, 1)), ("family name", "birth date")),
    ],
)
def test_the_right_number_with_the_wrong_person_is_not_known(persons, stated, mismatch):
    assert persons.lookup("RXE99", EDITH, stated) == Answer(Standing.NOT_KNOWN, mismatch)


def test_a_number_never_seen_is_not_known(persons):
    assert persons.lookup("RXE99", "9990000026", HELD) == Answer(Standing.NOT_KNOWN)


@pytest.mark.parametrize("standing", [Standing.MOVED, Standing.DECEASED])
def test_moved_and_deceased_are_said_so_and_stay_so(persons, standing):
    persons.register("RXE99", EDITH, HELD, standing=standing)
    persons.register("RXE99", EDITH, HELD)
    assert persons.lookup("RXE99", EDITH, HELD) == Answer(standing)


def test_registering_what_is_held_writes_nothing(store, persons):
    before = len(Trail(store).entries("RXE99"))
    assert not persons.register("RXE99", EDITH, HELD)
    assert persons.register("RXE99", EDITH, Demographics("Ashworth", HELD.birth_date))
    assert len(Trail(store).entries("RXE99")) == before + 1


def test_nobody_can_be_registered_as_not_known(persons):
    with pytest.raises(ValueError, match="not known"):
        persons.register("RXE99", EDITH, HELD, standing=Standing.NOT_KNOWN)


def test_each_organisation_has_its_own_register(persons):
    assert persons.lookup("Y99901", EDITH, HELD) == Answer(Standing.NOT_KNOWN)


@pytest.mark.parametrize(
    ("standing", "code"),
    [("known", "30001"), ("not-known", "30002"), ("moved", "30003"), ("deceased", "30004")],
)
def test_each_standing_has_its_itk_code(standing, code):
    assert Standing(standing).itk_code == code


def test_the_trail_does_not_name_the_person(store, persons):
    assert not any(EDITH in entry.detail + entry.subject for entry, _ in Trail(store).entries("RXE99"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("O'Brien", "OBRIEN", True), ("Núñez", "Nunez", True), ("St John", "St. John", True),
        ("Ashworth", "Ashword", False), ("Bell", "Ashworth-Bell", False),
    ],
)  # fmt: skip
def test_spelling_does_not_make_another_person_but_letters_do(one, other, same):
    assert same_name(one, other) is same


def test_the_circle_knows_who_holds_each_role(persons):
    for role, member in (("care-home", "VNX01"), ("gp", "Y99901"), ("gp", "Y99902"), ("gp", "Y99901")):
        persons.join("RXE99", EDITH, role, member)
    assert persons.circle("RXE99", EDITH) == {"care-home": ("VNX01",), "gp": ("Y99901", "Y99902")}
    persons.leave("RXE99", EDITH, "gp", "Y99901")
    assert persons.circle("RXE99", EDITH)["gp"] == ("Y99902",)
    assert persons.circle("VNX01", EDITH) == {}
