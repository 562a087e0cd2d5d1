"""A care plan and the reviews of it, as whoever acts on the plan wants them told."""

from __future__ import annotations

from interop.json_codec import JsonObject
from interop.narrative.anything import dated, spoken
from interop.narrative.blocks import Block, Column, Facts, Table
from interop.narrative.remainder import remainder, untold_extensions
from interop.reading import Document
from interop.reading.nodes import as_text, child, children, choice, extension_value, text
from interop.reading.systems import ROLE_IN_WORDS, SUGGESTED_STRATEGIES
from interop.reading.wording import code_words, concept, concepts, notes, span, typed

_ACTIONS = (
    Column("What"),
    Column("Who", True),
    Column("When", True),
    Column("What helps", True),
    Column("For the goal", True),
    Column("Status", True),
)


def care_plan(document: Document, resource: JsonObject) -> list[Block]:
    """The plan's own facts, then its actions."""
    show = document.calendar.show
    pairs = (
        ("Plan", text(resource, "title") or ", ".join(concepts(resource, "category")) or None),
        ("Summary", text(resource, "description")),
        ("Status", code_words(text(resource, "status"))),
        ("Written", show(text(resource, "created"))),
        ("Period", span(child(resource, "period"), document.calendar)),
        ("Written by", document.name_of(child(resource, "author"))),
        ("Took part", "; ".join(_contributors(document, resource)) or None),
        ("Note", notes(resource)),
        *remainder(document, resource),
    )
    rows = [_activity(document, activity) for activity in children(resource, "activity")]
    blocks: list[Block] = [Facts("Plan", spoken(pairs))]
    return [*blocks, Table.of("Actions", _ACTIONS, rows)] if rows else blocks


def _contributors(document: Document, plan: JsonObject) -> list[str]:
    """Those who took part in making the plan, each with their role where it is said."""
    told = []
    for reference in children(plan, "contributor"):
        name, role = document.name_of(reference), extension_value(reference, ROLE_IN_WORDS)
        words = [as_text(role[1]) or ""] if role else []
        beside = untold_extensions(document, reference, "CarePlan.contributor")
        words += [said for label, said in beside if label != "Contributor kind"]
        about = ", ".join(word for word in words if word)
        if name:
            told.append(f"{name} ({about})" if about else name)
    return told


def _activity(document: Document, activity: JsonObject) -> tuple[str | None, ...]:
    detail = child(activity, "detail")
    pointed = document.resolve(child(activity, "reference"))
    who = [name for reference in children(detail, "performer") if (name := document.name_of(reference))]
    when = choice(detail, "scheduled")
    helps = extension_value(detail, SUGGESTED_STRATEGIES)
    goals = (concept(child(document.resolve(reference), "description")) for reference in children(detail, "goal"))
    named = (concept(child(detail, "code")), text(detail, "description"))
    what = ": ".join(dict.fromkeys(words for words in named if words))
    what = what or text(pointed, "description") or concept(child(pointed, "code")) or ""
    refused = "NOT TO BE DONE: " if detail.get("doNotPerform") is True else ""
    return (
        f"{refused}{what}" or None,
        ", ".join(who) or document.name_of(child(pointed, "owner")),
        dated(document, typed(*when, document.calendar) if when else None),
        as_text(helps[1]) if helps else None,
        "; ".join(goal for goal in goals if goal) or None,
        code_words(text(detail, "status") or text(pointed, "status")),
    )


def review_row(document: Document, resource: JsonObject) -> tuple[str | None, ...]:
    """A review of the plan (Procedure): when, by whom, in what role, what came of it."""
    by = [child(performer, "actor") for performer in children(resource, "performer")]
    roles = [words for p in children(resource, "performer") if (words := concept(child(p, "function")))]
    when = choice(resource, "performed")
    return (
        dated(document, typed(*when, document.calendar) if when else None),
        concept(child(resource, "code")),
        ", ".join(name for reference in by if (name := document.name_of(reference))) or None,
        ", ".join(roles) or None,
        concept(child(resource, "outcome")),
        notes(resource),
    )
