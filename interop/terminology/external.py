"""Code systems that no package lists: what their codes must look like, and which can be told without a server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from zoneinfo import available_timezones

from interop.terminology import ucum

SNOMED = "http://snomed.info/sct"
DMD = "https://dmd.nhs.uk"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
LANGUAGES = "urn:ietf:bcp:47"
MIME_TYPES = "urn:ietf:bcp:13"
URIS = "urn:ietf:rfc:3986"
CURRENCIES = "urn:iso:std:iso:4217"
COUNTRIES = "urn:iso:std:iso:3166"
TIME_ZONES = "https://www.iana.org/time-zones"

Finding = tuple[bool | None, str]
"""Whether the code belongs to the system (None: could not tell), and why not or why unknown."""

_POSTCOORDINATED = re.compile(r"[:+{=|]")
_LOINC = re.compile(r"((?:LA|LP|LG|LL)?[0-9]{1,8})-([0-9])")
_LANGUAGE = re.compile(
    r"(?:[a-zA-Z]{2,3}(?:-[a-zA-Z]{3}){0,3}|[a-zA-Z]{4,8})"
    r"(?:-[a-zA-Z]{4})?(?:-(?:[a-zA-Z]{2}|[0-9]{3}))?(?:-(?:[a-zA-Z0-9]{5,8}|[0-9][a-zA-Z0-9]{3}))*"
    r"(?:-[0-9a-wyzA-WYZ](?:-[a-zA-Z0-9]{2,8})+)*(?:-x(?:-[a-zA-Z0-9]{1,8})+)?|x(?:-[a-zA-Z0-9]{1,8})+"
)
_MIME_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}"
_MIME_TYPE = re.compile(rf"{_MIME_NAME}/{_MIME_NAME}(?=\s*(?:;|$))")
_MIME = re.compile(rf"{_MIME_NAME}/{_MIME_NAME}(?:\s*;\s*[A-Za-z0-9!#$&^_.+-]+=(?:\"[^\"]*\"|[^\s;\"]+))*")


def judge(system: str, code: str) -> Finding | None:
    """What can be said of a code by its form; None for a system that has no rule here."""
    rule = _RULES.get(system)
    return rule(code) if rule else None


def snomed_fault(code: str) -> str | None:
    """Why ``code`` cannot be a SNOMED CT concept id, or None.

    6 to 18 digits, no leading zero; the partition (third and second digit from the end) is 00 or 10 for a concept; the
    last digit is Verhoeff's check digit. Source: SNOMED CT Release File Specification, SCTID.
    """
    if not (code.isascii() and code.isdigit()):
        return "a SNOMED CT concept id is 6 to 18 digits"
    if not 6 <= len(code) <= 18 or code[0] == "0":
        return "a SNOMED CT concept id is 6 to 18 digits and does not begin with 0"
    if code[-3:-1] not in ("00", "10"):
        kind = {"01": "a description", "11": "a description", "02": "a relationship", "12": "a relationship"}
        return f"its partition {code[-3:-1]} makes it {kind.get(code[-3:-1], 'no concept')}, not a concept"
    if _verhoeff(code) != 0:
        return "its check digit is wrong: a digit was mistyped or lost"
    return None


def _snomed(code: str) -> Finding:
    if _POSTCOORDINATED.search(code):
        return None, "post-coordinated expressions are not judged here"
    fault = snomed_fault(code)
    return (None, "well formed; only a terminology server can tell more") if fault is None else (False, fault)


def _loinc(code: str) -> Finding:
    """Source: LOINC Users' Guide, check digit (modulus 10). The letters of parts and answers count as well, each with
    its place behind "0" in ASCII: that is how LA32-8 and LP173421-1, as published, come out right."""
    match = _LOINC.fullmatch(code)
    if match is None:
        return False, "a LOINC code is digits, a hyphen and a check digit: 8480-6"
    total = 0
    for place, letter in enumerate(reversed(match[1])):
        value = ord(letter) - ord("0")
        total += sum(divmod(2 * value, 10)) if place % 2 == 0 else value
    if (10 - total % 10) % 10 != int(match[2]):
        return False, "its check digit is wrong: a digit was mistyped or lost"
    return None, "well formed; only a terminology server can tell more"


def _language(code: str) -> Finding:
    """Source: RFC 5646 section 2.1; two-letter languages are those of ISO 639-1."""
    if not _LANGUAGE.fullmatch(code):
        return False, "not a BCP 47 language tag such as en or en-GB"
    language = code.partition("-")[0]
    if len(language) == 2 and language.lower() not in _register("iso-639-1"):
        return False, f"ISO 639-1 has no language {language!r}"
    return (True, "") if len(language) == 2 else (None, "well formed; longer language codes are not listed here")


def _mime(code: str) -> Finding:
    """Source: RFC 6838 section 4.2; R4 also allows its own short forms xml, json and ttl."""
    if _MIME.fullmatch(code) or code in ("xml", "json", "ttl"):
        return True, ""
    if _MIME_TYPE.match(code):
        # Types are registered, parameters are not: "application/dicom; variant=DICOM WADO-RS" stands in R4's examples.
        return None, "its type is well formed, its parameters are not (quote a value that has spaces)"
    return False, "not a MIME type such as application/pdf"


def _uri(code: str) -> Finding:
    fits = bool(code) and not any(c.isspace() for c in code)
    return fits, "" if fits else "a URI has no spaces"


def _currency(code: str) -> Finding:
    known = code in _register("iso-4217")
    return known, "" if known else "ISO 4217 has no such currency"


def _country(code: str) -> Finding:
    """Source: ISO 3166-1; R4 says of this system "country and regional codes", so ISO 3166-2 belongs to it too.

    Two-letter codes are all listed (``LISTS``), so one that comes here does not exist.
    """
    if code in _register("iso-3166-1-alpha-3") or code in _register("iso-3166-1-numeric"):
        return True, ""
    if re.fullmatch(r"[A-Z]{2}-[A-Z0-9]{1,3}", code):
        return None, "well formed; parts of countries (ISO 3166-2) are not listed here"
    return False, "ISO 3166-1 has no such country; wanted is a code such as GB, GBR or 826"


@cache
def _register(name: str) -> frozenset[str]:
    """The codes of one of the registers kept in ``registers.json``."""
    text = resources.files("interop.terminology").joinpath("registers.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)[name].split())


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(code: str) -> Finding:
    return code in _zones(), "" if code in _zones() else "the IANA database has no such time zone"


def _unit(code: str) -> Finding:
    return ucum.shipped().judge(code)


_RULES: dict[str, Callable[[str], Finding]] = {
    SNOMED: _snomed,
    DMD: _snomed,
    LOINC: _loinc,
    UCUM: _unit,
    LANGUAGES: _language,
    MIME_TYPES: _mime,
    URIS: _uri,
    CURRENCIES: _currency,
    COUNTRIES: _country,
    TIME_ZONES: _time_zone,
}

LISTS: dict[str, tuple[str, ...]] = {
    UCUM: ("http://hl7.org/fhir/ValueSet/ucum-common",),
    LANGUAGES: ("http://hl7.org/fhir/ValueSet/languages",),
    COUNTRIES: ("http://hl7.org/fhir/ValueSet/iso3166-1-2",),
}
"""Value sets in R4 core that list codes of systems it does not define."""


def wordings(system: str, display: str) -> tuple[str, ...]:
    """The display and what else the system calls the same; ISO 3166 writes short names with and without "(the)"."""
    if system != COUNTRIES:
        return (display,)
    return display, display.removesuffix(" (the)") if display.endswith(" (the)") else f"{display} (the)"


_TURN = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_SHIFT = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _verhoeff(digits: str) -> int:
    """0 when the last digit is the check digit of those before it."""
    check = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        for _ in range(place % 8):
            value = _SHIFT[value]
        check = _TURN[check][value]
    return check
