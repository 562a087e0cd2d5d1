"""The occurrences of one element below a parent, as the lines of a script go through them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from interop.validation.script import Script


class Bounds(NamedTuple):
    """How many there may be; ``high`` None is any number."""

    low: int = 0
    high: int | None = None

    def check(self, script: Script, number: str) -> None:
        """Doubt a number outside."""
        if self.low:
            script.doubt(f"{number} < {self.low}")
        if self.high is not None:
            script.doubt(f"{number} > {self.high}")


class Tally(Protocol):
    """What all occurrences together are asked, kept up while the lines go through them."""

    def add(self, value: str, kind: str) -> None:
        """One more, of the type ``kind``."""

    def close(self) -> None:
        """That was all."""


@contextmanager
def each(script: Script, parent: str, member: str, bounds: Bounds, *, repeats: bool) -> Iterator[str]:
    """What is said meanwhile is said of each value of one member; gives the variable that holds it."""
    value = script.variable()
    script.say(f"{value} = {parent}.get({member!r})")
    if bounds.low:
        script.doubt(f"{value} is None")
    else:
        script.doubt(f"{value} is None and {member!r} in {parent}")
    with script.inside(f"if {value} is not None"):
        if not repeats:
            if bounds.low > 1:
                script.give_up()
            script.doubt(f"type({value}) is list")
            yield value
            return
        script.doubt(f"type({value}) is not list")
        bounds.check(script, f"len({value})")
        entry = script.variable()
        with script.inside(f"for {entry} in {value}"):
            script.doubt(f"{entry} is None")
            yield entry
