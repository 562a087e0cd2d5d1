"""What kind of rule a rule is: from a source, a constant, a reference … and which keys belong to it."""

from __future__ import annotations

from collections.abc import Mapping

from interop.mapping import blocks
from interop.mapping.authored import Rule
from interop.mapping.faults import Faults

_BELONGS: Mapping[str, tuple[str, ...]] = {
    "transform": ("source",), "translate": ("source",), "empty": ("source",), "required": ("source",),
    "default": ("source", "compute"), "always": ("value", "code"), "selector": ("value", "code"), "rules": ("for",),
    "split": ("for",),
}  # fmt: skip
"""Keys that mean something beside some kinds of rules only."""


def kind_of(rule: Rule, faults: Faults) -> str | None:
    """``for``, ``source``, ``value``, ``code``, ``reference`` or ``compute``; None with a fault when it is not one."""
    kinds = {
        "for": rule.loop is not None, "source": bool(rule.sources), "value": rule.value is not None,
        "code": rule.code is not None, "reference": bool(rule.references), "compute": rule.compute is not None,
    }  # fmt: skip
    chosen = [name for name, present in kinds.items() if present]
    if len(chosen) != 1 or not rule.target:
        if rule.item.members().keys() <= blocks.RULE.keys():  # a misspelt key is told already, most likely the cause
            what = "a rule without `target`" if not rule.target else f"a rule with {' and '.join(chosen) or 'no value'}"
            faults.add(rule.item.place, what, f"one of {', '.join(kinds)} and a target make a rule")
        return None
    for key in rule.item.members():
        if key in _BELONGS and chosen[0] not in _BELONGS[key]:
            wanted = " or ".join(f"`{name}`" for name in _BELONGS[key])
            faults.add(rule.item.keys[key], f"`{key}` means nothing beside `{chosen[0]}`, it belongs to {wanted}")
    return chosen[0]


def is_nhs_number(rule: Rule) -> bool:
    return any(entry.value == "nhs-number" for entry in (rule.transform.items() if rule.transform else ()))
