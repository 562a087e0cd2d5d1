"""The answers of the terminology room, remembered: the same code is asked about once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from interop.json_codec import Json, JsonObject

MOST_REMEMBERED = 50_000


class CodeAnswer(Protocol):
    """What is known of one code in its system: ``known`` is True, False or None (could not tell)."""

    @property
    def known(self) -> bool | None: ...
    @property
    def displays(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...


class Shown(Protocol):
    """One code of an expansion as people see it."""

    @property
    def display(self) -> str | None: ...


class CodeSet(Protocol):
    """A compiled value set."""

    def contains(self, system: str | None, code: str) -> bool | None: ...


class Vocabulary(Protocol):
    """What validation asks of terminology."""

    def contains(self, value_set: str, system: str | None, code: str) -> bool | None: ...
    def expand(self, value_set: str) -> Sequence[Shown] | None: ...
    def validate_code(self, system: str, code: str) -> CodeAnswer: ...
    def compile(self, value_set: JsonObject) -> CodeSet: ...


class Codes:
    """Asks a vocabulary and keeps its answers. Without a vocabulary every answer is "could not tell"."""

    def __init__(self, vocabulary: Vocabulary | None):
        self._vocabulary = vocabulary
        self._contains: dict[tuple[str, str | None, str], bool | None] = {}
        self.right: set[tuple[Json, Json, Json]] = set()
        """(system, code, display) of codings that nothing is wrong with, as far as these go."""
        self.sure: set[tuple[Json, ...]] = set()
        """The same for codings that have nothing else; without display (system, code)."""
        self._answers: dict[tuple[str, str], CodeAnswer | None] = {}

    def contains(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Whether the value set holds the code; a SNOMED code that cannot exist is in none."""
        key = (value_set, system, code)
        try:
            return self._contains[key]
        except KeyError:
            pass
        answer = self._vocabulary.contains(value_set, system, code) if self._vocabulary is not None else None
        if len(self._contains) >= MOST_REMEMBERED:
            self._contains.clear()
        if answer is not None:  # whoever could not tell may be able to later
            self._contains[key] = answer
        return answer

    def contained(self, value_set: JsonObject, system: str | None, code: str) -> bool | None:
        """Whether a value set that is in no package holds the code."""
        return self._vocabulary.compile(value_set).contains(system, code) if self._vocabulary is not None else None

    def answer(self, system: str, code: str) -> CodeAnswer | None:
        """What the code system says of the code; None when there is nobody to ask."""
        key = (system, code)
        try:
            return self._answers[key]
        except KeyError:
            pass
        answer = self._vocabulary.validate_code(system, code) if self._vocabulary is not None else None
        if len(self._answers) >= MOST_REMEMBERED:
            self._answers.clear()
        if answer is not None and answer.known is not None:
            self._answers[key] = answer
        return answer

    def has_display(self, value_set: str, display: str) -> bool | None:
        """Whether some code of the value set is called so; None when its codes cannot be listed."""
        listed = self._vocabulary.expand(value_set) if self._vocabulary is not None else None
        return None if listed is None else any(shown.display == display for shown in listed)
