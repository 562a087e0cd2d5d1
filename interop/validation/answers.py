"""One answer of a QuestionnaireResponse against its question: type, choice, range, length, format.

Source: FHIR R4 questionnaireresponse.html#validation and the extensions of Questionnaire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from interop.errors import InteropError
from interop.fhirpath import Node
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json
from interop.validation.attachment import too_large
from interop.validation.comparison import Order, compare
from interop.validation.invariant import MISSHAPEN
from interop.validation.questionnaire import Question
from interop.validation.references import implied_type, reference_text
from interop.validation.values import shown

if TYPE_CHECKING:
    from interop.validation.scope import Scope

ANSWER_TYPES = {
    "boolean": {"boolean"},
    "decimal": {"decimal"},
    "integer": {"integer"},
    "date": {"date"},
    "dateTime": {"dateTime"},
    "time": {"time"},
    "string": {"string"},
    "text": {"string"},
    "url": {"uri"},
    "choice": {"Coding"},
    "open-choice": {"Coding", "string"},
    "attachment": {"Attachment"},
    "reference": {"Reference"},
    "quantity": {"Quantity"},
}
"""Question type → types its answer may have."""

_OPTION_TYPES = {"integer", "date", "time", "string"}
"""What answerOption may be besides Coding and Reference."""

Fault = tuple[str, str]
"""(issue code, text)"""
DOUBTFUL = "attachment-too-large"
"""The code of a fault that is one only as HL7's own validator reads R4."""


def answer_faults(question: Question, kind: str, value: Json, scope: Scope) -> Iterator[Fault]:
    """Everything wrong with one answer."""
    allowed = ANSWER_TYPES.get(question.type, set()) | {k for k, _ in question.options}
    if question.type == "choice" and not question.options and question.value_set is None:
        allowed = allowed | _OPTION_TYPES  # nothing is offered, so nothing says which it is
    if kind not in allowed:
        yield "answer-type", f"the answer is a {kind}, wanted {' or '.join(sorted(allowed))}"
        return
    yield from _choice_faults(question, kind, value, scope)
    if isinstance(value, str):
        yield from _text_faults(question, value)
    if kind == "Reference":
        yield from _target_faults(question, value)
    if kind == "Attachment" and isinstance(value, dict):
        yield from _attachment_faults(question, value)
    if question.limits:
        yield from _range_faults(question, kind, value)
        yield from _decimal_faults(question, value)


def _choice_faults(question: Question, kind: str, value: Json, scope: Scope) -> Iterator[Fault]:
    if question.type == "open-choice" and kind == "string":
        return
    if question.options and not any(k == kind and _is_option(value, option) for k, option in question.options):
        allowed = ", ".join(_label(option) for _, option in question.options[:8])
        yield "answer-choice", f"{_label(value)} is not among the answers offered: {allowed}"
    if question.value_set is not None:
        answer = _in_value_set(question, (kind, value), scope)
        if answer is False:
            yield "answer-choice", f"{_label(value)} is not in {question.value_set}"


def _is_option(value: Json, option: Json) -> bool:
    if isinstance(value, dict) and isinstance(option, dict):
        name = "code" if "code" in option else "reference"
        return bool(value.get(name) == option.get(name) and value.get("system") == option.get("system"))
    return bool(value == option)


def _in_value_set(question: Question, answer: tuple[str, Json], scope: Scope) -> bool | None:
    codes, value_set, chosen = scope.run.codes, question.value_set or "", "choice" in question.type
    kind, value = answer
    if kind == "Coding" and isinstance(value, dict):
        system, code = value.get("system"), value.get("code")
        if not isinstance(code, str) or not (system is None or isinstance(system, str)):
            return None
        if value_set.startswith("#"):
            own = question.own_value_set
            return codes.contained(own, system, code) if own is not None else None
        return codes.contains(value_set, system, code)
    if kind != "string" or not isinstance(value, str):
        return None
    # A choice is answered by what the person saw; a text that must be from a value set is one of its codes.
    return codes.has_display(value_set, value) if chosen else codes.contains(value_set, None, value)


