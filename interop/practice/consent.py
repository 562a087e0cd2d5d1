"""Whether somebody may be told something about a person, and why: a decision that says its reasons.

Nobody is told because nobody objected. An objection about a topic, or about everything, goes before a permission;
family are involved only with the person's consent, or with that of somebody the law lets decide where the person cannot
(NICE NG27 1.1.3; Mental Capacity Act 2005). Those who treat the person are not asked about here: direct care has a
basis of its own, and what they may see is a matter of ``disclosure``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.consent import BASES, EVERYTHING, Sharing, sharings
from interop.reading.nodes import text
from interop.reading.wishes import capacities, powers
from interop.reading.wording import best_name


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``allowed`` None: nobody decided it, so ask first.

    topics_in_words  what may be told at least, where not everything may
    """

    allowed: bool | None
    because: tuple[str, ...]
    topics_in_words: tuple[str, ...] = ()


EVERYBODY = ("everyone else", "everybody else", "everyone", "everybody", "anybody")


def may_be_told(document: Document, name: str | None, topic: str) -> Answer:
    """Whether a person by this name may be told about a topic (a code of CodeSystem sharing-topic).

    An objection in force wins over a permission in force, the narrower topic over none, and what was said about this
    person over what was said about everybody.
    """
    own = [one for one in sharings(document) if one.in_force and _is(one, name)]
    everybody = [one for one in sharings(document) if one.in_force and (one.person or "").casefold() in EVERYBODY]
    for stated in (own, everybody):
        against = [one for one in stated if one.allowed is False and _covers(one, topic)]
        if against:
            return Answer(False, tuple(_reason(one) for one in against))
        allowed = [one for one in stated if one.allowed is True and _covers(one, topic)]
        if allowed and topic == EVERYTHING:
            # Everything but what somebody objected to: the whole is not "yes" while a part is "no".
            against = [one for one in stated if one.allowed is False]
            if against:
                return Answer(None, tuple(_reason(one) for one in (*against, *allowed)), _said(allowed))
        if allowed:
            unfit = [words for one in allowed if (words := _unfit(document, one))]
            if unfit:
                return Answer(None, (*(_reason(one) for one in allowed), *unfit))
            return Answer(True, tuple(_reason(one) for one in allowed), _said(allowed))
    some = [one for one in own if one.allowed is True]
    if some:
        return Answer(None, tuple(_reason(one) for one in some), _said(some))
    return Answer(None, (f"Nobody recorded a decision about telling {name or 'this person'}.",))


def may_be_copied(document: Document, related: JsonObject, topic: str = "health-and-care") -> Answer:
    """Whether a RelatedPerson of the document may be sent a copy of it.

    They must be known as somebody close to this person, and a decision in force must allow it.
    """
    subject = document.resolve(related.get("patient"))
    if text(related, "resourceType") != "RelatedPerson" or subject is not document.patient:
        return Answer(False, ("They are not recorded as somebody close to this person.",))
    if not related.get("relationship"):
        return Answer(None, (f"Nobody recorded how {best_name(related) or 'they'} are related to the person.",))
    if related.get("active") is False:
        return Answer(False, (f"{best_name(related) or 'They'} are no longer a contact of the person.",))
    return may_be_told(document, best_name(related), topic)


def findings(document: Document) -> tuple[Issue, ...]:
    """What has to be put right in the decisions about sharing."""
    return tuple(_found(document))


def _found(document: Document) -> Iterator[Issue]:
    for one in sharings(document):
        at = document.place(one.resource)
        who = one.person or "somebody not named"
        if one.in_force and (words := _unfit(document, one)):
            yield Issue("sharing-not-theirs-to-give", f"Telling {who}: {words}", at, hint="ask the person")
        past = document.calendar.is_past(one.until, document.written)
        if past and text(one.resource, "status") == "active":
            ended = document.calendar.show(one.until)
            text_ = f"The decision about telling {who} ended on {ended} and is still shown as in force."
            yield Issue("sharing-expired", text_, at, Severity.WARNING, hint="end it, or ask again")
        against = [other for other in sharings(document) if _contradicts(one, other)]
        if against and one.allowed:
            text_ = f"{who} may be told and must not be told {', '.join(one.topics_in_words) or 'the same'}."
            yield Issue("sharing-contradiction", text_, at, hint="ask, and end the one that no longer holds")


def _contradicts(one: Sharing, other: Sharing) -> bool:
    same = one.person == other.person and bool(set(one.topics) & set(other.topics))
    return same and one.in_force and other.in_force and one.allowed is True and other.allowed is False


def _is(sharing: Sharing, name: str | None) -> bool:
    return bool(name) and (sharing.person or "").casefold() == (name or "").casefold()


def _covers(sharing: Sharing, topic: str) -> bool:
    return EVERYTHING in sharing.topics or topic in sharing.topics


def _said(stated: list[Sharing]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words for one in stated for words in one.topics_in_words))


def _reason(one: Sharing) -> str:
    who = BASES.get(one.basis or "", "Somebody")
    by = f" ({one.by})" if one.by else ""
    what = ", ".join(one.topics_in_words) or "what is not said"
    verb = {True: "allowed", False: "objected to", None: "said something about"}[one.allowed]
    return f"{who}{by} {verb}: {what.lower()}."


def _unfit(document: Document, one: Sharing) -> str | None:
    """Why somebody else could not decide this for the person; None where they could."""
    if one.basis in (None, "person"):
        return None
    if not any(found.able is False for found in capacities(document)):
        return f"{BASES.get(one.basis, one.basis)} decided, but nothing says the person cannot."
    if one.basis == "attorney" and powers(document) and not any(p.in_force and p.welfare for p in powers(document)):
        return "an attorney decided, and no power over health and welfare is in force."
    return None
