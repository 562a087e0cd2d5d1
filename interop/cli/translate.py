"""``interop map``: the translate wing by hand; nothing is sent and nothing is kept."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from interop.cli.output import (
    Exit,
    Output,
    OutputOption,
    console,
    find_files,
    notes,
    print_issues,
    print_json,
    read_files,
)
from interop.errors import ContentError
from interop.json_codec import loads
from interop.outcome import Severity

if TYPE_CHECKING:
    from interop.cli.journal import Journal, Task
    from interop.cli.results import Place
    from interop.mapping import Mapping
    from interop.translator import Translator

FilesArgument = Annotated[list[Path], typer.Argument(exists=True, help="Files, or a folder that holds them.")]

_KEPT_EVERY = 2.0
"""Seconds of work a killed run may have to do again."""

_SUMMED_UP = 20
"""From so many records on, what was found is also summed up."""


def register(app: typer.Typer) -> None:
    app.command("map")(map_records)


def map_records(  # noqa: PLR0913  a parameter an option
    mapping: Annotated[str, typer.Argument(help="A mapping's name, such as care-home/red-bag, or a .yaml file.")],
    files: FilesArgument,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="Run it backwards: a Bundle into the local format.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write the results into this folder.")
    ] = None,
    ndjson: Annotated[
        Path | None, typer.Option("--ndjson", help="Write one line a record (Bundle and findings) into this file.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a run that was stopped left off.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over files of --out that are there already and differ.")
    ] = False,
    show: Annotated[
        Severity, typer.Option("--show", help="The least severity that is listed; the others are counted.")
    ] = Severity.WARNING,
    every: Annotated[
        bool, typer.Option("--all", help="List every field no rule reads, not a sum a segment or table.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Turn local records into judged FHIR Bundles, or (--reverse) a Bundle into the local format.

    Records are read one at a time, so files of any size will do; --resume goes on where a run was stopped.

    Example: interop map care-home/red-bag examples/red-bag-journey/care-home --out bundles
    """
    if reverse:
        if ndjson is not None or resume:
            raise typer.BadParameter("--reverse takes one Bundle: no --ndjson, no --resume")
        raise typer.Exit(_backwards(mapping, read_files(files), out, Listing(output, show, every), replace=replace))
    if out is not None and ndjson is not None:
        raise typer.BadParameter("--out or --ndjson, not both")
    if resume and out is None and ndjson is None:
        raise typer.BadParameter("--resume goes on with --out or --ndjson: name the one the stopped run had")
    target = Target(out, ndjson, resume=resume, replace=replace)
    raise typer.Exit(_forwards(mapping, find_files(files), target, Listing(output, show, every)))


@dataclass(frozen=True, slots=True)
class Target:
    """Where results are written, and what happens to those that are there."""

    out: Path | None
    ndjson: Path | None
    resume: bool
    replace: bool

    @property
    def journal(self) -> Path | None:
        if self.ndjson is not None:
            return self.ndjson.with_name(self.ndjson.name + ".journal")
        return self.out / ".interop-map.journal" if self.out is not None else None


@dataclass(frozen=True, slots=True)
class Listing:
    """How findings are shown. ``every``: unread fields one by one (then they are listed, whatever ``show`` says)."""

    output: Output
    show: Severity
    every: bool

    @property
    def least(self) -> Severity:
        return Severity.INFORMATION if self.every else self.show


def _forwards(mapping: str, files: dict[str, Path], target: Target, listing: Listing) -> Exit:
    from interop.catalogue import Catalogue
    from interop.cli.journal import Journal, Task, resumed, work_of
    from interop.translator import Translator

    out, ndjson, output, path = target.out, target.ndjson, listing.output, target.journal
    catalogue = Catalogue()
    work = work_of(mapping, catalogue.mapping(mapping), files) if path is not None else {}
    earlier = resumed(path, work) if target.resume and path is not None else None
    journal = earlier or Journal(work, datetime.now(UTC).isoformat())
    if earlier is not None:
        rest = "; that was all" if earlier.finished else ""
        notes.print(f"going on after {earlier.done:,} results{rest}", markup=False)
    elif path is not None:
        path.unlink(missing_ok=True)  # a run that begins anew has nothing to do with an older one
    translator = Translator(catalogue)
    plan = translator.mapping(mapping)  # its faults are told before anything is written
    with ExitStack() as stack:
        places = _places(target, listing, journal, stack)
        if not journal.finished:
            _run(translator, plan, files, Task(journal, path, places), every=listing.every)
    if journal.done > _SUMMED_UP or ndjson is not None:
        _sum_up(journal, output if ndjson is not None else Output.TEXT)
    elif output is Output.TEXT and out is None:
        notes.print("[dim]--out FOLDER writes the Bundles, --output json prints them[/]")
    return Exit.FINE if journal.done and journal.sendable == journal.done else Exit.FINDINGS


