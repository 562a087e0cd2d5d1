"""What a discharge asks of those who receive the person: how long each supply lasts, and who does what by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.reading import Document
from interop.reading.medicines import Medicine, medicines
from interop.reading.nodes import as_text, child, children, extension_value, text
from interop.reading.systems import SUPPLY_DAYS
from interop.reading.wording import notes, quantity

FEW_DAYS = 3
"""A supply that ends within so many days is told as running out: a repeat takes two working days to arrive."""


@dataclass(frozen=True, slots=True)
class Supply:
    """One medicine that went home with the person (TTO).

    amount    in words: ``14 tablets``
    days      how long it lasts; None: not said
    runs_out  first day without it, as a FHIR date; None where days or the day it was handed over are not said
    """

    medicine: str | None
    amount: str | None
    days: int | None
    handed_over: str | None
    handed_to: str | None
    note: str | None
    runs_out: str | None

    def running_out(self, now: datetime) -> bool:
        return self.runs_out is not None and self.runs_out <= (now + timedelta(days=FEW_DAYS)).date().isoformat()


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing the hospital asks of somebody. ``by``: the last day for it, as in the data."""

    what: str | None
    who: str | None
    by: str | None
    overdue: bool


def supplies(document: Document) -> list[Supply]:
    """Every medicine of the discharge list that comes with a supply, in the order of the list."""
    given: dict[int, JsonObject] = {}
    for dispense in document.resources("MedicationDispense"):
        for reference in children(dispense, "supportingInformation"):
            given[id(document.resolve(reference))] = dispense
    listed = [(medicine, given.get(id(medicine.resource), {})) for medicine in medicines(document)]
    found = (_supply(document, medicine, dispense) for medicine, dispense in listed)
    return [supply for supply in found if supply.amount or supply.days]


def _supply(document: Document, medicine: Medicine, dispense: JsonObject) -> Supply:
    stated = extension_value(medicine.resource, SUPPLY_DAYS)
    days = text(child(dispense, "daysSupply"), "value") or (as_text(stated[1]) if stated else None)
    handed = text(dispense, "whenHandedOver")
    start = document.calendar.moment(handed or text(child(document.encounter, "period"), "end"))
    number = int(days) if days and days.isdigit() else None
    return Supply(
        medicine=medicine.name,
        amount=quantity(child(dispense, "quantity")),
        days=number,
        handed_over=handed,
        handed_to=document.name_of(child(dispense, "receiver")),
        note=notes(dispense),
        runs_out=(start + timedelta(days=number)).date().isoformat() if start and number else None,
    )


def asked(document: Document, now: datetime) -> list[Asked]:
    """What the discharge asks of others, the soonest first, undated last. Overdue: its last day is over."""
    found = [
        _asked(document, child(activity, "detail"), now)
        for plan in document.resources("CarePlan")
        for activity in children(plan, "activity")
        if text(child(activity, "detail"), "status") not in ("completed", "cancelled", "stopped")
    ]
    return sorted(found, key=lambda one: (one.by is None, one.by or ""))


def _asked(document: Document, detail: JsonObject, now: datetime) -> Asked:
    by = text(child(detail, "scheduledPeriod"), "end") or text(child(detail, "scheduledPeriod"), "start")
    who = ", ".join(name for r in children(detail, "performer") if (name := document.name_of(r))) or None
    overdue = bool(document.calendar.is_past(by, now.isoformat())) if by else False
    return Asked(text(detail, "description"), who, by, overdue)


def discharge_issues(document: Document, now: datetime) -> Iterator[Issue]:
    """What whoever receives the person must chase: supplies that are missing or run out, things nobody did."""
    supplied = {supply.medicine for supply in supplies(document)}
    for medicine in medicines(document):
        status = medicine.change.status if medicine.change else None
        if status in ("new", "changed") and medicine.name not in supplied and not medicine.note:
            did = "started" if status == "new" else "changed"
            words = f"{medicine.name} was {did} in hospital and no supply of it is mentioned"
            place = document.place(medicine.resource)
            hint = "ask the ward whether it was supplied; the home may only hold what was taken before"
            yield Issue("discharge-no-supply", words, place, Severity.WARNING, hint=hint)
    for supply in supplies(document):
        if supply.running_out(now):
            words = f"{supply.medicine} runs out on {document.calendar.show(supply.runs_out)}"
            yield Issue(
                "discharge-supply-ends", words, "", Severity.WARNING, hint="order the next supply from the GP practice"
            )
    for one in asked(document, now):
        if one.overdue:
            last = document.calendar.show(one.by)
            words = f"{one.what}: asked of {one.who or 'nobody in particular'} by {last}, and that day is over"
            yield Issue("discharge-action-overdue", words, "", Severity.WARNING, hint="ask them whether it was done")
