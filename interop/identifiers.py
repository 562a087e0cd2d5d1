"""UK identifiers: the systems they belong to and the arithmetic that proves them."""

from __future__ import annotations

import re
from typing import Literal

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_ORGANISATION = "https://fhir.nhs.uk/Id/ods-organization-code"
UUID = "https://tools.ietf.org/html/rfc4122"

OrganisationRole = Literal["care-home", "hospital", "gp", "ambulance", "social-care", "other"]
"""What an organisation is to those it exchanges records with."""

_ODS = re.compile(r"[A-Z0-9]{3,12}")


def nhs_number_fault(value: str) -> str | None:
    """Why ``value`` is not an NHS number, or None when it is one.

    Ten digits; digits 1 to 9 weighted 10 down to 2; 11 minus the sum modulo 11 is the tenth (11 counts as 0,
    10 is never issued). Source: NHS Data Dictionary, NHS NUMBER.
    """
    if not (len(value) == 10 and value.isascii() and value.isdigit()):
        hint = "; a leading zero may have been lost" if value.isdigit() and len(value) == 9 else ""
        return f"{value!r} is not 10 digits{hint}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(value, range(10, 1, -1), strict=False)) % 11
    check = 0 if check == 11 else check
    if check == 10:
        return f"{value!r} can never be an NHS number: its check digit would be 10"
    if check != int(value[9]):
        return f"{value!r} fails the check digit: the last digit is {value[9]}, the first nine ask for {check}"
    return None


def ods_code_fault(value: str) -> str | None:
    """Why ``value`` is not an ODS code (3 to 12 capital letters and digits), or None when it is one."""
    return None if _ODS.fullmatch(value) else f"{value!r} is not an ODS code (3 to 12 capital letters and digits)"
