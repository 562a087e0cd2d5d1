"""``interop care assess``: may a trusted assessment be relied on, what may be done with it, need another be made?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import AtOption, DocumentsArgument, moment, read_document, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import ContentError
from interop.identifiers import nhs_number_fault
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.practice.assessment import Assessment

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An assessment (FHIR JSON Bundle).")]
assess_app = typer.Typer(no_args_is_help=True, help="Trusted assessments: check one, answer one, find one to reuse.")


def register(app: typer.Typer) -> None:
    assess_app.command("check")(check)
    assess_app.command("answer")(answer)
    assess_app.command("reuse")(reuse)
    app.add_typer(assess_app, name="assess")


def check(
    file: FileArgument,
    at: AtOption = None,
    page: Annotated[Path | None, typer.Option("--page", dir_okay=False, help="Write the page here.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Say whether an assessment may be relied on, how it stands, who holds the next action and what is legal now.

    Exit 0: it may be relied on. 1: it may not, and why; or an answer is overdue.

    Example: interop care assess check TA-2026-1117-014.json --at 2026-11-17
    """
    from interop.practice.assessment import faults

    bundle = read_document(file)
    found = _found(bundle, file.name)
    why_not = faults(found, moment(at))
    late = found.overdue(moment(at))
    _tell(found, why_not, output, late)
    if page is not None:
        from interop.narrative.assessment_page import assessment_page

        page.write_text(assessment_page(bundle), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
    raise typer.Exit(Exit.FINDINGS if why_not or late else Exit.FINE)


def answer(  # noqa: PLR0913  a parameter an option
    file: FileArgument,
    move: Annotated[str, typer.Argument(help="query, answer, accept, decline or withdraw.")],
    by: Annotated[str, typer.Option("--by", help="Who, with their role.")],
    side: Annotated[str, typer.Option("--as", help="home or assessor: for whom they speak.")],
    why: Annotated[str | None, typer.Option("--why", help="The question, the answer or the reason.")] = None,
    at: AtOption = None,
    out: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write the answered document here.")] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Accept, query, decline, answer or withdraw. Only legal moves are made; the others are refused, naming those.

    An assessment made outside its assessor's authority, or no longer valid, cannot be accepted.

    Example: interop care assess answer TA.json accept --by "Joseph Mensah" --as home --out answered.json
    """
    from interop.json_codec import dumps
    from interop.narrative import narrate
    from interop.practice.assessment import Step, step

    bundle = read_document(file)
    _found(bundle, file.name)
    moved = step(bundle, Step(move, side, by, moment(at), why))
    _tell(_found(moved, file.name), (), output)
    if out is not None:
        out.write_bytes(dumps(narrate(moved), indent=True) + b"\n")
        notes.print(f"wrote {out}", markup=False)


def reuse(
    files: DocumentsArgument,
    person: Annotated[str, typer.Option("--person", help="NHS number.")],
    kind: Annotated[str, typer.Option("--kind", help="return-to-home, new-placement or change-of-needs.")],
    at: AtOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Look for an assessment that can be used again instead of making another; say why each other one cannot.

    One that nobody has accepted is not used again: who has to answer is named. Exit 0: one can be reused. 1: none can.

    Example: interop care assess reuse inbox --person 9990000018 --kind return-to-home
    """
    from interop.practice.assessment import KINDS, reusable

    number = person.replace(" ", "")
    if fault := nhs_number_fault(number):
        raise ContentError(f"is no NHS number: {fault}", code="usage", where="--person")
    if kind not in KINDS:
        raise ContentError(
            f"{kind!r} is no kind of assessment", code="usage", hint=f"choose one of: {', '.join(KINDS)}"
        )
    found = reusable(read_documents(files).values(), person=number, kind=kind, on=moment(at))
    if output is Output.JSON:
        lines = [
            {"assessment": one.assessment.number, "usable": one.usable, "whyNot": list(one.why_not)} for one in found
        ]
        print_json({"assessments": lines})
    for one in found if output is Output.TEXT else ():
        held = one.assessment
        day = held.document.calendar.show(held.made)
        verdict = "use it again" if one.usable else f"not this one: {'; '.join(one.why_not)}"
        console.print(printable(f"{held.number} of {day}, {held.authority.assessor}: {verdict}"), markup=False)
    if not any(one.usable for one in found) and output is Output.TEXT:
        waits = any(one.waits for one in found)
        console.print(
            "none can be used yet: have the open one answered before another is made"
            if waits
            else "none can be used again: a new assessment is needed"
        )
    raise typer.Exit(Exit.FINE if any(one.usable for one in found) else Exit.FINDINGS)


def _found(bundle: JsonObject, name: str) -> Assessment:
    from interop.practice.assessment import assessment
    from interop.reading import Document

    found = assessment(Document.of(bundle))
    if found is None:
        raise ContentError("holds no trusted assessment", where=name, hint="interop map care-home/assessment makes one")
    return found


def _tell(found: Assessment, why_not: tuple[str, ...], output: Output, late: str | None = None) -> None:
    from interop.practice.assessment import history, legal

    moves = legal(found.standing)
    who = found.next_with.name if found.next_with else None
    if output is Output.JSON:
        print_json(
            {
                "assessment": found.number,
                "kind": found.kind,
                "assessor": found.authority.assessor,
                "standing": found.standing,
                "nextAction": who,
                "answerBy": found.answer_by,
                "overdue": late,
                "legal": [{"move": move, "by": side} for move, side in moves],
                "whyNot": list(why_not),
                "history": [list(step) for step in history(found)],
            }
        )
        return
    held, show = found.authority, found.document.calendar.show
    lines = [
        f"{found.number}: {found.kind_words}, {show(found.made)}, by {held.assessor}, {held.role}",
        f"trusted from {show(held.start)} until {show(held.end)} by {held.granted_by} ({held.agreement})",
        f"{found.standing_words}; next action: {who or 'nobody'}; answer by {show(found.answer_by)}",
        *(f"{by}, {when}: {what}" for by, when, what in history(found)),
        f"legal now: {', '.join(f'{move} (by the {side})' for move, side in moves) or 'nothing, it is closed'}",
        *(f"OVERDUE: {words}" for words in (late,) if words),
        *(f"NOT TO BE RELIED ON: {reason}" for reason in why_not),
    ]
    for line in lines:
        console.print(printable(line), markup=False)
