"""The words of a page's head and front sheet, gathered from a document: templates only place them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from interop.narrative.remainder import beside_the_instructions
from interop.narrative.sections import RESTRICTED, SAID
from interop.narrative.silence import AREAS, NOT_ITS_PART, absence, gap, is_partial, unsaid
from interop.reading import Document, Presence, presence
from interop.reading.alerts import CprDecision, alerts, communication_needs, cpr_decisions
from interop.reading.allergies import SECTION_CODES, Allergies, Allergy, allergies
from interop.reading.belongings import Checklist, Item, checklists
from interop.reading.medicines import Medicine, medicines
from interop.reading.needs import NEWS2_PARTS, Need, Reading, needs, news2, vitals
from interop.reading.nodes import child, children, text
from interop.reading.people import attorneys, care_team, coordinators, personal_contacts, practice
from interop.reading.transfer import Person, Transfer, authors, person, transfer
from interop.reading.wording import NOT_RECORDED, best_name, concept, phones, stated

SETTINGS = {"open": 37, "close": 44, "closer": 50}
"""Lines one A4 page holds in each setting; beyond the last it is set closest and runs on. Nothing is left out."""


@dataclass(frozen=True, slots=True)
class Call:
    """One line of who to ring."""

    name: str | None
    roles: str
    phones: str | None


@dataclass(frozen=True, slots=True)
class Bag:
    """The latest checklist, split by what was ticked; "not applicable" lines are left out."""

    bag: str | None
    by: str | None
    when: str | None
    packed: tuple[Item, ...]
    absent: tuple[Item, ...]
    unticked: tuple[Item, ...]

    @classmethod
    def of(cls, checklist: Checklist) -> Bag:
        def ticked(state: str | None) -> tuple[Item, ...]:
            return tuple(item for item in checklist.items if item.present == state)

        known = ("yes", "no", "not-applicable", None)
        odd = tuple(item for item in checklist.items if item.present not in known)
        return cls(checklist.bag, checklist.by, checklist.when, ticked("yes"), ticked("no"), ticked(None) + odd)


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One need as it stands on the sheet. ``gap``: why ``now`` or ``usual`` is empty."""

    title: str
    now: str | None
    usual: str | None
    changed: bool | None
    verdict: str
    gap: str

    @classmethod
    def of(cls, need: Need, unsaid: str) -> NeedLine:
        why = unsaid if need.resource is None else absence(need.resource) or NOT_RECORDED
        return cls(need.title, need.now, need.usual, need.changed, need.verdict, why)


