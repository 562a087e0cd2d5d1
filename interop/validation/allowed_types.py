"""Which types an element allows and which profiles its values must follow (ElementDefinition.type)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from interop.definitions import ElementDefinition
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING, Assertion, Known
from interop.validation.glance import Glance, always, never
from interop.validation.item import Item

if TYPE_CHECKING:
    from interop.validation.scope import Scope

_ANY = frozenset({"Resource", "DomainResource", "Element", "BackboneElement"})


def allowed_types_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    """Only where a profile narrows: the names of a base type's fields carry the type already."""
    if known.element is None or not element.types:
        return None
    codes, base = frozenset(element.type_codes), frozenset(known.element.type_codes)
    if codes >= base or codes & _ANY:
        return None
    return AllowedTypes(codes, known.rule)


def type_profiles_rule(element: ElementDefinition, known: Known) -> Assertion | None:
    before = {t.code: t.wanted for t in known.element.types} if known.element is not None else {}
    fresh = {t.code: t.wanted for t in element.types if t.profiles and t.wanted != before.get(t.code)}
    return TypeProfiles(tuple(fresh.items()), known.rule) if fresh else None


@dataclass(frozen=True, slots=True)
class AllowedTypes:
    """The value must be of one of these types."""

    codes: frozenset[str]
    rule: str

    def glance(self, key: str) -> Glance:
        return always if key in self.codes or "." in key else never

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        if item.type in self.codes or "." in item.type:
            return NOTHING
        text = f"found {item.type}, wanted {' or '.join(sorted(self.codes))}"
        return (Issue("type-not-allowed", text, item.expression, rule=self.rule),)


@dataclass(frozen=True, slots=True)
class TypeProfiles:
    """A value of a type must follow one of the profiles given for that type."""

    profiles: tuple[tuple[str, tuple[str, ...]], ...]
    rule: str

    def glance(self, key: str) -> Glance:
        wanted = next((canonicals for code, canonicals in self.profiles if code == key or code in _ANY), ())
        if not wanted:
            return always
        return lambda value, scope: any(scope.run.follows(value, key, canonical, scope) for canonical in wanted)

    def check(self, item: Item, scope: Scope) -> Iterable[Issue]:
        for code, canonicals in self.profiles:
            if code == item.type or code in _ANY:
                return conform_to_any(item, canonicals, scope, self.rule)
        return NOTHING


def conform_to_any(item: Item, canonicals: tuple[str, ...], scope: Scope, rule: str) -> Iterable[Issue]:
    """Nothing when the value follows one of the profiles; else why it follows none."""
    if len(canonicals) == 1:
        return scope.run.conform(item, canonicals[0], scope)
    answers = [tuple(scope.run.conform(item, canonical, scope)) for canonical in canonicals]
    if any(not any(is_failure(issue) for issue in answer) for answer in answers):
        return NOTHING
    unknown = [issue for answer in answers for issue in answer if issue.code == "profile-not-checked"]
    if unknown:  # it may follow the one that could not be looked at
        return [replace(issue, severity=Severity.WARNING) for issue in unknown]
    text = f"follows none of the profiles {', '.join(canonicals)}"
    return (
        Issue("no-matching-profile", text, item.expression, rule=rule, hint="see the findings for each profile"),
        *(issue for answer in answers for issue in answer),
    )


def is_failure(issue: Issue) -> bool:
    return issue.severity in ("error", "fatal")
