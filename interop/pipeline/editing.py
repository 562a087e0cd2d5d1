"""Documents that several people edit in turn: each says which edition it was made from, or learns who was quicker.

Two people open edition 3 of a care plan; the first to submit makes edition 4, the second is told who made it and when.
Nothing of theirs is lost: it waits in quarantine until they have taken the other's changes in and submit it as made
from edition 4. An export of a system that keeps editions itself says nothing and always makes the next one, unless the
organisation wants it said (``must_say_edition``).

What is sent carries the number of the edition it is in ``CarePlan.meta.versionId``, for whoever reads it elsewhere.
The edition is said by ``If-Match: W/"3"`` at the HTTP door, ``--made-from 3`` on the command line, or by
``CarePlan.meta.versionId`` in the record itself. Source: FHIR R4 http.html#concurrency.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.node import Node
from interop.outcome import Issue
from interop.reading import Document
from interop.relay.editions import Change, Edition, Stale
from interop.relay.message import digest
from interop.subject import Subject

EDITED = {"care-plan": "CarePlan", "web-of-care": "CareTeam"}
"""Kind of document → the resource it is about, whose identifier stays the same over all editions."""
CODES = frozenset({"edition-stale", "edition-not-matched", "edition-missing"})
"""Findings of this file: said in the record; said beside it; not said where it must be."""
_VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?')


class OutOfDate(Exception):  # noqa: N818  no fault of anybody: the write is undone, and its maker told
    """The document cannot become the next edition. ``issue`` says why, in words for its editor."""

    def __init__(self, issue: Issue):
        super().__init__(issue.text)
        self.issue = issue


@dataclass(frozen=True, slots=True)
class Editing:
    """One document on its way to become an edition. ``said``: the edition named beside it (If-Match, --made-from)."""

    organisation: str
    kind: str
    document: JsonObject
    id: str
    editor: str
    said: int | None = None


def edit(node: Node, editing: Editing) -> Edition | None:
    """Make it the next edition, in the write that stores it; None for what is not edited. Raises OutOfDate."""
    subject = _subject(editing.document, editing.kind)
    series = _series(editing.document, subject)
    if subject is None or series is None:
        return None
    made_from = editing.said if editing.said is not None else _written(subject)
    if made_from is None and _must_say(node, editing) and node.editions.standing(editing.organisation, series):
        raise OutOfDate(_missing(node, editing, series))
    change = Change(editing.organisation, series, editing.id, editing.editor, made_from)
    made = node.editions.make(change)
    if isinstance(made, Stale):
        raise OutOfDate(_stale(node, editing, made))
    return made


def receive(node: Node, editing: Editing) -> None:
    """A document another organisation made becomes the next edition; its version id counts in their store only."""
    series = _series(editing.document, _subject(editing.document, editing.kind))
    if series is not None:
        node.editions.make(Change(editing.organisation, series, editing.id, editing.editor))


def stamped(document: JsonObject, kind: str, made: Edition) -> JsonObject:
    """The document, the resource it is about carrying the edition it is."""
    subject = _subject(document, kind)
    if subject is None:  # a copy for readers who may not see it
        return document
    marked = {**subject, "meta": {**_meta(subject), "versionId": str(made.number)}}
    entries = [
        {**entry, "resource": marked} if entry.get("resource") is subject else entry for entry in document["entry"]
    ]
    return {**document, "entry": entries}


def version_of(text: str) -> int | None:
    """The edition a version id or entity tag names: ``3``, ``"3"``, ``W/"3"``; None for an empty one.

    Raises ContentError ``edition-unreadable``.
    """
    if not text:
        return None
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise ContentError(
            f"{text!r} is not the number of an edition",
            code="edition-unreadable",
            hint='say the edition as W/"3", as its ETag does; leave meta.versionId out where it is another system\'s',
        )
    return int(found[1])


def was_out_of_date(issues: Iterable[JsonObject]) -> bool:
    """Whether a record stands in quarantine because its edition was out of date."""
    return any(issue.get("code") in CODES for issue in issues)


def _written(subject: JsonObject) -> int | None:
    try:
        return version_of(str(_meta(subject).get("versionId") or ""))
    except ContentError as fault:
        place = f"{subject['resourceType']}.meta.versionId"
        raise OutOfDate(Issue(fault.code, fault.text, place, hint=fault.hint)) from None


def _must_say(node: Node, editing: Editing) -> bool:
    organisation = node.settings.organisation(editing.organisation)
    return organisation is not None and editing.kind in organisation.must_say_edition


def _missing(node: Node, editing: Editing, series: str) -> Issue:
    standing = node.editions.standing(editing.organisation, series)
    text = f"this {editing.kind} has editions, and the record does not say which of them it was made from"
    return Issue("edition-missing", text, hint=_now_stands(node, standing))


def _stale(node: Node, editing: Editing, stale: Stale) -> Issue:
    code = "edition-stale" if editing.said is None else "edition-not-matched"
    expression = f"{EDITED[editing.kind]}.meta.versionId" if editing.said is None else ""
    if stale.standing is None:
        text = f"it was made from edition {stale.made_from} of this {editing.kind}, and none is known here"
        hint = "the first edition says none, or 0; look whether the plan's identifier is the right one"
        return Issue(code, text, expression, hint=hint)
    standing = stale.standing
    was = f"edition {stale.made_from}" if stale.made_from else "no edition"
    text = (
        f"it was made from {was} of this {editing.kind}; since then {_whom(node, standing)} made edition"
        f" {standing.number} on {standing.made_at:%d %b %Y at %H:%M} UTC"
    )
    return Issue(code, text, expression, hint=_now_stands(node, standing))


def _now_stands(node: Node, standing: Edition | None) -> str | None:
    if standing is None:
        return None
    return (
        f"read edition {standing.number} (message {standing.document}), take its changes in, and submit again as made"
        f" from {standing.number}"
    )


def _whom(node: Node, standing: Edition) -> str:
    return node.settings.name_of(standing.editor)


def _subject(document: JsonObject, kind: str) -> JsonObject | None:
    wanted = EDITED.get(kind)
    return next(iter(Document.of(document).resources(wanted)), None) if wanted else None


def _series(document: JsonObject, subject: JsonObject | None) -> str | None:
    """By its business identifiers, else by its id, and by its person: the same plan in every edition, opaque."""
    if subject is None:
        return None
    identifiers = sorted(_identifiers(subject)) or [str(subject.get("id") or "")]
    if not any(identifiers):
        return None
    return digest("\x1e".join([Subject.of(document).key or "", *identifiers]).encode())


def _identifiers(resource: JsonObject) -> list[str]:
    found = resource.get("identifier")
    return [f"{i.get('system', '')}|{i['value']}" for i in found or () if isinstance(i, dict) and i.get("value")]


def _meta(resource: JsonObject) -> JsonObject:
    found = resource.get("meta")
    return found if isinstance(found, dict) else {}
