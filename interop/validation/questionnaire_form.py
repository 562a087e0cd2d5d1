"""A Questionnaire whose conditions can be evaluated, and whose initial values could be answers.

Source: FHIR R4 questionnaire.html, Questionnaire.item.enableWhen.question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from interop.json_codec import JsonObject
from interop.outcome import Issue
from interop.validation.answers import ANSWER_TYPES
from interop.validation.item import Item
from interop.validation.place import Place, expression
from interop.validation.questionnaire import rows, typed_value

if TYPE_CHECKING:
    from interop.validation.scope import Scope


@dataclass(frozen=True, slots=True)
class QuestionnaireConditions:
    """``enableWhen.question`` names an item of the questionnaire that is not below the one it enables."""

    trigger: ClassVar[str] = "item"

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        links = set(_links(item.members))
        return list(_faults(item.members, item.place, links))


def _links(holder: JsonObject) -> Iterator[str]:
    for row in rows(holder.get("item")):
        yield str(row.get("linkId"))
        yield from _links(row)


def _faults(holder: JsonObject, place: Place, links: set[str]) -> Iterator[Issue]:
    for number, row in enumerate(rows(holder.get("item"))):
        spot: Place = (place, "item", number, "Questionnaire.item")
        conditions = [str(c.get("question")) for c in rows(row.get("enableWhen")) if "question" in c]
        below = set(_links(row)) if conditions else set()
        for link in conditions:
            if link == str(row.get("linkId")):
                text = f"{link!r} waits for its own answer"
                yield Issue("enable-when", text, expression(spot), hint="refer to a question outside this item")
            elif link in below:
                text = f"{row.get('linkId')!r} waits for the answer to {link!r}, which stands inside it"
                yield Issue("enable-when", text, expression(spot), hint="refer to a question outside this item")
            elif link not in links:
                text = f"{row.get('linkId')!r} waits for the answer to {link!r}, which the questionnaire does not have"
                yield Issue("enable-when", text, expression(spot), hint="correct enableWhen.question")
        yield from _initial_faults(row, spot)
        yield from _faults(row, spot, links)


def _initial_faults(row: JsonObject, spot: Place) -> Iterator[Issue]:
    """FHIR R4 questionnaire-definitions.html#Questionnaire.item.initial.value_x_: of the item's own type."""
    allowed = ANSWER_TYPES.get(str(row.get("type")))
    for number, initial in enumerate(rows(row.get("initial"))):
        kind, _ = typed_value(initial)
        # An option may be of other types than choice has.
        if allowed and kind and kind not in allowed and not rows(row.get("answerOption")):
            text = f"the initial value is a {kind}, the item takes {' or '.join(sorted(allowed))}"
            at = expression((spot, "initial", number, None))
            yield Issue("initial-type", text, at, hint="give a value of the item's own type")
