"""Resources that keep the fullUrl their source gave them: References that lead nowhere, resources nobody leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from interop.bundle import Entry
from interop.bundle.references import references
from interop.json_codec import Json, JsonObject
from interop.location import SourcePath
from interop.mapping.run import Run, point
from interop.mapping.trace import ResourcePath, location
from interop.outcome import Issue, Severity

_URN = "urn:uuid:"


def kept_url(raw: Json) -> str | None:
    """The fullUrl a row brings; None where it brings none that can be kept."""
    return raw if isinstance(raw, str) and raw.startswith(_URN) else None


def drop_loose_ends(made: Iterable[Entry], run: Run, rows: Mapping[str, SourcePath]) -> None:
    """Copied References whose resource this record did not become lose their target and say so.

    rows  fullUrl -> the row of the resource, for the finding
    """
    entries = tuple(made)
    urls = {entry.full_url for entry in entries}
    for entry in entries:
        for path, reference in _references(entry.resource, ()):
            literal = reference.get("reference")
            if isinstance(literal, str) and literal.startswith(_URN) and literal not in urls:
                kind = _type_in(run.record.tree, literal)
                del reference["reference"]
                if not reference.keys() & {"display", "identifier"}:
                    reference["display"] = f"{kind or literal} (not carried)"
                text = f"refers to {kind + ' ' if kind else ''}{literal}, which " + (
                    "the mapping carries nothing of" if kind else "is not in the source"
                )
                where = f"{entry.type}.{location(path)}"
                spot = point(run.record, rows.get(entry.full_url, ()))
                hint = "the display stays; add a group for it" if kind else "the sender left it out"
                run.issues.append(Issue("reference-not-carried", text, where, Severity.WARNING, source=spot, hint=hint))


ALSO_SENT = "Also sent"
"""Title of the section that names what no other section leads to."""


def hang_up_strays(composition: JsonObject, url: str, resources: Iterable[Entry], run: Run) -> None:
    """Resources of a document that nothing links with its Composition, either way, get a section of their own.

    A reader of the document would never find them; R4 wants every entry linked (documents.html#content).
    """
    entries = (Entry(url, composition), *resources)
    links: dict[str, set[str]] = {entry.full_url: set() for entry in entries}
    for entry in entries:
        for literal in references(entry.resource):
            if literal in links:
                links[entry.full_url].add(literal)
                links[literal].add(entry.full_url)
    found, waiting = {url}, [url]
    while waiting:
        fresh = links[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    strays = [entry for entry in entries if entry.full_url not in found]
    if not strays:
        return
    listed = [{"reference": entry.full_url} for entry in strays]
    composition.setdefault("section", []).append({"title": ALSO_SENT, "entry": listed})
    kinds = ", ".join(dict.fromkeys(entry.type for entry in strays))
    text = f"no section leads to {len(strays)} resource(s) ({kinds}); a section {ALSO_SENT!r} names them"
    hint = "refer to them from the section they belong to"
    spot = point(run.record, ())
    run.issues.append(
        Issue("entry-not-in-section", text, "Composition.section", Severity.WARNING, source=spot, hint=hint)
    )


def without_strays(entry: Entry) -> Entry:
    """A Composition without the section that names what no other leads to: the sender never wrote it."""
    if entry.type != "Composition" or not isinstance(entry.resource.get("section"), list):
        return entry
    kept = [
        section
        for section in entry.resource["section"]
        if not (isinstance(section, dict) and section.get("title") == ALSO_SENT and "code" not in section)
    ]
    return Entry(entry.full_url, {**entry.resource, "section": kept})


def _references(node: Json, path: ResourcePath) -> Iterator[tuple[ResourcePath, JsonObject]]:
    if isinstance(node, dict):
        if "reference" in node:
            yield path, node
        for key, child in node.items():
            yield from _references(child, (*path, key))
    elif isinstance(node, list):
        for number, child in enumerate(node):
            yield from _references(child, (*path, number))


def _type_in(tree: Json, url: str) -> str:
    for kind, rows in tree.items() if isinstance(tree, dict) else ():
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("fullUrl") == url:
                return str(kind)
    return ""
