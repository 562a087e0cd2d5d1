"""A Questionnaire as the tree of questions its responses are judged by.

Source: FHIR R4 questionnaire.html and the extensions it lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from interop.definitions.elements import BASE
from interop.json_codec import Json, JsonObject

_SHORT = {
    f"{BASE}minValue": "minValue",
    f"{BASE}maxValue": "maxValue",
    f"{BASE}minLength": "minLength",
    f"{BASE}maxDecimalPlaces": "maxDecimalPlaces",
    f"{BASE}regex": "regex",
    f"{BASE}entryFormat": "entryFormat",
    f"{BASE}mimeType": "mimeType",
    f"{BASE}maxSize": "maxSize",
    f"{BASE}questionnaire-minOccurs": "minOccurs",
    f"{BASE}questionnaire-maxOccurs": "maxOccurs",
    f"{BASE}questionnaire-referenceResource": "referenceResource",
    f"{BASE}questionnaire-enableWhenExpression": "enableWhenExpression",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression": "enableWhenExpression",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-minQuantity": "minQuantity",
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-maxQuantity": "maxQuantity",
}


_EXCLUSIVE = f"{BASE}questionnaire-optionExclusive"


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One item of a questionnaire.

    options    answerOption: (type, value), ``("Coding", {...})``
    exclusive  the values of those options that go with no other
    limits     what extensions ask of an answer, by short name: minValue, regex, maxOccurs ...
    own_value_set  the value set, where it is contained in the questionnaire
    definition the item itself where what it asks may be run, that is from a loaded package; else nothing
    """

    link: str
    type: str
    text: str
    required: bool
    repeats: bool
    max_length: int | None
    options: tuple[tuple[str, Json], ...]
    value_set: str | None
    conditions: tuple[JsonObject, ...]
    all_conditions: bool
    limits: dict[str, list[Json]] = field(default_factory=dict)
    children: tuple[Question, ...] = ()
    exclusive: tuple[Json, ...] = ()
    definition: JsonObject = field(default_factory=dict)
    own_value_set: JsonObject | None = None

    def limit(self, name: str) -> Json:
        found = self.limits.get(name)
        return found[0] if found else None

    def below(self) -> Iterator[Question]:
        """This question and all below it."""
        yield self
        for child in self.children:
            yield from child.below()


# What runs as a program. A questionnaire that comes with the answers may be anybody's: these are not run for it.
_PROGRAMS = frozenset({"regex", "enableWhenExpression"})


def questions(holder: JsonObject, *, trusted: bool, whole: JsonObject) -> tuple[Question, ...]:
    """The questions directly below a Questionnaire or one of its items.

    trusted  it comes from a loaded package, not out of the input
    whole    the Questionnaire: value sets may be contained in it
    """
    return tuple(_question(item, trusted, whole) for item in rows(holder.get("item")))


def _question(item: JsonObject, trusted: bool, whole: JsonObject) -> Question:
    limits: dict[str, list[Json]] = {}
    for extension in rows(item.get("extension")):
        name = _SHORT.get(str(extension.get("url")))
        if name is not None and (trusted or name not in _PROGRAMS):
            limits.setdefault(name, []).append(typed_value(extension)[1])
    options = (typed_value(option) for option in rows(item.get("answerOption")))
    length, value_set = item.get("maxLength"), item.get("answerValueSet")
    return Question(
        link=str(item.get("linkId")),
        type=str(item.get("type")),
        text=str(item.get("text", "")),
        required=item.get("required") is True,
        repeats=item.get("repeats") is True,
        max_length=length if isinstance(length, int) else None,
        options=tuple((kind, value) for kind, value in options if kind),
        value_set=value_set if isinstance(value_set, str) else None,
        conditions=tuple(rows(item.get("enableWhen"))),
        all_conditions=item.get("enableBehavior") == "all",
        limits=limits,
        own_value_set=_contained(value_set, whole),
        children=questions(item, trusted=trusted, whole=whole),
        exclusive=tuple(typed_value(option)[1] for option in rows(item.get("answerOption")) if _is_exclusive(option)),
        definition=item if trusted else {},
    )


def _contained(reference: Json, whole: JsonObject) -> JsonObject | None:
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found = (r for r in rows(whole.get("contained")) if r.get("resourceType") == "ValueSet")
    return next((r for r in found if r.get("id") == reference[1:]), None)


def _is_exclusive(option: JsonObject) -> bool:
    return any(e.get("url") == _EXCLUSIVE and e.get("valueBoolean") is True for e in rows(option.get("extension")))


def typed_value(holder: JsonObject, prefix: str = "value") -> tuple[str, Json]:
    """(type, value) of ``value[x]``: ``valueCoding`` is ``("Coding", {...})``; ("", None) when there is none."""
    for name, value in holder.items():
        if name.startswith(prefix) and name[len(prefix) : len(prefix) + 1].isupper():
            suffix = name[len(prefix) :]
            kind = suffix if suffix in _COMPLEX else suffix[0].lower() + suffix[1:]
            return kind, value
    return "", None


_COMPLEX = frozenset({"Coding", "Quantity", "Reference", "Attachment", "CodeableConcept", "Expression"})


def rows(value: Json) -> list[JsonObject]:
    """The objects of a JSON array; nothing for anything else."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
