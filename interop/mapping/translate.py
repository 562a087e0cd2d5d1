"""Local words to codes and back, by an R4 ConceptMap.

Source: FHIR R4 conceptmap.html. A ConceptMap element's ``code`` is what the local record says, its ``display`` how
to say it to people; every target of an element becomes a Coding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from interop.definitions import Definitions
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, loads
from interop.mapping.faults import Faults, Place, nearest
from interop.mapping.refusal import Refusal
from interop.mapping.transform import text_of
from interop.outcome import Severity

_BOTH_WAYS = {"equal", "equivalent"}
_NO_TARGET = {"unmatched", "disjoint"}
CODED = frozenset({"code", "Coding", "CodeableConcept"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one local word means: how to say it, and its codings."""

    text: str | None
    codings: tuple[JsonObject, ...]


@dataclass(slots=True)
class CodeTable:
    """One ConceptMap, ready to be asked both ways.

    meanings  by local code; ``folded`` the same without case and extra spaces
    back      (system, code) -> local code, and (None, code) -> local code where no other system has that code
    unclear   targets that several local codes reach and none claims, with those codes
    """

    name: str
    meanings: dict[str, Meaning] = field(default_factory=dict)
    folded: dict[str, str] = field(default_factory=dict)
    back: dict[tuple[str | None, str], str] = field(default_factory=dict)
    unclear: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: JsonObject | None = None
    provided: str | None = None

    @property
    def codes(self) -> frozenset[tuple[str | None, str]]:
        """Every (system, code) the table may give."""
        codings = [coding for meaning in self.meanings.values() for coding in meaning.codings]
        return frozenset((c.get("system"), str(c["code"])) for c in (*codings, *((self.fixed,) if self.fixed else ())))

    def local(self, word: str) -> str | None:
        """The table's own code for what the record says, or None."""
        return word if word in self.meanings else self.folded.get(_fold(word))

    def meaning(self, word: str) -> tuple[Meaning, Refusal | None]:
        """What the word means, and the finding when the table does not know it."""
        code = self.local(word)
        if code is not None:
            return self.meanings[code], None
        if self.provided is not None:
            return Meaning(word, ({"system": self.provided, "code": word},)), None
        known = ", ".join(repr(name) for name in list(self.meanings)[:12])
        more = ", …" if len(self.meanings) > 12 else ""
        near = nearest(word, self.meanings)
        hint = (f"did you mean {near!r}? " if near else "") + f"{self.name} knows {known}{more}"
        codings = (self.fixed,) if self.fixed else ()
        return Meaning(word, codings), Refusal("code-unmapped", f"{word!r} is no word known in {self.name}", hint)

    def word(self, codings: list[JsonObject], text: str | None) -> str | None:
        """The local word for codings with a text beside them; the text wins where it means the same. None: unknown."""
        said = self.local(text) if text else None
        if said is not None and (not codings or self._agrees(self.meanings[said], codings)):
            return text if _fold(text or "") == _fold(said) else said
        for coding in codings:
            code = str(coding.get("code", ""))
            found = self.back.get((coding.get("system"), code)) or self.back.get((None, code))
            if found is not None:
                return found
        if self.provided is not None:
            return next((str(c["code"]) for c in codings if c.get("system") == self.provided and "code" in c), None)
        return None

    @staticmethod
    def _agrees(meaning: Meaning, codings: list[JsonObject]) -> bool:
        codes = {coding.get("code") for coding in codings}
        return not meaning.codings or any(coding["code"] in codes for coding in meaning.codings)


def _fold(word: str) -> str:
    return " ".join(word.split()).casefold()


def build_table(resource: JsonObject, name: str, place: Place, faults: Faults) -> CodeTable:
    """A ConceptMap as a table. Faults: no groups, an unknown shape, two local codes that both claim the way back."""
    table = CodeTable(name)
    claims: dict[tuple[str | None, str], list[tuple[str, bool]]] = {}
    try:
        for group in resource.get("group", ()):
            for element in group.get("element", ()):
                _element(table, group, element, claims)
            _unmapped(table, group)
    except (KeyError, TypeError, AttributeError) as error:
        faults.add(place, f"{name} is not a ConceptMap this mapping can use: {type(error).__name__} {error}")
        return table
    if not table.meanings and table.provided is None:
        faults.add(place, f"{name} maps no codes", "a ConceptMap needs group.element.code and target")
    for word, local in _displays(table):
        table.folded.setdefault(word, local)
    for target, locals_ in claims.items():
        _way_back(table, target, locals_, place, faults)
    return table


def _displays(table: CodeTable) -> list[tuple[str, str]]:
    texts = ((meaning.text, local) for local, meaning in table.meanings.items())
    return [(_fold(text), local) for text, local in texts if text]


def _element(
    table: CodeTable,
    group: JsonObject,
    element: JsonObject,
    claims: dict[tuple[str | None, str], list[tuple[str, bool]]],
) -> None:
    local = element["code"]
    earlier = table.meanings.get(local)
    codings = list(earlier.codings) if earlier else []
    for target in element.get("target", ()):
        if target.get("equivalence") in _NO_TARGET or "code" not in target:
            continue
        coding = {"system": group.get("target"), "code": target["code"], "display": target.get("display")}
        codings.append({key: value for key, value in coding.items() if value is not None})
        claim = (local, target.get("equivalence", "equivalent") in _BOTH_WAYS)
        for key in {(group.get("target"), target["code"]), (None, target["code"])}:
            if claim not in claims.setdefault(key, []):
                claims[key].append(claim)
    table.meanings[local] = Meaning(element.get("display"), tuple(codings))
    table.folded.setdefault(_fold(local), local)


