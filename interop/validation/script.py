"""A glance in the making: Python lines that give up at the first doubt, and the things they refer to by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from interop.json_codec import Json
from interop.validation.primitive import CONDITIONS, KNOWN, Right

if TYPE_CHECKING:
    from interop.validation.scope import Scope

Glance = Callable[[Json, "Scope"], bool]
"""As in ``glance``."""
_DEEPEST = 30


class Script:
    """Writes one function ``glance(node, scope)``. Names of data never become code: they are quoted or bound."""

    def __init__(self, scope: Scope) -> None:
        self._names: dict[str, Any] = {**KNOWN, "sure_codings": scope.run.codes.sure}
        self._lines: list[str] = ["def glance(node, scope):"]
        self._margin = " "
        self._variables = 0

    def say(self, line: str) -> None:
        """One line at the present depth."""
        self._lines.append(self._margin + line)

    def doubt(self, condition: str) -> None:
        """Where the condition holds, look closer."""
        self.say(f"if {condition}:")
        self.say(" return False")

    def give_up(self) -> None:
        """Whoever comes here has to look closer."""
        self.say("return False")

    @property
    def is_deep(self) -> bool:
        """Whether more blocks inside each other could be more than Python takes."""
        return len(self._margin) > _DEEPEST

    def doubt_any(self, members: Collection[str], parent: str) -> None:
        """Where one of the members is there, look closer."""
        if len(members) < 3:
            for member in sorted(members):
                self.doubt(f"{member!r} in {parent}")
        else:
            self.doubt(f"not {self.bind(frozenset(members))}.isdisjoint({parent})")

    @contextmanager
    def inside(self, header: str) -> Iterator[None]:
        """What is said meanwhile stands inside a block: ``with script.inside("for entry in value"):``."""
        self.say(f"{header}:")
        self._margin += " "
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.say("pass")
        self._margin = self._margin[:-1]

    def bind(self, thing: object) -> str:
        """The name under which the lines find a thing."""
        name = f"thing{len(self._names)}"
        self._names[name] = thing
        return name

    def constant(self, value: Json) -> str:
        """A JSON value as the lines spell it."""
        return repr(value) if type(value) is str else self.bind(value)

    def variable(self) -> str:
        """A name that nothing has yet."""
        self._variables += 1
        return f"value{self._variables}"

    def right(self, test: Right, value: str) -> None:
        """A value has to be right by itself."""
        condition = CONDITIONS.get(test)
        surely = f"({condition.format(value)}) or " if condition is not None else ""
        self.doubt(f"not ({surely}{self.bind(test)}({value}))")

    def passes(self, glance: Glance, value: str) -> None:
        """A value has to pass a glance, which writes itself where it can."""
        write = getattr(glance, "write", None)
        if write is not None:
            write(self, value)
        else:
            self.doubt(f"not {self.bind(glance)}({value}, scope)")

    def glance(self, title: str) -> Glance:
        """The function."""
        code = "\n".join([*self._lines, " return True"])
        exec(compile(code, f"<glance at {title}>", "exec"), self._names)  # noqa: S102  written from definitions alone
        glance: Glance = self._names["glance"]
        return glance
