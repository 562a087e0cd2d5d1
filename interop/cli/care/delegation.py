"""``interop care delegation``: which healthcare tasks care workers may do, which not and why, and what runs out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import AtOption, moment, read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import Json
    from interop.practice.delegation import Decision, Expiry
    from interop.reading import Document


def register(app: typer.Typer) -> None:
    app.command("delegation")(delegation)


def delegation(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Delegated tasks (FHIR JSON Bundle).")],
    at: AtOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write a notice of each refusal into this folder.")
    ] = None,
    page: Annotated[Path | None, typer.Option("--page", dir_okay=False, help="Write the page into this file.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Judge each task a nurse handed to a care worker: it stands only on a competency that is trained, signed off by
    somebody else, in force, for this task and, where it is for one person, for this one.

    Exit 0: every task stands. 1: one must not. 3: no delegated task in the file.

    Example: interop care delegation delegation/RH-014.json --at 2027-01-10
    """
    from interop.cli.care.follow_ups import written
    from interop.practice.delegation import decide, expiring, refusals
    from interop.reading import Document

    document, now = Document.of(read_document(file)), moment(at)
    decisions, soon = decide(document, now), expiring(document, now)
    if not decisions:
        notes.print("no delegated task in this document")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    notices = written(refusals(None, document, now), out)
    if page is not None:
        from interop.narrative.delegation_page import delegation_page

        page.write_text(delegation_page(document.bundle, at=now), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
    if output is Output.JSON:
        tasks: list[Json] = [_as_json(decision) for decision in decisions]
        print_json({"tasks": tasks, "expiring": [_expiry(one) for one in soon], "notices": notices})
    else:
        _tell(document, decisions, soon)
    raise typer.Exit(Exit.FINDINGS if any(decision.reasons for decision in decisions) else Exit.FINE)


def _tell(document: Document, decisions: list[Decision], soon: list[Expiry]) -> None:
    for decision in decisions:
        one = decision.delegation
        worker = one.worker.name if one.worker else "nobody known"
        line = f"{decision.words:>14}  {printable(one.task or 'not recorded')}: {printable(worker or 'not recorded')}"
        console.print(line, markup=False, style="bold red" if decision.reasons else None)
        for reason in decision.reasons:
            console.print(f"{'':>16}{printable(reason)}", markup=False)
    for expiry in soon:
        verb = "ran out on" if expiry.over else "runs out on"
        name, day = expiry.worker.name or "not recorded", document.calendar.show(expiry.competency.expires)
        needed = f"; {', '.join(expiry.needed)} rests on it" if expiry.needed else ""
        console.print(
            printable(f"{name}: “{expiry.competency.task}” {verb} {day}{needed}"), markup=False, style="yellow"
        )


def _as_json(decision: Decision) -> Json:
    one = decision.delegation
    return {
        "number": one.number,
        "task": one.task,
        "nurse": one.nurse.name if one.nurse else None,
        "worker": one.worker.name if one.worker else None,
        "competency": one.rests_on,
        "status": one.status,
        "stands": decision.stands,
        "reasons": list(decision.reasons),
    }


def _expiry(one: Expiry) -> Json:
    return {
        "worker": one.worker.name,
        "competency": one.competency.number,
        "task": one.competency.task,
        "expires": one.competency.expires,
        "over": one.over,
        "neededFor": list(one.needed),
    }
