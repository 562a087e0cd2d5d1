"""An OperationDefinition and the profiles on its Parameters say the same.

Source: FHIR R4 operationdefinition-definitions.html#OperationDefinition.inputProfile ("the profile shall not conflict
with what is specified in the parameters in the operation definition").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interop.definitions import ElementDefinition, StructureDefinition
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.validation.item import Item
from interop.validation.questionnaire import rows

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_ANY = frozenset({"Any", "Element", "Resource", "DomainResource"})
_ALLOWED_TYPE = "http://hl7.org/fhir/StructureDefinition/operationdefinition-allowed-type"
_PARAMETER = "Parameters.parameter"
_HINT = "let the parameter and the profile say the same"


@dataclass(frozen=True, slots=True)
class OperationProfiles:
    """Each parameter of a use (in, out) occurs as often, and is of the types, that the profile for this use says."""

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        found: list[Issue] = []
        for use, name in (("in", "inputProfile"), ("out", "outputProfile")):
            canonical = item.members.get(name)
            if isinstance(canonical, str):
                found.extend(_judged(item, (use, f"{item.expression}.{name}", canonical), scope))
        return found


def _judged(item: Item, asked: tuple[str, str, str], scope: Scope) -> Iterator[Issue]:
    """What is wrong with one use; ``asked`` are the use, the place of its profile and the profile's canonical."""
    use, place, canonical = asked
    profile = scope.run.structure(canonical)
    if profile is None:
        text = f"the parameters could not be compared with {canonical}, which is not loaded"
        yield Issue("profile-not-checked", text, place, Severity.WARNING, hint="load the package that defines it")
        return
    if profile.type != "Parameters":
        text = f"{canonical} is a profile on {profile.type}, one on Parameters is wanted"
        yield Issue("operation-profile", text, place, hint="name a profile on Parameters")
        return
    slices = dict(_slices(profile))
    for number, parameter in enumerate(rows(item.members.get("parameter"))):
        piece = slices.pop(str(parameter.get("name")), None) if parameter.get("use") == use else None
        if piece is None:
            continue
        spot = f"{item.expression}.parameter[{number}]"
        for text, conflicts in _differences(parameter, piece, profile):
            severity = Severity.ERROR if conflicts else scope.run.policy.beyond_text
            yield Issue("operation-profile", f"{parameter['name']}: {text}", spot, severity, canonical, hint=_HINT)
    for name in slices:
        text = f"{canonical} has a parameter {name!r}, the operation has none of this name for {use}"
        yield Issue("operation-profile", text, place, Severity.WARNING, hint=_HINT)


def _slices(profile: StructureDefinition) -> Iterator[tuple[str, ElementDefinition]]:
    """The parameters a profile speaks of, by name."""
    for piece in profile.slices(_PARAMETER):
        name = profile.element(f"{piece.id}.name")
        typed = (name.fixed or name.pattern) if name is not None else None
        if typed is not None and isinstance(typed[1], str):
            yield typed[1], piece


def _differences(
    parameter: JsonObject, piece: ElementDefinition, profile: StructureDefinition
) -> Iterator[tuple[str, bool]]:
    """(what differs, whether nothing could satisfy both)."""
    low, high = parameter.get("min"), parameter.get("max")
    if isinstance(low, int) and low != piece.min:
        yield f"min is {low}, the profile has {piece.min}", piece.max is not None and piece.max < low
    most = "*" if piece.max is None else str(piece.max)
    if isinstance(high, str) and high != most:
        yield f"max is {high}, the profile has {most}", high.isdigit() and int(high) < piece.min
    values = [found for e in profile.children(piece.id) if (found := _value(e)) is not None]
    yield from _types(parameter, values)
    yield from _targets(parameter, values)


def _value(element: ElementDefinition) -> ElementDefinition | None:
    """``value[x]`` or ``resource``, where the profile allows it and says which type."""
    named = element.name in ("value[x]", "resource") and element.slice_name is None
    return element if named and element.max != 0 else None


def _types(parameter: JsonObject, values: list[ElementDefinition]) -> Iterator[tuple[str, bool]]:
    own = {str(parameter["type"])} if isinstance(parameter.get("type"), str) else set()
    if own & _ANY:
        own = {
            str(e.get("valueUri"))
            for e in rows(parameter.get("extension"))
            if e.get("url") == _ALLOWED_TYPE and e.get("valueUri")
        }
    theirs = {code for element in values for code in element.type_codes}
    if not own or not theirs or theirs & _ANY or len(values) > 1 or own == theirs:
        return
    if strange := sorted(theirs - own):
        told = f"the profile allows {', '.join(strange)}, the operation has {', '.join(sorted(own))}"
        yield told, not own & theirs
    if missing := sorted(own - theirs):
        yield (
            f"the operation allows {', '.join(missing)}, the profile has {', '.join(sorted(theirs))}",
            not own & theirs,
        )


def _targets(parameter: JsonObject, values: list[ElementDefinition]) -> Iterator[tuple[str, bool]]:
    listed = parameter.get("targetProfile")
    own = {c for c in listed if isinstance(c, str)} if isinstance(listed, list) else set()
    theirs = {target for element in values for ref in element.types for target in ref.target_profiles}
    if not values or len(values) > 1 or own == theirs:
        return
    for some, others, who, whom in ((theirs, own, "profile", "operation"), (own, theirs, "operation", "profile")):
        for target in sorted(some - others):
            told = ", ".join(sorted(others)) or "none"
            yield (
                f"the {who} allows the target {target}, the {whom} has {told}",
                bool(own and theirs and not own & theirs),
            )
