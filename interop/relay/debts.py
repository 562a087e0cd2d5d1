"""Which debts an event opens: pure matching of rules, no store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from interop.identifiers import ods_code_fault


@dataclass(frozen=True, slots=True)
class Rule:
    """An event that makes us owe a document.

    on      event code: ``ADT^A03``
    owes    kind of message owed: ``discharge-summary``
    to      roles in the person's circle (``gp``, ``care-home``) or ODS codes (``Y99901``)
    within  how long after the event occurred
    """

    on: str
    owes: str
    to: tuple[str, ...]
    within: timedelta

    def __post_init__(self) -> None:
        if not (self.on and self.owes and self.to):
            raise ValueError("an obligation rule needs an event (on), a kind (owes) and at least one recipient (to)")
        if self.within <= timedelta(0):
            raise ValueError(f"an obligation needs time to be kept, found within={self.within}")


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened to a person that others must hear about.

    occurred  when it happened (not when we heard of it)
    source    identifier of the message that told us: the same source is the same event
    """

    organisation: str
    code: str
    person: str
    occurred: datetime
    source: str

    def __post_init__(self) -> None:
        if self.occurred.tzinfo is None:
            raise ValueError(f"an event's time needs a time zone, found {self.occurred.isoformat()}")


@dataclass(frozen=True, slots=True)
class Debt:
    """One document owed to one recipient. ``recipient`` None: nobody holds the role yet, and somebody must find out."""

    owes: str
    owed_to: str
    recipient: str | None
    due: datetime


def debts(event: Event, rules: Sequence[Rule], circle: Mapping[str, Sequence[str]]) -> tuple[Debt, ...]:
    """What ``event`` makes us owe. One debt a recipient and kind, the earliest deadline when rules overlap.

    circle  role → ODS codes of the organisations around this person
    """
    found: dict[tuple[str, str], Debt] = {}
    for rule in rules:
        if rule.on != event.code:
            continue
        for name in rule.to:
            for recipient in _holders(name, circle):
                if recipient == event.organisation:
                    continue  # nobody owes a document to themselves
                debt = Debt(rule.owes, name, recipient, event.occurred + rule.within)
                key = (rule.owes, recipient or name)
                if key not in found or debt.due < found[key].due:
                    found[key] = debt
    return tuple(found.values())


def _holders(name: str, circle: Mapping[str, Sequence[str]]) -> Sequence[str | None]:
    if ods_code_fault(name) is None:
        return (name,)
    return tuple(circle.get(name, ())) or (None,)
