"""What has to be done differently for a person, as whoever meets them first reads it."""

from __future__ import annotations

from itertools import groupby

from interop.json_codec import JsonObject
from interop.narrative.blocks import Block, Column, Table, Words
from interop.narrative.full_pack import Part
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.adjustments import AGREED, REFUSED, TAKEN_BACK, consent_purpose, findings
from interop.reading import Document
from interop.reading.adjustments import Adjustment, adjustments, presentation_wanted
from interop.reading.consent import BASES
from interop.reading.nodes import child, children, codings, text
from interop.reading.systems import CONSENT_BASIS
from interop.reading.wishes import performers, words_of
from interop.reading.wording import concept, notes

SHOWN = {
    "reasonable-adjustments-for-health-and-care-access", "individual-requirements", "consent-for-information-sharing",
    "patient-demographics", "person-completing-record",
}  # fmt: skip
KINDS = {
    "communication-support": "How to talk with the person",
    "requires-communication-professional": "Who has to be there",
    "requires-specific-contact-method": "How to reach the person",
    "requires-specific-information-format": "How to write for the person",
    "additional-communication-needs-and-support": "More about being understood",
    "community-language-support": "Language",
    "adjustments-for-providing-additional-support-to-patients": "Support",
    "adjustments-for-individual-care-requirements": "Care",
    "adjustments-in-relation-to-the-environment-of-care": "The place",
    "adjustments-to-support-additional-needs": "Other needs",
    "bespoke-reasonable-adjustments": "For this person only",
}
"""The national categories, as a reader meets them; a need without one stands under the last heading."""
SAID = {
    AGREED: "Agreed that adjustments are recorded and shared",
    REFUSED: "Does NOT want adjustments recorded",
    TAKEN_BACK: "Took the consent back: adjustments are no longer shared",
}


def adjustments_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page of the person's adjustments, made only from structured data."""
    read = Document.of(document)
    return lay_out(
        "adjustments.html",
        read,
        presentation,
        needed=_needed(read),
        over=_over(read),
        impairments=_impairments(read),
        consent=_consent(read),
        wanted=presentation_wanted(read),
        checks=[issue for issue in findings(read) if issue.code != "adjustment-beyond-page"],
        rest=[Part.of(read, s) for s in read.sections if not any(code in SHOWN for _, code in s.codes)],
    )


def _needed(document: Document) -> list[tuple[str, list[Block]]]:
    """Heading and table for each kind of adjustment in force, in the national list's order."""
    order = list(KINDS)
    made = [one for one in adjustments(document) if one.in_force]
    made.sort(key=lambda one: order.index(one.category) if one.category in order else len(order))
    show = document.calendar.show
    columns = (Column("Need"), Column("What to do", True), Column("Since", True))
    told: list[tuple[str, list[Block]]] = []
    for heading, group in groupby(made, key=lambda one: KINDS.get(one.category or "", KINDS[order[-1]])):
        rows = [(one.need, one.detail, show(one.since)) for one in group]
        told.append((heading, [Table.of(heading, columns, rows)]))
    return told


def _over(document: Document) -> list[Block]:
    show = document.calendar.show
    rows = [(one.need, show(one.end), one.why_ended) for one in _ended(document)]
    columns = (Column("Need"), Column("Ended"), Column("Why"))
    return [Table.of("No longer needed", columns, rows)] if rows else []


def _ended(document: Document) -> list[Adjustment]:
    return [one for one in adjustments(document) if not one.in_force]


def _impairments(document: Document) -> list[Block]:
    programme = "national-reasonable-adjustment-flag"
    rows = [
        (concept(child(condition, "code")), notes(condition))
        for condition in document.resources("Condition")
        if any(code == programme for kind in children(condition, "category") for _, code in codings(kind))
    ]
    if not rows:
        return [Words(("Not recorded.",))]
    return [Table.of("Impairments", (Column("Impairment"), Column("More", True)), rows)]


def _consent(document: Document) -> list[Block]:
    rows = [
        (
            SAID.get(purpose, purpose),
            BASES.get(words_of(consent, CONSENT_BASIS) or ""),
            performers(document, consent),
            document.calendar.show(text(consent, "dateTime")),
        )
        for consent in document.resources("Consent")
        if (purpose := consent_purpose(consent))
    ]
    columns = (Column("What was said"), Column("On whose say"), Column("By"), Column("When"))
    if not rows:
        return [Words(("Not recorded: nobody wrote down that the person was asked.",))]
    return [Table.of("Consent to record adjustments", columns, rows)]
