"""UK values: NHS numbers, ODS codes, telephone numbers, postcodes. Each is checked, and refused with the reason."""

from __future__ import annotations

import re

from interop.identifiers import nhs_number_fault, ods_code_fault
from interop.mapping.refusal import Refusal
from interop.outcome import Severity


def nhs_number(text: str) -> str:
    digits = re.sub(r"[\s\u00a0-]", "", text)
    fault = nhs_number_fault(digits)
    if fault is None:
        return digits
    if _ROUNDED.fullmatch(text):
        text_ = f"NHS number {text!r} was shortened by a spreadsheet; its last digits are lost"
        raise Refusal("nhs-number-format", text_, "format the column as text before the numbers are typed in")
    code = "nhs-number-check-digit" if "check digit" in fault else "nhs-number-format"
    raise Refusal(code, f"NHS number {fault}", "check the number with the person's record on the Spine")


def ods_code(text: str) -> str:
    code = text.upper()
    fault = ods_code_fault(code)
    if fault is not None:
        raise Refusal("ods-code", fault, "look the organisation up in the ODS portal")
    return code


_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")


def phone(text: str) -> str:
    digits = sum(char.isdigit() for char in text)
    if not 7 <= digits <= 15:
        raise Refusal(
            "phone", f"{text!r} has {digits} digits, a telephone number has 7 to 15", "write it with area code"
        )
    if digits in (9, 10) and text[:1] not in ("0", "+", "("):
        raise Refusal(
            "phone-short",
            f"{text!r} has {digits} digits and no 0 in front; a spreadsheet may have eaten it",
            "format the column as text",
            severity=Severity.WARNING,
            instead=text,
        )
    return text


POSTCODE = re.compile(r"(GIR|[A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][A-Z]{2})", re.IGNORECASE)
"""Outward and inward code. Source: Royal Mail, PAF Programmers' Guide."""


def postcode(text: str) -> str:
    match = POSTCODE.fullmatch(re.sub(r"\s", "", text))
    if match is None:
        raise Refusal("postcode", f"{text!r} is not a UK postcode", "as in SW1A 2AA")
    return f"{match[1]} {match[2]}".upper()
