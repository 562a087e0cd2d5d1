"""The terminology of one set of definitions: is this code in that value set, what is it called, what does it map to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from interop.definitions import Definitions
from interop.definitions.parsing import MISSHAPEN
from interop.errors import DefinitionError
from interop.json_codec import JsonObject
from interop.terminology import conceptmap, external
from interop.terminology.codesystem import CodeSystem
from interop.terminology.coding import CodeAnswer, Coding
from interop.terminology.implicit import implicit_value_set
from interop.terminology.kept import KeptTerminology
from interop.terminology.membership import Listed, Membership, Server, Unknown
from interop.terminology.valueset import compile_value_set

UNREADABLE = (DefinitionError, *MISSHAPEN)
"""What a value set or code system of the wrong shape raises: of its codes nothing can be told."""


class Terminology:
    """Yes, no, or could not tell, from the definitions at hand. Value sets are compiled once.

    server  asked for what could not be told from these; without one, that is the answer
    """

    __slots__ = ("_definitions", "_displays", "_kept", "_memberships", "_server", "_supplements", "_systems")

    def __init__(self, definitions: Definitions, server: Server | None = None):
        self._definitions = definitions
        self._kept = KeptTerminology(definitions)
        self._server = server
        self._memberships: dict[str, Membership] = {}
        self._displays: dict[str, dict[tuple[str, str], str | None]] = {}
        self._systems: dict[str, CodeSystem | None] = {}
        self._supplements: dict[str, list[JsonObject]] | None = None

    def contains(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Whether the value set has the code; None when that could not be told. Without a system any will do."""
        try:
            found = self._memberships[value_set]
        except KeyError:
            found = self.membership(value_set)
        answer = found.contains(system, code)
        if answer is None and self._server is not None:
            return found.contains(system, code, self._server)
        return answer

    def validate_code(self, system: str, code: str) -> CodeAnswer:
        """What the code system says of a code."""
        answer = self._known_here(system, code)
        if answer.known is None and self._server is not None:
            asked = self._server.validate_code(system, code)
            return answer if asked.known is None else asked
        return answer

    def _known_here(self, system: str, code: str) -> CodeAnswer:
        code_system = self.code_system(system)
        if code_system is not None and (code_system.complete or code_system.find(code) is not None):
            return code_system.validate(code)
        url = system.partition("|")[0]
        for value_set in external.LISTS.get(url, ()):
            displays = self._listed_displays(value_set)
            if (url, code) in displays:
                display = displays[url, code]
                return CodeAnswer(True, external.wordings(url, display) if display else ())
        finding = external.judge(url, code)
        if finding is not None:
            return CodeAnswer(finding[0], reason=finding[1])
        if code_system is not None:
            return code_system.validate(code)
        return CodeAnswer(None, reason=f"the code system {system} is in no loaded package")

    def expand(self, value_set: str) -> tuple[Coding, ...] | None:
        """Every code of the value set with its display, in the order of its definition where that lists them.

        None when the value set is unknown or its codes cannot be listed.
        """
        found = self.membership(value_set)
        if not isinstance(found, Listed):
            return None
        displays = self._listed_displays(value_set)
        order = {key: place for place, key in enumerate((*displays, *self._concepts(found.codes)))}
        keys = [(system, code) for system, codes in found.codes.items() for code in codes]
        keys.sort(key=lambda key: (order.get(key, len(order)), key))
        return tuple(
            Coding(system, code, displays.get((system, code)) or self._display(system, code)) for system, code in keys
        )

    def subsumes(self, system: str, general: str, special: str) -> bool | None:
        """Whether one code is the other or stands above it; None when the hierarchy is not at hand."""
        if general == special:
            return True
        code_system = self.code_system(system)
        if code_system is None or not code_system.complete:
            return None
        return code_system.subsumes(general, special)

    def translate(
        self, concept_map: str | JsonObject, code: str, *, system: str | None = None, reverse: bool = False
    ) -> list[Coding]:
        """Target codes of a code, best first; ``reverse`` asks for the source codes. Empty when there is none.

        Raises LookupError naming a concept map that is in no loaded package.
        """
        return self._translate(concept_map, code, system, (), reverse=reverse)

    def code_system(self, canonical: str) -> CodeSystem | None:
        """The code system, compiled, with its supplements; None when unknown."""
        if canonical not in self._systems:
            try:
                self._systems[canonical] = self._kept.code_system(canonical) or self._read_system(canonical)
            except UNREADABLE:
                self._systems[canonical] = None
        return self._systems[canonical]

    def membership(self, value_set: str, chain: tuple[str, ...] = ()) -> Membership:
        """The compiled value set; one nobody knows, or one that imports itself, could not tell."""
        if value_set in self._memberships:
            return self._memberships[value_set]
        if value_set in chain:
            return Unknown()
        found = self._kept.value_set(value_set)
        if found is None:
            try:
                found = self._read_value_set(value_set, (*chain, value_set))
            except UNREADABLE:
                found = Unknown()
            self._kept.put_value_set(value_set, found)
        if not chain or isinstance(found, Listed):  # a set cut short by a circle is not the set itself
            self._memberships[value_set] = found
        return found

    def compile(self, value_set: JsonObject) -> Membership:
        """A value set that is in no package: a contained one, for instance."""
        return compile_value_set(value_set, self)

    def judge(self, system: str, code: str) -> bool | None:
        """Whether a code belongs to its system, without asking the server; None when that could not be told."""
        return self._known_here(system, code).known

    def _translate(
        self, concept_map: str | JsonObject, code: str, system: str | None, chain: tuple[str, ...], *, reverse: bool
    ) -> list[Coding]:
        resource = concept_map
        if isinstance(resource, str):
            found = self._definitions.resource("ConceptMap", resource)
            if found is None:
                raise LookupError(f"the concept map {resource} is in no loaded package")
            chain, resource = (*chain, resource), found
        if reverse:
            return conceptmap.translate_back(resource, code, system=system)
        answers = conceptmap.translate(resource, code, system=system)
        for other in conceptmap.other_maps(resource, code, system=system):
            if other not in chain:
                answers += self._translate(other, code, system, chain, reverse=False)
        return answers

    def _read_system(self, canonical: str) -> CodeSystem | None:
        resource = self._definitions.resource("CodeSystem", canonical)
        if resource is None or resource.get("content") == "supplement" or resource.get("supplements"):
            return None
        found = CodeSystem.of(resource, self._supplements_of(resource["url"]))
        self._kept.put_code_system(canonical, found)
        return found

    def _read_value_set(self, value_set: str, chain: tuple[str, ...]) -> Membership:
        resource = (
            self._definitions.resource("ValueSet", value_set)
            or implicit_value_set(value_set)
            or self._all_of_a_system(value_set)
        )
        return Unknown(value_set) if resource is None else compile_value_set(resource, self, chain)

    def _all_of_a_system(self, value_set: str) -> JsonObject | None:
        """CodeSystem.valueSet names the set of all its codes, whether or not that set is published."""
        url = value_set.partition("|")[0]
        candidate = url.replace("/ValueSet/", "/CodeSystem/")
        resource = self._definitions.resource("CodeSystem", candidate) if candidate != url else None
        if resource is None or (resource.get("valueSet") or "").partition("|")[0] != url:
            return None
        return {"compose": {"include": [{"system": resource["url"]}]}}

    def _supplements_of(self, url: str) -> list[JsonObject]:
        if self._supplements is None:
            self._supplements = {}
            for resource in self._definitions.supplements():
                supplemented = str(resource.get("supplements", "")).partition("|")[0]
                self._supplements.setdefault(supplemented, []).append(resource)
        return self._supplements.get(url, [])

    def _display(self, system: str, code: str) -> str | None:
        code_system = self.code_system(system)
        concept = code_system.find(code) if code_system else None
        return concept.displays[0] if concept and concept.displays else None

    def _concepts(self, systems: Iterable[str]) -> Iterator[tuple[str, str]]:
        for system in systems:
            code_system = self.code_system(system)
            yield from ((system, code) for code in (code_system.concepts if code_system else ()))

    def _listed_displays(self, value_set: str) -> dict[tuple[str, str], str | None]:
        """The codes a value set's own compose lists, with their displays."""
        if value_set not in self._displays:
            compose = (self._definitions.resource("ValueSet", value_set) or {}).get("compose") or {}
            self._displays[value_set] = {
                (part.get("system", ""), concept["code"]): concept.get("display")
                for part in compose.get("include") or ()
                for concept in part.get("concept") or ()
            }
        return self._displays[value_set]
