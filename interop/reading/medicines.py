"""The medicines of a document: what, how much, how often, when last given, and what changed."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.document import Document
from interop.reading.nodes import as_text, child, children, codings, extension_value, extensions, text
from interop.reading.systems import DOSE_TEXT, LAST_GIVEN, MEDICATION_CHANGE, UKCORE_CHANGE
from interop.reading.wording import concept, concepts, dosage, dose, notes, timing

STOPPED = {"stopped", "completed", "cancelled", "not-taken"}
CHANGES = {
    "started": "new", "new": "new", "added": "new",
    "changed": "changed", "amended": "changed",
    "stopped": "stopped", "discontinued": "stopped",
    "same": "same", "continued": "same", "unchanged": "same",
    "on-hold": "on hold",
}  # fmt: skip
"""Our own change codes and UK Core's MedicationChangeSummary statuses, in one set of words."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the sender says happened to a medicine. ``status``: new, changed, stopped, same, on hold, or as written."""

    status: str | None
    reason: str | None
    details: str | None
    when: str | None


@dataclass(frozen=True, slots=True)
class Medicine:
    """One medicine on one list.

    codes       (system, code) of the product: dm+d through SNOMED CT where the sender has it
    last_given  dateTime as in the data, or the sender's own words ("refused")
    state       active, on hold, stopped, or the resource's own status
    """

    name: str | None
    codes: frozenset[tuple[str | None, str]]
    instructions: tuple[str, ...]
    amount: str | None
    often: str | None
    route: str | None
    when_required: bool
    indication: str | None
    last_given: str | None
    state: str
    change: Change | None
    note: str | None
    resource: JsonObject

    @property
    def stopped(self) -> bool:
        return self.state == "stopped" or (self.change is not None and self.change.status == "stopped")


def medicines(document: Document) -> list[Medicine]:
    """Every MedicationStatement; a document without any is read by its MedicationRequests."""
    listed = document.resources("MedicationStatement") or document.resources("MedicationRequest")
    given = administered(document)
    return [medicine(document, resource, given) for resource in listed]


def medicine(document: Document, resource: JsonObject, given: dict[str, str] | None = None) -> Medicine:
    """One MedicationStatement or MedicationRequest in words; ``given`` is what ``administered`` found."""
    given = administered(document) if given is None else given
    product = _product(document, resource)
    doses = children(resource, "dosage") or children(resource, "dosageInstruction")
    first = doses[0] if doses else {}
    last = extension_value(resource, LAST_GIVEN)
    dose_text = extension_value(first, DOSE_TEXT)
    name = concept(product) or text(child(resource, "medicationReference"), "display")
    return Medicine(
        name=name,
        codes=frozenset(codings(product)),
        instructions=tuple(shown for node in doses if (shown := dosage(node))),
        amount=dose(first) or (as_text(dose_text[1]) if dose_text else None),
        often=timing(child(first, "timing")),
        route=concept(child(first, "route")),
        when_required=text(first, "asNeededBoolean") == "yes" or bool(child(first, "asNeededCodeableConcept")),
        indication="; ".join(concepts(resource, "reasonCode")) or None,
        last_given=(as_text(last[1]) if last else None) or given.get((name or "").casefold()),
        state=_state(text(resource, "status")),
        change=_change(resource),
        note=notes(resource),
        resource=resource,
    )


def _product(document: Document, resource: JsonObject) -> JsonObject:
    inline = child(resource, "medicationCodeableConcept")
    return inline or child(document.resolve(child(resource, "medicationReference"), resource), "code")


def administered(document: Document) -> dict[str, str]:
    """Latest completed administration by medicine name."""
    latest: dict[str, str] = {}
    for resource in document.resources("MedicationAdministration"):
        name = (concept(_product(document, resource)) or "").casefold()
        when = text(resource, "effectiveDateTime") or text(child(resource, "effectivePeriod"), "start")
        if name and when and text(resource, "status") in (None, "completed"):
            moments = [(document.calendar.moment(one), one) for one in (latest.get(name), when)]
            known = [(moment, one) for moment, one in moments if moment is not None and one is not None]
            latest[name] = max(known)[1] if known else when
    return latest


def _state(status: str | None) -> str:
    if status in STOPPED:
        return "stopped"
    return {"on-hold": "on hold", None: "active"}.get(status, status or "active")


def _change(resource: JsonObject) -> Change | None:
    ours = extensions(resource, MEDICATION_CHANGE)
    theirs = extensions(resource, UKCORE_CHANGE)
    if not ours and not theirs:
        return None
    # UK Core has no "stopped" code, so where both are present ours says more.
    parts = [_parts(found) for found in (*ours, *theirs)]
    status = next((p["status"] for p in parts if "status" in p), None)
    before = _either(parts, "before")
    return Change(
        status=CHANGES.get(status.lower(), status) if status else None,
        reason=_either(parts, "reason", "indicationForChange"),
        details=_either(parts, "details", "detailsOfAmendment") or (f"Before: {before}" if before else None),
        when=_either(parts, "date", "dateChanged"),
    )


def _parts(extension: JsonObject) -> dict[str, str]:
    parts: dict[str, str] = {}
    for inner in children(extension, "extension"):
        url = text(inner, "url")
        kind_value = extension_value({"extension": [inner]}, url) if url else None
        if url is None or kind_value is None:
            continue
        value = kind_value[1]
        if url == "status" and isinstance(value, dict):
            words = next((code for _, code in codings(value)), None) or text(value, "code") or concept(value)
        else:
            words = as_text(value) or concept(value)
        if words:
            parts[url] = words
    return parts


def _either(parts: list[dict[str, str]], *names: str) -> str | None:
    return next((part[name] for part in parts for name in names if name in part), None)


def last_given(medicine: Medicine, document: Document) -> str | None:
    """When it was last given, on the document's clock; None when the record does not say."""
    return document.calendar.show(medicine.last_given)
