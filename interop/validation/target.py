"""What a reference may lead to (ElementDefinition.type.targetProfile), and what a reference must look like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from interop.definitions import ElementDefinition
from interop.definitions.elements import BASE
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity
from interop.validation.allowed_types import is_failure
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance, always, by_checking
from interop.validation.item import Item
from interop.validation.place import expression
from interop.validation.references import implied_type, is_uuid, reference_text

if TYPE_CHECKING:
    from interop.validation.scope import Scope
    from interop.validation.script import Script

_ANY = f"{BASE}Resource"
ANYTHING = ("*",)


def target_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    targets = _targets(element)
    if not targets or _ANY in targets or (known.element is not None and _targets(known.element) == targets):
        return None
    return ReferenceTarget(targets, known.rule)


def _targets(element: ElementDefinition) -> tuple[str, ...]:
    return tuple(target for ref in element.types if ref.code == "Reference" for target in ref.target_profiles)


@dataclass(frozen=True, slots=True)
class ReferenceTarget:
    """The target must be of one of the types, and follow one of the profiles where it can be looked at."""

    targets: tuple[str, ...]
    rule: str
    trigger: ClassVar[str] = "reference"
    _fitting: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _welcome: set[str | None] = field(default_factory=set, compare=False, repr=False)

    def glance(self, key: str) -> Glance:
        if key != "Reference":
            return always
        return _TargetGlance(self._welcome, by_checking(self, key))

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        reference = reference_text(item.value)
        if reference is None or item.type != "Reference":
            return NOTHING
        resource = scope.resolve(reference)
        if resource is None and not scope.run.policy.believe_references:
            return NOTHING
        kind = resource.get("resourceType") if resource is not None else implied_type(reference)
        if not isinstance(kind, str):
            return NOTHING
        fitting = self._fitting.get(kind)
        if fitting is None:
            fitting = self._fitting[kind] = self._targets_for(kind, scope)
            if fitting is ANYTHING:
                self._welcome.add(kind)
        if not fitting:
            allowed = sorted({scope.run.target_type(target) or target for target in self.targets})
            text = f"{reference!r} leads to {kind}, wanted {' or '.join(allowed)}"
            return (Issue("reference-target", text, item.expression, rule=self.rule),)
        if resource is None or fitting == ANYTHING:
            return NOTHING
        return self._conform(item, resource, fitting, scope)

    def _targets_for(self, kind: str, scope: Scope) -> tuple[str, ...]:
        """The targets a resource of this type may be meant for; ANYTHING when its type alone is enough."""
        run = scope.run
        if f"{BASE}{kind}" in self.targets or not run.is_resource_type(kind):
            return ANYTHING
        return tuple(t for t in self.targets if run.target_type(t) in (kind, None, "Resource", "DomainResource"))

    def _conform(self, item: Item, resource: JsonObject, targets: tuple[str, ...], scope: Scope) -> Iterable[Issue]:
        kind = str(resource.get("resourceType"))
        target_item = Item(resource, resource, kind, (None, kind, None, kind))
        answers = [tuple(scope.run.conform(target_item, target, scope)) for target in targets]
        if any(not any(is_failure(issue) for issue in answer) for answer in answers):
            return NOTHING
        reasons = "; ".join(f"{i.expression}: {i.text}" for answer in answers for i in answer if is_failure(i))
        text = f"the target follows none of the profiles {', '.join(targets)}: {reasons}"
        return (Issue("reference-profile", text[:1000], item.expression, rule=self.rule),)


@dataclass(frozen=True, slots=True)
class _TargetGlance:
    """welcome: types that are allowed whatever their resource holds."""

    welcome: set[str | None]
    closer: Glance

    def __call__(self, value: Json, scope: Scope) -> bool:
        reference = value.get("reference")
        if reference is None or scope.sure.get(reference) in self.welcome:
            return True
        if reference not in scope.sure:
            resource = scope.resolve(reference)
            if resource is None and is_uuid(reference):
                return True
            if resource is not None and resource.get("resourceType") in self.welcome:
                return True
        return self.closer(value, scope)

    def write(self, script: Script, value: str) -> None:
        reference = f"{value}['reference']"
        leads_out = f"(scope.bundle is None and {script.bind(is_uuid)}({reference}))"
        welcome = f"scope.sure.get({reference}) in {script.bind(self.welcome)}"
        script.doubt(f"not ({welcome} or {leads_out} or {script.bind(self)}({value}, scope))")


def _by_uuid(reference: str, scope: Scope) -> JsonObject | None:
    """``Patient/<uuid>`` does not lead to an entry at ``urn:uuid:<uuid>``, but surely means it."""
    if scope.bundle is None or ":" in reference:
        return None
    return scope.bundle.find(f"urn:uuid:{reference.partition('/')[2]}", None)


_ANSWERS = frozenset({"batch-response", "transaction-response"})


def _homeless(item: Item, reference: str, scope: Scope) -> Iterable[Issue]:
    """A relative reference is relative to the fullUrl of its entry: without one it leads nowhere inside the Bundle."""
    if scope.entry is None or scope.bundle is None or scope.bundle.kind in _ANSWERS:
        return NOTHING
    severity = scope.run.policy.beyond_text
    hint = "give the entry a fullUrl"
    text = f"{reference!r} is relative, and its Bundle entry has no fullUrl to be relative to"
    at_entry = "an entry with relative references needs a fullUrl"
    return (
        Issue("full-url-missing", at_entry, expression(scope.entry[1]), severity, hint=hint),
        Issue("reference-form", text, item.expression, severity, hint=hint),
    )


@dataclass(frozen=True, slots=True)
class ReferenceForm:
    """``Reference.reference`` is ``Type/id``, an absolute URL or ``#id``, and agrees with what it leads to."""

    trigger: ClassVar[str] = "reference"

    def glance(self, key: str) -> Glance:
        return _FormGlance(by_checking(self, key))

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        reference = reference_text(item.value)
        if reference is None or reference.startswith("#"):
            return NOTHING
        kind = implied_type(reference)
        if kind is not None and not scope.run.is_resource_type(kind):
            return _of_no_type(item, reference, kind, scope)
        if reference.split() != [reference]:
            return (_with_space(item, reference),)
        if kind is None:
            if _is_conditional(reference, scope):
                return NOTHING
            if _is_absolute(reference) or scope.run.is_resource_type(reference.partition("/")[0]):
                return NOTHING  # an id that is too long or has odd characters still leads somewhere
            text = f"{reference!r} is not a reference: wanted [type]/[id], an absolute URL or #[id]"
            return (Issue("reference-form", text, item.expression, hint="name the resource type before the id"),)
        if (
            scope.entry is not None
            and "fullUrl" not in scope.entry[0]
            and not reference.startswith(("http:", "https:"))
        ):
            return _homeless(item, reference, scope)
        resource = scope.resolve(reference) or _by_uuid(reference, scope)
        found = resource.get("resourceType") if resource is not None else kind
        if found != kind and found is not None:
            text = f"{reference!r} names {kind}, what stands there is {found}"
            return (Issue("reference-type", text, item.expression, hint="correct the reference or the target"),)
        return _stated_otherwise(item, reference, kind, scope)


