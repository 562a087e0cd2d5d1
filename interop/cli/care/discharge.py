"""``interop care discharge``: which summary holds, what changed, what was supplied, and who has to do what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from interop.cli.care.documents import AtOption, DocumentsArgument, moment, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, exit_code, notes, print_issues, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from interop.json_codec import JsonObject
    from interop.outcome import Issue, Outcome
    from interop.practice.discharge_differences import Difference
    from interop.practice.discharge_versions import Standing
    from interop.reading import Document


def register(app: typer.Typer) -> None:
    app.command("discharge")(discharge)


def discharge(files: DocumentsArgument, at: AtOption = None, output: OutputOption = Output.TEXT) -> None:
    """Say which discharge summary holds, and what it asks of those who receive the person.

    Give it every version you have, and the admission and discharge events of the same stay if you have them: a summary
    that is older than the last event is told, and two that contradict one another.
    Exit 0: nothing to chase. 1: something is. 3: no discharge summary was found.

    Example: interop care discharge bundles --at 2026-11-27
    """
    from interop.outcome import Outcome
    from interop.practice.discharge import discharge_issues
    from interop.practice.discharge_versions import standings, version_issues
    from interop.reading import Document

    documents = [Document.of(bundle) for bundle in read_documents(files).values()]
    now = moment(at)
    found = standings(documents)
    issues: list[Issue] = list(version_issues(documents))
    for standing in found:
        issues += discharge_issues(standing.summary.document, now) if standing.current else ()
    outcome = Outcome.of(issues)
    if output is Output.JSON:
        told = [_as_json(standing, documents, now) for standing in found]
        print_json({"summaries": told, "issues": [issue.as_json() for issue in outcome]})
    else:
        for standing in found:
            _tell(standing, documents, now)
        print_issues(outcome)
    if not found:
        notes.print("no discharge summary in these documents")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    raise typer.Exit(_worth(outcome))


def _worth(outcome: Outcome) -> Exit:
    """A warning here is something a person has to do, so it is a finding."""
    from interop.outcome import Severity

    chased = any(issue.severity is Severity.WARNING for issue in outcome)
    return Exit.FINDINGS if chased else exit_code(outcome)


def _tell(standing: Standing, documents: Sequence[Document], now: datetime) -> None:
    from interop.practice.discharge import asked, supplies
    from interop.reading.transfer import person

    summary, document = standing.summary, standing.summary.document
    show = document.calendar.show
    console.print(f"[bold]{printable(person(document).name or 'name not recorded')}[/]: ", end="")
    console.print(printable(summary.told), markup=False)
    if standing.replaced_by is not None:
        console.print(f"  out of use: replaced by {printable(standing.replaced_by.told)}", markup=False)
        return
    if summary.replaces is not None:
        when = show(summary.replaces.written) or "an earlier day"
        console.print(f"  replaces the summary of {printable(when)}: ", end="", markup=False)
        console.print(printable(summary.replaces.reason or "reason not recorded"), markup=False)
    for difference in _against(standing, documents):
        console.print(printable(f"  differs   {difference.told}"), markup=False)
    for line in _changes(standing):
        console.print(f"  {printable(line)}", markup=False)
    for supply in supplies(document):
        ends = f", runs out {show(supply.runs_out)}" if supply.runs_out else ""
        console.print(
            printable(f"  supplied  {supply.medicine}: {supply.amount or 'amount not said'}{ends}"), markup=False
        )
    for one in asked(document, now):
        mark = "OVERDUE " if one.overdue else "asked   "
        by = show(one.by) or "no day said"
        console.print(printable(f"  {mark}  {one.what} ({one.who or 'nobody named'}, by {by})"), markup=False)


def _against(standing: Standing, documents: Sequence[Document]) -> tuple[Difference, ...]:
    """What the summary says otherwise than the one it replaces, where that one is among the documents."""
    from interop.practice.discharge_differences import differences
    from interop.practice.discharge_versions import standings

    replaced = [
        one.summary.document
        for one in standings(documents)
        if one.replaced_by and one.replaced_by.identifier == standing.summary.identifier
    ]
    return differences(replaced[-1], standing.summary.document) if replaced else ()


def _changes(standing: Standing) -> list[str]:
    from interop.reading.medicines import medicines

    told = []
    for medicine in medicines(standing.summary.document):
        change = medicine.change
        if change is not None and change.status != "same":
            told.append(f"{(change.status or '').upper():<8}  {medicine.name}: {change.reason or 'no reason given'}")
    return sorted(told)


def _as_json(standing: Standing, documents: Sequence[Document], now: datetime) -> JsonObject:
    from interop.practice.discharge import asked, supplies

    summary, replaces = standing.summary, standing.summary.replaces
    return {
        "identifier": summary.identifier,
        "number": summary.number,
        "version": summary.version,
        "written": summary.document.written,
        "current": standing.current,
        "replaces": {name: getattr(replaces, name) for name in replaces.__slots__} if replaces else None,
        "differs": [
            {name: getattr(difference, name) for name in difference.__slots__}
            for difference in _against(standing, documents)
        ],
        "supplies": [{n: getattr(s, n) for n in s.__slots__} for s in supplies(summary.document)],
        "asked": [{n: getattr(a, n) for n in a.__slots__} for a in asked(summary.document, now)],
    }
