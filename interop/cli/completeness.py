"""``interop completeness`` and ``interop standards``: is everything there that an information standard asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import Exit, Output, OutputOption, console, find_files, notes, print_issues, print_json
from interop.errors import CatalogueError, ContentError
from interop.outcome import Severity

if TYPE_CHECKING:
    from interop.completeness import Completeness, Standard, Trend
    from interop.json_codec import JsonObject

standards_app = typer.Typer(
    help="Information standards as data: list them, write one as a table, read one out of a table.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_BAR = 24


def register(app: typer.Typer) -> None:
    app.command("completeness")(completeness)
    app.add_typer(standards_app, name="standards")


def completeness(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", exists=True, help="Documents (JSON or XML), or folders of them.")
    ],
    standard: Annotated[
        str | None,
        typer.Option(
            "--standard", help="red-bag, discharge, pcsp, eol, about-me, or a file; by default what each document is."
        ),
    ] = None,
    over_time: Annotated[
        bool, typer.Option("--trend", help="Show each sender's score month by month, and what it leaves out most.")
    ] = False,
    all_findings: Annotated[bool, typer.Option("--all", help="Show what is merely required and absent, too.")] = False,
    output: OutputOption = Output.TEXT,
) -> None:
    """Score documents against an information standard: what is missing, in plain words, section by section.

    Exit 0: nothing mandatory is missing. 1: something is. 2: no document, or no standard for it.

    Example: interop completeness bundles/RH-014.json --standard red-bag
    """
    judged = list(_judged(files, standard))
    bad = any(issue.severity is Severity.ERROR for _, _, marks in judged for issue in marks.issues)
    if over_time:
        _tell_trend(judged, output)
    elif output is Output.JSON:
        print_json({"documents": [_as_json(name, marks) for name, _, marks in judged]})
    else:
        for name, _, marks in judged:
            _tell(name, marks, Severity.INFORMATION if all_findings else Severity.WARNING)
    raise typer.Exit(Exit.FINDINGS if bad else Exit.FINE)


@standards_app.command("list")
def list_standards(output: OutputOption = Output.TEXT) -> None:
    """List the standards there are, and how far each is to be trusted.

    Example: interop standards list
    """
    from interop.completeness import standard, standards

    found = [standard(name) for name in standards()]
    if output is Output.JSON:
        rows: list[JsonObject] = [
            {"id": s.identifier, "title": s.title, "version": s.version, "status": s.status, "source": s.source}
            for s in found
        ]
        print_json({"standards": rows})
        return
    for one in found:
        sections = f"{len(one.sections)} sections"
        console.print(f"{one.identifier:12} {one.title} {one.version} ({one.status}, {sections})", markup=False)


@standards_app.command("export")
def export_standard(
    name: Annotated[str, typer.Argument(metavar="STANDARD", help="One of `interop standards list`.")],
    out: Annotated[Path, typer.Option("--out", help="A .csv or .xlsx file; an older one is replaced.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Write a standard as a table that its owners can read, correct and give back.

    Example: interop standards export red-bag --out red-bag.xlsx
    """
    from interop.completeness import standard_data, write_table

    if out.suffix.lower() not in (".csv", ".xlsx"):
        raise ContentError(f"{out.name} is neither .csv nor .xlsx", code="standard-table", hint="name such a file")
    out.write_bytes(write_table(standard_data(name), workbook=out.suffix.lower() == ".xlsx"))
    if output is Output.JSON:
        print_json({"written": str(out), "standard": name})
    else:
        notes.print(f"wrote {out}", markup=False)


