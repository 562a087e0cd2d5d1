"""``interop care web``: everyone around a person, whom to ring, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import AtOption, moment, read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import ContentError
from interop.printable import printable

if TYPE_CHECKING:
    from datetime import datetime

    from interop.json_codec import JsonObject
    from interop.practice.web_of_care import Web
    from interop.reading import Document
    from interop.reading.dates import Calendar


def register(app: typer.Typer) -> None:
    app.command("web")(web)


def web(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A web of care, or any document with a CareTeam.")
    ],
    before: Annotated[
        Path | None,
        typer.Option("--before", exists=True, dir_okay=False, help="The earlier version: who is told of a hand-over."),
    ] = None,
    at: AtOption = None,
    page: Annotated[Path | None, typer.Option("--page", dir_okay=False, help="Write the page into this file.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write the notices of a hand-over into this folder.")
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show who is around a person and what is wrong with the web: nobody, no telephone, no nights, left, co-ordinator.

    With --before, a change of the named care co-ordinator is told, with the notice each organisation is owed.
    Exit 0: nothing to put right. 1: something is missing or out of date. 3: there is no web of care in the file.

    Example: interop care web web-of-care/RH-014.json --page web.html
    """
    from interop.practice.web_of_care import Weight, web_of_care
    from interop.reading import Document

    document = Document.of(read_document(file))
    now = moment(at)
    found = web_of_care(document, now)
    if not found.members:
        notes.print("no web of care (a CareTeam with members) in this document")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    notices = _notices(before, document, now, out)
    if page is not None:
        from interop.narrative.web_page import web_page

        page.write_text(web_page(document.bundle, at=now), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
    if output is Output.JSON:
        print_json({**found.as_json(), "notices": notices})
    else:
        _tell(found, document.calendar)
        for notice in notices:
            console.print(f"notice: {printable(str(notice['to']))}: {printable(str(notice['reason']))}", markup=False)
    pressing = [finding for finding in found.findings if finding.weight is not Weight.CONSIDER]
    raise typer.Exit(Exit.FINDINGS if pressing else Exit.FINE)


def _notices(before: Path | None, after: Document, now: datetime, out: Path | None) -> list[JsonObject]:
    if before is None:
        return []
    from interop.cli.care.follow_ups import written
    from interop.practice.coordinator import coordinator_notices
    from interop.reading import Document

    earlier = Document.of(read_document(before))
    if not earlier.resources("CareTeam"):
        hint = "name the earlier version of the web of care"
        raise ContentError("holds no web of care (CareTeam)", where=str(before), hint=hint)
    return written(coordinator_notices(earlier, after, now), out)


def _tell(found: Web, calendar: Calendar) -> None:
    from interop.practice.web_of_care import Weight
    from interop.reading.people import GROUPS

    for group, title in GROUPS.items():
        members = found.in_group(group)
        if not members and group == "other":
            continue
        console.print(f"[bold]{title}[/]" if members else f"[bold]{title}[/]: nobody recorded")
        for standing in members:
            one = standing.one
            star = "* " if one.member.coordinator and standing.current else "  "
            reach = ", ".join(one.member.phones) or "no telephone number recorded"
            nights = f"; out of hours {one.out_of_hours}" if one.out_of_hours else ""
            gone = "" if standing.current else f" [{standing.state.upper()} {calendar.show(one.member.end) or ''}]"
            console.print(f" {star}{printable(one.in_words)}: {printable(reach + nights)}{gone}", markup=False)
    for weight, style in ((Weight.NOW, "bold red"), (Weight.SOON, "yellow"), (Weight.CONSIDER, "dim")):
        for finding in found.findings:
            if finding.weight is weight:
                console.print(f"{weight.name.lower():>8}  {printable(finding.text)}", markup=False, style=style)
    if not found.findings:
        console.print("nothing is missing")