@dataclass(frozen=True, slots=True)
class _FormGlance:
    closer: Glance

    def __call__(self, value: Json, scope: Scope) -> bool:
        reference = value["reference"]
        if is_uuid(reference) or (reference in scope.sure and "type" not in value):
            return True
        return self.closer(value, scope)

    def write(self, script: Script, value: str) -> None:
        script.doubt(f"not {script.bind(is_uuid)}({value}['reference']) and not {script.bind(self)}({value}, scope)")


def _is_absolute(reference: str) -> bool:
    return ":" in reference.partition("?")[0].partition("/")[0]


def _is_conditional(reference: str, scope: Scope) -> bool:
    """``Patient?identifier=…`` in a transaction: the server puts in what it finds. FHIR R4 http.html#trules."""
    kind, asks, _ = reference.partition("?")
    around = scope.bundle.kind if scope.bundle is not None else None
    return bool(asks) and around == "transaction" and scope.run.is_resource_type(kind)


def _with_space(item: Item, reference: str) -> Issue:
    text = f"{reference!r} has white space in it, which no reference has"
    return Issue("reference-form", text, item.expression, hint="correct the reference")


def _of_no_type(item: Item, reference: str, kind: str, scope: Scope) -> Iterable[Issue]:
    """A relative reference begins with a resource type; what an absolute one ends with only looks like one."""
    severity = scope.run.policy.beyond_text if _is_absolute(reference) else Severity.ERROR
    text = f"{reference!r} names {kind}, which is no resource type of R4"
    said = Issue("reference-form", text, item.expression, severity, hint="correct the resource type")
    return (said,) if reference.split() == [reference] else (_with_space(item, reference), said)


def _stated_otherwise(item: Item, reference: str, kind: str, scope: Scope) -> Iterable[Issue]:
    """Reference.type and Reference.reference must agree. FHIR R4 references-definitions.html#Reference.type."""
    stated = item.members.get("type")
    stated = stated.removeprefix(BASE) if isinstance(stated, str) else kind
    if stated == kind or not scope.run.is_resource_type(stated):
        return NOTHING
    text = f"{reference!r} names {kind}, Reference.type says {stated}"
    return (Issue("reference-type", text, item.expression, hint="correct the reference or its type"),)