def _places(target: Target, listing: Listing, journal: Journal, stack: ExitStack) -> tuple[Place, ...]:
    from interop.cli.results import Folder, Json, Screen, lines_into

    places: list[Place] = []
    if target.ndjson is not None:
        places.append(stack.enter_context(lines_into(target.ndjson, journal.size)))
    elif listing.output is Output.JSON:
        places.append(stack.enter_context(closing(Json())))
    else:
        places.append(Screen(listing.least))
    if target.out is not None:
        places.append(Folder(target.out, replace=target.replace))
    return tuple(places)


def _run(translator: Translator, plan: Mapping, files: dict[str, Path], task: Task, *, every: bool) -> None:
    from interop.cli.pace import pace

    journal, before = task.journal, task.journal.done

    def passed(number: int, key: str) -> bool:
        if number < before:
            for place in task.places:
                place.passed(key)
        return number < before

    kept = monotonic()
    with closing(plan.stream(files)) as records, pace(lambda: records.total, before) as advance:
        now = datetime.fromisoformat(journal.now)
        for translated in translator.each(plan, records, now=now, passed=passed, every=every):
            for place in task.places:
                place.take(translated)
            journal.count(translated.outcome, sendable=translated.sendable)
            advance()
            if monotonic() - kept > _KEPT_EVERY:
                task.keep()
                kept = monotonic()
    journal.finished = True
    task.keep(at_end=True)


def _sum_up(journal: Journal, output: Output) -> None:
    """How many records, how many of them may go, and which findings how often, the most frequent first."""
    if output is Output.JSON:
        print_json(
            {"records": journal.done, "sendable": journal.sendable, "findings": dict(journal.findings.most_common())}
        )
        return
    notes.print(f"{journal.done:,} records, {journal.sendable:,} of them can be sent", markup=False)
    for finding, count in journal.findings.most_common(_SUMMED_UP):
        notes.print(f"  {count:>9,} {finding}", markup=False)


def _backwards(mapping: str, files: dict[str, bytes], out: Path | None, listing: Listing, *, replace: bool) -> Exit:
    from interop.catalogue import Catalogue
    from interop.translator import Translator

    if len(files) != 1:
        raise ContentError(f"--reverse takes one Bundle, found {len(files)} files")
    (name, data), *_ = files.items()
    local = Translator(Catalogue()).back(mapping, loads(data, file=name))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        others = [] if replace else [f for f, body in local.files.items() if _differs(out / f, body)]
        if others:
            text = f"holds other content already in {', '.join(others)}; nothing was written"
            raise ContentError(text, where=str(out), hint="name another folder, or write over them with --replace")
    output = listing.output
    if output is Output.JSON:
        texts = {file: _shown(body) for file, body in local.files.items()}
        print_json({"files": texts, "losses": [issue.as_json() for issue in local.losses]})
    for file, body in local.files.items():
        if out is not None:
            (out / file).write_bytes(body)
            notes.print(f"  wrote {out / file}", markup=False)
        elif output is Output.TEXT:
            console.rule(escape(file))
            console.print(_shown(body), markup=False)
    if output is Output.TEXT:
        print_issues(local.losses, least=listing.least, more="--show information lists them")
    return Exit.FINE


def _differs(path: Path, body: bytes) -> bool:
    return path.exists() and (not path.is_file() or path.read_bytes() != body)


def _shown(body: bytes) -> str:
    """A file as text; what is no text (a workbook) by its size."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return f"({len(body):,} bytes; --out FOLDER writes them)"
