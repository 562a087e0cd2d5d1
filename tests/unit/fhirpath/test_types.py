"""What the room knows of FHIR's types beside what it asks of the definitions."""

from __future__ import annotations

import pytest

from interop.definitions import Definitions
from interop.fhirpath import core_model
from interop.fhirpath.navigation import CHOICES


def test_the_choices_known_by_name_are_the_choices_of_r4() -> None:
    definitions = Definitions.core()
    structures = [definitions.structure(name) for name in definitions.type_names]
    found = {e.name[:-3] for structure in structures if structure for e in structure.elements if e.is_choice}
    assert found == CHOICES


@pytest.mark.parametrize(
    ("type_name", "name", "types", "many"),
    [
        ("Patient", "name", {"HumanName"}, True),
        ("Patient", "id", {"id"}, False),
        ("Patient", "deceased", {"boolean", "dateTime"}, False),
        ("Patient", "contact", {"Patient.contact"}, True),
        ("Questionnaire.item", "item", {"Questionnaire.item"}, True),
        ("Bundle.entry", "resource", {"Resource"}, False),
        ("Extension", "url", {"uri"}, False),
        ("date", "extension", {"Extension"}, True),
    ],
)
def test_a_child_knows_its_types(type_name: str, name: str, types: set[str], many: bool) -> None:
    child = core_model().child(type_name, name)
    assert child is not None
    assert child.types == types
    assert child.many is many


@pytest.mark.parametrize(
    ("type_name", "ancestor", "answer"),
    [
        ("Patient", "Resource", True),
        ("Age", "Quantity", True),
        ("code", "string", True),
        ("string", "code", False),
        ("Patient.contact", "BackboneElement", True),
    ],
)
def test_descent(type_name: str, ancestor: str, answer: bool) -> None:
    assert core_model().is_a(type_name, ancestor) is answer
