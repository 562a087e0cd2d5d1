"""The bag and its checklist: what was in it at each checkpoint, in what number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import as_text, children, choice, codings, text
from interop.reading.systems import CHECKLIST
from interop.reading.wording import concept, quantity

CHECKPOINTS = {
    "home-out": "packed at the home",
    "ambulance": "checked by the ambulance crew",
    "hospital-in": "checked on arrival at hospital",
    "hospital-out": "checked on leaving hospital",
    "home-in": "checked on return to the home",
}


NOT_LOOKED_AT = "not-checked"
"""The code of an item the checker did not look for; to a reader it is the same as an empty box."""
_PLURAL = re.compile(r"(?<=ss)es$|(?<=sh)es$|(?<=ch)es$|(?<=x)es$|(?<=[^s]{3})s$")


def folded(name: str) -> str:
    """A thing's name as two lists can share it: capitals, punctuation and a final plural do not count."""
    return " ".join(_PLURAL.sub("", word) for word in re.findall(r"\w+", name.casefold()))


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a checklist. ``present``: yes, no, not-applicable, or None when nobody looked or ticked.

    bag  the number of the bag it is in, where the line says so itself
    """

    name: str
    present: str | None
    quantity: str | None
    note: str | None
    bag: str | None = None

    @property
    def in_bag(self) -> bool:
        return self.present == "yes"


@dataclass(frozen=True, slots=True)
class Checklist:
    """One checklist as filled in at one checkpoint. ``when`` as in the data."""

    checkpoint: str | None
    bag: str | None
    when: str | None
    by: str | None
    items: tuple[Item, ...]
    resource: JsonObject
    note: str | None = None

    @property
    def place(self) -> str:
        return CHECKPOINTS.get(self.checkpoint or "", self.checkpoint or "checkpoint not recorded")


def checklists(document: Document) -> list[Checklist]:
    """Every red bag checklist, earliest first."""
    found = [c for r in document.resources("QuestionnaireResponse") if (c := checklist(document, r)) is not None]
    place = {checkpoint: index for index, checkpoint in enumerate(CHECKPOINTS)}
    return sorted(found, key=lambda c: (c.when or "", place.get(c.checkpoint or "", len(place))))


def checklist(document: Document, response: JsonObject) -> Checklist | None:
    """The checklist in a QuestionnaireResponse, or None when it answers another questionnaire."""
    asked = (text(response, "questionnaire") or "").split("|")[0]
    lines = list(_lines(response))
    if asked != CHECKLIST and not any(text(line, "linkId") == "item" for line in lines):
        return None
    return Checklist(
        checkpoint=_said(lines, "checkpoint"),
        bag=_said(lines, "bag-number"),
        when=text(response, "authored"),
        by=document.name_of(response.get("author")) if isinstance(response.get("author"), dict) else None,
        items=tuple(item for line in lines if text(line, "linkId") == "item" and (item := _item(line))),
        resource=response,
        note=_said(lines, "note"),
    )


def _lines(response: JsonObject, depth: int = 0) -> Iterator[JsonObject]:
    """Items at any depth, but not inside an ``item`` group: its children belong to that line."""
    for line in children(response, "item"):
        yield line
        if text(line, "linkId") != "item" and depth < 8:
            yield from _lines(line, depth + 1)


def _item(line: JsonObject) -> Item | None:
    parts = children(line, "item")
    name = _said(parts, "item.name")
    if name is None:
        return None
    present = _said(parts, "item.present")
    present = None if present == NOT_LOOKED_AT else present
    said = (_said(parts, f"item.{part}") for part in ("quantity", "note", "bag-number"))
    return Item(name, present, *said)


def _said(lines: list[JsonObject], link: str) -> str | None:
    """The first answer to a question: a coding's code, otherwise the value in words."""
    for line in lines:
        if text(line, "linkId") != link:
            continue
        for answer in children(line, "answer"):
            found = choice(answer, "value")
            if found is None:
                continue
            kind, value = found
            words = next((code for _, code in codings({"coding": value})), None) if kind == "Coding" else None
            words = words or (quantity(value) if kind == "Quantity" else None) or as_text(value) or concept(value)
            if words:
                return words
    return None
