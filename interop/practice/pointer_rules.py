"""The published rules of the National Record Locator for a pointer, one function a rule.

Source: the locator's producer validator and constants. Each rule is told by its own name, so that a refusal says which.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from interop.identifiers import NHS_NUMBER
from interop.json_codec import JsonObject
from interop.outcome import Issue
from interop.reading.nodes import child, children, text

SNOMED = "http://snomed.info/sct"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
ASID = "https://fhir.nhs.uk/Id/nhsSpineASID"
STABILITY = "https://fhir.nhs.uk/England/StructureDefinition/Extension-England-ContentStability"
STABILITY_CODES = "https://fhir.nhs.uk/England/CodeSystem/England-NRLContentStability"
FORMAT_CODES = "https://fhir.nhs.uk/England/CodeSystem/England-NRLFormatCode"
CARE_PLAN = "734163000"
CATEGORIES = {CARE_PLAN: "Care plan", "1102421000000108": "Observations", "823651000000106": "Clinical note"}
POINTER_TYPES = {
    "736253002": "Mental health crisis plan",
    "887701000000100": "Emergency health care plan",
    "861421000000109": "End of life care coordination summary",
    "1382601000000107": "ReSPECT (Recommended Summary Plan for Emergency Care and Treatment) form",
    "1363501000000100": "Royal College of Physicians NEWS2 (National Early Warning Score 2) chart",
    "325691000000100": "Contingency plan",
    "736373009": "End of life care plan",
    "16521000000101": "Lloyd George record folder",
    "736366004": "Advance care plan",
    "735324008": "Treatment escalation plan",
    "824321000000109": "Summary record",
    "2181441000000107": "Personalised Care and Support Plan",
}
CATEGORY_OF = {"1363501000000100": "1102421000000108", "824321000000109": "823651000000106"}
"""Pointer type → category, where it is not a care plan."""
FORMATS = {"urn:nhs-ic:unstructured": "Unstructured Document", "urn:nhs-ic:structured": "Structured Document"}
FORMAT_OF = {
    "application/pdf": "urn:nhs-ic:unstructured",
    "application/fhir+json": "urn:nhs-ic:structured",
    "application/json": "urn:nhs-ic:structured",
    "text/html": "urn:nhs-ic:structured",
}
REQUIRED = ("custodian", "id", "type", "status", "subject", "category")
RELATIONS = ("replaces", "transforms", "signs", "appends", "incorporates", "summarizes")
KNOWN = {
    "resourceType", "id", "meta", "masterIdentifier", "identifier", "status", "docStatus", "type", "category",
    "subject", "date", "author", "authenticator", "custodian", "relatesTo", "description", "securityLabel", "content",
    "context",
}  # fmt: skip
"""Every element of R4 DocumentReference the locator keeps; it refuses a resource with any other."""

Rule = Callable[[JsonObject], Iterator[Issue]]


def broken_rules(pointer: JsonObject) -> Iterator[Issue]:
    """Every published rule a pointer breaks. Where something required is missing, the others are not asked."""
    missing = list(required(pointer))
    yield from missing
    for rule in RULES[1:] if not missing else ():
        yield from rule(pointer)


def required(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-required: custodian, id, type, status, subject and category are there."""
    for name in REQUIRED:
        if not pointer.get(name):
            yield _issue("nrl-required", f"a pointer needs {name}, and the document gives none", name, _WHENCE[name])


