"""A safeguarding record, for the lead and others allowed to see it: the one page that shows restricted detail."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.layout import lay_out
from interop.narrative.presentation import STANDARD, Presentation
from interop.practice.safeguarding import lead, reference
from interop.reading import Document
from interop.reading.alerts import alerts
from interop.reading.nodes import child, children, text
from interop.reading.wishes import performers
from interop.reading.wording import concept, concepts, phones


def safeguarding_page(document: JsonObject, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page. Whoever may make it may see it: it is made of a document they hold whole."""
    read = Document.of(document)
    roles = _lead_roles(read)
    return lay_out(
        "safeguarding.html",
        read,
        presentation,
        concerns=[(concern, reference(concern)) for concern in alerts(read, "safeguarding")],
        accounts=_accounts(read),
        lead=lead(read)[0],
        reach=", ".join(phone for one in roles for phone in phones(one, systems=("phone", "email"))) or None,
        role=", ".join(words for one in roles for words in concepts(one, "code")) or None,
        organisation=", ".join(name for one in roles if (name := read.name_of(child(one, "organization")))) or None,
    )


def _accounts(document: Document) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """What it is about, the words, when, by whom; in document order."""
    section = document.section("safeguarding")
    return [
        (
            concept(child(entry, "code")),
            text(entry, "valueString"),
            document.calendar.show(text(entry, "effectiveDateTime")),
            performers(document, entry),
        )
        for entry in (section.entries if section else ())
        if text(entry, "resourceType") == "Observation"
    ]


def _lead_roles(document: Document) -> list[JsonObject]:
    return [
        role
        for role in document.resources("PractitionerRole")
        if any("safeguarding lead" in (concept(code) or "").casefold() for code in children(role, "code"))
    ]
