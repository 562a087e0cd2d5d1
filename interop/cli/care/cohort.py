"""``interop care cohort``: who is on a virtual ward or in a cohort, and why each person is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import AtOption, DocumentsArgument, moment, read_documents
from interop.cli.output import Exit, Output, OutputOption, console, exit_code, notes, print_issues, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import Json, JsonObject
    from interop.practice.cohort import Member, Ward
    from interop.reading import Document


def register(app: typer.Typer) -> None:
    app.command("cohort")(cohort)


def cohort(
    files: DocumentsArgument,
    person: Annotated[str | None, typer.Option("--person", help="Only this NHS number: why are they on it?")] = None,
    stale_days: Annotated[int, typer.Option("--stale-days", min=1, help="A score older than this is told.")] = 180,
    at: AtOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show a virtual ward or risk-stratified cohort, and hold every reason for being on it against its threshold.

    Takes the documents `interop map hospital/virtual-ward` makes. The same facts give the same answer every time.
    Exit 0: everybody on it belongs there. 1: somebody does not, or a score is old. 3: no list was found.

    Example: interop care cohort wards --person 9990000018
    """
    from interop.outcome import Outcome, Severity
    from interop.practice.cohort import cohort_issues, is_ward, ward
    from interop.reading import Document

    now = moment(at)
    documents = [d for d in map(Document.of, read_documents(files).values()) if is_ward(d)]
    wards = [(document, ward(document)) for document in documents]
    outcome = Outcome.of(issue for document in documents for issue in cohort_issues(document, now, stale_days))
    wanted = (person or "").replace(" ", "")
    if output is Output.JSON:
        told: list[Json] = [_as_json(found, wanted) for _, found in wards]
        print_json({"lists": told, "issues": [issue.as_json() for issue in outcome]})
    else:
        for document, found in wards:
            _tell(document, found, wanted)
        print_issues(outcome)
    if not wards or (wanted and not any(_asked(member, wanted) for _, found in wards for member in found.members)):
        notes.print("no list in these documents" if not wards else "nobody with this number is on a list here")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    chased = any(issue.severity is Severity.WARNING for issue in outcome)
    raise typer.Exit(Exit.FINDINGS if chased else exit_code(outcome))


def _asked(member: Member, wanted: str) -> bool:
    return not wanted or (member.nhs_number or "").replace(" ", "") == wanted


def _tell(document: Document, found: Ward, wanted: str) -> None:
    show = document.calendar.show
    known = {criterion.number: criterion for criterion in found.criteria}
    console.print(f"[bold]{printable(found.name or 'list without name')}[/] ", end="")
    console.print(printable(f"({found.managed_by or 'managed by nobody'}): {len(found.active)} on it"), markup=False)
    for member in filter(lambda one: _asked(one, wanted), found.members):
        state = "on it since" if member.active else "left; was on it from"
        head = f"  {member.called} ({member.nhs_number}): {state} {show(member.since) or 'no stated day'}"
        score = f"{member.probability} %, {member.method} {member.model_version}" if member.probability else "no score"
        console.print(printable(f"{head}; {score}"), markup=False)
        for fact in member.facts:
            criterion = known.get(fact.criterion or "")
            met = {True: "because", False: "NOT MET", None: "cannot tell"}[fact.met]
            told = criterion.told if criterion else f"{fact.criterion}, which the list does not have"
            console.print(printable(f"    {met:<11}  {told}: found {fact.found}"), markup=False)


def _as_json(found: Ward, wanted: str) -> JsonObject:
    return {
        "name": found.name,
        "kind": found.kind,
        "criteria": [{name: getattr(c, name) for name in c.__slots__} for c in found.criteria],
        "members": [_member(member) for member in found.members if _asked(member, wanted)],
    }


def _member(member: Member) -> JsonObject:
    plain: JsonObject = {
        name: getattr(member, name) for name in member.__slots__ if name not in ("facts", "steps", "place")
    }
    return plain | {
        "facts": [{name: getattr(fact, name) for name in fact.__slots__} for fact in member.facts],
        "steps": [{name: getattr(step, name) for name in step.__slots__} for step in member.steps],
    }
