"""``interop page``: a document as a page its reader can read, in the size and form they need, on screen or as PDF."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import Exit, Output, OutputOption, console, find_files, notes, print_json
from interop.errors import ContentError

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.narrative import Presentation

JOURNEY = "journey"
"""The one kind that is made of several documents."""


class Reader(StrEnum):
    """Who is going to read the page."""

    STAFF = "staff"
    PERSON = "person"


def register(app: typer.Typer) -> None:
    app.command("page")(page)


def page(  # noqa: PLR0913  a parameter an option
    documents: Annotated[
        list[Path] | None,
        typer.Argument(help="A document Bundle (JSON or XML); several, or their folder, for journey."),
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Which page; by default the one made for such a document.")
    ] = None,
    size: Annotated[int | None, typer.Option("--size", help="Letters of at least 16, 20, 24 or 28 points.")] = None,
    easy_read: Annotated[
        bool, typer.Option("--easy-read", help="Questions, short sentences, plain words beside hard ones.")
    ] = False,
    plain_text: Annotated[
        bool, typer.Option("--plain-text", help="Words alone, for a screen reader, a voice or Braille.")
    ] = False,
    reader: Annotated[
        Reader, typer.Option("--for", help="person: set as the person's own recorded information needs ask.")
    ] = Reader.STAFF,
    as_pdf: Annotated[bool, typer.Option("--pdf", help="A tagged PDF (needs interop\\[pdf] and --out).")] = False,
    out: Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write the page into this file.")] = None,
    kinds: Annotated[bool, typer.Option("--kinds", help="List the kinds of page.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show a document as a page: allergies, CPR decision and communication needs first, nothing left out.

    The page holds everything it needs: it opens anywhere and fetches nothing. Without --out it goes to standard
    output. --size, --easy-read and --plain-text go before what --for person finds recorded.

    Example: interop page bundles/RH-014.json --size 20 --pdf --out front-sheet.pdf
    """
    if kinds:
        _list_kinds(output)
        return
    if not documents:
        raise typer.BadParameter("name a document, or --kinds")
    if easy_read and plain_text:
        raise typer.BadParameter("--easy-read or --plain-text, not both")
    if as_pdf and out is None:
        raise typer.BadParameter("--pdf needs --out FILE")
    read = [_document(path) for path in find_files(documents).values()]
    if len(read) > 1 and kind != JOURNEY:
        raise typer.BadParameter(f"{len(read)} documents: only --kind journey is made of several")
    shown = _presentation(read, size, easy_read=easy_read, plain_text=plain_text, reader=reader)
    made = _made(read, kind, shown)
    raise typer.Exit(_given(made, out, shown, as_pdf=as_pdf))


def _document(path: Path) -> JsonObject:
    """Raises ContentError for what is neither a document Bundle nor a message that carries one."""
    from interop.json_codec import loads
    from interop.reading import Document

    data = path.read_bytes()
    if data.lstrip().startswith(b"<"):
        from interop import xml_codec
        from interop.definitions import Definitions

        found = xml_codec.decode(data, Definitions.core(), file=path.name)
    else:
        read = loads(data, file=path.name)
        found = read if isinstance(read, dict) else {}
    if not Document.of(found).composition:
        kind = found.get("resourceType", "no FHIR resource")
        raise ContentError(
            f"{kind} without a Composition: a page is made of a document Bundle",
            code="not-a-document",
            where=path.name,
            hint="interop map makes documents out of records",
        )
    return found


def _presentation(
    documents: list[JsonObject], size: int | None, *, easy_read: bool, plain_text: bool, reader: Reader
) -> Presentation:
    from interop.narrative import Form, Presentation, wanted

    asked = Form.EASY_READ if easy_read else Form.PLAIN_TEXT if plain_text else None
    try:
        chosen = Presentation(size, asked or Form.STANDARD)
    except ValueError as fault:
        raise typer.BadParameter(str(fault)) from None
    if reader is Reader.STAFF:
        return chosen
    personal = wanted(documents[-1])
    for line in personal.because:
        notes.print(line, markup=False)
    for line in personal.not_met:
        notes.print(f"no page can meet this: {line}", markup=False)
    return Presentation(size or personal.presentation.text_size, asked or personal.presentation.form)


def _made(documents: list[JsonObject], kind: str | None, shown: Presentation) -> str:
    from interop import narrative

    if kind == JOURNEY:
        made = narrative.timeline_page(documents, shown)
        return narrative.plain_text(made) if shown.form is narrative.Form.PLAIN_TEXT else made
    return narrative.page(documents[0], kind=kind, presentation=shown)


def _given(made: str, out: Path | None, shown: Presentation, *, as_pdf: bool) -> Exit:
    """The page where it was asked for. A PDF of words alone is refused: it would be neither."""
    from interop.narrative import Form, pdf

    if as_pdf and shown.form is Form.PLAIN_TEXT:
        raise typer.BadParameter("plain text is not for paper: leave out --pdf, or --plain-text")
    if out is None:
        sys.stdout.write(made)
        return Exit.FINE
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(pdf(made) if as_pdf else made.encode())
    notes.print(f"wrote {out}", markup=False)
    return Exit.FINE


def _list_kinds(output: Output) -> None:
    from interop.narrative import KINDS

    listed = [(kind.name, kind.about) for kind in KINDS]
    listed.append((JOURNEY, "several documents of one person as one timeline"))
    if output is Output.JSON:
        print_json([{"kind": name, "about": about} for name, about in listed])
        return
    for name, about in listed:
        console.print(f"  [bold]{name:20}[/] {about}")
