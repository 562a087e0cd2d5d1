"""FHIR datatypes copied as they stand: the transform ``fhir``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

from interop.definitions import Definitions
from interop.json_codec import Json
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError, Change, same
from interop.sources.fhir_places import FOLLOWED

DATATYPES = frozenset(
    [
        "Address",
        "Age",
        "Annotation",
        "Attachment",
        "CodeableConcept",
        "Coding",
        "ContactDetail",
        "ContactPoint",
        "Count",
        "Distance",
        "Dosage",
        "Duration",
        "Element",
        "Extension",
        "HumanName",
        "Identifier",
        "Meta",
        "Money",
        "Narrative",
        "Period",
        "Quantity",
        "Range",
        "Ratio",
        "Reference",
        "SampledData",
        "Signature",
        "Timing",
        "UsageContext",
    ]
)
"""What the transform ``fhir`` may fill: FHIR's datatypes, not the parts of a resource."""

_TIMES = frozenset({"start", "end", "time", "creation"})
_NO_ZONE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?")
_HL7 = "http://hl7.org/fhir/"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"


def copier(argument: Json, local: Change | None) -> tuple[Change, Change]:
    """The copying change, and the one that undoes it.

    argument  nothing, or ``{from: STU3, except: [urls]}``: code systems get the names R4 gives them; extensions of
              these URLs and codings of these systems are left to rules of their own
    local     gives a time without its zone the source's; None where the source names no zone
    Raises ArgumentError.
    """
    if argument is None:
        return (lambda value: _timed(_copied(value), local)), same
    if not isinstance(argument, dict) or not argument.keys() <= {"from", "except"}:
        raise ArgumentError(f"fhir takes nothing or {{from: STU3, except: [urls]}}, found {argument!r}")
    old = argument.get("from")
    if old not in (None, "STU3", "R4"):
        raise ArgumentError(f"fhir can bring STU3 and R4 to R4, not {old!r}")
    urls = argument.get("except", [])
    without = frozenset(map(str, urls if isinstance(urls, list) else [urls]))

    def copied(value: Json) -> Json:
        if isinstance(value, dict) and any(str(value.get(name)) in without for name in ("url", "system")):
            return None
        found = _timed(_copied(value), local)
        return _renamed(found, r4_system) if old == "STU3" else found

    return copied, partial(_renamed, name_of=stu3_system) if old == "STU3" else same


def _copied(value: Json) -> Json:
    """A datatype as it stands in the source. Raises Refusal ``source-not-fhir`` for a plain value."""
    if not isinstance(value, dict):
        raise Refusal("source-not-fhir", "a plain value stands where a FHIR datatype is wanted", "take `fhir` away")
    return _said({name: item for name, item in value.items() if name != FOLLOWED or "reference" not in value})


def _said(node: Json) -> Json:
    """The node without members that say nothing: R4 has no empty elements (ele-1). None where nothing is left.

    Items of lists of primitives keep their places, for their ``_name`` list stands beside them.
    """
    if isinstance(node, dict):
        found = {name: said for name, item in node.items() if (said := _said(item)) is not None}
        return found or None
    if isinstance(node, list):
        items = [_said(item) for item in node]
        held = [item for item in items if item is not None]
        return (items if any(not isinstance(item, dict) for item in held) else held) if held else None
    return None if node == "" else node


def _timed(node: Json, local: Change | None) -> Json:
    """The same, times in periods and notes with the zone they lack (R4 wants one beside a time of day)."""
    if local is None:
        return node
    if isinstance(node, list):
        return [_timed(item, local) for item in node]
    if not isinstance(node, dict):
        return node
    return {name: local(item) if _zoneless(name, item) else _timed(item, local) for name, item in node.items()}


def _zoneless(name: str, value: Json) -> bool:
    return name in _TIMES and isinstance(value, str) and _NO_ZONE.fullmatch(value) is not None


def _renamed(node: Json, name_of: Callable[[str], str]) -> Json:
    """A copy in which codings say another name of their code system: R4's, or the one STU3 had."""
    if isinstance(node, list):
        return [_renamed(item, name_of) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {name: _renamed(item, name_of) for name, item in node.items()}
    system = node.get("system")
    if isinstance(system, str) and "code" in node:
        copy["system"] = name_of(system)
    return copy


@cache
def stu3_system(system: str) -> str:
    """The name STU3 had for a code system of HL7, as far as ``r4_system`` leads back to it."""
    if not system.startswith(_TERMINOLOGY):
        return system
    name = system.removeprefix(_TERMINOLOGY)
    table = re.fullmatch(r"(v[23])-([A-Za-z0-9.\-]+)", name)
    old = f"{_HL7}{table[1]}/{table[2]}" if table else _HL7 + name
    return old if r4_system(old) == system else system


@cache
def r4_system(system: str) -> str:
    """The R4 name of a code system of HL7 that STU3 called otherwise; any other as it is.

    Source: FHIR R4 terminologies-systems.html: v2 and v3 tables and many of FHIR's own moved to terminology.hl7.org.
    """
    old = re.fullmatch(rf"{_HL7}(v[23])/([A-Za-z0-9.\-]+)", system)
    if old:
        return f"{_TERMINOLOGY}{old[1]}-{old[2]}"
    if not system.startswith(_HL7):
        return system
    definitions = Definitions.core()
    moved = _TERMINOLOGY + system.removeprefix(_HL7)
    known = definitions.resource("CodeSystem", system) is not None
    return moved if not known and definitions.resource("CodeSystem", moved) is not None else system
