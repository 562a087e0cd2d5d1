"""What a compiled expression meets while it runs: the resource, variables, services and the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from interop.errors import ExpressionError
from interop.fhirpath.node import Item, Items, Node, raw
from interop.json_codec import Json, JsonObject


class Services(Protocol):
    """What an expression cannot find in the resource alone."""

    @property
    def now(self) -> datetime:
        """The time ``now()`` and ``today()`` tell; aware."""

    def resolve(self, reference: str) -> JsonObject | None:
        """The resource a reference points at outside the one at hand; None when it cannot be reached."""

    def member_of(self, code: Json, value_set: str) -> bool | None:
        """Whether a code, Coding or CodeableConcept is in the value set; None when nobody can tell."""

    def conforms_to(self, node: Json, profile: str) -> bool | None:
        """Whether an element conforms to a profile; None when the profile is unknown."""


class NoServices:
    """Reaches nothing and knows only the time."""

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    def resolve(self, reference: str) -> JsonObject | None:
        return None

    def member_of(self, code: Json, value_set: str) -> bool | None:
        return None

    def conforms_to(self, node: Json, profile: str) -> bool | None:
        return None


class Environment:
    """One evaluation. Loops change ``index`` and ``total`` and put them back.

    memo    results of parts that do not depend on the element at hand, by part
    traces  what ``trace()`` saw: (name, items)
    """

    # Shared by all until one is written to: an evaluation sets only what it was given.
    index = 0
    total: Items = []  # noqa: RUF012 - replaced for one evaluation, never changed
    now: datetime | None = None
    _memo: dict[object, object] | None = None
    _traces: list[tuple[str, Items]] | None = None

    def __init__(
        self,
        context: Item,
        resource: Item,
        root: Item,
        variables: Mapping[str, Json],
        services: Services,
    ) -> None:
        self.context = context
        self.resource = resource
        self.root = root
        self.variables = variables
        self.services = services

    @property
    def memo(self) -> dict[object, object]:
        if self._memo is None:
            self._memo = {}
        return self._memo

    @property
    def traces(self) -> list[tuple[str, Items]]:
        if self._traces is None:
            self._traces = []
        return self._traces

    def clock(self) -> datetime:
        """The same moment throughout one evaluation, as ``now()`` must tell."""
        if self.now is None:
            self.now = self.services.now
        return self.now


Run: TypeAlias = Callable[[Item, Environment], Items]
Truth: TypeAlias = Callable[[Item, Environment], bool | None]


def run_error(text: str, code: str = "expression-run", hint: str | None = None) -> ExpressionError:
    """A fault met while an expression runs."""
    return ExpressionError(text, code=code, hint=hint)


def singleton(items: Items) -> Item | None:
    """The one item, None when there is none. Raises ExpressionError when there are several.

    Source: FHIRPath N1 section 4.5, Singleton Evaluation of Collections.
    """
    if not items:
        return None
    if len(items) > 1:
        raise run_error(
            f"found {len(items)} items where one was wanted", "expression-several", "use first() or where()"
        )
    return items[0]


def truth(items: Items) -> bool | None:
    """A collection as a condition: a boolean as it is, any other single item is true, nothing is None."""
    item = singleton(items)
    if item.__class__ is Node:
        item = raw(item)
    if item is None or item is True or item is False:
        return item
    return True