class Sheet:
    """Everything a front sheet says. Each property is one place on the page; None is shown as "not recorded"."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.day = document.calendar.show

    @cached_property
    def kind(self) -> str:
        composition = self.document.composition
        return text(composition, "title") or concept(child(composition, "type")) or "Summary"

    @cached_property
    def person(self) -> Person:
        return person(self.document)

    @property
    def born(self) -> str | None:
        return self.day(self.person.born)

    @property
    def born_gap(self) -> str:
        return unsaid(self.document.patient, "birthDate") or NOT_RECORDED

    def reaction_gap(self, allergy: Allergy) -> str:
        return f"reaction {unsaid(allergy.resource, 'reaction', 'manifestation') or NOT_RECORDED}"

    def beside(self, medicine: Medicine) -> str | None:
        """Coded dose, route or timing that the written instruction does not contain, and the note."""
        coded = "; ".join(beside_the_instructions(medicine))
        return "; ".join(part for part in (f"also recorded: {coded}" if coded else None, medicine.note) if part) or None

    @cached_property
    def transfer(self) -> Transfer:
        return transfer(self.document)

    @property
    def route(self) -> str | None:
        """From where to where and when; a document that is about no move says nothing here."""
        if not child(self.document.encounter, "hospitalization") and not self.document.is_discharge:
            return None
        ends = (("From", self.transfer.origin), ("to", self.transfer.destination))
        said = " ".join(f"{word} {place}" for word, place in ends if place)
        when = self.transfer.end if self.document.is_discharge else self.transfer.start
        return ", ".join(part for part in (said[:1].upper() + said[1:], self.day(when)) if part) or None

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.transfer.reasons

    @cached_property
    def allergies(self) -> Allergies:
        return allergies(self.document)

    @property
    def allergy_statement(self) -> str:
        """The one line about allergies where none is named."""
        silent = self.document.section(*SECTION_CODES) is None and self.allergies.presence is Presence.NOT_RECORDED
        return f"Allergies: {NOT_ITS_PART}" if silent and is_partial(self.document) else self.allergies.statement

    @property
    def none_known(self) -> bool:
        return self.allergies.presence is Presence.NONE_KNOWN

    @cached_property
    def cpr(self) -> list[CprDecision]:
        return cpr_decisions(self.document)

    @property
    def none_decided(self) -> bool:
        """The sender states that there is no decision: that is something stated."""
        return presence(self.document.section(*AREAS["cpr"])) is Presence.NONE_KNOWN

    @property
    def cpr_conflict(self) -> bool:
        return len({decision.kind for decision in self.cpr}) > 1

    @cached_property
    def communication(self) -> list[str]:
        return communication_needs(self.document)

    @cached_property
    def about_communication(self) -> str | None:
        """The person's own words on how to talk with them (About Me)."""
        for response in self.document.resources("QuestionnaireResponse"):
            for item in children(response, "item"):
                if text(item, "linkId") == "communication":
                    answers = [stated(answer, "value", self.document.calendar) for answer in children(item, "answer")]
                    return "; ".join(words for words in answers if words) or None
        return None

    @cached_property
    def alerts(self) -> list[str]:
        found = alerts(self.document, "alert", "safeguarding", "withheld")
        shown = [RESTRICTED if alert.restricted else alert.words for alert in found if alert.current]
        return list(dict.fromkeys(words for words in shown if words))

    @cached_property
    def readings(self) -> list[Reading]:
        """Each vital sign beside its NEWS2 score; a score without its measurement is still shown."""
        score = news2(self.document)
        scores = {part.name.split(" (scale")[0]: part.score for part in score.parts if part.score} if score else {}
        inside = [part for part in score.parts if part.value] if score else []
        measured = {reading.name: reading for reading in (*inside, *vitals(self.document))}
        shown = [Reading(r.name, r.value, scores.pop(_scored_as(r.name), None)) for r in measured.values()]
        return shown + [Reading(name, None, points) for name, points in scores.items()]

    @property
    def news_total(self) -> str | None:
        score = news2(self.document)
        return score.total if score else None

    @property
    def news_meaning(self) -> str | None:
        score = news2(self.document)
        return score.meaning if score else None

    @property
    def taken(self) -> str | None:
        score = news2(self.document)
        return self.day(score.taken) if score else None

    @cached_property
    def needs(self) -> list[NeedLine]:
        unsaid = gap(self.document, "needs")
        return [NeedLine.of(need, unsaid) for need in needs(self.document)]

    @cached_property
    def medicines(self) -> list[Medicine]:
        return medicines(self.document)

    @property
    def no_medicines(self) -> str:
        """What an empty list means: none, not asked, or simply not recorded."""
        return SAID[presence(self.document.section(*AREAS["medicines"]))]

    def gap(self, area: str) -> str:
        """What an empty place of the page says: ``not asked``, ``withheld by the sender``, ``not recorded`` …"""
        return gap(self.document, area)

    @cached_property
    def contacts(self) -> list[Call]:
        """Family first (next of kin before others), then the co-ordinator, the practice and the sender."""
        family = [
            Call(c.name, ", ".join(c.roles), ", ".join(c.phones) or None) for c in personal_contacts(self.document)
        ]
        family.sort(key=lambda call: "next of kin" not in call.roles.lower())
        named = [
            Call(m.name, "named care co-ordinator", ", ".join(m.phones) or None) for m in coordinators(self.document)
        ]
        surgery = practice(self.document)
        doctor = next(
            (m.name for m in care_team(self.document) if m.current and m.organisation == best_name(surgery)), None
        )
        gp = [
            Call(
                best_name(surgery),
                f"GP practice ({doctor})" if doctor else "GP practice",
                ", ".join(phones(surgery)) or None,
            )
        ]
        sender = [
            Call(a.organisation, "completed this sheet", ", ".join(a.phones) or None) for a in authors(self.document)
        ]
        return [*family, *named, *(gp if surgery else [Call(None, "GP practice", None)]), *sender]

    @property
    def attorneys(self) -> list[str]:
        return attorneys(self.document)

    @cached_property
    def bag(self) -> Bag | None:
        found = checklists(self.document)
        return Bag.of(found[-1]) if found else None

    @cached_property
    def completed(self) -> str | None:
        said = [", ".join(part for part in (a.name, a.role, a.organisation) if part) for a in authors(self.document)]
        return "; ".join(words for words in said if words) or None

    @property
    def written(self) -> str | None:
        return self.day(self.document.written)

    @property
    def identifier(self) -> str | None:
        return text(child(self.document.bundle, "identifier"), "value")

    @property
    def setting(self) -> str:
        """How close the sheet is set, by the lines it holds: a page is read whole before it is read large."""
        vital = [len(a.substance or "") // 26 + 2 for a in self.allergies.active], self.communication
        first = max(sum(vital[0]), sum(len(need) // 38 + 1 for need in vital[1]), 6)
        story = sum(_lines(words, 46) for words in (*self.reasons, *self.alerts))
        needed = sum(max(_lines(need.now, 44), _lines(need.usual, 48)) for need in self.needs)
        given = sum(
            max(_lines(m.name, 33), _lines("; ".join([*m.instructions, m.note or ""]), 66)) for m in self.medicines
        )
        calls = len(self.contacts) + sum(_lines(words, 62) for words in self.attorneys)
        packed = (len(self.bag.packed) + 1) // 2 + 2 * len(self.bag.absent) + 1 if self.bag else 1
        total = first + max(story, 6) + needed + given + max(calls, packed)
        return next((name for name, room in SETTINGS.items() if total <= room), "closest")


def _lines(words: str | None, width: int) -> int:
    return len(words or "") // width + 1


def _scored_as(name: str) -> str:
    """The NEWS2 parameter a vital sign is scored under."""
    scored_as = {"Blood pressure": "Systolic blood pressure", "Consciousness (ACVPU)": "Consciousness"}
    known = {part.split(" (scale")[0] for part in NEWS2_PARTS.values()}
    found = scored_as.get(name, name)
    return found if found in known else name
