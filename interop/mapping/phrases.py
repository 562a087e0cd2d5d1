"""What an element holds, in words anybody uses: ``Patient.birthDate`` is "a date of birth".

The phrases are data (``phrases.json``); an element without one is called by its own name, taken apart.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

_LABEL = re.compile(r"\[[^\]]*\]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VALUE = re.compile(
    r"value[A-Z]\w*|onset[A-Z]\w*|effective[A-Z]\w*|medication[A-Z]\w*|performed[A-Z]\w*|occurrence[A-Z]\w*"
)
_PLAIN = frozenset({"value", "text", "code", "coding", "display", "reference", "system", "extension", "item"})
"""Names that say nothing by themselves: what is around them says what they are."""


@cache
def _phrases() -> dict[str, str]:
    found: dict[str, str] = json.loads(files("interop.mapping").joinpath("phrases.json").read_text("utf-8"))
    return found


def phrase(element: str) -> str:
    """What the element holds: with its article, as in "a date of birth is needed".

    element  ``Patient.name[official].family``, with the labels of the mapping or without
    """
    known = _phrases()
    plain = _LABEL.sub("", element)
    for path in (element, plain):
        steps = path.split(".")
        for length in range(len(steps), 1, -1):
            # A part of what has a phrase is called by it: the system of an identifier is asked for as the identifier.
            found = known.get(".".join(steps[:length])) or known.get(
                ".".join((*steps[: length - 1], _choice(steps[length - 1])))
            )
            if found is not None:
                return found
    label = re.findall(r"\[([a-z][a-z0-9-]*)\]", element)
    names = [step for step in plain.split(".")[1:] if _choice(step) not in _PLAIN]
    last = _words(_choice(plain.rpartition(".")[2]))
    word = _words(names[-1]) if names else label[-1].replace("-", " ") if label else last
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def name_of(word: str) -> str:
    """A name out of a profile as words: ``clinicalSummary`` is "clinical summary"."""
    return _words(word)


def _choice(name: str) -> str:
    """``valueQuantity`` and ``value[x]`` are one element."""
    if name.endswith("[x]"):
        return name[:-3]
    return re.match(r"[a-z]+", name)[0] if _VALUE.fullmatch(name) else name  # type: ignore[index]  # it begins so


def _words(name: str) -> str:
    return _HUMP.sub(" ", name.removesuffix("[x]")).replace("-", " ").replace("_", " ").casefold()
