"""What an issue code means, why it matters and how to mend it: the catalogue for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from interop.errors import CatalogueError
from interop.json_codec import JsonObject
from interop.outcome import issue_catalogue


@dataclass(frozen=True, slots=True)
class Explanation:
    """One entry. type: the FHIR issue type; spec: where it is specified; the rest are sentences for people."""

    code: str
    type: str
    means: str
    matters: str
    fix: str
    spec: str

    def as_json(self) -> JsonObject:
        return {name: getattr(self, name) for name in self.__slots__}


def explanations() -> Iterator[Explanation]:
    """Every code, in the order of the alphabet."""
    for code, entry in sorted(issue_catalogue().items()):
        yield Explanation(code, **entry)


def explained(code: str) -> Explanation | None:
    """None for a code that is not ours: findings may be relayed from elsewhere."""
    entry = issue_catalogue().get(code)
    return None if entry is None else Explanation(code, **entry)


def explain(code: str) -> Explanation:
    """The explanation of one code. Raises CatalogueError, with the code that was probably meant."""
    found = explained(code.strip().lower())
    if found is None:
        from difflib import get_close_matches  # loaded for mistypings alone

        near = get_close_matches(code.strip().lower(), issue_catalogue(), n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(map(repr, near))}?" if near else "--explain all lists every code"
        raise CatalogueError(f"there is no issue code {code!r}", hint=hint)
    return found
