"""Every value knows the cell and the rule it came from."""

from __future__ import annotations

import pytest

from interop.mapping.trace import read_location

TEXT = """
groups:
  - group: patient
    create: Patient
    rules:
      - {value: official, target: "name[official].use"}
      - {source: resident.Name, target: "name[official].family"}
      - {source: resident.Forenames, target: "name[official].given", transform: {split: " "}}
      - {source: resident.DOB, target: birthDate, transform: {date: uk}}
      - {value: true, target: active}
  - group: weight
    create: Observation
    for: rows
    rules:
      - {value: final, target: status}
      - {source: Kg, target: valueQuantity, transform: {quantity: kg}}
      - {compute: "What & '!'", target: code.text}
"""


@pytest.fixture
def found(mapped):
    return mapped(TEXT, "ID,Name,Forenames,DOB\nR1,Ash,Edith May,\n", "ID,Kg,What\nR1,70,a\nR1,71,b\n")


@pytest.mark.parametrize(
    ("expression", "source", "value"),
    [
        ("Bundle.entry[0].resource.name[0].family", 'residents.csv row 2, column "Name"', "Ash"),
        ("Bundle.entry[0].resource.name[0].given[1]", 'residents.csv row 2, column "Forenames"', "Edith May"),
        ("Bundle.entry[2].resource.valueQuantity.unit", 'rows.csv row 3, column "Kg"', "71"),
        ("Bundle.entry[2].resource.value.ofType(Quantity)", 'rows.csv row 3, column "Kg"', "71"),
        ("Bundle.entry[2].resource.code.text", 'rows.csv row 3, column "What"', "b"),
    ],
)
def test_a_value_is_found_at_its_cell(found, expression, source, value):
    pointer, raw, rule = found.trace.find(expression)
    assert (str(pointer), raw) == (source, value)
    assert "home/test.yaml:" in rule


def test_what_is_missing_is_found_at_the_cell_that_was_looked_at(found):
    pointer, raw, rule = found.trace.find("Bundle.entry[0].resource.birthDate")
    assert (str(pointer), raw) == ('residents.csv row 2, column "DOB"', "")
    assert "birthDate" in rule


@pytest.mark.parametrize("expression", ["Bundle.entry[0].resource", "Bundle.entry[0].resource.active"])
def test_a_whole_resource_or_a_constant_is_found_at_its_row(found, expression):
    pointer, raw, _ = found.trace.find(expression)
    assert (str(pointer), raw) == ("residents.csv row 2", None)


@pytest.mark.parametrize("expression", ["", "Bundle", "Bundle.type", "Bundle.entry[99].resource.name", "nonsense("])
def test_what_no_record_made_has_no_origin(found, expression):
    assert found.trace.find(expression) is None


def test_lineage_works_inside_a_message_that_holds_the_bundle(found):
    message = {
        "resourceType": "Bundle",
        "entry": [{"resource": {"resourceType": "MessageHeader", "id": "x"}}, {"resource": found.bundle()}],
    }
    pointer, raw, _ = found.trace.within(message).find("Bundle.entry[1].resource.entry[0].resource.name[0].family")
    assert (str(pointer), raw) == ('residents.csv row 2, column "Name"', "Ash")
    assert found.trace.within(message).find("Bundle.entry[0].resource.source") is None


def test_every_value_of_every_resource_has_its_origin(found):
    for entry in found.bundle()["entry"]:
        leaves = {path for path, _, _ in found.trace.values(entry["fullUrl"])}
        assert leaves
        for key in entry["resource"].keys() - {"resourceType", "id"}:
            assert any(path.startswith(key) for path in leaves)


def test_a_location_is_read_with_its_choice_types():
    assert read_location("Observation.component[1].value.ofType(Quantity).code") == (
        "component",
        1,
        "valueQuantity",
        "code",
    )
