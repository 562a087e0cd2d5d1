"""``interop profiles``: what our profiles ask, whether they are right, and how others take them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interop.cli.output import Exit, Output, OutputOption, console, notes, print_issues, print_json, progress
from interop.errors import CatalogueError

if TYPE_CHECKING:
    from interop.json_codec import JsonObject
    from interop.publishing import Outline
    from interop.translator import Translator

profiles_app = typer.Typer(
    help="Our profiles: read them, check them, build the package others load, put them under your own base.",
    epilog="Exit codes: 0 fine, 1 findings, 2 usage or configuration.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
FolderArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[FOLDER]", exists=True, file_okay=False, help="A profile package; by default ours."),
]


def register(app: typer.Typer) -> None:
    app.add_typer(profiles_app, name="profiles")


@profiles_app.command("list")
def list_profiles(folder: FolderArgument = None, output: OutputOption = Output.TEXT) -> None:
    """List the profiles of a package, with how many rules each makes.

    Example: interop profiles list
    """
    found = _outlines(folder)
    if output is Output.JSON:
        rows: list[JsonObject] = [
            {"id": _id(o), "url": o.url, "title": o.title, "base": o.base, "rules": len(o.sentences)} for o in found
        ]
        print_json({"profiles": rows})
        return
    for one in found:
        rules = f"{len(one.sentences)} rule{'s' if len(one.sentences) != 1 else ''}" if one.sentences else ""
        console.print(f"{_id(one):38} {one.base:22} {one.title:46} {rules}", markup=False)


@profiles_app.command("show")
def show_profile(
    name: Annotated[str, typer.Argument(metavar="PROFILE", help="Its id, as in care-team, or its url.")],
    folder: FolderArgument = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Show what one profile asks of each element, and its rules as sentences.

    Example: interop profiles show care-team
    """
    from difflib import get_close_matches

    found = {_id(one): one for one in _outlines(folder)}
    one = found.get(name.rpartition("/")[2])
    if one is None:
        near = get_close_matches(name, found, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "interop profiles list shows them all"
        raise CatalogueError(f"there is no profile {name!r}", hint=hint)
    if output is Output.JSON:
        print_json(one.as_json())
    else:
        _tell(one)


@profiles_app.command("check")
def check_profiles(folder: FolderArgument = None, output: OutputOption = Output.TEXT) -> None:
    """Judge every file of a package: valid FHIR, never wider than its base, every rule with a key of its own.

    Example: interop profiles check profiles/interop.uk.care
    """
    from interop.publishing import selfcheck

    where, translator = _package(folder)
    with progress("checking") as count:
        judged = []
        for one in selfcheck(where, translator.definitions, translator.validator):
            judged.append(one)
            count()
    bad = [one for one in judged if not one.fine]
    if output is Output.JSON:
        files: list[JsonObject] = [
            {"file": o.file, "type": o.kind, "fine": o.fine, "issues": [i.as_json() for i in o.issues]} for o in judged
        ]
        print_json({"files": files})
    else:
        for one in judged:
            if one.issues:
                console.print(one.file, markup=False)
                print_issues(one.issues)
        console.print(f"{len(judged)} files, {len(bad)} with errors")
    raise typer.Exit(Exit.FINDINGS if bad else Exit.FINE)


@profiles_app.command("build")
def build_package(
    out: Annotated[Path, typer.Option("--out", help="The .tgz to write; an older one is replaced.")],
    folder: FolderArgument = None,
    examples: Annotated[
        list[Path] | None,
        typer.Option(
            "--example", exists=True, help="A resource (JSON) to show instead of a document of each mapping of ours."
        ),
    ] = None,
    output: OutputOption = Output.TEXT,
) -> None:
    """Build the FHIR package others load: every profile with its snapshot, code tables, examples, and an index.

    Ours shows one document of each mapping, and holds the ConceptMaps of all mappings.

    Example: interop profiles build --out interop.uk.care.tgz
    """
    from interop.cli.output import read_files
    from interop.json_codec import loads
    from interop.publishing import build

    where, translator = _package(folder)
    shown = {Path(name).stem: loads(data, file=name) for name, data in read_files(examples or []).items()}
    ours = folder is None
    if ours and not shown:
        shown = dict(_documents(translator))
    data = build(where, translator.definitions, shown, _tables() if ours else ())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    if output is Output.JSON:
        print_json({"written": str(out), "bytes": len(data), "examples": sorted(shown)})
    else:
        notes.print(f"wrote {out} ({len(data) // 1024:,} KB)", markup=False)


@profiles_app.command("rebase")
def rebase_content(
    base: Annotated[str, typer.Argument(metavar="BASE", help="Your base, as in https://fhir.example.nhs.uk")],
    out: Annotated[Path, typer.Option("--out", help="A new folder for profiles/, mappings/ and examples/.")],
    output: OutputOption = Output.TEXT,
) -> None:
    """Put our profiles, mappings and examples under your own canonical base, all at once.

    What is written is used by setting the environment variable INTEROP_CONTENT to the folder.

    Example: interop profiles rebase https://fhir.example.nhs.uk --out our-content
    """
    from interop.canonical import BASE, CONTENT, VARIABLE
    from interop.publishing import rebase

    made = rebase(CONTENT, out, old=BASE, new=base)
    if output is Output.JSON:
        print_json(
            {"folder": str(out), "base": made.base, "files": made.files, "names": made.names, "left": list(made.left)}
        )
        return
    notes.print(f"wrote {made.files} files to {out}; {made.names:,} names now stand under {made.base}", markup=False)
    for name in made.left:
        notes.print(f"copied as it is: {name}", markup=False)
    notes.print(f"use it: export {VARIABLE}={out.resolve()}; then: interop profiles check", markup=False)


def _package(folder: Path | None) -> tuple[Path, Translator]:
    """The folder meant, and a translator that knows it beside what we ship."""
    from interop.canonical import PACKAGE
    from interop.catalogue import Catalogue, shipped
    from interop.translator import Translator

    if folder is None:
        return shipped("profiles") / PACKAGE, Translator(Catalogue())
    if not (folder / "package.json").is_file():
        raise CatalogueError(f"{folder} is no FHIR package: it has no package.json", hint="name the package's folder")
    return folder, Translator(Catalogue(profiles=(folder,)))


def _tables() -> Iterator[JsonObject]:
    """The ConceptMaps of the mappings we ship."""
    from interop.catalogue import shipped
    from interop.json_codec import loads

    for path in sorted(shipped("mappings").rglob("codes/*.json")):
        yield loads(path.read_bytes(), file=path.name)


def _documents(translator: Translator) -> Iterator[tuple[str, JsonObject]]:
    """One document of each mapping: the first of its cases that is right."""
    from interop.workbench.cases import cases_of, files_of, moment_of

    with progress("making examples") as count:
        for name in sorted(translator.catalogue.mapping_names()):
            for case in cases_of(name, translator.catalogue.mapping(name)):
                made = translator.translate(name, files_of(case.folder), now=moment_of(case))
                right = next((t.bundle for t in made if t.sendable), None)
                if right is not None:
                    yield f"Bundle-{name.replace('/', '-')}", right
                    break
            count()


def _outlines(folder: Path | None) -> list[Outline]:
    from interop.json_codec import loads
    from interop.publishing import outline
    from interop.publishing.archive import sheets

    read = (loads(path.read_bytes(), file=path.name) for path in sheets(_package(folder)[0]))
    return [outline(each) for each in read if each.get("resourceType") == "StructureDefinition"]


def _id(one: Outline) -> str:
    return one.url.rpartition("/")[2]


def _tell(one: Outline) -> None:
    console.print(f"[bold]{one.title}[/]")
    console.print(f"{one.url}, a {one.base}", markup=False)
    console.print(one.description, markup=False)
    if one.asked:
        console.print("\n[bold]Elements[/]")
    for asked in one.asked:
        console.print(f"  {asked.element:52} {asked.times:7} {'; '.join(asked.wanted)}".rstrip(), markup=False)
    if one.sentences:
        console.print("\n[bold]Rules[/]")
    for rule in one.sentences:
        hazard = f" [{rule.hazard}]" if rule.hazard else ""
        console.print(f"  {rule.key:8} {rule.severity:8} {rule.human}{hazard}", markup=False)
        console.print(f"  {'':8} {'':8} at {rule.element}: {rule.expression}", markup=False, style="dim")
