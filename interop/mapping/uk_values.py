"""UK values: NHS numbers, ODS codes, telephone numbers, postcodes. Each is checked, and refused with the reason."""

from __future__ import annotations

import re

from interop.identifiers import nhs_number_fault, ods_code_fault
from interop.mapping.refusal import Refusal


def nhs_number(text: str) -> str:
    digits = re.sub(r"[\s\u00a0-]", "", text)
    fault = nhs_number_fault(digits)
    if fault is None:
        return digits
    code = "nhs-number-check-digit" if "check digit" in fault else "nhs-number-format"
    raise Refusal(code, f"NHS number {fault}", "check the number with the person's record on the Spine")


def ods_code(text: str) -> str:
    code = text.upper()
    fault = ods_code_fault(code)
    if fault is not None:
        raise Refusal("ods-code", fault, "look the organisation up in the ODS portal")
    return code


def phone(text: str) -> str:
    digits = sum(char.isdigit() for char in text)
    if not 7 <= digits <= 15:
        raise Refusal(
            "phone", f"{text!r} has {digits} digits, a telephone number has 7 to 15", "write it with area code"
        )
    return text


_POSTCODE = re.compile(r"(GIR|[A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})")


def postcode(text: str) -> str:
    match = _POSTCODE.fullmatch(re.sub(r"\s", "", text).upper())
    if match is None:
        raise Refusal("postcode", f"{text!r} is not a UK postcode", "as in SW1A 2AA")
    return f"{match[1]} {match[2]}"
