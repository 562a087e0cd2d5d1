"""A code with its system and display, and what is known about one."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import JsonObject


@dataclass(frozen=True, slots=True)
class Coding:
    """One code (R4 datatypes.html#Coding). ``equivalence`` is set when a concept map gave it: how near it comes."""

    system: str | None
    code: str
    display: str | None = None
    equivalence: str | None = None

    def as_json(self) -> JsonObject:
        fields = {"system": self.system, "code": self.code, "display": self.display}
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class CodeAnswer:
    """What is known about a code in its system.

    known     True: the system has it; False: it has not; None: could not tell
    displays  the preferred display first, then every other wording the system gives
    reason    why not, or why it could not be told; "" when known
    abstract  a heading of the system, not meant to be chosen itself
    inactive  the system says the code is retired, deprecated or inactive
    """

    known: bool | None
    displays: tuple[str, ...] = ()
    reason: str = ""
    abstract: bool = False
    inactive: bool = False

    @property
    def display(self) -> str | None:
        return self.displays[0] if self.displays else None
