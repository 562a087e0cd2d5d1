"""One person's documents from every organisation as one timeline: what happened, when, and which document says so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.narrative.happenings import Happening, happenings
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Form, Presentation
from interop.narrative.sheet import Sheet
from interop.reading import Document
from interop.reading.transfer import person

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moment:
    """One happening with every document that tells it. ``day`` and ``clock`` in words; None without one."""

    day: str | None
    clock: str | None
    what: str
    detail: tuple[str, ...]
    told_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    moments: tuple[Moment, ...]


def timeline_page(documents: Sequence[JsonObject], presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page over several documents of one person, oldest first.

    The head (allergies, CPR decision, communication) is the newest document's; where an older one says something
    else about allergies or CPR, both are shown and the reader is told to check.
    Raises ContentError for no document, or for documents that are not surely about the same person.
    """
    if not documents:
        raise ContentError("no document is named", code="no-document", hint="name the documents of one person")
    read = sorted((Document.of(document) for document in documents), key=_written)
    _same_person(read)
    moments = _moments(read)
    days = [Day(title, tuple(told)) for title, told in groupby(moments, key=lambda m: m.day or "Date not recorded")]
    newest = Sheet(read[-1])
    easy = presentation.form is Form.EASY_READ
    sources = [(_name(document), Sheet(document).completed) for document in read]
    return lay_out(
        "timeline.html", newest, presentation, days=days, sources=sources, differing=_differences(read), easy=easy
    )


def _written(document: Document) -> datetime:
    found = document.calendar.moment(document.written)
    return found.astimezone(UTC) if found else datetime.min.replace(tzinfo=UTC)


def _same_person(documents: Iterable[Document]) -> None:
    """Refuses to lay the lives of two people into one. Never says whose they are."""
    people = [person(document) for document in documents]
    numbers = {one.nhs_number for one in people}
    if len(people) > 1 and (None in numbers or len(numbers) > 1):
        without = sum(one.nhs_number is None for one in people)
        found = f"{without} without an NHS number" if without else f"{len(numbers)} different NHS numbers"
        raise ContentError(
            f"these {len(people)} documents are not surely about one person: {found}",
            code="not-one-person",
            hint="name the documents of one person, each with the NHS number",
        )
    if len({one.born for one in people if one.born}) > 1:
        raise ContentError(
            "these documents have one NHS number and different dates of birth",
            code="not-one-person",
            hint="find out which document is about somebody else",
        )


def _name(document: Document) -> str:
    when = document.calendar.show(document.written)
    return ", ".join(part for part in (Sheet(document).kind, when) if part)


def _moments(documents: Sequence[Document]) -> list[Moment]:
    """In order of time, the same fact told by several documents once; what has no date comes last."""
    calendar = documents[-1].calendar
    told: dict[tuple[str | None, str], tuple[Happening, list[str]]] = {}
    for document in documents:
        for happening in happenings(document):
            key = (calendar.show(happening.when), happening.what)
            told.setdefault(key, (happening, []))[1].append(_name(document))

    def order(item: tuple[Happening, list[str]]) -> datetime:
        # A month or a year alone stands at its first day.
        when = item[0].when or ""
        found = calendar.moment(when) or calendar.moment(f"{when}-01") or calendar.moment(f"{when}-01-01")
        return found.astimezone(UTC) if found else _NEVER

    made = []
    for happening, names in sorted(told.values(), key=order):
        day, _, clock = (calendar.show(happening.when) or "").partition(", ")
        made.append(Moment(day or None, clock or None, happening.what, happening.detail, tuple(dict.fromkeys(names))))
    return made


def _differences(documents: Sequence[Document]) -> list[str]:
    """Where an older document says something else than the newest about the two things that kill."""
    found = []
    *older, newest = (Sheet(document) for document in documents)
    for sheet in older:
        name = _name(sheet.document)
        if _allergic(sheet) != _allergic(newest):
            found.append(f"{name} says about allergies: {_allergic_words(sheet)}")
        if [d.kind for d in sheet.cpr] != [d.kind for d in newest.cpr]:
            words = "; ".join(decision.words for decision in sheet.cpr) or sheet.gap("cpr")
            found.append(f"{name} says about CPR: {words}")
    return found


def _allergic(sheet: Sheet) -> object:
    return sheet.allergies.presence, {(a.substance or "").casefold() for a in sheet.allergies.active}


def _allergic_words(sheet: Sheet) -> str:
    named = ", ".join(a.substance or "substance not recorded" for a in sheet.allergies.active)
    return named or sheet.allergies.statement
