"""How the command line speaks: results on standard output, everything else on standard error.

Exit codes: 0 fine, 1 findings, 2 usage or configuration, 3 could not tell.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from interop.errors import ContentError
from interop.json_codec import Json, dumps
from interop.outcome import Issue, Outcome, Severity, Verdict
from interop.printable import printable


class Output(StrEnum):
    TEXT = "text"
    JSON = "json"


class Exit(IntEnum):
    FINE = 0
    FINDINGS = 1
    USAGE = 2
    COULD_NOT_TELL = 3


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="text for people, json for programs.")]
ConfigOption = Annotated[
    Path, typer.Option("--config", "-c", envvar="INTEROP_CONFIG", help="The node's configuration file.")
]
DEFAULT_CONFIG = Path("interop.toml")

console = Console(highlight=False, soft_wrap=True)
notes = Console(stderr=True, highlight=False, soft_wrap=True)

_COUNTED = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFORMATION: ("more for information", "more for information"),
}
_COLOUR = {Severity.FATAL: "bold red", Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFORMATION: "dim"}


def print_json(value: Json) -> None:
    """One JSON value, as bytes, so that decimals keep their digits."""
    sys.stdout.flush()
    sys.stdout.buffer.write(dumps(value, indent=True) + b"\n")
    sys.stdout.buffer.flush()


def print_issues(
    issues: Iterable[Issue], *, least: Severity = Severity.WARNING, more: str = "--output json shows them"
) -> None:
    """One line a finding, worst first; those below ``least`` are only counted, with how to see them (``more``)."""
    order = list(Severity)
    shown = sorted(issues, key=lambda issue: order.index(issue.severity))
    hidden = sum(order.index(issue.severity) > order.index(least) for issue in shown)
    for issue in shown[: len(shown) - hidden]:
        console.print(f"  [{_COLOUR[issue.severity]}]{issue.severity}[/] [bold]{issue.code}[/] ", end="")
        console.print(printable(str(issue)), markup=False)
    if hidden:
        counts = Counter(issue.severity for issue in shown[len(shown) - hidden :])
        told = " and ".join(f"{count} {_COUNTED[severity][count != 1]}" for severity, count in counts.items())
        console.print(f"  [dim]and {told} ({more})[/]")


def exit_code(outcome: Outcome) -> Exit:
    """What a verdict is worth to a shell script."""
    answers = {Verdict.VALID: Exit.FINE, Verdict.INVALID: Exit.FINDINGS, Verdict.COULD_NOT_TELL: Exit.COULD_NOT_TELL}
    return answers[outcome.verdict]


@contextmanager
def progress(what: str) -> Iterator[Callable[[], None]]:
    """A spinner with a count and the time, on a terminal; nothing in a pipe. What it gives counts one more."""
    if not notes.is_terminal:
        yield lambda: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description} {task.completed:.0f}"), TimeElapsedColumn()
    with Progress(*columns, console=notes, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda: bar.advance(task)


def find_files(paths: Sequence[Path]) -> dict[str, Path]:
    """File name to path; a folder stands for the files in it. Raises ContentError for two of one name, or none."""
    files: dict[str, Path] = {}
    for path in paths:
        members = (
            sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")) if path.is_dir() else [path]
        )
        for member in members:
            if member.name in files:
                raise ContentError(f"two files are called {member.name!r}", where=str(member), hint="send them apart")
            files[member.name] = member
    if paths and not files:
        raise ContentError("holds no file", where=", ".join(map(str, paths)), hint="name the files or their folder")
    return files


def read_files(paths: Sequence[Path]) -> dict[str, bytes]:
    """File name to bytes, as ``find_files`` finds them. Raises ContentError for one that cannot be read, too."""
    files: dict[str, bytes] = {}
    for name, path in find_files(paths).items():
        try:
            files[name] = path.read_bytes()
        except OSError as fault:
            raise ContentError(f"cannot be read: {fault.strerror}", where=str(path)) from None
    return files
