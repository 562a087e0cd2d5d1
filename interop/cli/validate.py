"""``interop validate``: resources judged, and what was found shown to people, CI systems and programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from interop.cli.output import Exit, Output, OutputOption, console, exit_code, notes, print_json, progress
from interop.errors import ContentError, InteropError
from interop.findings import Checked, Explanation, Form, Report, explain, explanations, written
from interop.outcome import Severity

if TYPE_CHECKING:
    from interop.terminology.server import TerminologyServer

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(help="Files, or a folder that holds them; issue codes with --explain."),
]
FormatOption = Annotated[
    Form | None,
    typer.Option("--format", "-f", help="The form of the report; by default that of --output, or of FILE's ending."),
]


def register(app: typer.Typer) -> None:
    app.command("validate")(validate)


def validate(  # noqa: PLR0913  a parameter an option
    files: FilesArgument = None,
    profile: Annotated[list[str] | None, typer.Option("--profile", help="Canonical URL; may be repeated.")] = None,
    package: Annotated[
        list[Path] | None,
        typer.Option("--package", exists=True, help="A FHIR package, folder or .tgz; may be repeated."),
    ] = None,
    terminology_server: Annotated[
        str | None, typer.Option("--terminology-server", help="Base URL of a FHIR server asked about codes we lack.")
    ] = None,
    form: FormatOption = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write the report into this file.")] = None,
    about: Annotated[
        bool, typer.Option("--explain", help="Explain issue codes instead of checking files; none named lists all.")
    ] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Check FHIR R4 resources (JSON or XML) against R4, our profiles, and any others.

    Exit 0: no errors. 1: errors. 3: something could not be told.

    Example: interop validate bundles --report findings.html, or: interop validate --explain cardinality
    """
    if about:
        _explain([str(code) for code in files or ()], output)
        return
    if not files:
        raise InteropError("no file is named", code="usage", hint="name files, or folders that hold them")
    chosen = _form(form, report)
    findings = Report(
        tuple(_check(files, profile or (), package or (), terminology_server)), datetime.now().astimezone()
    )
    if report is not None:
        report.write_bytes(written(findings, chosen or Form.TEXT))
        notes.print(f"wrote {report}", markup=False)
        chosen = None
    _tell(findings, chosen or Form(output.value))
    raise typer.Exit(_worst(findings))


def _form(form: Form | None, report: Path | None) -> Form | None:
    """What was asked for, else what the file's name asks for; None where nothing does."""
    if form is not None or report is None:
        return form
    found = Form.of_file(report)
    if found is None:
        text = f"the name does not say which of {', '.join(Form)} it should be"
        raise InteropError(
            text,
            code="usage",
            where=str(report),
            hint="end it with .html, .sarif, .json, .xml or .txt, or add --format",
        )
    return found


def _check(
    files: Sequence[Path], profiles: Sequence[str], packages: Sequence[Path], server_url: str | None
) -> Iterator[Checked]:
    from interop.catalogue import Catalogue
    from interop.translator import Translator

    paths = list(_members(files))
    server = _terminology_server(server_url)
    translator = Translator(Catalogue(profiles=tuple(packages)), server)
    with progress("files") as advance:
        for path in paths:
            try:
                data = path.read_bytes()
            except OSError as fault:
                raise ContentError(f"cannot be read: {fault.strerror}", where=str(path)) from None
            yield Checked.of(str(path), translator.judge_bytes(data, name=path.name, profiles=tuple(profiles)), data)
            advance()
    if server is not None:
        if trouble := server.trouble():
            notes.print(str(trouble), markup=False)
        server.close()


def _terminology_server(url: str | None) -> TerminologyServer | None:
    if url is None:
        return None
    from interop.terminology.server import TerminologyServer

    return TerminologyServer(url)


def _members(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named and those in the folders named, each once. Raises ContentError for a folder without any."""
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise ContentError("does not exist", where=str(path))
        inside = (
            [p for p in sorted(path.iterdir()) if p.is_file() and not p.name.startswith(".")]
            if path.is_dir()
            else [path]
        )
        if not inside:
            raise ContentError("holds no file", where=str(path), hint="name the files or their folder")
        yield from (p for p in inside if p not in seen)
        seen.update(inside)


def _tell(findings: Report, form: Form) -> None:
    """Onto standard output; what helps to read it onto standard error."""
    if form is not Form.TEXT:
        sys.stdout.flush()
        sys.stdout.buffer.write(written(findings, form))
        sys.stdout.buffer.flush()
        return
    from interop.findings.text import show

    show(findings, console)
    count = findings.count
    if count[Severity.INFORMATION]:
        notes.print(f"[dim]{count[Severity.INFORMATION]} more for information: --report FILE.html shows them[/]")
    if sum(count.values()) > count[Severity.INFORMATION]:
        notes.print("[dim]interop validate --explain CODE says what a code means and how to mend it[/]")


def _worst(findings: Report) -> Exit:
    codes = {exit_code(checked.outcome) for checked in findings}
    return Exit.FINDINGS if Exit.FINDINGS in codes else max(codes, default=Exit.FINE)


def _explain(codes: Sequence[str], output: Output) -> None:
    """The codes named, or all of them, a line each. Raises CatalogueError for one that is not ours."""
    named = [explain(code) for code in codes if code != "all"] or list(explanations())
    if output is Output.JSON:
        print_json({"codes": [entry.as_json() for entry in named]})
    elif codes and codes != ["all"]:
        for entry in named:
            _print_explanation(entry)
    else:
        width = max(len(entry.code) for entry in named)
        for entry in named:
            console.print(Text().append(entry.code.ljust(width), style="bold").append(f"  {entry.means}"))


def _print_explanation(entry: Explanation) -> None:
    console.print(Text().append(entry.code, style="bold").append(f"  FHIR issue type {entry.type}", style="dim"))
    for heading, words in (
        ("What it means", entry.means),
        ("Why it matters", entry.matters),
        ("How to fix it", entry.fix),
        ("Specification", entry.spec),
    ):
        console.print(Text().append(f"  {heading:<15}", style="bold").append(words))