def _text_faults(question: Question, value: str) -> Iterator[Fault]:
    if question.max_length is not None and len(value) > question.max_length:
        yield "answer-length", f"the answer has {len(value)} characters, at most {question.max_length} are allowed"
    least = question.limit("minLength")
    if isinstance(least, int) and len(value) < least:
        yield "answer-length", f"the answer has {len(value)} characters, at least {least} are wanted"
    pattern = question.limit("regex")
    if isinstance(pattern, str) and not _fits(pattern, value):
        like = question.limit("entryFormat")
        yield "answer-format", f"{shown(value)} has not the form {like or pattern}"


def _fits(pattern: str, value: str) -> bool:
    try:
        # Bounded: the pattern is another's, and the answer could be long.
        return re.fullmatch(pattern, value[:2000]) is not None
    except re.error:
        return True


def _target_faults(question: Question, value: Json) -> Iterator[Fault]:
    """The extension referenceResource; a reference that names no type may lead anywhere."""
    allowed = question.limits.get("referenceResource")
    kind = implied_type(reference_text(value) or "")
    if allowed and kind is not None and kind not in allowed:
        yield "answer-type", f"the answer refers to a {kind}, wanted {' or '.join(map(str, allowed))}"


def _attachment_faults(question: Question, value: dict[str, Json]) -> Iterator[Fault]:
    allowed, kind = question.limits.get("mimeType"), value.get("contentType")
    if allowed and kind is not None and kind not in allowed:
        yield "answer-format", f"a file of type {kind} was given, wanted {' or '.join(map(str, allowed))}"
    most = question.limit("maxSize")
    if isinstance(most, int | Decimal) and (excess := too_large(value, most)) is not None:
        text, certain = excess
        yield ("answer-length" if certain else DOUBTFUL), text


def _range_faults(question: Question, kind: str, value: Json) -> Iterator[Fault]:
    suffix = "Quantity" if kind == "Quantity" else "Value"
    for end, wrong, word in (("min", Order.LESS, "less"), ("max", Order.GREATER, "more")):
        limit = question.limit(f"{end}{suffix}")
        if limit is None:
            continue
        order = _quantity_order(value, limit) if kind == "Quantity" else compare(value, limit)
        if order is wrong:
            yield "answer-range", f"{_label(value)} is {word} than the limit {_label(limit)}"
        elif order is Order.UNKNOWN and kind == "Quantity":
            yield "answer-range", f"{_label(value)} cannot be compared with the limit {_label(limit)}: give UCUM units"


def _quantity_order(value: Json, limit: Json) -> Order:
    """By FHIRPath, which knows UCUM: 10,000 m is less than 50 km."""
    if not all(isinstance(q, dict) and q.get("code") and q.get("system") for q in (value, limit)):
        return Order.UNKNOWN
    try:
        answers = {
            order: compile_expression(text).truth(Node(value, "Quantity"), env={"limit": Node(limit, "Quantity")})
            for order, text in ((Order.LESS, "$this < %limit"), (Order.GREATER, "$this > %limit"))
        }
    except (InteropError, *MISSHAPEN):
        return Order.UNKNOWN
    if None in answers.values():
        return Order.UNKNOWN
    return next((order for order, said in answers.items() if said), Order.EQUAL)


def _decimal_faults(question: Question, value: Json) -> Iterator[Fault]:
    most = question.limit("maxDecimalPlaces")
    number = value.get("value") if isinstance(value, dict) else value
    if isinstance(most, int) and isinstance(number, Decimal):
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > most:
            yield "answer-format", f"{number} has {-exponent} decimal places, at most {most} are allowed"


def _label(value: Json) -> str:
    """An answer as a person reads it."""
    if isinstance(value, dict):
        if "value" in value:
            return f"{value['value']} {value.get('unit') or value.get('code') or ''}".strip()
        return str(value.get("display") or value.get("code") or value.get("reference") or "the value")
    return shown(value)
