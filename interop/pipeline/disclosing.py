"""Who gets which copy of a document: what is labelled restricted reaches only those who may see it.

The whole document stays with its sender as a record of its own; comparisons and rules look at that, never at a copy.
It fails closed: whoever cannot be given a safe copy is given nothing, and the sender's people are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interop import narrative
from interop.json_codec import JsonObject
from interop.node import Node
from interop.outcome import Issue, Severity
from interop.practice.disclosure import Disclosed, DisclosureError, disclose
from interop.practice.reader import Role


@dataclass(frozen=True, slots=True)
class Copy:
    """What recipients of one role get. ``removed``: kinds of resources that are not in it."""

    bundle: JsonObject
    to: tuple[str, ...]
    role: Role
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """A document divided among its recipients.

    whole     those who get it as it is
    copies    one for each role that may not see all of it
    withheld  those who get nothing, each with the reason
    """

    whole: tuple[str, ...]
    copies: tuple[Copy, ...] = ()
    withheld: tuple[tuple[str, Issue], ...] = ()

    @property
    def to(self) -> tuple[str, ...]:
        """Everybody who gets something."""
        return (*self.whole, *(ods for copy in self.copies for ods in copy.to))

    @property
    def issues(self) -> tuple[Issue, ...]:
        return tuple(issue for _, issue in self.withheld)


def shares(node: Node, bundle: JsonObject, kind: str, to: Sequence[str]) -> Shares:
    """Decide who gets what; nothing is stored. Only documents can be divided: an event goes as it is."""
    if bundle.get("type") != "document":
        return Shares(tuple(to))
    by_role: dict[Role, list[str]] = {}
    for ods in to:
        by_role.setdefault(Role(node.settings.sees(ods)), []).append(ods)
    whole: list[str] = []
    copies: list[Copy] = []
    withheld: list[tuple[str, Issue]] = []
    for role, members in by_role.items():
        found = _copy(node, bundle, kind, role)
        if isinstance(found, Issue):
            withheld += [(ods, found) for ods in members]
        elif found.removed:
            copies.append(Copy(found.bundle, tuple(members), role, found.removed))
        else:
            whole += members
    return Shares(tuple(ods for ods in to if ods in whole), tuple(copies), tuple(withheld))


def _copy(node: Node, bundle: JsonObject, kind: str, role: Role) -> Disclosed | Issue:
    try:
        found = disclose(bundle, role)
    except DisclosureError as fault:
        return _withheld(role, fault.text, fault.hint)
    if not found.removed:
        return found
    narrated = narrative.narrate(found.bundle)
    faults = node.translator.judge(narrated, kind=kind).errors
    if faults:
        codes = ", ".join(sorted({issue.code for issue in faults}))
        return _withheld(role, f"without what they may not see it is no valid {kind} ({codes})", None)
    return Disclosed(narrated, role, found.removed)


def _withheld(role: Role, why: str, hint: str | None) -> Issue:
    text = f"not sent to those who see {role}: {why}"
    hint = hint or "tell them another way, or set what they may see under [[partners]]"
    return Issue("disclosure-withheld", text, severity=Severity.WARNING, hint=hint)
