"""Where a profile contradicts its base: what it allows must be allowed there too.

Source: FHIR R4 profiling.html#limitations, elementdefinition.html#interpretation.
"""

from __future__ import annotations

from collections.abc import Iterator

from interop.definitions.elements import ElementDefinition, StructureDefinition
from interop.definitions.facts import Structures
from interop.errors import DefinitionError
from interop.outcome import Issue

_STRENGTHS = ("example", "preferred", "extensible", "required")
_ANY_TYPE = frozenset({"Element", "BackboneElement", "Resource", "DomainResource"})


def contradictions(profile: StructureDefinition, definitions: Structures) -> tuple[Issue, ...]:
    """An issue ``profile-contradicts-base`` for each element the profile widens; empty for a type of its own."""
    base = definitions.structure(profile.base) if profile.base and profile.is_profile else None
    if base is None:
        return ()
    return tuple(
        Issue(
            "profile-contradicts-base",
            f"{profile.url}: {element.id} {fault}",
            expression=element.path,
            rule=profile.url,
            hint="a profile may only narrow what its base allows",
        )
        for element in profile
        if (allowed := base.element(element.id) or base.element(element.path)) is not None
        for fault in (*_widenings(element, allowed), *_other_targets(element, allowed, definitions))
    )


def _widenings(element: ElementDefinition, allowed: ElementDefinition) -> Iterator[str]:
    is_new_slice = element.slice_name is not None and allowed.slice_name is None
    if element.min < allowed.min and not is_new_slice:
        yield f"has min {element.min}, its base asks for at least {allowed.min}"
    if allowed.max is not None and (element.max is None or element.max > allowed.max):
        yield f"has max {'*' if element.max is None else element.max}, its base allows {allowed.max}"
    if element.max is not None and element.min > element.max:
        yield f"asks for at least {element.min} and allows at most {element.max}"
    codes = frozenset(allowed.type_codes)
    strange = [code for code in element.type_codes if code not in codes]
    if codes and strange and not codes & _ANY_TYPE:
        yield f"has type {', '.join(strange)}, its base allows {', '.join(allowed.type_codes)}"
    if allowed.binding and element.binding and _rank(element.binding.strength) < _rank(allowed.binding.strength):
        yield f"is bound {element.binding.strength}, its base {allowed.binding.strength}"


def _other_targets(element: ElementDefinition, allowed: ElementDefinition, definitions: Structures) -> Iterator[str]:
    """Resource types a reference may lead to here and not in the base; a profile nobody knows is passed over."""
    ours, theirs = _targets(element), _targets(allowed)
    if ours <= theirs or not theirs:
        return
    known = {_type_of(canonical, definitions) for canonical in theirs}
    strange = sorted(c for c in ours - theirs if (kind := _type_of(c, definitions)) is not None and kind not in known)
    if strange and not known & {None, *_ANY_TYPE}:
        yield f"refers to {', '.join(strange)}, its base allows {', '.join(sorted(theirs))}"


def _targets(element: ElementDefinition) -> frozenset[str]:
    return frozenset(target for ref in element.types for target in ref.target_profiles)


def _type_of(canonical: str, definitions: Structures) -> str | None:
    try:
        found = definitions.structure(canonical)
    except DefinitionError:
        return None
    return found.type if found is not None else None


def _rank(strength: str) -> int:
    return _STRENGTHS.index(strength) if strength in _STRENGTHS else 0
