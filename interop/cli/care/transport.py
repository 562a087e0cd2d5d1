"""``interop care transport``: is the crew told what it has to know before it moves the person?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interop.cli.care.documents import AtOption, moment, read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_issues, print_json
from interop.errors import ContentError
from interop.printable import printable


def register(app: typer.Typer) -> None:
    app.command("transport")(transport)


def transport(
    plan: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A transport plan (FHIR JSON Bundle).")],
    summary: Annotated[
        Path | None,
        typer.Option("--red-bag", exists=True, dir_okay=False, help="The person's latest transfer summary."),
    ] = None,
    at: AtOption = None,
    page: Annotated[Path | None, typer.Option("--page", dir_okay=False, help="Write the crew's page here.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Tell what the crew is told, and what the home's summary holds that the crew is not told.

    The CPR decision, allergies and communication needs are compared. Exit 0: nothing is wrong. 1: findings.

    Example: interop care transport TP-VNX01-2026-118.json --red-bag RH-014.json --page crew.html
    """
    from interop.practice.transport import crew_findings, journey, travel_needs
    from interop.reading import Document
    from interop.reading.alerts import cpr_decisions

    bundle = read_document(plan)
    document = Document.of(bundle)
    needs, way = travel_needs(document), journey(document)
    if not needs and way.vehicle is None:
        raise ContentError("is not a transport plan", where=plan.name, hint="interop map care-home/transport makes one")
    issues = crew_findings(document, Document.of(read_document(summary)) if summary else None, moment(at))
    decisions = [decision.words for decision in cpr_decisions(document)]
    told = {need.title: need.told for need in needs}
    if output is Output.JSON:
        found = [issue.as_json() for issue in issues]
        window = {"from": way.start, "until": way.until}
        print_json({"journey": way.reference, "window": window, "cpr": decisions, "needs": told, "issues": found})
    else:
        show = document.calendar.show
        console.print(printable(f"{way.origin.name} to {way.destination.name}, {way.vehicle}"), markup=False)
        console.print(printable(f"pick up between {show(way.start)} and {show(way.until)}"), markup=False)
        console.print(printable(f"CPR decision: {'; '.join(decisions) or 'none in the plan'}"), markup=False)
        for title, words in told.items():
            console.print(printable(f"{title}: {words or 'not recorded'}"), markup=False)
        print_issues(issues)
    if page is not None:
        from interop.narrative.transport_page import transport_page

        page.write_text(transport_page(bundle), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
    raise typer.Exit(Exit.FINDINGS if issues else Exit.FINE)
