"""A trusted assessment as the home reads it: what it is asked, by whose authority, what was found."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.assessment import KINDS, QUESTIONNAIRE, Assessment, assessment, history
from interop.reading import Document
from interop.reading.nodes import children, text
from interop.reading.wording import stated


def assessment_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page out of a trusted assessment; another document is told that it holds none."""
    read = Document.of(document)
    found = assessment(read)
    return lay_out(
        "assessment.html",
        read,
        presentation,
        found=found,
        asked=_asked(found) if found else None,
        authority=_authority(found) if found else None,
        answers=_answers(read),
        history=history(found) if found else (),
    )


def _asked(found: Assessment) -> Facts:
    show, task = found.document.calendar.show, found.task
    pairs = (
        ("Question", text(task, "description")),
        ("Asked of", found.home.name if found.home else None),
        ("Asked by", found.organisation.name if found.organisation else None),
        ("Answer by", show(found.answer_by)),
        ("Standing", found.standing_words),
        ("Next action with", found.next_with.name if found.next_with else "Nobody: it is closed"),
    )
    return Facts("What the home is asked", pairs)


def _authority(found: Assessment) -> Facts:
    held, show = found.authority, found.document.calendar.show
    pairs = (
        ("Assessor", held.assessor),
        ("Role", held.role),
        ("Trusted from", show(held.start)),
        ("Trusted until", show(held.end)),
        ("Granted by", held.granted_by),
        ("Agreement", held.agreement),
        ("For", ", ".join(KINDS.get(kind, kind) for kind in held.scope) or None),
        ("Accepted by homes", ", ".join(held.homes) or None),
        ("Assessed", show(found.made)),
        ("Valid until", show(found.valid_until)),
    )
    return Facts("By what authority", pairs)


def _answers(document: Document) -> list[Block]:
    """The needs as a table, every other answer as a fact, in the order of the questionnaire."""
    needs: list[tuple[str | None, ...]] = []
    facts: list[tuple[str, str | None]] = []
    for response in document.resources("QuestionnaireResponse"):
        if (text(response, "questionnaire") or "").split("|")[0] != QUESTIONNAIRE:
            continue
        for item in children(response, "item"):
            if text(item, "linkId") == "need":
                said = {text(part, "linkId"): _said(document, part) for part in children(item, "item")}
                needs.append((said.get("need.name"), said.get("need.finding"), said.get("need.support")))
            else:
                facts.append((text(item, "text") or text(item, "linkId") or "Answer", _said(document, item)))
    columns = (Column("Need"), Column("How the person is"), Column("What the home has to do", True))
    blocks: list[Block] = [Facts("Findings", tuple(facts))] if facts else []
    return [*([Table.of("Needs", columns, needs)] if needs else []), *blocks]


def _said(document: Document, item: JsonObject) -> str | None:
    answers = (stated(answer, "value", document.calendar) for answer in children(item, "answer"))
    return "; ".join(words for words in answers if words) or None
