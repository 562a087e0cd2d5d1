"""Answers that are right beyond doubt: those to a plain form, which asks every question always and by itself.

Anything else (conditions, constraints, exclusive options, limits) is judged by ``questionnaire_response``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.json_codec import JsonObject
from interop.validation.answers import ANSWER_TYPES, answer_faults
from interop.validation.questionnaire import Question, typed_value

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. names: the members of an answer that is right whatever it says."""

    position: int
    question: Question
    names: frozenset[str]
    below: Form


@dataclass(frozen=True, slots=True)
class Form:
    """The questions below a questionnaire, an item or an answer. required: those that must be there."""

    asked: Mapping[str, Asked]
    required: frozenset[str]

    def is_answered(self, holder: JsonObject, scope: Scope) -> bool:
        """Whether the items of a response, an item or an answer are right. May raise as a glance may."""
        last, seen = -1, set()
        for row in holder.get("item", ()):
            link = row["linkId"]
            asked = self.asked.get(link)
            if asked is None or asked.position < last or (link in seen and not asked.question.repeats):
                return False
            last = asked.position
            seen.add(link)
            if not _is_right(row, asked, scope):
                return False
        return self.required <= seen


def plain_form(questions: Sequence[Question]) -> Form | None:
    """The form that these questions make; None when it is not plain."""
    asked: dict[str, Asked] = {}
    for position, question in enumerate(questions):
        below = plain_form(question.children)
        if below is None or question.conditions or question.limits or question.exclusive or _is_bound(question):
            return None
        simple = not question.options and question.value_set is None and question.max_length is None
        kinds = ANSWER_TYPES.get(question.type, set()) & _SIMPLE if simple else ()
        names = frozenset(f"value{kind[0].upper()}{kind[1:]}" for kind in kinds)
        asked[question.link] = Asked(position, question, names, below)
    return Form(asked, frozenset(q.link for q in questions if q.required)) if len(asked) == len(questions) else None


_SIMPLE = frozenset({"boolean", "decimal", "integer", "date", "dateTime", "time", "string", "uri"})
_UNANSWERABLE = frozenset({"group", "display", "question"})


def _is_bound(question: Question) -> bool:
    """Whether its definition has extensions, which may ask for more."""
    return "extension" in question.definition


def _is_right(row: JsonObject, asked: Asked, scope: Scope) -> bool:
    question, given = asked.question, row.get("answer", ())
    if question.type in _UNANSWERABLE:
        return not given and asked.below.is_answered(row, scope)
    if (len(given) > 1 and not question.repeats) or (question.required and not given):
        return False
    for answer in given:
        if len(answer) == 1 and not asked.names.isdisjoint(answer) and not asked.below.required:
            continue
        kind, value = typed_value(answer)
        if any(answer_faults(question, kind, value, scope)) or not asked.below.is_answered(answer, scope):
            return False
    return True
