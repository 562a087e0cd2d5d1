"""A MeasureReport against its Measure: the same groups, populations and stratifiers, and a score of the right kind.

Source: FHIR R4 measurereport.html, measure-definitions.html#Measure.scoring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.binding import codings
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_SCORED = frozenset({"proportion", "ratio", "continuous-variable", "composite"})


@dataclass(frozen=True, slots=True)
class ReportedMeasure:
    """Everything the measure named in the report asks of it."""

    trigger: ClassVar[str] = "measure"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        canonical = item.members.get("measure")
        if not isinstance(canonical, str) or not canonical:
            return NOTHING
        measure = (
            scope.contained(canonical[1:])
            if canonical.startswith("#")
            else scope.run.definitions.resource("Measure", canonical)
        )
        if measure is None:
            text = f"the report could not be held against its measure: {canonical} is not loaded"
            at = f"{item.expression}.measure"
            hint = "load the package that has it"
            return (Issue("measure-not-checked", text, at, Severity.INFORMATION, hint=hint),)
        return list(_Report(item, measure).groups())


@dataclass(frozen=True, slots=True)
class _Report:
    item: Item
    measure: JsonObject

    @property
    def kind(self) -> str:
        return str(self.item.members.get("type"))

    def groups(self) -> Iterator[Issue]:
        reported, defined = rows(self.item.members.get("group")), rows(self.measure.get("group"))
        if len(reported) == len(defined) == 1:  # a single group needs no code
            yield from self._group(reported[0], defined[0], (self.item.place, "group", 0, None))
            return
        for issue, pair in self._matched("group", (reported, defined), self.item.place):
            if issue is not None:
                yield issue
            if pair is not None:
                yield from self._group(*pair)

    def _group(self, reported: JsonObject, defined: JsonObject, place: Place) -> Iterator[Issue]:
        for name in ("population", "stratifier"):
            lists = rows(reported.get(name)), rows(defined.get(name))
            for issue, pair in self._matched(name, lists, place):
                if issue is not None:
                    yield issue
                if pair is not None and name == "population":
                    yield from self._population(pair[0], pair[2])
        yield from self._score(reported, place)

    def _matched(
        self, name: str, lists: tuple[list[JsonObject], list[JsonObject]], place: Place
    ) -> Iterator[tuple[Issue | None, tuple[JsonObject, JsonObject, Place] | None]]:
        """Each reported part with the part of the measure that has its code, or what is wrong with it."""
        reported, defined = lists
        seen: list[JsonObject] = []
        for number, part in enumerate(reported):
            spot: Place = (place, name, number, None)
            owner = next((entry for entry in defined if _same_code(part, entry)), None)
            if owner is None:
                text = f"this {name} has no code that a {name} of the measure has"
                yield self._issue(text, spot), None
            elif any(owner is entry for entry in seen):
                yield self._issue(f"a {name} with this code is there already", spot), None
            else:
                seen.append(owner)
                yield None, (part, owner, spot)
        for entry in defined:
            wanted = self.kind != "data-collection" and not any(entry is known for known in seen)
            if wanted and not any(code == "measure-observation" for _, code in codings(entry.get("code"))):
                yield self._issue(f"the {name} {_label(entry)} of the measure is missing", place), None

    def _population(self, reported: JsonObject, place: Place) -> Iterator[Issue]:
        if self.kind != "subject-list" and reported.get("subjectResults"):
            yield self._issue(f"a report of type {self.kind} lists no subjects", place)

    def _score(self, reported: JsonObject, place: Place) -> Iterator[Issue]:
        scoring = next((code for _, code in codings(self.measure.get("scoring"))), None)
        score = reported.get("measureScore")
        at: Place = (place, "measureScore", None, "Quantity")
        if self.kind == "data-collection" or scoring == "cohort":
            if score is not None:
                why = f"report of type {self.kind}" if self.kind == "data-collection" else "cohort measure"
                yield self._issue(f"a {why} has no score", at)
        elif scoring in _SCORED and score is None:
            yield self._issue(f"a measure scored as {scoring} reports a score", place)
        elif isinstance(score, dict) and scoring in _SCORED:
            text = _score_fault(scoring, score)
            if text is not None:
                yield self._issue(text, at)

    def _issue(self, text: str, place: Place) -> Issue:
        return Issue("measure-report", text, expression(place), hint=f"compare with {self.measure.get('url')}")


def _score_fault(scoring: str, score: JsonObject) -> str | None:
    value = score.get("value")
    if scoring == "composite" or score.get("extension"):
        return None
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return f"a score of kind {scoring} has a value"
    if scoring == "proportion" and (score.get("unit") or score.get("code")):
        return "a proportion has no unit"
    if scoring == "proportion" and not 0 <= value <= 1:
        return f"a proportion lies between 0 and 1, found {value}"
    if scoring == "continuous-variable" and not score.get("code"):
        return "the score of a continuous variable has a unit"
    return None


def _same_code(part: JsonObject, other: JsonObject) -> bool:
    return any(_agree(own, wanted) for own in _concepts(part) for wanted in _concepts(other))


def _agree(own: JsonObject, wanted: JsonObject) -> bool:
    text = own.get("text")
    return bool(set(codings(own)) & set(codings(wanted))) or (text is not None and text == wanted.get("text"))


def _concepts(part: JsonObject) -> list[JsonObject]:
    """The codes of a part; a reported stratifier may have several."""
    code = part.get("code")
    return rows(code if isinstance(code, list) else [code])


def _label(part: JsonObject) -> str:
    code = next(iter(_concepts(part)), None)
    if code is None:
        return "without code"
    return repr(code.get("text") or ", ".join(str(c) for _, c in codings(code)))