@standards_app.command("import")
def import_standard(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="A table (CSV, XLSX) or a PRSB dataset (JSON).")
    ],
    out: Annotated[Path, typer.Option("--out", help="The .json file to write; it is what --standard takes.")],
    like: Annotated[
        str | None,
        typer.Option("--like", help="A standard of ours that lends heading codes and FHIRPaths to equal names."),
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Read a standard out of the spreadsheet or dataset its owner publishes.

    What has no FHIRPath is listed by `interop completeness` as not looked for, never as missing.

    Example: interop standards import urgent-transfer.xlsx --like red-bag --out urgent-transfer.json
    """
    from interop.completeness import Standard, read_standard, standard_data
    from interop.json_codec import dumps

    made = read_standard(file.name, file.read_bytes(), lender=standard_data(like) if like else None)
    compiled = Standard.of(made, name=file.name)
    fields = [field for section in compiled.sections for field in section.fields]
    out.write_bytes(dumps(made, indent=True) + b"\n")
    if output is Output.JSON:
        print_json({"written": str(out), "sections": len(compiled.sections), "fields": len(fields)})
        return
    told = f"{len(compiled.sections)} sections, {len(fields)} fields"
    dumb = sum(field.test is None for field in fields)
    notes.print(f"wrote {out}: {told}; {dumb} fields without a FHIRPath cannot be looked for", markup=False)


def _judged(files: Sequence[Path], standard: str | None) -> Iterator[tuple[str, JsonObject, Completeness]]:
    from interop.completeness import named_or_read, score
    from interop.json_codec import loads

    wanted = named_or_read(standard) if standard else None
    for name, path in find_files(files).items():
        data = path.read_bytes()
        document = _from_xml(data, name) if data.lstrip()[:1] == b"<" else loads(data, file=name)
        if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
            raise ContentError("is no document Bundle", code="not-a-bundle", where=name, hint="name FHIR documents")
        yield name, document, score(document, wanted or _fitting(document, name))


def _from_xml(data: bytes, name: str) -> JsonObject:
    from interop import xml_codec
    from interop.definitions import Definitions

    return xml_codec.decode(data, Definitions.core(), file=name)


def _fitting(document: JsonObject, name: str) -> Standard:
    """The standard that is made for such documents, by the type of the Composition."""
    from interop.completeness import standard, standards
    from interop.reading import Document
    from interop.reading.nodes import child, codings

    types = {code for _, code in codings(child(Document.of(document).composition, "type"))}
    found = next((one for one in map(standard, standards()) if types & set(one.types)), None)
    if found is None:
        raise CatalogueError(
            f"{name}: no standard is made for such a document", hint=f"choose with --standard: {', '.join(standards())}"
        )
    return found


def _as_json(name: str, marks: Completeness) -> JsonObject:
    return {
        "file": name,
        "standard": marks.standard.identifier,
        "score": round(float(marks.score), 4),
        "mandatory": round(float(marks.mandatory), 4),
        "sections": [
            {"title": s.title, "level": s.level.value, "presence": s.presence.value, "met": s.met, "asked": s.asked}
            for s in marks.sections
        ],
        "issues": [issue.as_json() for issue in marks.issues],
    }


def _tell(name: str, marks: Completeness, least: Severity) -> None:
    told = f"{float(marks.score):.0%} of what is asked for, {float(marks.mandatory):.0%} of what is mandatory"
    console.print(f"{name}: {marks.standard.title} ({marks.standard.status}): {told}", markup=False)
    for section in marks.sections:
        if section.asked:
            full = round(_BAR * section.met / section.asked)
            bar = "█" * full + "·" * (_BAR - full)
            said = "" if section.met == section.asked else f"  {section.presence.value}"
            count = f"{section.met}/{section.asked}"
            console.print(f"  {section.title[:46]:46} {bar} {count:>7} {section.level.value:9}{said}", markup=False)
    print_issues(marks.issues, least=least)


def _tell_trend(judged: Sequence[tuple[str, JsonObject, Completeness]], output: Output) -> None:
    from interop.completeness import trend

    found = trend((document, marks) for _, document, marks in judged)
    if output is Output.JSON:
        print_json({"senders": found.as_json()})
    else:
        _tell_senders(found)


def _tell_senders(found: Trend) -> None:
    for sender in found.senders:
        change = float(found.change(sender))
        moved = f", {change:+.0%} since the first month" if len(found.of(sender)) > 1 else ""
        console.print(f"{sender}{moved}", markup=False)
        for month in found.of(sender):
            full = round(_BAR * float(month.score))
            bar = "█" * full + "·" * (_BAR - full)
            whole = f"{month.complete} of {month.documents} lack nothing mandatory"
            console.print(f"  {month.month:8} {bar} {float(month.score):4.0%}  {whole}", markup=False)
        for title, count in found.missing[sender]:
            console.print(f"    left out most: {title} ({count})", markup=False)
