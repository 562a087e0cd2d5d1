"""Flags as a reader meets them: the CPR decision, how to communicate, and every other alert, by category."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.document import Document, is_restricted
from interop.reading.nodes import as_text, child, children, codings, extension_value, text
from interop.reading.systems import ALERT_DETAIL, CARE_NEED, DOCUMENT_LOCATION, FLAG_CATEGORY, FOR_CPR, NOT_FOR_CPR
from interop.reading.wording import concept

CPR_CODES = {NOT_FOR_CPR: "not-for", FOR_CPR: "for", "304253006": "not-for", "304252001": "for"}
CPR_WORDS = {"not-for": "Not for attempted CPR", "for": "For attempted CPR"}


@dataclass(frozen=True, slots=True)
class Alert:
    """One Flag in words. Dates are as the data has them. ``current`` is False once inactive or past its end."""

    words: str | None
    categories: tuple[str, ...]
    start: str | None
    end: str | None
    author: str | None
    where: str | None
    current: bool
    restricted: bool
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class CprDecision:
    """One decision about cardiopulmonary resuscitation.

    kind    "for", "not-for", or "other" when no code says what was decided
    words   what the code says; ``said`` is the flag's own text where it has one, so a reader sees both
    review  date by which it should be looked at again; ``overdue`` when the document is later than that
    where   where the signed form is kept
    """

    kind: str
    words: str
    said: str | None
    decided: str | None
    review: str | None
    overdue: bool
    author: str | None
    where: str | None
    resource: JsonObject


def alerts(document: Document, *categories: str) -> list[Alert]:
    """Every Flag, or those in any of these local categories, in document order."""
    found = [alert(document, flag) for flag in document.resources("Flag")]
    return [a for a in found if not categories or any(c in categories for c in a.categories)]


def alert(document: Document, flag: JsonObject) -> Alert:
    """One Flag in words."""
    detail = extension_value(flag, ALERT_DETAIL)
    period, location = child(flag, "period"), extension_value(flag, DOCUMENT_LOCATION)
    filed = [pair for category in children(flag, "category") for pair in codings(category)]
    ended = document.calendar.is_past(text(period, "end"), document.written)
    return Alert(
        words=": ".join(part for part in (concept(child(flag, "code")), as_text(detail[1]) if detail else None) if part)
        or None,
        categories=tuple(code for system, code in filed if system == FLAG_CATEGORY),
        start=text(period, "start"),
        end=text(period, "end"),
        author=document.name_of(child(flag, "author")),
        where=as_text(location[1]) if location else None,
        current=text(flag, "status") != "inactive" and not ended,
        restricted=is_restricted(flag),
        resource=flag,
    )


def cpr_decisions(document: Document) -> list[CprDecision]:
    """The decisions in force, newest first. More than one kind in the list is a contradiction to be shown."""
    decisions = []
    for alert in alerts(document):
        kind = _cpr_kind(alert)
        if kind is None or text(alert.resource, "status") == "inactive":
            continue
        decisions.append(
            CprDecision(
                kind=kind,
                words=CPR_WORDS.get(kind) or alert.words or "A decision is recorded, but not what was decided",
                said=text(child(alert.resource, "code"), "text"),
                decided=alert.start,
                review=alert.end,
                overdue=bool(document.calendar.is_past(alert.end, document.written)),
                author=alert.author,
                where=alert.where,
                resource=alert.resource,
            )
        )
    return sorted(decisions, key=lambda decision: decision.decided or "", reverse=True)


def _cpr_kind(alert: Alert) -> str | None:
    code = next((CPR_CODES[code] for _, code in codings(child(alert.resource, "code")) if code in CPR_CODES), None)
    return code or ("other" if "cpr-decision" in alert.categories else None)


def communication_needs(document: Document) -> list[str]:
    """How to talk with the person and be understood: flags, language, interpreter, the assessed need."""
    found = alerts(document, "communication", "reasonable-adjustment")
    needs = [_shown(alert) for alert in found if alert.current]
    needs += [need for need in map(_language, children(document.patient, "communication")) if need]
    interpreter = extension_value(
        document.patient, "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
    )
    if interpreter and interpreter[1] is True:
        needs.append("Needs an interpreter")
    if not needs:
        needs = [need for need in _assessed(document) if need]
    return list(dict.fromkeys(need for need in needs if need))


def _shown(alert: Alert) -> str | None:
    return "Restricted need: ask the sender" if alert.restricted else alert.words


def _language(entry: JsonObject) -> str | None:
    language = concept(child(entry, "language"))
    ordinary = (language or "").lower().startswith("en")
    return f"Language: {language}" if language and not ordinary else None


def _assessed(document: Document) -> list[str | None]:
    return [
        concept(child(observation, "valueCodeableConcept"))
        for observation in document.resources("Observation")
        if any(system == CARE_NEED and code == "communication" for system, code in codings(child(observation, "code")))
    ]
