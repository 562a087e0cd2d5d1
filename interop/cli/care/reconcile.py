"""``interop care reconcile`` and ``sign-off``: two medicines lists side by side, decided by a person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from interop.cli.care.documents import AtOption, moment, read_document
from interop.cli.output import Exit, Output, OutputOption, console, notes, print_json
from interop.errors import ContentError
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.reading.sign_off import SignOffLine
    from interop.reconciliation import Answer

OutOption = Annotated[
    Path | None, typer.Option("--out", dir_okay=False, help="Write the document to decide about (FHIR JSON) here.")
]
PageOption = Annotated[Path | None, typer.Option("--page", dir_okay=False, help="Write the page to sign here.")]


def register(app: typer.Typer) -> None:
    app.command("reconcile")(reconcile)
    app.command("sign-off")(sign_off)


def reconcile(
    bag: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The transfer summary that went in.")],
    discharge: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The discharge that came back.")],
    out: OutOption = None,
    page: PageOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Compare two medicines lists; every unexplained start, stop or change is a question. Nothing is accepted.

    Exit 1: lines wait for a person, which all of them do until sign-off. 2: the lists are the wrong way round, or about
    two people. 3: neither lists a medicine. (sign-off has the same rule: 0 once every line is accepted.)

    Example: interop care reconcile RH-014.json DS-2026-118842.json --out sheet.json --page sheet.html
    """
    from interop.reading import Document
    from interop.reading.sign_off import sign_off_lines
    from interop.reconciliation import worksheet

    sheet = worksheet(read_document(bag), read_document(discharge))
    lines = sign_off_lines(Document.of(sheet))
    _tell(lines, output)
    _write(sheet, out, page)
    if not lines:
        notes.print("neither document lists a medicine")
        raise typer.Exit(Exit.COULD_NOT_TELL)
    raise typer.Exit(_standing(lines))


def sign_off(  # noqa: PLR0913  a parameter an option
    sheet: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What reconcile --out wrote.")],
    by: Annotated[str, typer.Option("--by", help="Who decides.")],
    role: Annotated[str, typer.Option("--role", help="In what role: Registered nurse, Deputy manager …")],
    accept: Annotated[
        list[str] | None, typer.Option("--accept", help="N, N-M, or N=what was found out; may be repeated.")
    ] = None,
    query: Annotated[list[str] | None, typer.Option("--query", help="N=what is asked; may be repeated.")] = None,
    at: AtOption = None,
    out: OutOption = None,
    page: PageOption = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Decide about lines of a worksheet: accept or query each, recorded with who and when.

    A line with an open question is accepted only with a word on what was found out. Exit 0: every line is accepted.
    1: lines wait for a person.

    Example: interop care sign-off sheet.json --by "Ruth Lane" --role Nurse --accept 1-7 --query "8=Since when?"
    """
    from interop.reading import Document
    from interop.reading.sign_off import sign_off_lines
    from interop.reconciliation import Signer, decide

    answers = _answers("accept", accept or ()) | _answers("query", query or ())
    if not answers:
        raise typer.BadParameter("name at least one line: --accept 1 or --query '1=what is asked'")
    signed = decide(read_document(sheet), answers, Signer(by, role, moment(at)))
    lines = sign_off_lines(Document.of(signed))
    _tell(lines, output)
    _write(signed, out, page)
    raise typer.Exit(_standing(lines))


def _standing(lines: Sequence[SignOffLine]) -> Exit:
    """One rule for both commands: nothing goes on a chart while a line waits for a person."""
    return Exit.FINE if lines and all(line.settled for line in lines) else Exit.FINDINGS


def _answers(decision: str, given: Sequence[str]) -> dict[int, Answer]:
    """``3``, ``1-7``, ``4=ward rang back``."""
    from interop.reconciliation import Answer

    found: dict[int, Answer] = {}
    for words in given:
        numbers, _, note = words.partition("=")
        first, _, last = numbers.strip().partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise ContentError(f"{words!r} names no line", code="usage", hint="write 3, 1-7, or 4=what was found out")
        found |= {n: Answer(decision, note.strip() or None) for n in range(int(first), int(last or first) + 1)}
    return found


def _tell(lines: Sequence[SignOffLine], output: Output) -> None:
    if output is Output.JSON:
        print_json({"lines": [_as_json(line) for line in lines]})
        return
    table = Table("", "Medicine", "What", "Before", "From now on", "Why", "Decision")
    for line in lines:
        cells = (line.name, line.change, line.before or "", line.now or "", line.reason or "", line.decision or "open")
        table.add_row(str(line.number), *map(printable, cells))
    console.print(table)
    for line in lines:
        for question in line.asks if not line.settled else ():
            console.print(printable(f"ASK  line {line.number}, {line.name}: {question}"), markup=False)
    open_lines = sum(not line.settled for line in lines)
    console.print(f"{open_lines} of {len(lines)} lines wait for a person" if open_lines else "every line is accepted")


def _as_json(line: SignOffLine) -> JsonObject:
    said = {name: getattr(line, name) for name in SHOWN}
    return {**said, "asks": list(line.asks)}


SHOWN = ("number", "name", "change", "before", "now", "differences", "reason", "decision", "note", "by", "role", "at")


def _write(sheet: JsonObject, out: Path | None, page: Path | None) -> None:
    from interop.json_codec import dumps
    from interop.narrative import narrate
    from interop.narrative.sign_off_page import sign_off_page

    if out is not None:
        out.write_bytes(dumps(narrate(sheet), indent=True) + b"\n")
        notes.print(f"wrote {out}", markup=False)
    if page is not None:
        page.write_text(sign_off_page(sheet), encoding="utf-8")
        notes.print(f"wrote {page}", markup=False)
