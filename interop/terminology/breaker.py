"""When to stop asking a server that does not answer, and when to try it again. Pure: the time comes in as an argument.

| may ask?                          | answered         | failed or slow                                 |
| --------------------------------- | ---------------- | ---------------------------------------------- |
| closed: yes                       | failures to 0    | one failure more; the last allowed one opens   |
| open, its pause not over: no      | closed (late)    | stays open, its pause as it was                |
| open, its pause over: one, a try  | closed           | open again, the pause doubled up to the longest |
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Patience:
    """How much silence we bear. Seconds.

    failures  so many in a row open the breaker
    pause     how long nobody is asked then; doubled after each failed try, up to ``longest``
    """

    failures: int = 3
    pause: float = 30.0
    longest: float = 600.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """failures: in a row. pause: the present one, 0 while closed. due: when one may try again."""

    failures: int = 0
    pause: float = 0.0
    due: float = 0.0

    @property
    def is_open(self) -> bool:
        return self.pause > 0

    def ask(self, now: float) -> Breaker | None:
        """The breaker once somebody has gone to ask; None when nobody may. While one tries, nobody else does."""
        if not self.is_open:
            return self
        return replace(self, due=now + self.pause) if now >= self.due else None

    def answered(self) -> Breaker:
        return Breaker()

    def failed(self, now: float, patience: Patience, *, tried: bool = False) -> Breaker:
        """After silence. ``tried``: it was the one asked to see whether an open breaker may close."""
        failures = self.failures + 1
        if tried:
            pause = min(self.pause * 2, patience.longest)
            return Breaker(failures, pause, now + pause)
        if self.is_open:
            return replace(self, failures=failures)
        if failures < patience.failures:
            return Breaker(failures)
        return Breaker(failures, patience.pause, now + patience.pause)
