"""Constants of a mapping: nested values taken apart to their leaves, codes in short form spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from interop.json_codec import Json
from interop.mapping.document import Rule
from interop.mapping.faults import Faults
from interop.mapping.plan import Branch
from interop.mapping.targets import Spot, Targets
from interop.mapping.translate import CODED


def constant_leaves(value: Json, spot: Spot, rule: Rule, targets: Targets) -> Iterator[tuple[Spot, str, Json]]:
    """Every plain value in ``value`` with the spot it goes to and its target path."""
    yield from _leaves(value, spot, rule.target, rule, targets)


def _leaves(value: Json, spot: Spot, path: str, rule: Rule, targets: Targets) -> Iterator[tuple[Spot, str, Json]]:
    if isinstance(value, list):
        if not spot.slot.many:
            targets.faults.add(rule.place(), f"{path} holds one value, found a list of {len(value)}")
            return
        for number, item in enumerate(value):
            label = spot.label if number == 0 else f"{spot.label}·{number + 1}"
            one = Spot(spot.slot, label, spot.type, spot.owner, spot.element)
            yield from _leaves(item, one, path, rule, targets)
    elif isinstance(value, dict):
        entry = spot.slot.entries.setdefault(spot.label, Branch(spot.type))
        if not isinstance(entry, Branch):
            targets.faults.add(rule.place(), f"{path} is written as a whole elsewhere, and in part here")
            return
        for name, item in value.items():
            inner = targets.spot(entry, name, rule.place())
            if inner is not None:
                yield from _leaves(item, inner, f"{path}.{name}", rule, targets)
    elif value is not None:
        yield spot, path, value


def coded(rule: Rule, type_code: str, prefixes: Mapping[str, str], faults: Faults) -> Json:
    """``sct|450476008|Not for attempted CPR`` as a value of ``type_code``; None with a fault when it does not fit."""
    place = rule.place("code")
    if type_code not in CODED:
        faults.add(place, f"`code` gives a code, Coding or CodeableConcept, {rule.target} is a {type_code}")
        return None
    parts = (rule.code or "").split("|", 2)
    if len(parts) < 2:
        if type_code == "code":
            return rule.code
        faults.add(place, f"{rule.code!r} is not system|code or system|code|display")
        return None
    system = parts[0]
    if "://" not in parts[0] and not parts[0].startswith("urn:"):
        if parts[0] not in prefixes:
            faults.unknown(place, "no prefix", parts[0], prefixes)
            return None
        system = prefixes[parts[0]]
    coding = {"system": system, "code": parts[1]} | ({"display": parts[2]} if len(parts) == 3 else {})
    if type_code == "code":
        return parts[1]
    return coding if type_code == "Coding" else {"coding": [coding]}
