"""What a corrected discharge summary says otherwise than the one it replaces: for those who have acted on the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from interop.practice.discharge import supplies
from interop.reading import Document
from interop.reading.allergies import allergies
from interop.reading.medicines import medicines
from interop.reading.nodes import child, children, text
from interop.reading.wording import concept, stated


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing the two versions say differently. ``before``, ``after`` None: not said there."""

    about: str
    subject: str
    before: str | None
    after: str | None

    @property
    def told(self) -> str:
        if self.before is None:
            return f"{self.about}: {self.subject} is new: {self.after}"
        if self.after is None:
            return f"{self.about}: {self.subject} is no longer there (was: {self.before})"
        return f"{self.about}: {self.subject}: was {self.before}; now {self.after}"


def differences(earlier: Document, later: Document) -> tuple[Difference, ...]:
    """What matters to the next dose first: medicines, allergies, then what is asked for, supplies, findings, diagnoses.

    Things are paired by what they are called; one that was renamed is one gone and one new.
    """
    found: list[Difference] = []
    for about, read in _READERS:
        before, after = read(earlier), read(later)
        for subject in dict.fromkeys([*before, *after]):
            if before.get(subject) != after.get(subject):
                found.append(Difference(about, subject, before.get(subject), after.get(subject)))
    return tuple(found)


def _medicines(document: Document) -> dict[str, str]:
    told = {}
    for medicine in medicines(document):
        change = medicine.change.status if medicine.change else None
        words = (change or medicine.state, "; ".join(medicine.instructions) or "no instructions")
        told[medicine.name or "a medicine without name"] = ", ".join(words)
    return told


def _allergies(document: Document) -> dict[str, str]:
    found = allergies(document)
    named = {a.substance or "not named": "; ".join(a.reactions) or "reaction not recorded" for a in found.active}
    return named or {"any": found.statement or "not recorded"}


def _asked(document: Document) -> dict[str, str]:
    told = {}
    for plan in document.resources("CarePlan"):
        for detail in (child(activity, "detail") for activity in children(plan, "activity")):
            who = ", ".join(n for r in children(detail, "performer") if (n := document.name_of(r))) or "nobody named"
            by = document.calendar.show(text(child(detail, "scheduledPeriod"), "end")) or "no day"
            told[text(detail, "description") or "something"] = f"{who}, by {by}"
    return told


def _supplies(document: Document) -> dict[str, str]:
    show = document.calendar.show
    return {
        supply.medicine
        or "a medicine": f"{supply.amount or 'amount not said'}, runs out {show(supply.runs_out) or '?'}"
        for supply in supplies(document)
    }


def _findings(document: Document) -> dict[str, str]:
    return dict(_observed(document))


def _observed(document: Document) -> Iterator[tuple[str, str]]:
    for observation in document.resources("Observation"):
        name, value = concept(child(observation, "code")), stated(observation, "value", document.calendar)
        if name and value:
            yield name, value


def _diagnoses(document: Document) -> dict[str, str]:
    return {
        concept(child(condition, "code")) or "not named": concept(child(condition, "clinicalStatus")) or "not said"
        for condition in document.resources("Condition")
    }


_READERS: tuple[tuple[str, Callable[[Document], Mapping[str, str]]], ...] = (
    ("medicine", _medicines),
    ("allergy", _allergies),
    ("asked for", _asked),
    ("supply", _supplies),
    ("finding", _findings),
    ("diagnosis", _diagnoses),
)