def _unmapped(table: CodeTable, group: JsonObject) -> None:
    unmapped = group.get("unmapped") or {}
    if unmapped.get("mode") == "provided":
        table.provided = group.get("target") or group.get("source") or ""
    elif unmapped.get("mode") == "fixed" and "code" in unmapped:
        coding = {"system": group.get("target"), "code": unmapped["code"], "display": unmapped.get("display")}
        table.fixed = {key: value for key, value in coding.items() if value is not None}


def _way_back(
    table: CodeTable, target: tuple[str | None, str], claims: list[tuple[str, bool]], place: Place, faults: Faults
) -> None:
    sure = list(dict.fromkeys(local for local, both_ways in claims if both_ways))
    every = list(dict.fromkeys(local for local, _ in claims))
    if len(sure) > 1 and target[0] is not None:
        words = " and ".join(repr(local) for local in sure)
        faults.add(
            place,
            f"{table.name}: {words} both say they are equivalent to {target[1]!r}, so the way back is unclear",
            "mark all but one as wider, narrower or inexact",
        )
    if len(sure) == 1 or len(every) == 1:
        table.back[target] = (sure or every)[0]
    elif not sure:
        table.unclear[target[1]] = tuple(every)


def find_table(
    name: str, folder: Path, root: Path, definitions: Definitions, place: Place, faults: Faults
) -> CodeTable | None:
    """The table a rule names: a canonical URL, or ``codes/sex`` looked for from the mapping's folder up to the root."""
    if "://" in name:
        resource = definitions.resource("ConceptMap", name)
        if resource is None:
            faults.unknown(place, "no ConceptMap", name, definitions.canonicals("ConceptMap"))
            return None
        return build_table(resource, name, place, faults)
    folders = [folder, *(parent for parent in folder.parents if parent == root or root in parent.parents)]
    path = next((p for p in (place_ / f"{name}.json" for place_ in folders) if p.is_file()), None)
    if path is None:
        known = {str(p.relative_to(at).with_suffix("")) for at in folders for p in at.glob("codes/*.json")}
        faults.unknown(place, "no code table", name, known)
        return None
    try:
        resource = loads(path.read_bytes(), file=path.name)
    except ContentError as error:
        faults.add(place, f"{name}: {error}")
        return None
    if not isinstance(resource, dict) or resource.get("resourceType") != "ConceptMap":
        faults.add(place, f"{path.name} is no ConceptMap", 'it must say "resourceType": "ConceptMap"')
        return None
    return build_table(resource, name, place, faults)


def translator(table: CodeTable, type_code: str, *, every: bool = False) -> Callable[[Json], Json]:
    """Local word to a value of ``type_code`` (one of CODED). Raises Refusal ``code-unmapped`` with what can be carried.

    every  the target is a list: a word with several codings gives them all
    """

    def to_code(value: Json) -> Json:
        meaning, unknown = table.meaning(text_of(value))
        codings = meaning.codings
        if type_code == "CodeableConcept":
            result: Json = {"coding": [dict(c) for c in codings]} if codings else {}
            result["text"] = meaning.text or text_of(value)
        elif every and len(codings) > 1:
            result = [c["code"] if type_code == "code" else dict(c) for c in codings]
        else:
            result = None if not codings else codings[0]["code"] if type_code == "code" else dict(codings[0])
        if unknown is not None:
            if result is not None:
                unknown.severity = Severity.WARNING
            unknown.instead = result
            raise unknown
        return result

    return to_code


def back_translator(table: CodeTable, type_code: str, *, raw: bool = False) -> Callable[[Json], Json]:
    """A coded FHIR value to the local word. Raises Refusal ``reverse-code`` when there is none.

    raw  a code the table does not know is written as it is (HL7 v2, FHIR), not as its words
    """

    def to_word(value: Json) -> Json:
        if type_code == "code":
            codings, text = [{"code": value}], None
        elif type_code == "Coding":
            codings, text = [value], value.get("display")
        else:
            codings, text = value.get("coding") or [], value.get("text")
        word = table.word(codings, text)
        if word is not None:
            # A Coding's display is ours: only the text of a concept keeps the sender's own spelling.
            return (table.local(word) or word) if type_code == "Coding" else word
        told = text or ", ".join(str(c.get("display") or c.get("code")) for c in codings)
        unclear = next((c.get("code") for c in codings if c.get("code") in table.unclear), None)
        why = f"several local codes mean {unclear!r}" if unclear else f"{table.name} has no local code for {told!r}"
        hint = "mark one of them equivalent in the ConceptMap" if unclear else None
        # Better than nothing, and the finding says that it is not one of the local codes.
        code = next((str(c["code"]) for c in codings if c.get("code")), None) if raw else None
        raise Refusal("reverse-code", why, hint, severity=Severity.WARNING, instead=code or told or None)

    return to_word
