"""Likely targets for fields: by the likeness of names, held against what the values look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib import resources

from interop.json_codec import Json, JsonObject, loads
from interop.workbench.draft.evidence import Kind, kinds_of
from interop.workbench.draft.sample import Field

LEAST = 0.6
"""Least confidence with which a rule is written; below it the field is listed with what it might be."""

_TEXTUAL = frozenset({"text", "words", "lines"})
_FITS: Mapping[str, tuple[str, ...]] = {
    "date": ("date",), "moment": ("moment", "date"), "nhs-number": ("nhs-number",), "phone": ("phone",),
    "email": ("email",), "postcode": ("postcode",), "ods-code": ("ods-code",), "quantity": ("quantity",),
    "boolean": ("boolean",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """A field with its likely target. ``entry``: of names.json; None where no name comes near.

    sure   0 to 1: how alike the names are, times how well the values fit
    why    the evidence in words
    """

    field: Field
    entry: JsonObject | None
    kind: Kind
    sure: float
    why: str

    @property
    def is_rule(self) -> bool:
        return self.entry is not None and self.sure >= LEAST and self.entry["kind"] != "code"


@cache
def names() -> JsonObject:
    """``names.json``: what record systems call their fields."""
    data: JsonObject = loads(resources.files(__package__).joinpath("names.json").read_bytes())
    return data


def guess(fields: Iterable[Field], entries: Sequence[JsonObject]) -> list[Guess]:
    """The best target of each field; where two want one place, the surer has it."""
    found = [_best(field, entries) for field in fields]
    taken: dict[str, Guess] = {}
    for one in sorted(found, key=lambda g: -g.sure):
        if one.entry is None or not one.is_rule:
            continue
        place = f"{one.entry.get('group')} {one.entry['target']}"
        if one.entry["kind"] in ("words", "lines"):
            continue  # several given names, several address lines
        if place in taken:
            other = taken[place]
            why = f"{one.why}; but {other.field.name!r} is likelier to be {one.entry['target']}"
            found[found.index(one)] = Guess(one.field, one.entry, one.kind, 0.3, why)
        else:
            taken[place] = one
    return found


def _best(field: Field, entries: Sequence[JsonObject]) -> Guess:
    kinds = kinds_of(field.values)
    best: tuple[float, JsonObject, str] | None = None
    for entry in entries:
        likeness, alike = max(
            ((_likeness(field.name, name), name) for name in entry["names"]), key=lambda found: found[0]
        )
        if best is None or likeness > best[0]:
            best = likeness, entry, alike
    proof = next((kind for kind in kinds if kind.name == "nhs-number"), None)
    if proof is not None and proof.sure >= 0.9:
        own = next((entry for entry in entries if entry["kind"] == "nhs-number"), None)
        if own is not None:
            return Guess(field, own, proof, proof.sure, proof.why)
    if best is None or best[0] < LEAST:
        kind = kinds[0]
        return Guess(field, None, kind, 0.0, f"no known name is like {field.name!r}; {_looks(kind)}")
    likeness, entry, alike = best
    kind, fit = _fit(entry["kind"], kinds)
    named = entry.get("said") or (
        f"the name is {alike!r}" if likeness == 1 else f"the name is like {alike!r} ({likeness:.0%})"
    )
    why = (
        f"{named}; {kind.why}"
        if fit
        else f"{named}, but the values are no {_plainly(entry['kind'])}: {_looks(kinds[0])}"
    )
    return Guess(field, entry, kind, round(likeness * fit, 2), why)


def _fit(wanted: str, kinds: Sequence[Kind]) -> tuple[Kind, float]:
    """The kind the target wants, among those the values could be; how well it fits."""
    if wanted == "code" and kinds[0].name == "boolean":
        return kinds[0], 0.5
    if wanted in _TEXTUAL or wanted == "code":
        return kinds[-1], 0.9 if kinds[-1].sure else 0.65
    for name in _FITS.get(wanted, (wanted,)):
        kind = next((kind for kind in kinds if kind.name == name), None)
        if kind is not None:
            return kind, kind.sure if kind.sure >= 0.9 else max(kind.sure, LEAST)
    return kinds[-1], 0.0


def _looks(kind: Kind) -> str:
    return kind.why if kind.name == "text" else f"they look like {_plainly(kind.name)} ({kind.why})"


def _plainly(name: str) -> str:
    return {"moment": "date and time", "nhs-number": "NHS number", "ods-code": "ODS code"}.get(name, name)


@cache
def _likeness(one: str, other: str) -> float:
    """1 for the same words, else by shared words and letters."""
    left, right = _words(one), _words(other)
    if left == right or "".join(left) == "".join(right):
        return 1.0
    shared = len(set(left) & set(right)) / max(len(set(left) | set(right)), 1)
    letters = SequenceMatcher(None, " ".join(left), " ".join(right)).ratio()
    return round(max(shared, letters if letters > 0.85 else 0.0), 2)


def _words(name: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[a-z0-9]+", spaced.lower()))


def transform_of(one: Guess) -> Json:
    """The transform a guess needs; None for text as it stands."""
    if one.entry is None:
        return None
    wanted, kind = one.entry["kind"], one.kind
    if wanted == "words":
        return {"split": " "} if any(" " in value for value in one.field.filled) else None
    if wanted == "lines":
        return "lines"
    if kind.name in ("date", "moment"):
        return {"date" if kind.name == "date" else "datetime": kind.argument}
    if kind.name == "quantity":
        return {"quantity": kind.argument}
    return (
        kind.name
        if kind.name in ("nhs-number", "phone", "postcode", "ods-code", "boolean") and wanted == kind.name
        else None
    )
