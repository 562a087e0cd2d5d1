"""Whether a question is asked at all: enableWhen over the answers given.

Source: FHIR R4 questionnaire.html#enableWhen (Questionnaire.item.enableWhen).
"""

from __future__ import annotations

from interop.errors import InteropError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json, JsonObject
from interop.validation.comparison import Order, compare
from interop.validation.invariant import MISSHAPEN
from interop.validation.questionnaire import Question, rows, typed_value

Answers = dict[str, list[tuple[str, Json]]]
"""Every answer of a response by linkId: (type, value)."""

_ORDERS = {
    ">": {Order.GREATER},
    "<": {Order.LESS},
    ">=": {Order.GREATER, Order.EQUAL},
    "<=": {Order.LESS, Order.EQUAL},
}


def collect(holder: JsonObject, found: Answers | None = None) -> Answers:
    """All answers below a response or item."""
    found = {} if found is None else found
    for item in rows(holder.get("item")):
        link = str(item.get("linkId"))
        for answer in rows(item.get("answer")):
            kind, value = typed_value(answer)
            if kind:
                found.setdefault(link, []).append((kind, value))
            collect(answer, found)
        collect(item, found)
    return found


def is_enabled(question: Question, answers: Answers, response: JsonObject) -> bool:
    """Whether the question's conditions hold; one without conditions is always asked."""
    expression = question.limit("enableWhenExpression")
    if isinstance(expression, dict) and isinstance(expression.get("expression"), str):
        return _says(expression["expression"], response)
    if not question.conditions:
        return True
    said = [_holds(condition, answers.get(str(condition.get("question")), [])) for condition in question.conditions]
    return all(said) if question.all_conditions else any(said)


def _says(expression: str, response: JsonObject) -> bool:
    """A condition in FHIRPath over the whole response; one that cannot be run hides nothing."""
    try:
        answer = compile_expression(expression).truth(response, resource=response, root=response)
    except (InteropError, *MISSHAPEN):
        return True
    return answer is True


def _holds(condition: JsonObject, given: list[tuple[str, Json]]) -> bool:
    operator = condition.get("operator")
    _, wanted = typed_value(condition, "answer")
    if operator == "exists":
        return bool(given) is (wanted is True)
    if operator == "!=":
        return not any(_same(value, wanted) for _, value in given)
    if operator == "=":
        return any(_same(value, wanted) for _, value in given)
    orders = _ORDERS.get(str(operator), set())
    return any(compare(value, wanted) in orders for _, value in given)


def _same(value: Json, wanted: Json) -> bool:
    if isinstance(value, dict) and isinstance(wanted, dict):
        if "code" in wanted:
            return bool(value.get("code") == wanted.get("code") and wanted.get("system") in (None, value.get("system")))
        return all(value.get(name) == part for name, part in wanted.items())
    if isinstance(value, str) and isinstance(wanted, dict):
        return value in (wanted.get("code"), wanted.get("display"))
    return bool(value == wanted)
