"""Where codes must come from (ElementDefinition.binding), with three answers: in, not in, could not tell.

Source: FHIR R4 terminologies.html#strength.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.json_codec import Json
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.codes import MOST_REMEMBERED
from interop.validation.glance import Glance, by_checking
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_SEVERITY = {"required": Severity.ERROR, "extensible": Severity.WARNING, "preferred": Severity.INFORMATION}
_CODED = frozenset({"code", "string", "uri", "url", "canonical", "Coding", "CodeableConcept", "Quantity"})

NATIONAL_LISTS = "https://fhir.nhs.uk/England/CodeSystem/"
"""England's own lists, which its patterns prescribe where FHIR binds a list of its own as extensible (the reasonable
adjustment flag: Condition.category, Consent.provision.purpose). Whoever fills in a record cannot choose otherwise, so
it is told for information."""

Code = tuple[str | None, str | None]
"""(system, code)"""


def binding_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    binding = element.binding
    if binding is None or binding.value_set is None or binding.strength not in _SEVERITY:
        return None
    base = known.element.binding if known.element is not None else None
    if base is not None and (base.value_set, base.strength) == (binding.value_set, binding.strength):
        return None
    # A binding on a choice of several types cannot be meant for all of them (R4's vital signs bind units on a
    # component value that may as well be a concept): what falls outside is told, not refused.
    mixed = element.is_choice and len(element.types) > 1 and binding.strength == "required"
    strength = "extensible" if mixed else binding.strength
    return ValueSetBinding(binding.value_set, strength, binding.max_value_set, known.rule)


@dataclass(frozen=True, slots=True)
class ValueSetBinding:
    """At least one code of the value must be in the value set; how much that matters is the strength."""

    value_set: str
    strength: str
    widest: str | None
    rule: str
    few_values: ClassVar[bool] = True

    def glance(self, key: str) -> Glance:
        codes_of = CODES_OF.get(key)
        if codes_of is None:
            return by_checking(self, key)
        glance = _BoundGlance(self.value_set, str if key == "code" else dict, codes_of, self.strength != "required")
        return glance.of_concept if key == "CodeableConcept" else glance

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        value = item.value
        if value is None and item.type in ("code", "string", "uri"):
            return self._absent(item)
        if item.type == "code":
            return self._check_codes(item, ((None, value),), scope) if isinstance(value, str) else NOTHING
        if item.type not in _CODED:
            return NOTHING
        return self._check_codes(item, coded(item), scope)

    def _check_codes(self, item: Item, codes: tuple[Code, ...], scope: Scope) -> Iterable[Issue]:
        if not codes:
            return self._absent(item)
        answers = [scope.run.codes.contains(self.value_set, system, code or "") for system, code in codes]
        if True in answers:
            return NOTHING
        found = self._issue(item, codes, None if None in answers else False)
        if self.widest is None or self.strength == "required":
            return found
        wider = [scope.run.codes.contains(self.widest, system, code or "") for system, code in codes]
        if True in wider or None in wider:
            return found
        return (*found, self._failure(item, codes, Severity.ERROR, self.widest))

    def _absent(self, item: Item) -> Iterable[Issue]:
        if self.strength != "required":
            return NOTHING
        text = f"no code given; one from {self.value_set} is required"
        return (Issue("code-required", text, item.expression, rule=self.rule, hint="add a code from the value set"),)

    def _issue(self, item: Item, codes: tuple[Code, ...], answer: bool | None) -> Iterable[Issue]:
        if answer is None:
            text = f"could not tell whether {_shown(codes)} is in {self.value_set} ({self.strength})"
            return (Issue("code-not-checked", text, item.expression, Severity.INFORMATION, rule=self.rule),)
        if self.strength == "extensible" and all((system or "").startswith(NATIONAL_LISTS) for system, _ in codes):
            text = (
                f"{_shown(codes)} is not in {self.value_set} (extensible); England's pattern asks for its own list here"
            )
            return (Issue("code-not-extensible", text, item.expression, Severity.INFORMATION, rule=self.rule),)
        return (self._failure(item, codes, _SEVERITY[self.strength], self.value_set),)

    def _failure(self, item: Item, codes: tuple[Code, ...], severity: Severity, value_set: str) -> Issue:
        asked = self.strength if value_set == self.value_set else "nothing outside it may be used"
        text = f"{_shown(codes)} is not in {value_set} ({asked})"
        code = "code-not-in-value-set" if severity is Severity.ERROR else f"code-not-{self.strength}"
        return Issue(code, text, item.expression, severity, rule=self.rule, hint="use a code from the value set")


@dataclass(frozen=True, slots=True)
class _BoundGlance:
    """Passes values that hold a code of the value set, and those without code where that is allowed.

    held  codes found in it before
    """

    value_set: str
    shape: type
    codes_of: Callable[[Json], tuple[Code, ...]]
    optional: bool
    held: set[Code] = field(default_factory=set)

    def __call__(self, value: Json, scope: Scope) -> bool:
        if type(value) is not self.shape:
            return False
        codes = self.codes_of(value)
        for system, code in codes:
            if scope.run.codes.contains(self.value_set, system, code or "") is True:
                if len(self.held) < MOST_REMEMBERED:
                    self.held.add((system, code))
                return True
        return not codes and self.optional

    def of_concept(self, value: Json, scope: Scope) -> bool:
        """The same for a CodeableConcept, most of which have been met before."""
        listed = value.get("coding")
        if listed is None:
            return self.optional
        for coding in listed:
            if (coding.get("system"), coding.get("code")) in self.held:
                return True
        return self(value, scope)


def coded(item: Item) -> tuple[Code, ...]:
    """Every (system, code) a coded value holds."""
    value = item.value
    if isinstance(value, str):
        return ((None, value),)
    if not isinstance(value, dict):
        return ()
    if item.type == "CodeableConcept":
        return codings(value)
    if item.type == "Quantity":
        return (_pair(value),) if value.get("code") is not None else ()
    return (_pair(value),)


def codings(concept: Json) -> tuple[Code, ...]:
    """Every (system, code) of a CodeableConcept."""
    listed = concept.get("coding") if isinstance(concept, dict) else None
    return tuple(_pair(c) for c in listed if isinstance(c, dict)) if isinstance(listed, list) else ()


def _pair(coding: Json) -> Code:
    system, code = coding.get("system"), coding.get("code")
    return (system if isinstance(system, str) else None, code if isinstance(code, str) else None)


def _shown(codes: tuple[Code, ...]) -> str:
    return ", ".join(f"{system}#{code}" if system else repr(code) for system, code in codes)


def _one(coding: Json) -> tuple[Code, ...]:
    return (_pair(coding),)


CODES_OF: dict[str, Callable[[Json], tuple[Code, ...]]] = {
    "CodeableConcept": codings,
    "Coding": _one,
    "code": lambda value: ((None, value),),
}
"""How the types that are bound most often hold their codes."""
