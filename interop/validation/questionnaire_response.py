"""A QuestionnaireResponse against its Questionnaire: the right items in the right places, answered as asked.

Source: FHIR R4 questionnaireresponse.html#validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity
from interop.validation.answers import DOUBTFUL, answer_faults
from interop.validation.assertion import NOTHING
from interop.validation.enabling import Answers, collect, is_enabled
from interop.validation.form import Form, plain_form
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import Question, questions, rows, typed_value
from interop.validation.questionnaire_constraint import broken, exclusive_beside_others

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_UNANSWERABLE = frozenset({"group", "display", "question"})
_OTHER_KINDS = ("ValueSet", "CodeSystem", "StructureDefinition", "ConceptMap")


@dataclass(frozen=True, slots=True)
class QuestionnaireAnswers:
    """Everything the questionnaire named in the response asks of it."""

    trigger: ClassVar[str] = "questionnaire"
    _asked: dict[str, tuple[Question, ...]] = field(default_factory=dict, compare=False, repr=False)
    _forms: dict[str, Form | None] = field(default_factory=dict, compare=False, repr=False)

    def glance(self, key: str) -> Glance:
        closer = by_checking(self, key)

        def glance(value: Json, scope: Scope) -> bool:
            form = self._forms.get(value["questionnaire"])
            return (form is not None and form.is_answered(value, scope)) or closer(value, scope)

        return glance

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        canonical = item.members.get("questionnaire")
        if not isinstance(canonical, str) or not canonical:
            return NOTHING
        definitions = scope.run.definitions
        found = (
            scope.contained(canonical[1:]) if canonical[0] == "#" else definitions.resource("Questionnaire", canonical)
        )
        if found is None:
            return (self._not_found(item, canonical, scope),)
        answers = collect(item.members)
        finished = item.members.get("status") in ("completed", "amended")
        response = _Response(scope, item.members, answers, finished)
        trusted = canonical[0] != "#"
        return [
            *(broken(found, item.members, item.expression, item.members) if trusted else ()),
            *response.items(item.members, item.place, self._questions(canonical, found)),
        ]

    def _questions(self, canonical: str, found: JsonObject) -> tuple[Question, ...]:
        """Those of a loaded questionnaire are read once."""
        if canonical[0] == "#":
            return questions(found, trusted=False, whole=found)
        if canonical not in self._asked:
            self._asked[canonical] = asked = questions(found, trusted=True, whole=found)
            self._forms[canonical] = plain_form(asked) if "extension" not in found else None
        return self._asked[canonical]

    def _not_found(self, item: Item, canonical: str, scope: Scope) -> Issue:
        definitions = scope.run.definitions
        kind = next((kind for kind in _OTHER_KINDS if definitions.resource(kind, canonical) is not None), None)
        at = f"{item.expression}.questionnaire"
        if kind is not None:
            return Issue("questionnaire-type", f"{canonical} is a {kind}, wanted a Questionnaire", at)
        text = f"the answers could not be checked: questionnaire {canonical} is not loaded"
        return Issue("questionnaire-not-checked", text, at, Severity.INFORMATION, hint="load the package that has it")


@dataclass(frozen=True, slots=True)
class _Response:
    scope: Scope
    whole: JsonObject
    answers: Answers
    finished: bool

    def items(self, holder: JsonObject, place: Place, asked: Sequence[Question]) -> Iterator[Issue]:
        """The items directly below a response, an item or an answer."""
        by_link = {question.link: (number, question) for number, question in enumerate(asked)}
        last, seen = -1, set()
        for number, row in enumerate(rows(holder.get("item"))):
            spot: Place = (place, "item", number, "QuestionnaireResponse.item")
            link = str(row.get("linkId"))
            if link not in by_link:
                yield self._issue("link-unknown", f"the questionnaire has no item {link!r} here", spot)
                continue
            position, question = by_link[link]
            if position < last:
                yield self._issue(
                    "link-order", f"item {link!r} stands after items the questionnaire puts behind it", spot
                )
            last = max(last, position)
            if link in seen and not question.repeats:
                yield self._issue("item-doubled", f"item {link!r} does not repeat, and stands here again", spot)
            seen.add(link)
            yield from self._item(row, spot, question)
        for question in asked:
            if question.required and question.link not in seen and self._asked(question):
                yield self._missing(question, place)

    def _asked(self, question: Question) -> bool:
        return is_enabled(question, self.answers, self.whole)

    def _item(self, row: JsonObject, spot: Place, question: Question) -> Iterator[Issue]:
        given = rows(row.get("answer"))
        if not self._asked(question):
            if given:
                yield self._issue("answer-not-enabled", f"{question.link!r} is answered although it is not asked", spot)
            return
        if question.type in _UNANSWERABLE and given:
            yield self._issue("answer-unexpected", f"an item of type {question.type} takes no answer", spot)
        elif question.type not in _UNANSWERABLE:
            yield from self._count(question, given, spot)
            if question.exclusive and (text := exclusive_beside_others(question, given)) is not None:
                yield self._issue("answer-choice", text, spot)
            for number, answer in enumerate(given):
                yield from self._answer(answer, (spot, "answer", number, "QuestionnaireResponse.item.answer"), question)
        if "extension" in question.definition:
            yield from broken(question.definition, row, expression(spot), self.whole)
        if question.type in _UNANSWERABLE:
            yield from self.items(row, spot, question.children)

    def _answer(self, answer: JsonObject, spot: Place, question: Question) -> Iterator[Issue]:
        kind, value = typed_value(answer)
        if kind and question.type not in _UNANSWERABLE:
            at: Place = (spot, f"value.ofType({kind})", None, kind)
            for code, text in answer_faults(question, kind, value, self.scope):
                severity = self.scope.run.policy.beyond_text if code == DOUBTFUL else Severity.ERROR
                yield Issue(code, f"{question.link!r}: {text}", expression(at), severity)
        yield from self.items(answer, spot, question.children)

    def _count(self, question: Question, given: list[JsonObject], spot: Place) -> Iterator[Issue]:
        if question.required and not given:
            yield self._missing(question, spot)
        most = question.limit("maxOccurs") if question.repeats else 1
        least = question.limit("minOccurs")
        if isinstance(most, int) and len(given) > most:
            yield self._issue(
                "answer-count", f"{question.link!r} has {len(given)} answers, at most {most} allowed", spot
            )
        if isinstance(least, int) and 0 < len(given) < least:
            yield self._issue(
                "answer-count", f"{question.link!r} has {len(given)} answers, at least {least} wanted", spot
            )

    def _missing(self, question: Question, place: Place) -> Issue:
        label = f" ({question.text})" if question.text else ""
        severity = Severity.ERROR if self.finished else Severity.WARNING
        text = f"{question.link!r}{label} must be answered"
        return Issue("answer-missing", text, expression(place), severity, hint="add the answer")

    def _issue(self, code: str, text: str, place: Place) -> Issue:
        return Issue(code, text, expression(place))
