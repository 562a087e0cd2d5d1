"""The copy of a document that one reader may have: what is labelled restricted stays with the sender.

Source: v3-Confidentiality R and V in ``meta.security``; Caldicott principles (need to know, minimum necessary); CQC
Regulation 13. Pure: a copy is made, the original is not changed, and the same original and role give the same copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from interop.bundle import stable_uuid
from interop.errors import InteropError
from interop.json_codec import Json, JsonObject
from interop.practice.reader import Role
from interop.practice.withheld_words import Words, changes, texts_of
from interop.reading import Document
from interop.reading.document import HIDDEN_LABELS, is_restricted
from interop.reading.nodes import child, children, codings, text
from interop.reading.systems import CANONICAL, FLAG_CATEGORY

STATEMENT = "Restricted information is held by the sender."
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ROLES = f"{CANONICAL}/CodeSystem/disclosure-role"
SECTION = f"{CANONICAL}/CodeSystem/section"
FIRST_AID = ("alert", "communication", "cpr-decision", "advance-decision")
"""Flag categories that bear on the next hour: in an emergency they are told even where they are restricted."""


class DisclosureError(InteropError):
    """No copy can be made for this reader: nothing may be sent to them."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """The copy. ``removed``: what was taken out, by kind of resource only, for the sender's own record.

    ``changed``: every other place whose words repeated what was taken out and were replaced, as FHIRPath in the copy.
    """

    bundle: JsonObject
    role: Role
    removed: tuple[str, ...]
    changed: tuple[str, ...] = ()


def disclose(bundle: JsonObject, role: Role) -> Disclosed:
    """The copy of a document Bundle for a reader of this role.

    What is labelled goes, with whatever only it leads to: provenance, people, contained resources, references with
    their displays. All narrative goes (narrate the copy again), and so do attachments, which nobody can look into. In
    the place of what went stands one flag that says STATEMENT. A document without anything labelled is returned as
    it is. The copy has an identifier of its own, the same for the same original and role.

    Raises DisclosureError when the whole document is restricted, or when words of what was taken out would still stand
    in the copy: it is better that nothing is sent than that.
    """
    document = Document.of(bundle)
    hidden = [resource for _, resource in document.placed if _is_hidden(resource, role)]
    nested = [resource for _, resource in document.placed if any(_is_hidden(r, role) for r in _contained(resource))]
    whole = text(document.composition, "confidentiality") in HIDDEN_LABELS or is_restricted(document.composition)
    if role is Role.FULL or not (hidden or nested or whole):
        return Disclosed(bundle, role, ())
    if whole:
        raise DisclosureError(
            "the whole document is restricted and this reader may not have it",
            code="disclosure-withheld",
            hint="send it to a partner who sees all, or tell them another way",
        )
    copy = _Copy(document, role, hidden)
    made = copy.bundle()
    gone = [*copy.gone, *(r for one in nested for r in _contained(one) if _is_hidden(r, role))]
    clean = _without_words(made, gone, copy.kept)
    kinds = tuple(str(text(resource, "resourceType")) for resource in gone)
    return Disclosed(clean, role, kinds, tuple(changes(made, clean)))


def _is_hidden(resource: JsonObject, role: Role) -> bool:
    if not is_restricted(resource):
        return False
    labels = {text(label, "code") for label in children(child(resource, "meta"), "security")}
    if role is not Role.EMERGENCY or "V" in labels or text(resource, "resourceType") != "Flag":
        return True
    filed = {code for category in children(resource, "category") for _, code in codings(category)}
    return "safeguarding" in filed or not filed & set(FIRST_AID)


def _contained(resource: JsonObject) -> list[JsonObject]:
    return children(resource, "contained")


class _Copy:
    """One copy in the making."""

    def __init__(self, document: Document, role: Role, hidden: Sequence[JsonObject]) -> None:
        self.document, self.role = document, role
        self.hidden = {id(resource) for resource in hidden}
        alone = self._leading_nowhere_else()
        self.gone = [r for _, r in document.placed if id(r) in self.hidden or id(r) in alone]
        self._gone = {id(resource) for resource in self.gone}
        self.kept = [r for _, r in document.placed if id(r) not in self._gone]

    def _leading_nowhere_else(self) -> set[int]:
        """What is reached from something hidden, and from nothing that stays; and provenance of nothing that stays."""
        reached = self._reached([self.document.composition], through_hidden=False)
        behind = self._reached([r for _, r in self.document.placed if id(r) in self.hidden], through_hidden=True)
        alone = behind - reached - self.hidden
        for _, resource in self.document.placed:
            targets = [id(self.document.resolve(target, resource)) for target in children(resource, "target")]
            speaks_of_it = targets and all(target in self.hidden or target in alone for target in targets)
            if text(resource, "resourceType") == "Provenance" and speaks_of_it:
                alone.add(id(resource))
        return alone

    def _reached(self, start: Sequence[JsonObject], *, through_hidden: bool) -> set[int]:
        seen: set[int] = set()
        waiting = list(start)
        while waiting:
            resource = waiting.pop()
            if id(resource) in seen or (not through_hidden and id(resource) in self.hidden):
                continue
            seen.add(id(resource))
            waiting += [found for reference in _references(resource) if (found := self.document.resolve(reference))]
        return seen

    def bundle(self) -> JsonObject:
        """The Bundle without what went, with the statement in its place."""
        source = self.document.bundle
        stub = self._stub()
        url = f"urn:uuid:{stub['id']}"
        entries = [entry for entry in children(source, "entry") if id(child(entry, "resource")) not in self._gone]
        copied = [{**entry, "resource": self._resource(child(entry, "resource"), url)} for entry in entries]
        copied = [entry for entry in copied if entry["resource"]]
        made: JsonObject = {k: v for k, v in source.items() if k not in ("signature", "link", "entry")}
        made["identifier"] = self._identifier(child(source, "identifier"))
        tag = {"system": ROLES, "code": str(self.role)}
        made["meta"] = {**child(source, "meta"), "tag": [*children(child(source, "meta"), "tag"), tag]}
        return {**made, "entry": [*copied, {"fullUrl": url, "resource": stub}]}

    def _identifier(self, original: JsonObject) -> JsonObject:
        value = text(original, "value")
        return {**original, "value": _copied(value, self.role)} if value else original

    def _stub(self) -> JsonObject:
        ident = stable_uuid("withheld", str(text(child(self.document.bundle, "identifier"), "value")), str(self.role))
        patient = child(self.document.composition, "subject")
        return {
            "resourceType": "Flag",
            "id": ident,
            "meta": {
                "profile": [f"{CANONICAL}/StructureDefinition/flag"],
                "security": [{"system": CONFIDENTIALITY, "code": "R", "display": "restricted"}],
            },
            "status": "active",
            "category": [{"coding": [{"system": FLAG_CATEGORY, "code": "withheld", "display": "Held by the sender"}]}],
            "code": {"text": STATEMENT},
            "subject": {name: patient[name] for name in ("reference", "identifier") if name in patient},
        }

    def _resource(self, resource: JsonObject, stub: str) -> JsonObject:
        """One resource of the copy; an empty object where nothing is left of it."""
        made = {name: value for name, value in resource.items() if name != "text"}
        inside = [inner for inner in _contained(resource) if not _is_hidden(inner, self.role)]
        if _contained(resource):
            made["contained"] = [{k: v for k, v in inner.items() if k != "text"} for inner in inside]
            made = {k: v for k, v in made.items() if v != []}
        if text(resource, "resourceType") == "Composition":
            made = self._composition(made, stub)
        if self.role is Role.EMERGENCY and is_restricted(resource):
            made["meta"] = _opened(child(made, "meta"))
        if text(resource, "resourceType") == "Binary":
            return {}
        dropped = self._lead(made, resource)
        kind = text(resource, "resourceType")
        if kind == "Provenance":
            made["target"] = [t for t in children(resource, "target") if not self._leads_to_hidden(t, resource)]
        return _without_attachments(dropped if kind != "Provenance" else {**dropped, "target": made["target"]})

    def _composition(self, made: JsonObject, stub: str) -> JsonObject:
        relates = [
            {**relation, "targetIdentifier": {**target, "value": _copied(str(text(target, "value")), self.role)}}
            if (target := child(relation, "targetIdentifier"))
            else relation
            for relation in children(made, "relatesTo")
        ]
        sections = [s for section in children(made, "section") if (s := self._section(section))]
        note = {
            "title": "Held by the sender",
            "code": {"coding": [{"system": SECTION, "code": "withheld", "display": "Held by the sender"}]},
            "entry": [{"reference": stub}],
        }
        made = {**made, "section": [*sections, note]}
        return {**made, "relatesTo": relates} if relates else made

    def _section(self, section: JsonObject) -> JsonObject | None:
        """A section without what went; one that held nothing else goes whole, its heading too."""
        entries = [r for r in children(section, "entry") if not self._leads_to_hidden(r, self.document.composition)]
        inner = [s for part in children(section, "section") if (s := self._section(part))]
        had = bool(children(section, "entry"))
        if had and not entries and not inner:
            return None
        narrative = not had and not children(section, "section") and not child(section, "emptyReason")
        made = {k: v for k, v in section.items() if k not in ("entry", "section") and (k != "text" or narrative)}
        made |= {"entry": entries} if entries else {}
        return made | ({"section": inner} if inner else {})

    def _leads_to_hidden(self, reference: Json, within: JsonObject) -> bool:
        found = self.document.resolve(reference, within)
        return bool(found) and (id(found) in self._gone or _is_hidden(found, self.role))

    def _lead(self, node: JsonObject, within: JsonObject) -> JsonObject:
        """References to what went keep their place and lose what they said."""

        def change(here: JsonObject) -> JsonObject:
            pointing = {"reference", "identifier"} & here.keys() and "resourceType" not in here
            if pointing and self._leads_to_hidden(here, within):
                return {"display": STATEMENT}
            return here

        return _everywhere(node, change)


def _copied(identifier: str, role: Role) -> str:
    made = stable_uuid("copy", identifier, str(role))
    return f"urn:uuid:{made}" if identifier.startswith("urn:uuid:") else made


def _opened(meta: JsonObject) -> JsonObject:
    labels = [label for label in children(meta, "security") if text(label, "code") not in HIDDEN_LABELS]
    tag = {"system": ROLES, "code": "emergency"}
    return {**meta, "security": labels, "tag": [*children(meta, "tag"), tag]} if labels else {
        **{k: v for k, v in meta.items() if k != "security"},
        "tag": [*children(meta, "tag"), tag],
    }  # fmt: skip


def _references(node: Json) -> list[JsonObject]:
    found, waiting = [], [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if "reference" in here or ("identifier" in here and "resourceType" not in here):
                found.append(here)
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
    return found


def _everywhere(node: JsonObject, change: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """A copy of a tree with ``change`` made to every object below it, the inner ones first."""

    def walk(here: Json) -> Json:
        if isinstance(here, dict):
            return change({name: walk(value) for name, value in here.items()})
        return [walk(item) for item in here] if isinstance(here, list) else here

    return {name: walk(value) for name, value in node.items()}


def _without_attachments(node: JsonObject) -> JsonObject:
    """Bytes nobody can look into stay with the sender; where they were, their kind and title stand."""
    if text(node, "resourceType") == "DocumentReference":
        held = [child(content, "attachment") for content in children(node, "content")]
        if any("data" in attachment for attachment in held):
            return {}

    def change(here: JsonObject) -> JsonObject:
        return {k: v for k, v in here.items() if k not in ("data", "valueBase64Binary")}

    return _everywhere(node, change)


def _without_words(made: JsonObject, gone: Iterable[JsonObject], kept: Iterable[JsonObject]) -> JsonObject:
    """The copy with every text that repeats what went replaced. Raises DisclosureError where one cannot be."""
    known: list[Json] = [[resource.get(name) for name in _ALREADY_KNOWN] for resource in kept]
    words = Words.of(list(gone), known)

    def change(here: JsonObject) -> JsonObject:
        return {name: _redacted(name, value, words) for name, value in here.items()}

    clean = change(_everywhere(made, change))
    if any(words.in_text(told) for told in texts_of(clean)):
        raise DisclosureError(
            "words of what is restricted would still stand in the copy",
            code="disclosure-leak",
            hint="look at the codes and addresses of the document: one of them says what is restricted",
        )
    return clean


_ALREADY_KNOWN = ("name", "address", "telecom")
"""What every reader of the document knows anyway: who is in it, where they live and how to reach them."""
_FREE = ("text", "display", "title", "description", "comment", "valueString", "valueMarkdown", "div", "name", "note")


def _redacted(name: str, value: Json, words: Words) -> Json:
    if isinstance(value, str) and words.in_text(value):
        if name == "div":
            return f'<div xmlns="http://www.w3.org/1999/xhtml">{STATEMENT}</div>'
        return STATEMENT if name in _FREE or name.startswith("value") else value
    if isinstance(value, list):
        return [
            STATEMENT if isinstance(item, str) and words.in_text(item) and name in _LISTS else item for item in value
        ]
    return value


_LISTS = ("given", "prefix", "suffix", "line", "alias")
