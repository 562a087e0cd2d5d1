"""``%name``: the resource at hand, FHIR's fixed canonicals, and what the caller gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from interop.fhirpath.code import STRING, Code, Scope
from interop.fhirpath.lexer import syntax_error
from interop.fhirpath.node import Item, Items
from interop.fhirpath.runtime import Environment, Run, run_error
from interop.fhirpath.syntax import Variable

if TYPE_CHECKING:
    from interop.fhirpath.compiling import Compiling

# Source: FHIR R4 fhirpath.html, 2.9.1.6.
FIXED = {"sct": "http://snomed.info/sct", "loinc": "http://loinc.org", "ucum": "http://unitsofmeasure.org"}
_PREFIXED = {
    "vs-": "http://hl7.org/fhir/ValueSet/",
    "ext-": "http://hl7.org/fhir/StructureDefinition/",
    "cs-": "http://hl7.org/fhir/CodeSystem/",
}
SURROUNDINGS: dict[str, Callable[[Environment], Item]] = {
    "resource": lambda env: env.resource,
    "rootResource": lambda env: env.root,
    "context": lambda env: env.context,
}


def variable(compiler: Compiling, tree: Variable, scope: Scope, nodes: bool) -> Code:
    """The value of ``%name``, looked up when the expression runs unless it is fixed."""
    name = tree.name
    if name in SURROUNDINGS:
        return Code(_surrounding(name), compiler.types_of(name), many=False)
    if name in scope.names:
        mark = scope.names[name]
        return Code(lambda this, env: cast(Items, env.memo.get(mark, [])))
    fixed = FIXED.get(name) or _prefixed(name)
    if fixed is not None:
        result = [fixed]
        return Code(lambda this, env: result, STRING, many=False)
    return Code(_given(name, compiler.text, tree.at))


def _prefixed(name: str) -> str | None:
    return next((base + name[len(mark) :] for mark, base in _PREFIXED.items() if name.startswith(mark)), None)


def _surrounding(name: str) -> Run:
    read = SURROUNDINGS[name]

    def run(this: Item, env: Environment) -> Items:
        found = read(env)
        return [] if found is None else [found]

    return run


def _given(name: str, text: str, at: int) -> Run:
    def run(this: Item, env: Environment) -> Items:
        try:
            found = env.variables[name]
        except KeyError:
            known = ", ".join(f"%{known}" for known in (*SURROUNDINGS, *FIXED, *env.variables))
            fault = syntax_error(f"nobody gave %{name}", text, at)
            raise run_error(fault.text, "expression-variable", f"known here: {known}") from None
        return found if isinstance(found, list) else [] if found is None else [found]

    return run
