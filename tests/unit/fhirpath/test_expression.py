"""``compile`` and what an Expression promises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from interop.errors import ExpressionError
from interop.fhirpath import Date, Node, NoServices, Quantity, compile


def patient(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", "name": [{"family": "Ashworth"}], **members}


def test_the_same_text_is_compiled_once() -> None:
    assert compile("name.family") is compile("name.family")


def test_an_empty_answer_is_neither_true_nor_false() -> None:
    assert compile("photo.url = 'x'").truth(patient()) is None
    assert compile("active").truth(patient(active=False)) is False
    assert compile("name.family").truth(patient()) is True


def test_computed_values_are_values_of_their_own_and_the_rest_is_json() -> None:
    assert compile("birthDate").evaluate(patient(birthDate="1938-08-14")) == ["1938-08-14"]
    assert compile("@2026-11-14").evaluate(None) == [Date((2026, 11, 14))]
    assert compile("2 'mg'").evaluate(None) == [Quantity(Decimal(2), "mg")]


def test_evaluating_changes_nothing() -> None:
    before = patient(_birthDate={"extension": [{"url": "u"}]})
    expression = compile("descendants() | name.sort(family) | name.combine(name) | birthDate.extension('u')")
    expression.evaluate(before)
    assert before == patient(_birthDate={"extension": [{"url": "u"}]})


def test_nodes_tell_their_types() -> None:
    found = compile("birthDate | name | contact").nodes(patient(birthDate="1938", contact=[{"gender": "female"}]))
    assert [node.type for node in found] == ["date", "HumanName", "Patient.contact"]


@pytest.mark.parametrize(
    ("focus", "type_name", "expression", "answer"),
    [
        ("2026-11-14", "date", "$this > @2026", None),
        ("2026-11-14", "date", "$this > @2025", True),
        ("0", "string", "empty() or ($this = '*') or (toInteger() >= 0)", True),
        (
            Node(None, "date", {"extension": [{"url": "u"}]}),
            "date",
            "hasValue() or (children().count() > id.count())",
            True,
        ),
        (Node(None, "date", {"id": "x"}), "date", "hasValue() or (children().count() > id.count())", False),
        ({"id": "x"}, "HumanName", "hasValue() or (children().count() > id.count())", False),
        ({"url": "u", "valueBoolean": False}, "Extension", "extension.exists() != value.exists()", True),
        ({"url": "u"}, "Extension", "extension.exists() != value.exists()", False),
        ({"start": "2026-11-14", "end": "2026-11-13T10:00:00Z"}, "Period", "start <= end", False),
        ({"family": "Bell"}, "Patient.contact", "name.exists() or telecom.exists()", False),
    ],
)
def test_an_invariant_on_an_element(focus: Any, type_name: str, expression: str, answer: bool | None) -> None:
    assert compile(expression).truth(focus, type_name=type_name) is answer


def test_resource_and_root_are_the_callers() -> None:
    inner, outer = {"resourceType": "Organization", "id": "o"}, patient()
    found = compile("%resource.id | %rootResource.id | %context").evaluate(
        "x", type_name="string", resource=inner, root=outer
    )
    assert found == ["o", "p", "x"]


def test_context_keeps_the_type_it_was_given() -> None:
    assert compile("%context.type().name").evaluate({"family": "Bell"}, type_name="HumanName") == ["HumanName"]


def test_a_reference_to_a_contained_resource_is_looked_up_in_the_root() -> None:
    rule = compile("reference.startsWith('#').not() or (reference.substring(1) in %rootResource.contained.id)")
    holder = patient(contained=[{"resourceType": "Organization", "id": "o"}])
    assert rule.truth({"reference": "#o"}, type_name="Reference", resource=holder) is True
    assert rule.truth({"reference": "#x"}, type_name="Reference", resource=holder) is False


@pytest.mark.parametrize(
    ("expression", "type_name", "faults"),
    [
        ("name.given.first()", "Patient", ()),
        ("name.giben", "Patient", ("HumanName has no element 'giben'",)),
        ("Encounter.status", "Patient", ("a path on Patient cannot start with Encounter",)),
        ("valueQuantity", "Observation", ("Observation has no element 'valueQuantity'",)),
        ("(value as Period).unit", "Observation", ("Period has no element 'unit'",)),
        ("contained.name", "Patient", ()),
        ("children().first()", "Patient", ("first() needs an order, and children() and descendants() have none",)),
        ("linkId.exists()", "Questionnaire.item", ()),
        ("item.item.linkId", "Questionnaire", ()),
    ],
)
def test_what_cannot_be_right_is_told_without_data(expression: str, type_name: str, faults: tuple[str, ...]) -> None:
    assert compile(expression).check(type_name) == faults


def test_a_misspelt_function_names_the_nearest() -> None:
    with pytest.raises(ExpressionError, match=r"did you mean first\(\)"):
        compile("name.frist()")


@pytest.mark.parametrize("text", ["(" * 300 + "1" + ")" * 300, "a.where(" * 120 + "b = c" + ")" * 120])
def test_a_bottomless_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile(text).evaluate({"a": 1})


def test_numbers_too_long_to_write_out_are_refused() -> None:
    huge = {"a": Decimal("1E+99999999"), "q": {"value": Decimal("1E99999999"), "unit": "kg"}}
    for text in ("a.toString()", "a.truncate()", "a.toQuantity() = 1 'kg'", "a div 2", "a + 1", "a & ''"):
        with pytest.raises(ExpressionError, match=r"number|quantity"):
            compile(text).evaluate(huge)


def test_what_does_not_depend_on_the_element_is_worked_out_once_in_a_loop() -> None:
    asked: list[str] = []

    class Asked(NoServices):
        def resolve(self, reference: str) -> dict[str, Any] | None:
            asked.append(reference)
            return {"resourceType": "Practitioner", "id": "7"}

    holder = patient(
        generalPractitioner=[{"reference": "Practitioner/7"}],
        contained=[{"resourceType": "Organization", "id": str(n)} for n in range(20)],
    )
    rule = compile("contained.where(id in %resource.generalPractitioner.resolve().id).id")
    assert rule.evaluate(holder, services=Asked()) == ["7"]
    assert asked == ["Practitioner/7"]
