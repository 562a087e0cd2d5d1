"""``interop care gp-copy``: a document as a message for the registered practice, with the page to read beside it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.care.documents import read_document
from interop.cli.output import Exit, Output, OutputOption, console, exit_code, notes, print_issues, print_json
from interop.printable import printable

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.outcome import Outcome
    from interop.practice.gp_copy import GpCopy, Page


class As(StrEnum):
    HTML = "html"
    PDF = "pdf"


class For(StrEnum):
    ACTION = "action"
    INFORMATION = "information"


def register(app: typer.Typer) -> None:
    app.command("gp-copy")(gp_copy)


def gp_copy(  # noqa: PLR0913  a parameter an option
    document: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The document; with --check, the message.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", file_okay=False, help="Write message, page and MESH headers into this.")
    ] = None,
    attach: Annotated[As, typer.Option("--attach", help="The page beside the structured document.")] = As.HTML,
    purpose: Annotated[
        For | None,
        typer.Option("--for", help="By default for action where the document asks something of the practice."),
    ] = None,
    workflow: Annotated[
        str | None, typer.Option("--workflow", help="MESH workflow id; they are issued centrally.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check a message instead: size, hash, and page against data.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Make the copy for the GP practice: routing key, both acknowledgements, structured document and readable page.

    The page is made from the structured document and from nothing else, so the two cannot disagree; --check proves it.
    Exit 0: fine. 1: findings. 2: the document does not say who, from whom or to which practice.

    Example: interop care gp-copy bundles/DS-2026-118842.json --out gp
    """
    bundle = read_document(document)
    if check:
        raise typer.Exit(_check(bundle, output))
    from interop.practice import gp_copy as practice

    action = None if purpose is None else purpose is For.ACTION
    copy = practice.gp_copy(
        bundle, _page(bundle, attach), event=_kind(bundle), for_action=action, workflow=workflow or practice.WORKFLOW
    )
    outcome = _judged(copy.message, copy.page)
    if output is Output.JSON:
        issues = [issue.as_json() for issue in outcome]
        print_json(
            {"identifier": copy.local_id, "headers": dict(copy.headers()), "message": copy.message, "issues": issues}
        )
    else:
        to = copy.message["entry"][0]["resource"]["destination"][0]
        console.print(f"a copy for {printable(str(to.get('name', to['endpoint'])))}", markup=False)
        console.print(f"  for {'action' if copy.for_action else 'information'}; asks for both acknowledgements")
        console.print(f"  page: {copy.page.content_type}, {len(copy.page.data)} bytes")
        print_issues(outcome)
    if out is not None:
        _write(out, copy)
    raise typer.Exit(exit_code(outcome))


def _kind(bundle: JsonObject) -> str:
    from interop.subject import kind_of

    return kind_of(bundle)


def _page(bundle: JsonObject, attach: As) -> Page:
    from interop.narrative import page
    from interop.practice.gp_copy import Page
    from interop.reading import Document

    html = page(Document.of(bundle).bundle)
    if attach is As.HTML:
        return Page("text/html", html.encode())
    from interop.narrative.pdf import pdf

    return Page("application/pdf", pdf(html))


def _judged(message: JsonObject, page: Page | None) -> Outcome:
    from interop.catalogue import Catalogue
    from interop.outcome import Outcome
    from interop.practice.gp_copy import gp_copy_issues
    from interop.translator import Translator

    return Outcome.of(gp_copy_issues(message, page)) + Translator(Catalogue()).judge(message)


def _check(message: JsonObject, output: Output) -> Exit:
    outcome = _judged(message, _page(message, As.HTML))
    if output is Output.JSON:
        print_json({"issues": [issue.as_json() for issue in outcome]})
    else:
        console.print("the copy is what it says" if outcome.ok else "the copy is not what it says")
        print_issues(outcome)
    return exit_code(outcome)


def _write(out: Path, copy: GpCopy) -> None:
    from interop.json_codec import dumps

    out.mkdir(parents=True, exist_ok=True)
    (out / "message.json").write_bytes(dumps(copy.message, indent=True) + b"\n")
    (out / f"page.{copy.page.ending}").write_bytes(copy.page.data)
    (out / "mesh.json").write_bytes(dumps(dict(copy.headers()), indent=True) + b"\n")
    notes.print(f"wrote message.json, page.{copy.page.ending} and mesh.json into {out}", markup=False)
    notes.print("mesh.json holds the routing key, which names the person: keep it with the message", markup=False)
