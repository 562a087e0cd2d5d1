"""One thing that is not as it was in a care plan, and how two lists of such things are paired."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeVar

from interop.json_codec import JsonObject
from interop.reading import Document
from interop.reading.nodes import child, children, extensions, text
from interop.reading.transfer import authors

Thing = TypeVar("Thing")


class Urgency(IntEnum):
    """How soon a reader must know. The first is told first."""

    BEFORE_CARE = 0
    NEXT_SHIFT = 1
    FOR_INFORMATION = 2

    @property
    def words(self) -> str:
        return URGENCY_WORDS[self]


URGENCY_WORDS = {
    Urgency.BEFORE_CARE: "Know this before you give care",
    Urgency.NEXT_SHIFT: "Know this by the next shift",
    Urgency.FOR_INFORMATION: "For information",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One clinical change between two versions of a plan.

    about    allergy, decision, medicine, co-ordinator, risk, contingency plan, contact, need, goal, action, plan
    kind     new, changed, stopped, achieved, importance, target, removed …: what happened to it
    subject  what it is about in the record's own words: the goal, the medicine, the name
    text     one sentence for whoever acts on the plan, with what was and what is
    who      who made the change as far as the record says; else who wrote the newer version
    when     the day or moment of it, as in the data
    """

    urgency: Urgency
    about: str
    kind: str
    subject: str | None
    text: str
    before: str | None = None
    after: str | None = None
    who: str | None = None
    when: str | None = None

    def by(self, hand: Hand) -> Change:
        """The change with the hand of the newer version where it names none of its own."""
        return replace(self, who=self.who or hand.who, when=self.when or hand.when)

    def as_json(self) -> JsonObject:
        told: JsonObject = {
            "urgency": self.urgency.name.lower().replace("_", "-"),
            "about": self.about,
            "kind": self.kind,
            "subject": self.subject,
            "text": self.text,
            "before": self.before,
            "after": self.after,
            "who": self.who,
            "when": self.when,
        }
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose hand a version is, and when: the answer where a change says nothing of its own."""

    who: str | None
    when: str | None

    @classmethod
    def of(cls, document: Document) -> Hand:
        """The latest Provenance of the document where one says who changed it last; else its author and date."""
        recorded = [
            (moment, entry)
            for entry in document.resources("Provenance")
            if (moment := document.calendar.moment(text(entry, "recorded"))) is not None
        ]
        written = [
            ", ".join(part for part in (author.name, author.role) if part)
            for author in authors(document)
            if author.name
        ]
        if recorded:
            _, latest = max(recorded, key=lambda pair: pair[0])
            named = [document.name_of(child(agent, "who")) for agent in children(latest, "agent")]
            last = next((name for name in named if name), None)
            known = next((words for words in written if last and words.startswith(last)), last)
            return cls(known or "; ".join(written) or None, text(latest, "recorded") or document.written)
        return cls("; ".join(written) or None, document.written)


def paired(
    before: Sequence[Thing], after: Sequence[Thing], key: Callable[[Thing], str]
) -> Iterator[tuple[Thing | None, Thing | None]]:
    """Those of the newer list with their namesakes of the older, then what the newer left out.

    Things of one name in one list are paired in their order.
    """
    waiting: dict[str, list[Thing]] = {}
    for thing in before:
        waiting.setdefault(key(thing), []).append(thing)
    for thing in after:
        namesakes = waiting.get(key(thing), [])
        yield (namesakes.pop(0) if namesakes else None), thing
    for left in waiting.values():
        for thing in left:
            yield thing, None


def folded(words: str | None) -> str:
    """Words as a key: without case, signs and extra spaces."""
    return " ".join("".join(c if c.isalnum() else " " for c in words or "").casefold().split())


def quoted(words: str | None) -> str:
    return f"\u201c{words}\u201d" if words else "not recorded"


def numbered(resource: JsonObject, system: str) -> str | None:
    """The business identifier of a resource in one system: the home's own number of it."""
    values = (text(i, "value") for i in children(resource, "identifier") if text(i, "system") == system)
    return next((value for value in values if value), None)


def extended_text(node: JsonObject, url: str, member: str) -> str | None:
    """The text of one member of the first extension with this url."""
    return next((words for e in extensions(node, url) if (words := text(e, member))), None)
