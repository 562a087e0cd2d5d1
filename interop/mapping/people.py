"""A person's name in one cell as a HumanName, and back. What cannot be told apart for certain is carried as text alone.

``SMITH, John (Mr)``, ``Dr Priya Nair``: titles are known words, a comma or capitals say which part is the family name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import tzinfo

from interop.json_codec import Json, JsonObject
from interop.mapping.refusal import Refusal
from interop.mapping.transform import ArgumentError, Transform, text_of
from interop.outcome import Severity

LAYOUTS = {
    "given family": "{title} {given} {family}",
    "family given": "{title} {family} {given}",
    "family, given": "{family}, {title} {given}",
    "family, given (title)": "{family}, {given} ({title})",
}
"""The ways to write a name, and how each is written. The title may be missing in all of them."""

USES = ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden")
"""Codes of HumanName.use. Source: FHIR R4 valueset-name-use."""

# fmt: off
TITLES = frozenset({
    "mr", "mrs", "miss", "ms", "mx", "master", "dr", "prof", "professor", "sir", "dame", "lady", "lord", "rev", "revd",
    "reverend", "fr", "father", "sister", "sr", "brother", "br", "canon", "imam", "rabbi", "cllr", "hon",
})
_SUFFIXES = frozenset({
    "jr", "snr", "ii", "iii", "iv", "obe", "mbe", "cbe", "phd", "frcp", "frcs", "frcgp", "rgn", "rn", "rmn",
    "bsc", "msc",
})
_PARTICLES = frozenset({
    "de", "del", "della", "der", "den", "di", "du", "la", "le", "van", "von", "el", "al", "bin", "ibn", "ap", "ferch",
    "da", "dos", "mac", "mc", "st", "o'",
})
# fmt: on


def name(argument: Json, zone: tzinfo | None) -> Transform:
    """``name``, ``{name: "family, given (title)"}`` or ``{name: {layout: …, use: official}}``."""
    given = argument if isinstance(argument, dict) else {"layout": argument or "given family"}
    layout, use = given.get("layout", "given family"), given.get("use")
    if set(given) - {"layout", "use"} or layout not in LAYOUTS:
        known = ", ".join(repr(one) for one in LAYOUTS)
        raise ArgumentError(f"name wants one of the layouts {known}, found {argument!r}")
    if use not in (None, *USES):
        raise ArgumentError(f"{use!r} is no use of a name; known: {', '.join(USES)}")
    start: JsonObject = {"use": use} if use else {}

    def read(value: Json) -> Json:
        text = " ".join(text_of(value).split())
        parts = _parts(text, layout)
        if parts is None:
            raise Refusal(
                "name-unclear",
                f"{text!r} cannot be told apart into names for certain; it is carried as it stands",
                f"write it as {LAYOUTS[layout]}, the family name before a comma or in capitals",
                severity=Severity.WARNING,
                instead={**start, "text": text},
            )
        return {**start, "text": text, **parts}

    return Transform("name", read, _writer(layout), frozenset({"HumanName"}))


def _writer(layout: str) -> Callable[[Json], Json]:
    def write(value: Json) -> Json:
        text = str(value.get("text") or "")
        told = {key: value[key] for key in ("prefix", "given", "family", "suffix") if key in value}
        if text and (not told or _parts(text, layout) == told):
            return text
        if "family" not in value:
            return text or " ".join(value.get("given", ())) or None
        words = {
            "title": " ".join(value.get("prefix", ())),
            "given": " ".join(value.get("given", ())),
            "family": " ".join((value["family"], *value.get("suffix", ()))),
        }
        written = LAYOUTS[layout].format(**words).replace("()", "")
        return " ".join(written.split()).rstrip(" ,").replace(" ,", ",")

    return write


def _parts(text: str, layout: str) -> JsonObject | None:
    """prefix, given, family and suffix of a name; None where it does not say which is which."""
    bracketed = re.search(r"\s*\(([^()]+)\)$", text)
    titles: list[str] = []
    if bracketed is not None:
        if not _all_titles(bracketed[1].split()):
            return None  # a maiden name, a nickname, a note: nothing that may be guessed
        titles, text = bracketed[1].split(), text[: bracketed.start()]
    before, comma, after = text.partition(",")
    if comma:
        family, given = before.split(), after.split()
        if "," in after or not family:
            return None
        given, more = _without_titles(given)
        family, early = _without_titles(family)
        return _made(titles + early + more, given, family, [])
    words, found = _without_titles(text.split())
    words, suffixes = _without_suffixes(words)
    split = _split(words, layout)
    return None if split is None else _made(titles + found, *split, suffixes)


def _split(words: list[str], layout: str) -> tuple[list[str], list[str]] | None:
    """Given names and family name of words without titles: by capitals, by particles, or where there are two."""
    loud = [
        len(word) > 1 and word.isupper() and word.isalpha()
        for word in (w.replace("-", "").replace("'", "") for w in words)
    ]
    if any(loud) and not all(loud):
        first, last = loud.index(True), len(loud) - loud[::-1].index(True)
        if all(loud[first:last]) and (last == len(words) or first == 0):
            return words[:first] + words[last:], words[first:last]
        return None
    family_first = layout.startswith("family")
    if len(words) == 1:
        return [], words
    if len(words) == 2:  # one given name, one family name
        return ([words[1]], [words[0]]) if family_first else ([words[0]], [words[1]])
    particle = next((n for n, word in enumerate(words) if n and word.casefold() in _PARTICLES), None)
    return (words[:particle], words[particle:]) if particle is not None and not family_first else None


def _made(titles: list[str], given: list[str], family: list[str], suffixes: list[str]) -> JsonObject | None:
    if not family or not (given or titles or len(family) == 1):
        return None
    parts = {"prefix": titles, "given": given, "family": " ".join(family), "suffix": suffixes}
    return {key: value for key, value in parts.items() if value}


def _bare(word: str) -> str:
    return word.rstrip(".").casefold()


def _all_titles(words: list[str]) -> bool:
    return bool(words) and all(_bare(word) in TITLES for word in words)


def _without_titles(words: list[str]) -> tuple[list[str], list[str]]:
    count = 0
    while count < len(words) - 1 and _bare(words[count]) in TITLES:
        count += 1
    return words[count:], words[:count]


def _without_suffixes(words: list[str]) -> tuple[list[str], list[str]]:
    count = len(words)
    while count > 1 and _bare(words[count - 1]).replace(".", "") in _SUFFIXES:
        count -= 1
    return words[:count], words[count:]
