"""Numbers that registers give to people and places: which system each is in, and what it looks like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from interop.identifiers import NHS_NUMBER, ODS_ORGANISATION
from interop.json_codec import Json
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError, Transform, text_of
from interop.mapping.uk_values import nhs_number, ods_code


@dataclass(frozen=True, slots=True)
class Register:
    """One system of identifiers. ``form`` None: how it looks is not published; letters, digits, dashes do."""

    system: str
    called: str
    form: re.Pattern[str] | None = None
    wanted: str = ""
    check: Callable[[str], str] | None = None

    def read(self, text: str) -> str:
        """The number as the register writes it. Raises Refusal ``identifier-format``, or the check's own."""
        if self.check is not None:
            return self.check(text)
        number = re.sub(r"\s", "", text).upper()
        form = self.form or _ANY
        if form.fullmatch(number) is None:
            wanted = self.wanted or "letters, digits and dashes"
            raise Refusal(
                "identifier-format", f"{text!r} is not a {self.called}, wanted {wanted}", "check it at the source"
            )
        return number


_ANY = re.compile(r"[A-Z0-9][A-Z0-9/.-]{0,29}")
_HL7_UK, _NHS = "https://fhir.hl7.org.uk/Id/", "https://fhir.nhs.uk/Id/"

REGISTERS = {
    "nhs-number": Register(NHS_NUMBER, "NHS number", check=nhs_number),
    "chi-number": Register(f"{_NHS}chi-number", "CHI number", re.compile(r"\d{10}"), "10 digits"),
    "ods": Register(ODS_ORGANISATION, "ODS organisation code", check=ods_code),
    "ods-site": Register(f"{_NHS}ods-site-code", "ODS site code", check=ods_code),
    "sds-user": Register(f"{_NHS}sds-user-id", "SDS user id", re.compile(r"\d{12}"), "12 digits"),
    "sds-role": Register(f"{_NHS}sds-role-profile-id", "SDS role profile id", re.compile(r"\d{12}"), "12 digits"),
    "gmc": Register(
        f"{_HL7_UK}gmc-number", "GMC number", re.compile(r"C?\d{7}"), "7 digits, as in 1234567 or C1234567"
    ),
    "nmc": Register(
        f"{_HL7_UK}nmc-number", "NMC pin", re.compile(r"\d{2}[A-Z]\d{4}[A-Z]"), "8 characters as in 12A3456E"
    ),
    "gmp": Register(f"{_HL7_UK}gmp-number", "GMP number"),
    "gdc": Register(f"{_HL7_UK}gdc-number", "GDC number"),
    "goc": Register(f"{_HL7_UK}goc-number", "GOC number"),
    "hcpc": Register(f"{_HL7_UK}hcpc-number", "HCPC number"),
    "gphc": Register(f"{_HL7_UK}gphc-number", "GPhC number"),
    "ppa": Register(f"{_HL7_UK}ppa-number", "PPA number"),
}
"""By the short names mappings use. Source: the UK naming systems (HL7 UK and NHS England)."""

UNPROVED = "Identifier as recorded, not valid"
"""Identifier.type.text of a number that failed its check: kept for people, under no system."""


def identifier(argument: Json, zone: tzinfo | None) -> Transform:
    """``{identifier: gmc}``: a whole Identifier with its system. A number that fails is kept under no system."""
    register = _register(argument, "identifier")

    def read(value: Json) -> Json:
        text = text_of(value)
        try:
            return {"system": register.system, "value": register.read(text)}
        except Refusal as refusal:
            refusal.instead = {"type": {"text": UNPROVED}, "value": text}
            raise

    def write(value: Json) -> Json:
        unproved = "system" not in value and (value.get("type") or {}).get("text") == UNPROVED
        if value.get("system") == register.system or unproved:
            return value.get("value")
        raise Refusal(
            "reverse-identifier", f"{value.get('value')!r} is in {value.get('system')!r}, not a {register.called}"
        )

    return Transform("identifier", read, write, frozenset({"Identifier"}))


def register_number(argument: Json, zone: tzinfo | None) -> Transform:
    """``{register-number: gmc}``: the number alone, checked; its system is the mapping's to say."""
    register = _register(argument, "register-number")
    return Transform(
        "register-number", lambda value: register.read(text_of(value)), lambda value: value, plain=register.read
    )


def _register(name: Json, transform: str) -> Register:
    if not isinstance(name, str) or name not in REGISTERS:
        raise ArgumentError(f"{transform} wants a register, found {name!r}; known: {', '.join(REGISTERS)}")
    return REGISTERS[name]
