"""The people around the person: who to ring, and the web of care with its named co-ordinator."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from interop.json_codec import JsonObject
from interop.reading.alerts import alerts
from interop.reading.document import Document
from interop.reading.nodes import as_text, child, children, codings, extension_value, text
from interop.reading.systems import ACCEPTANCE, CARE_COORDINATOR, CONTACT_KIND, TEAM_GROUP, VISITS
from interop.reading.wording import best_name, concept, concepts, human_name, notes, phones

GROUPS = {
    "health": "Health",
    "social": "Social care",
    "family": "Family and friends",
    "voluntary": "Voluntary and community",
    "advocate": "Advocate",
    "other": "Others",
}
ROLE_GROUPS = {
    "62247001": "health", "158997000": "health", "224540001": "health", "224581009": "health",
    "106328005": "social", "224577009": "social", "768731002": "social",
    "225834007": "advocate", "225833001": "advocate", "225835008": "advocate",
    "823411000000109": "voluntary", "818091000000106": "social",
}  # fmt: skip
"""SNOMED CT roles whose group is certain (GP, district nurse, social worker, advocate …)."""
ROLE_WORDS = {
    "advocate": r"advoca|representative \(mca",
    "voluntary": r"volunt|befriend|charit|age uk|community group|chaplain|church|faith",
    "social": r"senior carer|care (home|worker|assistant)|carer?\b.*home|home manager|social work|key worker",
    "health": r"\bgp\b|doctor|nurse|practitioner|therap|physio|pharmac|consultant|surg|hospital|ward|paramedic",
    "family": r"daughter|\bson\b|wife|husband|partner|sister|brother|niece|nephew|friend|next of kin|mother|father",
}
"""The groups a role's own words suggest, the narrowest first: only for members whose group is not coded."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One person to ring. ``roles``: relationship and standing (next of kin, lasting power of attorney)."""

    name: str | None
    roles: tuple[str, ...]
    phones: tuple[str, ...]
    note: str | None
    resource: JsonObject


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the CareTeam.

    group     key of GROUPS
    current   False when the period ended before the document was written
    accepted  when the co-ordinator accepted the role, as in the data; None: not recorded
    """

    name: str | None
    role: str | None
    group: str
    organisation: str | None
    phones: tuple[str, ...]
    start: str | None
    end: str | None
    current: bool
    coordinator: bool
    accepted: str | None
    visits: str | None


def personal_contacts(document: Document) -> list[Contact]:
    """Family and friends: RelatedPersons first, then Patient.contact not already among them."""
    found = [related(person) for person in document.resources("RelatedPerson")]
    known = {contact.name for contact in found}
    inside = [_inside(contact) for contact in children(document.patient, "contact")]
    return found + [contact for contact in inside if contact.name not in known]


def related(person: JsonObject) -> Contact:
    """One RelatedPerson in words."""
    roles = concepts(person, "relationship")
    return Contact(best_name(person), tuple(roles), tuple(phones(person)), notes(person), person)


def _inside(contact: JsonObject) -> Contact:
    roles = concepts(contact, "relationship")
    return Contact(human_name(child(contact, "name")), tuple(roles), tuple(phones(contact)), None, contact)


def attorneys(document: Document) -> list[str]:
    """What is said about lasting power of attorney, in the flags' own words."""
    return [a.words for a in alerts(document, "lasting-power-of-attorney") if a.words and a.current]


def practice(document: Document) -> JsonObject:
    """The registered GP practice: Patient.generalPractitioner, an Organization before a person."""
    meant = [document.resolve(reference) for reference in children(document.patient, "generalPractitioner")]
    organisations = [resource for resource in meant if text(resource, "resourceType") == "Organization"]
    return next(iter(organisations or [resource for resource in meant if resource]), {})


def care_team(document: Document) -> list[Member]:
    """Every participant of every active CareTeam, in order; a person named in two teams is shown once per role."""
    teams = [team for team in document.resources("CareTeam") if text(team, "status") != "inactive"]
    return list(dict.fromkeys(member for team in teams for member in members(document, team)))


def members(document: Document, team: JsonObject) -> list[Member]:
    """The participants of one CareTeam, in order."""
    return [_member(document, team, participant) for participant in children(team, "participant")]


def coordinators(document: Document) -> list[Member]:
    """The named care co-ordinators in force. The rule is exactly one; this tells how many the data name."""
    return [member for member in care_team(document) if member.coordinator and member.current]


def _member(document: Document, team: JsonObject, participant: JsonObject) -> Member:
    reference = child(participant, "member")
    resource = document.resolve(reference, team)
    employer = document.resolve(child(participant, "onBehalfOf")) or document.resolve(child(resource, "organization"))
    person = document.resolve(child(resource, "practitioner")) or resource
    roles = children(participant, "role")
    named = [
        r for r in roles if any(system not in (TEAM_GROUP, CONTACT_KIND) for system, _ in codings(r)) or text(r, "text")
    ]
    accepted = extension_value(participant, ACCEPTANCE)
    visits = extension_value(participant, VISITS)
    period = child(participant, "period")
    words = [shown for role in named if (shown := concept(role))]
    words += concepts(resource, "code") + concepts(resource, "relationship")
    member = Member(
        name=document.name_of(reference),
        role=", ".join(_distinct(words)) or None,
        group="other",
        organisation=best_name(employer) or _displayed(participant, resource),
        phones=tuple(dict.fromkeys([*phones(resource), *phones(person), *phones(employer)])),
        start=text(period, "start"),
        end=text(period, "end"),
        current=not document.calendar.is_past(text(period, "end"), document.written),
        coordinator=any(code == CARE_COORDINATOR for role in roles for _, code in codings(role)),
        accepted=as_text(accepted[1]) if accepted else None,
        visits=as_text(visits[1]) if visits else None,
    )
    return replace(member, group=_group(roles, resource, member))


def _distinct(words: list[str]) -> list[str]:
    """Roles in order, leaving out those an earlier one already says."""
    kept: list[str] = []
    for role in words:
        if not any(role.casefold() in said.casefold() for said in kept):
            kept.append(role)
    return kept


def _displayed(participant: JsonObject, resource: JsonObject) -> str | None:
    return text(child(participant, "onBehalfOf"), "display") or text(child(resource, "organization"), "display")


def _group(roles: list[JsonObject], resource: JsonObject, member: Member) -> str:
    """The sender's own group code; else a role we are certain of; else family ties; else the role's words."""
    pairs = [pair for role in (*roles, *children(resource, "code")) for pair in codings(role)]
    own = next((code for system, code in pairs if system in (TEAM_GROUP, CONTACT_KIND) and code in GROUPS), None)
    certain = own or next((ROLE_GROUPS[code] for _, code in pairs if code in ROLE_GROUPS), None)
    if certain:
        return certain
    words = f"{member.role or ''} {member.organisation or ''} {member.name or ''}".lower()
    guessed = next((group for group, pattern in ROLE_WORDS.items() if re.search(pattern, words)), None)
    if text(resource, "resourceType") == "RelatedPerson":
        return "advocate" if guessed == "advocate" else "family"
    kinds = {code for system, code in pairs if system == CONTACT_KIND}
    # A co-ordinator or professional of no telling role still is one of the two: the co-ordinator sits in social care.
    return guessed or ("social" if "care-co-ordinator" in kinds else "health" if "professional" in kinds else "other")
