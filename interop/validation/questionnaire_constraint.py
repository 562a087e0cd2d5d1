"""What a questionnaire asks of answers together: its invariants, and choices that go with no other.

Source: FHIR R4 extension-questionnaire-constraint.html, extension-questionnaire-optionexclusive.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from interop.definitions.elements import BASE
from interop.errors import InteropError
from interop.fhirpath import Node
from interop.fhirpath import compile as compile_expression
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity
from interop.validation.invariant import MISSHAPEN
from interop.validation.questionnaire import Question, rows, typed_value

CONSTRAINT = f"{BASE}questionnaire-constraint"


def broken(holder: JsonObject, answered: JsonObject, at: str, response: JsonObject) -> Iterator[Issue]:
    """The invariants of a Questionnaire or one of its items that do not hold of what answers it.

    An expression that cannot be run here says nothing. A warning while the response is not finished.
    """
    finished = response.get("status") in ("completed", "amended")
    for extension in rows(holder.get("extension")):
        if extension.get("url") != CONSTRAINT:
            continue
        parts = {str(part.get("url")): typed_value(part)[1] for part in rows(extension.get("extension"))}
        if _holds(parts.get("expression"), answered, response) is False:
            severe = parts.get("severity") == "error" and finished
            text = f"{parts.get('key')}: {parts.get('human')}"
            yield Issue("answer-constraint", text, at, Severity.ERROR if severe else Severity.WARNING)


def _holds(expression: Json, answered: JsonObject, response: JsonObject) -> bool | None:
    if not isinstance(expression, str):
        return None
    kind = "QuestionnaireResponse" if answered is response else "QuestionnaireResponse.item"
    try:
        return compile_expression(expression).truth(Node(answered, kind), resource=response, root=response)
    except (InteropError, *MISSHAPEN):
        return None


def exclusive_beside_others(question: Question, given: list[JsonObject]) -> str | None:
    """Why the answers cannot stand together; None when they can."""
    chosen = [typed_value(answer)[1] for answer in given]
    if len(chosen) < 2:
        return None
    alone = next((value for value in chosen if any(_same(value, option) for option in question.exclusive)), None)
    if alone is None:
        return None
    told = alone.get("display") or alone.get("code") if isinstance(alone, dict) else alone
    return f"{question.link!r}: {told!r} goes with no other answer, {len(chosen)} are given"


def _same(value: Json, option: Json) -> bool:
    if isinstance(value, dict) and isinstance(option, dict):
        return bool(value.get("code") == option.get("code") and value.get("system") == option.get("system"))
    return bool(value == option)
