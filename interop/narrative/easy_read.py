"""Any document as its person may read it: questions as headings, one idea a line, plain words beside hard ones.

The record's own words stay: an easy page explains them and never replaces a fact with another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from interop.json_codec import JsonObject, loads
from interop.narrative.blocks import Block, Facts, Table
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.narrative.sections import section_blocks
from interop.reading import Document, Presence, Section
from interop.reading.nodes import child, text
from interop.reading.wording import NOT_RECORDED

SIZE = 16
"""Points, when nobody asked for a larger size: easy read is never small."""

NOT_SAID = {
    Presence.NONE_KNOWN: "Nobody knows of anything I am allergic to.",
    Presence.NOT_ASKED: "Nobody has asked about my allergies. This does not mean that I have none.",
    Presence.ASKED_UNKNOWN: "I was asked. The answer is not known. This does not mean that I have none.",
    Presence.WITHHELD: "The sender knows, and did not write it here. This does not mean that I have none.",
    Presence.NOT_STARTED: "Nobody has looked into this yet. This does not mean that I have none.",
    Presence.NOT_RECORDED: "It is not written down. This does not mean that I have none.",
}
"""What stands behind the one official line about allergies: five different things."""

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])|;\s+|\n+")
_WORD = r"(?<![\w-]){}(?![\w-])"


@dataclass(frozen=True, slots=True)
class Idea:
    """One line. ``label``: what it is about, in front of the words."""

    words: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a list (a medicine, a person) with what is said about it, an idea a line."""

    name: str | None
    ideas: tuple[Idea, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, what the record answers, and the hard words in it, explained."""

    question: str
    things: tuple[Thing, ...]
    means: tuple[str, ...]


def easy_read_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page of everything the document says, in easy-read form, 16 points or larger."""
    read = Document.of(document)
    sized = replace(presentation, text_size=presentation.text_size or SIZE)
    answers = _told_apart(answer for section in read.sections for answer in _answers(read, section))
    return lay_out("easy_read.html", read, sized, answers=answers, not_said=NOT_SAID, means=means)


def _told_apart(answers: Iterable[Answer]) -> list[Answer]:
    """The answers with no question asked twice: a listener who jumps to a heading must know where she is."""
    asked: dict[str, int] = {}
    told = []
    for answer in answers:
        times = asked[answer.question] = asked.get(answer.question, 0) + 1
        told.append(replace(answer, question=f"{answer.question} ({times})") if times > 1 else answer)
    return told


def _answers(document: Document, section: Section, within: str | None = None) -> Iterator[Answer]:
    known = _tables()["questions"]
    title = next((known[code] for _, code in section.codes if code in known), f"{section.title}: what does it say?")
    question = f"{within} {title}" if within and title == within else title
    things = tuple(_things(section_blocks(document, section)))
    if things or not section.sections:
        yield Answer(question, things, means(_spoken(things)))
    for inner in section.sections:
        yield from _answers(document, inner, title)


def _things(blocks: Iterable[Block]) -> Iterator[Thing]:
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                said = zip(block.columns[1:], row[1:], strict=True)
                ideas = [idea for column, value in said for idea in _ideas(column.title, value)]
                yield Thing(row[0] or f"{block.columns[0].title}: {NOT_RECORDED}", tuple(ideas))
        elif isinstance(block, Facts):
            yield Thing(None, tuple(idea for name, value in block.pairs for idea in _ideas(name, value)))
        else:
            lead = ("In the sender's own words:",) if block.sender else ()
            yield Thing(None, tuple(Idea(part) for line in (*lead, *block.lines) for part in sentences(line)))


def _ideas(label: str, value: str | None) -> Iterator[Idea]:
    """A value under its label, a sentence a line; a dash says nothing and is not said."""
    if value == "\u2013":
        return
    first, *others = sentences(value or NOT_RECORDED) or [NOT_RECORDED]
    yield Idea(first, _tables()["labels"].get(label, label))
    yield from (Idea(part) for part in others)


def sentences(words: str) -> list[str]:
    """Words parted where one idea ends: at a full stop, a semicolon, a line's end. No word is lost."""
    return [part.strip() for part in _SENTENCE.split(words) if part.strip()]


def means(words: str) -> tuple[str, ...]:
    """What the hard words among these mean, each once, in the order of our table."""
    known = ((_tables()["means"][term], pattern) for term, pattern in _patterns())
    return tuple(dict.fromkeys(said for said, pattern in known if pattern.search(words)))


def _spoken(things: Iterable[Thing]) -> str:
    return "\n".join(part for t in things for part in (t.name or "", *(f"{i.label or ''} {i.words}" for i in t.ideas)))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each hard word as a whole word; capitals count only in abbreviations (GP, mg)."""
    terms = _tables()["means"]
    short = {term for term in terms if len(term) < 4 or term.upper() == term}
    return tuple(
        (term, re.compile(_WORD.format(re.escape(term)), 0 if term in short else re.IGNORECASE)) for term in terms
    )


@cache
def _tables() -> dict[str, dict[str, str]]:
    """``questions`` by section code, plainer ``labels``, and what hard words mean."""
    read = loads((Path(__file__).parent / "easy_read.json").read_bytes())
    names = ("questions", "labels", "means")
    return {name: {key: text(child(read, name), key) or "" for key in child(read, name)} for name in names}