def no_extra(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-no-extra: no element the locator does not keep."""
    for name in pointer:
        if name not in KNOWN:
            yield _issue("nrl-no-extra", f"the locator refuses a resource with {name!r}", name, "leave it out")


def subject(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-subject: the person by NHS number."""
    found = child(child(pointer, "subject"), "identifier")
    if text(found, "system") != NHS_NUMBER or not text(found, "value"):
        told = f"the subject is named by {text(found, 'system') or 'no identifier'}; wanted {NHS_NUMBER}"
        yield _issue("nrl-subject", told, "subject.identifier", "send the person's NHS number")


def custodian(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-custodian: the organisation that holds it, by ODS code."""
    found = child(child(pointer, "custodian"), "identifier")
    if text(found, "system") != ODS or not text(found, "value"):
        told = f"the custodian is named by {text(found, 'system') or 'no identifier'}; wanted {ODS}"
        yield _issue("nrl-custodian", told, "custodian.identifier", "record the organisation's ODS code")


def author(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-author: exactly one author, by an ODS code of at most 12 letters and digits."""
    authors = children(pointer, "author")
    code = text(child(authors[0], "identifier"), "value") if len(authors) == 1 else None
    system = text(child(authors[0], "identifier"), "system") if len(authors) == 1 else None
    if len(authors) != 1 or system != ODS or code is None or not re.fullmatch(r"[A-Za-z0-9]{1,12}", code):
        told = f"found {len(authors)} authors, the first {code or 'without an ODS code'}; wanted one, by its ODS code"
        yield _issue("nrl-author", told, "author", "name the organisation that wrote it, by its ODS code")


def kind(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-type: exactly one published pointer type, with its own display."""
    found = children(child(pointer, "type"), "coding")
    code = text(found[0], "code") if found else None
    wanted = POINTER_TYPES.get(code or "")
    if len(found) != 1 or text(found[0], "system") != SNOMED or wanted is None:
        told = f"{code or 'no code'} is no published pointer type"
        hint = "the locator has types for care plans and end of life records, none for transfers or discharges"
        yield _issue("nrl-type", told, "type.coding", hint)
    elif text(found[0], "display") != wanted:
        told = f"the display is {text(found[0], 'display')!r}; wanted {wanted!r}"
        yield _issue("nrl-type", told, "type.coding[0].display", "use the published display")


def category(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-category: exactly one category with one coding, of the published ones, with its own display."""
    categories = children(pointer, "category")
    found = children(categories[0], "coding") if len(categories) == 1 else []
    if len(categories) != 1 or len(found) != 1:
        told = f"found {len(categories)} categories with {len(found)} codings; wanted one with one"
        yield _issue("nrl-category", told, "category", "say one category")
        return
    code, display = text(found[0], "code"), text(found[0], "display")
    if text(found[0], "system") != SNOMED or code not in CATEGORIES:
        known = ", ".join(CATEGORIES)
        yield _issue("nrl-category", f"{code!r} is no published category; they are {known}", "category", "use one")
    elif display != CATEGORIES[code]:
        told = f"the display of {code} is {display!r}; wanted {CATEGORIES[code]!r}"
        yield _issue("nrl-category", told, "category[0].coding[0].display", "use the published display")


def type_category(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-type-category: the category that belongs to the pointer type."""
    of = text(child(child(pointer, "type"), "coding"), "code")
    found = text(child(child(pointer, "category"), "coding"), "code")
    wanted = CATEGORY_OF.get(of or "", CARE_PLAN)
    if of in POINTER_TYPES and found in CATEGORIES and found != wanted:
        told = f"a pointer of type {of} has category {wanted}, not {found}"
        yield _issue("nrl-type-category", told, "category[0].coding[0].code", "use the category of the type")


def content_type(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-content-type: an address, and a kind of file the locator knows."""
    for number, content in enumerate(children(pointer, "content")):
        attachment, at = child(content, "attachment"), f"content[{number}].attachment"
        if text(attachment, "contentType") not in FORMAT_OF:
            told = f"{text(attachment, 'contentType') or 'nothing'} is no kind of file the locator points at"
            yield _issue("nrl-content-type", told, f"{at}.contentType", f"use one of {', '.join(FORMAT_OF)}")
        address = text(attachment, "url")
        if not address or not address.startswith(("https://", "ssp://")):
            told = f"the address is {address or 'missing'!r}; wanted https:// or ssp://"
            yield _issue("nrl-content-type", told, f"{at}.url", "name where the document is fetched")
    if not children(pointer, "content"):
        yield _issue("nrl-content-type", "the pointer points nowhere", "content", "name where the document is fetched")


def content_format(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-format: the locator's own format code, the one that goes with the kind of file, with its display."""
    for number, content in enumerate(children(pointer, "content")):
        found, at = child(content, "format"), f"content[{number}].format"
        code = text(found, "code")
        wanted = FORMAT_OF.get(text(child(content, "attachment"), "contentType") or "")
        if text(found, "system") != FORMAT_CODES or code not in FORMATS:
            yield _issue("nrl-format", f"{code!r} is no format of {FORMAT_CODES}", at, f"use {wanted or 'one of it'}")
        elif wanted and code != wanted:
            yield _issue("nrl-format", f"the format is {code}; this kind of file goes with {wanted}", at, "change it")
        elif text(found, "display") != FORMATS[code]:
            told = f"the display is {text(found, 'display')!r}; wanted {FORMATS[code]!r}"
            yield _issue("nrl-format", told, f"{at}.display", "use the published display")


def stability(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-stability: exactly one content stability extension, static or dynamic, display as the code."""
    for number, content in enumerate(children(pointer, "content")):
        at = f"content[{number}].extension"
        found = [e for e in children(content, "extension") if text(e, "url") == STABILITY]
        coded = [c for e in found for c in children(child(e, "valueCodeableConcept"), "coding")]
        code = text(coded[0], "code") if len(coded) == 1 else None
        if len(found) != 1 or code not in ("static", "dynamic"):
            told = f"found {len(found)} content stability extensions saying {code or 'nothing'}; wanted one"
            yield _issue("nrl-stability", told, at, "say static (a file) or dynamic (kept up to date)")
        elif text(coded[0], "system") != STABILITY_CODES or text(coded[0], "display") != code.capitalize():
            told = f"found {text(coded[0], 'system')}, {text(coded[0], 'display')!r}; wanted {code.capitalize()!r}"
            yield _issue("nrl-stability", told, at, "use the published system and display")


def relates_to(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-relates-to: a known relation, and for ``replaces`` the identifier of the pointer replaced."""
    for number, relation in enumerate(children(pointer, "relatesTo")):
        at, code = f"relatesTo[{number}]", text(relation, "code")
        if code not in RELATIONS:
            yield _issue("nrl-relates-to", f"{code!r} is none of {', '.join(RELATIONS)}", f"{at}.code", "use one")
        elif code == "replaces" and not text(child(child(relation, "target"), "identifier"), "value"):
            told = "it replaces a pointer and does not name which"
            yield _issue("nrl-relates-to", told, f"{at}.target.identifier.value", "name the pointer it replaces")


def asid(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-asid: an ssp:// address needs exactly one ASID of 12 digits in context.related, and none is bad anywhere."""
    proxied = any(
        (text(child(content, "attachment"), "url") or "").startswith("ssp://")
        for content in children(pointer, "content")
    )
    related = [child(r, "identifier") for r in children(child(pointer, "context"), "related")]
    found = [text(identifier, "value") for identifier in related if text(identifier, "system") == ASID]
    if (proxied and len(found) != 1) or len(found) > 1:
        told = f"found {len(found)} ASIDs; an address through the Spine Secure Proxy needs exactly one"
        yield _issue("nrl-asid", told, "context.related", "name the ASID of the system that holds the document")
    elif found and not re.fullmatch(r"\d{12}", found[0] or ""):
        yield _issue("nrl-asid", f"the ASID is {found[0]!r}; wanted 12 digits", "context.related", "look it up again")


def practice_setting(pointer: JsonObject) -> Iterator[Issue]:
    """nrl-setting: the care setting that holds the document, one SNOMED CT coding."""
    found = children(child(child(pointer, "context"), "practiceSetting"), "coding")
    if len(found) != 1 or text(found[0], "system") != SNOMED or not text(found[0], "code"):
        told = f"found {len(found)} codings for the care setting; wanted one, of SNOMED CT"
        yield _issue("nrl-setting", told, "context.practiceSetting.coding", "name it: --setting CODE=WORDS")


RULES: tuple[Rule, ...] = (
    required, no_extra, subject, custodian, author, kind, category, type_category, content_type, content_format,
    stability, relates_to, asid, practice_setting,
)  # fmt: skip

_WHENCE = {
    "custodian": "the document's custodian needs an ODS code",
    "id": "the document's custodian needs an ODS code, from which the id is made",
    "type": "the document needs a type",
    "status": "say current",
    "subject": "the person needs an NHS number that passes its check digit",
    "category": "say one category",
}


def _issue(rule: str, told: str, at: str, hint: str) -> Issue:
    return Issue("pointer-rule", f"{rule}: {told}", f"DocumentReference.{at}", rule=rule, hint=hint)
