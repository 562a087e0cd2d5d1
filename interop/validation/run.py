"""One validation: the walk over a resource, what has been found, and what has been judged already."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from interop.definitions import StructureDefinition
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity
from interop.validation.assertion import NOTHING
from interop.validation.glance import passes
from interop.validation.item import Item
from interop.validation.knowledge import Knowledge
from interop.validation.place import Place, expression, json_name
from interop.validation.references import BundleIndex
from interop.validation.schemas import ENTRY
from interop.validation.scope import Elements, Scope
from interop.validation.services import ScopeServices

_SOMEWHERE: Place = (None, "resource", None, None)

# Profiles that ask for profiles of what they refer to, which ask again: followed this far, then believed.
_FOLLOWED = 24


class Run:
    """Made anew for each call of ``Validator.validate``; what it learns about one input dies with it."""

    def __init__(self, knowledge: Knowledge):
        self.knowledge = knowledge
        self.schemas: Elements = knowledge.schemas
        self.definitions = knowledge.definitions
        self.is_resource_type: Callable[[str], bool] = knowledge.is_resource_type
        self.is_supplement: Callable[[str], bool] = knowledge.is_supplement
        self.codes = knowledge.codes
        self.policy = knowledge.policy
        self.structure: Callable[[str], StructureDefinition | None] = knowledge.profiles.structure
        self.target_type: Callable[[str], str | None] = knowledge.target_type
        self.extension_parts: Callable[[StructureDefinition], frozenset[str]] = knowledge.extension_parts
        self.is_a: Callable[[str, str], bool] = knowledge.is_a
        self.issues: list[Issue] = []
        self.report: Callable[[Issue], None] = self.issues.append
        self.extend: Callable[[Iterable[Issue]], None] = self.issues.extend
        self._judged: dict[tuple[int, str], tuple[Issue, ...]] = {}
        self._scopes: dict[int, Scope] = {}
        self._following = 0

    def resource(self, node: JsonObject, place: Place, outer: Scope | None, holder: JsonObject | None = None) -> None:
        """Check a resource and everything below it. ``holder`` is the Bundle entry it came in."""
        kind = node.get("resourceType")
        if not isinstance(kind, str) or not self.is_resource_type(kind):
            self.report(_no_type(kind, place if outer is not None else (None, str(kind or ""), None, None)))
            return
        place = (place[0], kind if outer is None else place[1], place[2], kind)
        scope = self._scope(node, place, outer, holder)
        schema = self.knowledge.schemas[kind]
        in_entry = holder is not None and place[0] is not None and place[0][3] == ENTRY
        if in_entry or not passes(schema.glance, node, scope):  # an entry that is walked has been glanced at
            schema.walk(node, place, scope)
        claimed = self.knowledge.global_profiles.get(kind, ())
        if "meta" in node:
            claimed = (*_claimed(node), *claimed)
        if not claimed:
            return
        item = Item(node, node, kind, place)
        for canonical in claimed:
            self.extend(self.conform(item, canonical, scope, claimed=True))

    def passes(self, entry: JsonObject, scope: Scope) -> bool:
        """Whether the resource of a Bundle's entry is right beyond doubt. ``scope`` is the Bundle's."""
        resource, index = entry["resource"], scope.bundle
        kind = resource["resourceType"]
        shapes = self.knowledge.shapes(kind)
        if index is None or shapes is None:
            return False
        own = Scope(self, resource, _SOMEWHERE, scope)
        own.enter(index)
        url = entry.get("fullUrl")
        own.base = index.base_of(entry) if url is not None and url.startswith("http") else None
        own.entry = (entry, _SOMEWHERE)
        if not shapes[tuple(resource)](resource, own):
            return False
        profiles = self.knowledge.global_profiles.get(kind, ())
        if "meta" in resource:
            profiles = (*profiles, *_claimed(resource))
        return not profiles or all(self.follows(resource, kind, canonical, own) for canonical in profiles)

    def close(self) -> None:
        """The scopes refer to their run: without them nothing is left for the garbage collector to find."""
        self._scopes.clear()

    def scope_below(self, item: Item, scope: Scope) -> Scope:
        """The scope of what stands below an item: its own when it is a resource, else the one around it."""
        return self._scopes.get(id(item.members), scope) if "resourceType" in item.members else scope

    def scope_of(self, resource: JsonObject) -> Scope:
        """The surroundings of a resource already walked."""
        return self._scopes[id(resource)]

    def _scope(self, node: JsonObject, place: Place, outer: Scope | None, holder: JsonObject | None) -> Scope:
        scope = self._scopes[id(node)] = Scope(self, node, place, outer)
        if outer is not None:
            scope.enter(outer.bundle)
            scope.base = outer.base
            scope.entry = outer.entry
            if place[1] == "contained":
                scope.container = outer.container
                scope.used = outer.used
        around = place[0]
        if holder is not None and outer is not None and around is not None and around[1] == "entry":
            scope.entry = (holder, around)
            scope.base = outer.bundle.base_of(holder) if outer.bundle is not None else None
        if node.get("resourceType") == "Bundle":
            scope.enter(BundleIndex(node))
            scope.base = scope.entry = None
        return scope

    def conform(self, item: Item, canonical: str, scope: Scope, *, claimed: bool = False) -> Iterable[Issue]:
        """What a profile finds in one value beyond what its type finds. Each value is judged once by each profile."""
        key = (id(item.members), canonical)
        answer = self._judged.get(key) if item.members else None
        if answer is None:
            if self._following >= _FOLLOWED and "resourceType" in item.members:
                return NOTHING
            item, scope = self._at_home(item, scope)
            # While it is being judged it counts as conforming: references may lead in a circle.
            self._judged[key] = NOTHING
            self._following += 1
            answer = self._judged[key] = tuple(self._conform(item, canonical, scope, claimed=claimed))
            self._following -= 1
        return answer

    def _at_home(self, item: Item, scope: Scope) -> tuple[Item, Scope]:
        """A resource is judged where it stands, whoever asks and whether or not the walk has been there."""
        members = item.members
        if "resourceType" not in members:
            return item, scope
        own = self._scopes.get(id(members)) or self._ahead(members, scope)
        if own is None or own.place == item.place:
            return item, own or scope
        return Item(members, members, item.type, own.place), own

    def _ahead(self, resource: JsonObject, asking: Scope) -> Scope | None:
        """The surroundings of a resource the walk has yet to reach: contained here, or an entry of a Bundle around."""
        kind = str(resource.get("resourceType"))
        around: Scope | None = asking
        while around is not None:
            number = around.position(resource)
            if number is not None:
                if around.bundle is None or around.resource.get("resourceType") != "Bundle":
                    return self._scope(resource, (around.place, "contained", number, kind), around, None)
                entry: Place = (around.place, "entry", number, "Bundle.entry")
                return self._scope(resource, (entry, "resource", None, kind), around, around.bundle.entries[number])
            around = around.outer
        return None

    def _conform(self, item: Item, canonical: str, scope: Scope, *, claimed: bool) -> Iterable[Issue]:
        structure = self.structure(canonical)
        branch = self.knowledge.profiles.branch(canonical)
        if structure is None or branch is None:
            return (self._unknown_profile(item, canonical, claimed=claimed),)
        own = self._scopes.get(id(item.members), scope)
        glance = self.knowledge.profiles.glance(canonical, item.type, own)
        if glance is not None and passes(glance, item.value, own):
            return NOTHING
        if not self.is_a(item.type, structure.type):
            text = f"profile {structure.canonical} is for {structure.type}, this is {item.type}"
            return (Issue("profile-type", text, item.expression, rule=structure.canonical),)
        return branch.judge(item, own)

    def follows(self, value: Json, key: str, canonical: str, scope: Scope) -> bool:
        """Whether a value, right by its type ``key``, follows a profile beyond doubt; False: look closer."""
        glance = self.knowledge.profiles.glance(canonical, key, scope)
        return glance is not None and glance(value, scope)

    def conforms(self, node: JsonObject, canonical: str, scope: Scope) -> bool | None:
        """Whether a resource or value follows a profile and its type; None when the profile is unknown."""
        structure = self.structure(canonical)
        if structure is None:
            return None
        kind = node.get("resourceType")
        code = kind if isinstance(kind, str) and kind in self.definitions.type_names else structure.type
        answer = self._judged.get((id(node), f"{canonical} and {code}"))
        if answer is None:
            self._judged[(id(node), f"{canonical} and {code}")] = NOTHING
            own = Run(self.knowledge)
            around = (self._scopes.get(id(node)) or scope).in_run(own)
            self.knowledge.schemas[code].walk(node, around.place, around)
            own.extend(self.conform(Item(node, node, code, scope.place), canonical, scope))
            answer = self._judged[(id(node), f"{canonical} and {code}")] = tuple(own.issues)
        return not any(issue.severity in ("error", "fatal") for issue in answer)

    def _unknown_profile(self, item: Item, canonical: str, *, claimed: bool) -> Issue:
        open_to_all = any(canonical.startswith(domain) for domain in self.policy.open_domains)
        severity = Severity.WARNING if claimed or open_to_all else self.policy.unknown_profile
        text = f"could not check against {canonical}: {self.knowledge.profiles.fault(canonical)}"
        return Issue("profile-not-checked", text, item.expression, severity, hint="load the package that defines it")

    def services(self, scope: Scope) -> ScopeServices:
        """What FHIRPath may ask of a scope."""
        return ScopeServices(scope)

    def node_at(self, place: Place, scope: Scope) -> Json:
        """The value that stands at a place below the scope's resource; None when there is none."""
        steps: list[tuple[str, int | None]] = []
        node: Place | None = place
        while node is not None and node != scope.place:
            steps.append((node[1], node[2]))
            node = node[0]
        value: Json = scope.resource
        for step, index in reversed(steps):
            value = value.get(json_name(step)) if isinstance(value, dict) else None
            if index is not None:
                value = value[index] if isinstance(value, list) and index < len(value) else None
        return value


def _claimed(node: JsonObject) -> tuple[str, ...]:
    meta = node.get("meta")
    listed = meta.get("profile") if isinstance(meta, dict) else None
    return tuple(dict.fromkeys(c for c in listed if isinstance(c, str) and c)) if isinstance(listed, list) else ()


def _no_type(kind: Json, place: Place) -> Issue:
    if kind is None:
        return Issue("resource-type", "no resourceType: this is not a FHIR resource", expression(place), Severity.FATAL)
    text = f"{kind!r} is not a resource type of FHIR R4"
    return Issue(
        "resource-type", text, expression(place), Severity.FATAL, hint="names are case sensitive; R5 and STU3 differ"
    )
