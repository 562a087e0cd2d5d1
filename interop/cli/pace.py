"""How a long run comes along: how many, how fast, how much longer. On standard error, a bar or now and then a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from interop.cli.output import notes

_EVERY = 15.0
"""Seconds between two lines where nobody watches a bar."""


def told(done: int, total: int | None, seconds: float, before: int = 0) -> str:
    """``120,000 of 1,000,000 records, 1,150/s, 12 min 45 s to go``.

    before  how many were done by an earlier run, which say nothing of this one's pace
    """
    of = f" of {total:,}" if total is not None else ""
    rate = (done - before) / seconds if seconds > 0 else 0.0
    text = f"{done:,}{of} records, {rate:,.0f}/s" if rate >= 10 else f"{done:,}{of} records, {rate:.1f}/s"
    return f"{text}, {_duration((total - done) / rate)} to go" if total is not None and rate > 0 else text


def _duration(seconds: float) -> str:
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole // 60 % 60} min"


@contextmanager
def pace(total: Callable[[], int | None], before: int = 0) -> Iterator[Callable[[], None]]:
    """Shows the pace; what it gives counts one more.

    total   asked now and then: it may become known on the way
    """
    begun: float | None = None  # the first record's time: what comes before it says nothing of the pace
    done = before
    if notes.is_terminal:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        columns = SpinnerColumn(), BarColumn(bar_width=30), TextColumn("{task.description}")
        with Progress(*columns, console=notes, transient=True) as bar:
            task = bar.add_task("reading", total=None)
            shown = 0.0

            def advance() -> None:
                nonlocal begun, done, shown
                begun = monotonic() if begun is None else begun
                done += 1
                if monotonic() - shown > 0.2:
                    shown = monotonic()
                    bar.update(
                        task, completed=done, total=total(), description=told(done, total(), shown - begun, before)
                    )

            yield advance
        return
    last = 0.0

    def count() -> None:
        nonlocal begun, done, last
        if begun is None:
            begun = last = monotonic()
        done += 1
        if monotonic() - last > _EVERY:
            last = monotonic()
            notes.print(told(done, total(), last - begun, before), markup=False)

    yield count
