"""What a profile says of an element makes sense for that element as the profile's base and types define it.

Source: FHIR R4 elementdefinition.html, profiling.html#discriminator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop.definitions import Definitions, ElementDefinition, StructureDefinition
from interop.definitions.facts import type_name
from interop.errors import ExpressionError
from interop.fhirpath import compile as compile_expression
from interop.json_codec import JsonObject
from interop.outcome import Issue
from interop.validation.navigation import Steps, parse_steps
from interop.validation.questionnaire import rows

_OPEN = frozenset({"Resource", "DomainResource", "Element", "BackboneElement", "Extension"})
"""Types whose values may have more members than the type has."""


def senseless(
    structure: StructureDefinition, stated: Sequence[JsonObject], definitions: Definitions
) -> Iterator[Issue]:
    """An issue for each element; ``expression`` is the element's path. Only what the profile adds is looked at.

    stated  the rows of its differential. Values of a row that gives the type itself are compared where it is read.
    """
    typed = {str(row.get("path")) for row in stated if row.get("type")}
    sliced = {str(row.get("path")) for row in stated if row.get("slicing")}
    own = {(str(row.get("path")), str(c.get("expression"))) for row in stated for c in rows(row.get("constraint"))}
    base = definitions.structure(structure.base) if structure.base else None
    for element in structure if base is not None else ():
        before = base.element(element.id) or base.element(element.path) if base is not None else None
        if before is element:
            continue
        for code, text, hint in (
            *(_values(element, before) if element.path not in typed else ()),
            *_constraints(element, own, definitions),
            *(_discriminators(element, before, definitions) if element.path in sliced else ()),
        ):
            yield Issue(code, f"{element.id}: {text}", element.path, hint=hint)


Fault = tuple[str, str, str]
"""Issue code, text, hint."""


def _values(element: ElementDefinition, before: ElementDefinition | None) -> Iterator[Fault]:
    types = {type_name(ref) for ref in element.types}
    if not types or types & _OPEN:
        return
    for name in ("fixed", "pattern", "min_value", "max_value"):
        typed = getattr(element, name)
        if typed is None or (before is not None and getattr(before, name) == typed):
            continue
        kind = typed[0]
        moment = name in ("min_value", "max_value") and kind == "Quantity"  # so long before or after now
        if not moment and not any(kind[:1].lower() + kind[1:] == t[:1].lower() + t[1:] for t in types):
            told = name.replace("_v", "V")
            text = f"{told} is a {kind}, the element holds {', '.join(sorted(types))}"
            yield "value-of-other-type", text, "give a value of the element's own type"


def _constraints(element: ElementDefinition, own: set[tuple[str, str]], definitions: Definitions) -> Iterator[Fault]:
    types = {type_name(ref) for ref in element.types}
    if not element.types and "." not in element.path:
        types = {element.path}
    if not types or types & _OPEN or not all(definitions.type_kind(name) for name in types):
        return
    for constraint in element.constraints:
        if constraint.expression is None or (element.path, constraint.expression) not in own:
            continue
        try:
            compiled = compile_expression(constraint.expression)
            faults = [compiled.check(name) for name in sorted(types)]
        except ExpressionError:
            continue  # told where the row is read
        if all(faults):
            text = f"{constraint.key} cannot be right for {' or '.join(sorted(types))}: {faults[0][0]}"
            yield "constraint-expression", text, "correct the FHIRPath"


def _discriminators(
    element: ElementDefinition, before: ElementDefinition | None, definitions: Definitions
) -> Iterator[Fault]:
    if element.slicing is None or (before is not None and before.slicing == element.slicing):
        return
    starts = [element.path] if _is_backbone(element) else [type_name(ref) for ref in element.types]
    for discriminator in element.slicing.discriminators:
        steps = parse_steps(discriminator.path)
        if steps is None:
            text = f"the discriminator {discriminator.path!r} uses more of FHIRPath than discriminators may"
            yield "discriminator-path", text, "use element names, extension(url), resolve() and ofType(type)"
        elif starts and not any(_leads(start, steps, definitions) for start in starts):
            text = f"the discriminator {discriminator.path!r} leads nowhere"
            yield "discriminator-path", text, "name an element of the sliced element's type"


def _is_backbone(element: ElementDefinition) -> bool:
    return element.types == () or element.types[0].code in ("BackboneElement", "Element")


def _leads(key: str, steps: Steps, definitions: Definitions) -> bool:
    """Whether a type can have what a path names; beyond a reference or another profile that is not looked at."""
    keys = {key}
    for step in steps:
        if (
            keys & _OPEN
            or step.kind in ("resolve", "extension")
            or any(definitions.child(k, "id") is None for k in keys)
        ):
            return True
        if step.kind == "ofType":
            keys = {step.name}
            continue
        stem = step.name.removesuffix("[x]")
        keys = {found for k in keys for found in _below(k, stem, definitions)}
        if not keys:
            return False
    return True


def _below(key: str, name: str, definitions: Definitions) -> Iterator[str]:
    single = definitions.child(key, name)
    if single is not None:
        yield single[0]
        return
    if f"{name}[x]" in definitions.order(key):
        yield "Element"  # which of its types, only values tell
