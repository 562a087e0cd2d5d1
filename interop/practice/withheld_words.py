"""The words of what was taken out of a copy, and every place and disguise in which they might still stand.

Taking a resource out is not enough: its words are copied into narrative, displays, notes and attachments by other
programs. What is compared are runs of three words that say something, so that "mother" in two places is no leak and a
copied sentence is. Words that join others ("on the") do not count; neither does a run of nothing but parts of the body
and marks on it: "bruise on the left arm" is what the next nurse has to know, and says nothing about who did it.
"""

from __future__ import annotations

import binascii
import html
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from interop.json_codec import Json, JsonObject

RUN = 3
"""How many words that say something make a copied passage, one after another."""
_JOINING = frozenset({
    "a", "an", "the", "of", "on", "in", "at", "to", "from", "with", "by", "for", "and", "or", "but", "not", "no",
    "is", "was", "are", "were", "be", "been", "has", "had", "have", "it", "its", "this", "that", "as", "he", "she",
    "they", "his", "her", "their", "him", "them",
})  # fmt: skip
_BODY = frozenset({
    "left", "right", "upper", "lower", "inner", "outer", "both", "side", "back", "front", "arm", "arms", "leg",
    "legs", "hand", "hands", "foot", "feet", "wrist", "wrists", "elbow", "shoulder", "hip", "hips", "thigh", "knee",
    "shin", "ankle", "heel", "heels", "sacrum", "buttock", "buttocks", "chest", "breast", "neck", "head", "face",
    "eye", "eyes", "ear", "forearm", "finger", "fingers", "toe", "toes", "skin", "bruise", "bruises", "bruised",
    "bruising", "red", "redness", "sore", "swelling", "swollen", "wound", "wounds", "cut", "graze", "scratch",
    "scratches", "tear", "dressing", "broken", "unbroken", "intact", "pain", "painful",
})  # fmt: skip
"""Words of a body map."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_TAG = re.compile(r"<[^>]*>")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){8,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_SYMBOLIC = {
    "resourceType", "id", "reference", "fullUrl", "url", "system", "code", "status", "use", "type", "versionId",
    "lastUpdated", "profile", "contentType", "language", "intent", "div",
}  # fmt: skip
"""Members whose values are addresses and codes. A narrative is made of the other members, so it adds no words."""
_DEEP = 3
"""How many disguises inside one another are looked through: base64 of JSON with escapes, and one more."""


@dataclass(frozen=True, slots=True)
class Words:
    """What must not be found. ``runs``: three words in a row; ``whole``: texts as a whole, the short ones as they are.

    ``phrases``: texts that have no run, to be found inside others as well.
    """

    runs: frozenset[tuple[str, ...]]
    whole: frozenset[str]
    phrases: frozenset[str] = frozenset()
    _asked: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, hidden: Iterable[Json], known: Iterable[Json]) -> Words:
        """The words of ``hidden`` that ``known`` does not say as well: a name that stands there anyway is no secret."""
        shown, held = _split(known), _split(hidden)
        return cls(held[0] - shown[0], held[1] - shown[1], held[2] - shown[2])

    def in_text(self, text: str) -> bool:
        """Whether a text says any of it, plainly or in a disguise."""
        if text not in self._asked:  # a document repeats its addresses and headings hundreds of times
            self._asked[text] = any(self._said(plain) for plain in disguises(text))
        return self._asked[text]

    def _said(self, text: str) -> bool:
        words = _words(text)
        if self.whole and " ".join(words) in self.whole:
            return True
        told = f" {' '.join(words)} "
        return any(f" {phrase} " in told for phrase in self.phrases) or any(run in self.runs for run in _runs(words))


def _runs(words: list[str]) -> Iterator[tuple[str, ...]]:
    said = [word for word in words if word not in _JOINING]
    for i in range(len(said) - RUN + 1):
        if not _BODY.issuperset(said[i : i + RUN]):
            yield tuple(said[i : i + RUN])


def _split(nodes: Iterable[Json]) -> tuple[frozenset[tuple[str, ...]], frozenset[str], frozenset[str]]:
    runs, whole, phrases = set[tuple[str, ...]](), set[str](), set[str]()
    for text in (text for node in nodes for text in free_texts(node)):
        words = _words(text)
        found = set(_runs(words))
        runs |= found
        if len(words) >= RUN and not found:
            phrases.add(" ".join(words))
        elif len(words) < RUN and any(len(word) > 3 for word in words):
            whole.add(" ".join(words))
    return frozenset(runs), frozenset(whole), frozenset(phrases)


def free_texts(node: Json, name: str = "") -> Iterator[str]:
    """Every string of a resource that a person wrote: no code, no address, no date."""
    if isinstance(node, dict):
        for member, value in node.items():
            if member != "meta":
                yield from free_texts(value, member)
    elif isinstance(node, list):
        for item in node:
            yield from free_texts(item, name)
    elif isinstance(node, str) and name not in _SYMBOLIC and not re.match(r"\d{4}(-\d\d)*(T|$)|urn:|https?:", node):
        yield node


def disguises(text: str, depth: int = 0) -> Iterator[str]:
    """A text as it stands and as it reads once unescaped: entities, percent signs, base64, hex, backslash-u, tags."""
    yield text
    if depth >= _DEEP:
        return
    seen = {text}
    for plain in (
        _TAG.sub(" ", text),
        _TAG.sub("", text),
        html.unescape(text),
        unquote_plus(text),
        _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text),
        *_decoded(text),
    ):
        if plain not in seen:
            seen.add(plain)
            yield from disguises(plain, depth + 1)


def _decoded(text: str) -> Iterator[str]:
    packed = re.sub(r"\s+", "", text)
    for found in {*_BASE64.findall(text), *_BASE64.findall(packed)}:
        padded = found.rstrip("=").replace("-", "+").replace("_", "/")
        try:
            yield from _texts_of(b64decode(padded + "=" * (-len(padded) % 4)))
        except (binascii.Error, ValueError):
            continue
    for found in _HEX.findall(packed):
        yield from _texts_of(bytes.fromhex(found))


def _texts_of(data: bytes) -> Iterator[str]:
    for encoding in ("utf-8", "utf-16"):
        try:
            yield data.decode(encoding)
        except UnicodeDecodeError:
            continue


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def changes(before: Json, after: Json, at: str = "Bundle") -> Iterator[str]:
    """Where two trees of the same shape hold different values, as FHIRPath; in document order."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            yield from changes(value, after.get(name), f"{at}.{name}")
    elif isinstance(before, list) and isinstance(after, list):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from changes(one, other, f"{at}[{index}]")
    elif before != after:
        yield at


def texts_of(node: JsonObject) -> Iterator[str]:
    """Every string of a JSON tree, names of members too."""
    waiting: list[Json] = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield from (str(name) for name in here)
            waiting.extend(here.values())
        elif isinstance(here, list):
            waiting.extend(here)
        elif isinstance(here, str):
            yield here
