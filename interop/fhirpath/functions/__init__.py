"""The functions of FHIRPath by family. Adding one: a decorated builder in its family's file."""

from __future__ import annotations

from interop.fhirpath.functions import (
    boundaries,
    conversion,
    existence,
    fhir,
    filtering,
    flow,
    maths,
    sets,
    strings,
    tree,
    typing,
)
from interop.fhirpath.functions.invocation import Builder, Invocation, function_error

__all__ = ["FUNCTIONS", "Builder", "Invocation", "function_error"]

FUNCTIONS: dict[str, Builder] = {}
for _family in (boundaries, conversion, existence, fhir, filtering, flow, maths, sets, strings, tree, typing):
    FUNCTIONS |= _family.FUNCTIONS
