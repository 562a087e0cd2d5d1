"""When to try again: pure arithmetic, no clock and no randomness of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter, patient for days.

    wait = uniform(0, min(cap, base * 2 ** (tried - 1))), and never less than the receiver asked for

    base, cap  the first and the longest ceiling of a wait
    patience   how long after it was queued a delivery is given up and becomes a person's to mend
    pause      how long a destination that refuses our credentials is left alone before one more try
    """

    base: timedelta = timedelta(seconds=2)
    cap: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(days=5)
    pause: timedelta = timedelta(minutes=15)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.base <= self.cap <= self.patience:
            raise ValueError(f"a retry policy needs 0 < base <= cap <= patience, found {self}")

    def ceiling(self, tried: int) -> timedelta:
        """The longest wait after ``tried`` failures in a row."""
        doublings = min(tried - 1, 32)  # 2 ** 32 seconds is beyond any cap; more would overflow a timedelta
        return min(self.cap, self.base * (1 << doublings))

    def next_attempt(
        self, tried: int, since: datetime, now: datetime, rng: Random, *, asked: timedelta | None = None
    ) -> datetime | None:
        """When to try again after ``tried`` failures (at least 1); None means dead-letter.

        since  when the delivery was queued, or last replayed by a person
        asked  the receiver's Retry-After
        """
        wait = max(timedelta(seconds=rng.uniform(0, self.ceiling(tried).total_seconds())), asked or timedelta(0))
        again = now + wait
        return again if again <= since + self.patience else None
