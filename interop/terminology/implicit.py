"""Value sets that SNOMED CT and LOINC define by their url alone. Source: FHIR R4 snomedct.html#implicit, loinc.html."""

from __future__ import annotations

from urllib.parse import quote, unquote

from interop.json_codec import JsonObject
from interop.terminology.external import LOINC, SNOMED

_SNOMED = f"{SNOMED}?fhir_vs"
_LOINC = f"{LOINC}/vs"


def implicit_value_set(value_set: str) -> JsonObject | None:
    """The value set such a url stands for; None for any other url."""
    if value_set.startswith(_SNOMED):
        argument = unquote(value_set[len(_SNOMED) :].removeprefix("="))
        part: JsonObject = {"system": SNOMED}
        way, _, what = argument.partition("/")
        if way == "ecl":
            part["filter"] = [{"property": "constraint", "op": "=", "value": what}]
        elif argument:
            op = {"isa": "is-a", "refset": "in"}.get(way, way)
            part["filter"] = [{"property": "concept", "op": op, "value": what}]
        return {"compose": {"include": [part]}}
    if value_set == _LOINC:
        return {"compose": {"include": [{"system": LOINC}]}}
    return None


def snomed_value_set(part: JsonObject) -> str | None:
    """The url that stands for an include of SNOMED CT with one filter; None when there is none.

    A version of SNOMED CT names an edition and makes the url begin with it.
    """
    filters: list[JsonObject] = part.get("filter") or []
    if part.get("system") != SNOMED or len(filters) != 1:
        return None
    rule, value = (filters[0].get("property"), filters[0].get("op")), filters[0].get("value")
    edition = part.get("version")
    base = edition if isinstance(edition, str) and edition.startswith(f"{SNOMED}/") else SNOMED
    if not isinstance(value, str) or (edition and base == SNOMED):
        return None
    if rule == ("concept", "is-a"):
        return f"{base}?fhir_vs=isa/{value}"
    if rule == ("concept", "in"):
        return f"{base}?fhir_vs=refset/{value}"
    if rule in (("constraint", "="), ("expression", "=")):
        return f"{base}?fhir_vs=ecl/{quote(value, safe='', errors='replace')}"
    return None
