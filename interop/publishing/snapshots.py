"""Profiles with the snapshot generated from their differential, for tools that do not generate it themselves."""

from __future__ import annotations

from collections.abc import Mapping

from interop.definitions import Definitions
from interop.definitions.writing import structure_json
from interop.errors import DefinitionError
from interop.json_codec import Json, JsonObject

_TOLD = ("short", "definition", "comment", "requirements")
"""What a differential says to people; the snapshot's rows repeat it."""


def published(resource: JsonObject, definitions: Definitions) -> JsonObject:
    """A StructureDefinition with its snapshot before its differential; any other resource as it is.

    R4 wants a definition in every row (sdf-3). R4's own prose is not shipped, so a row that the profile says nothing
    about points at R4 instead. Raises DefinitionError where the base is in no loaded package.
    """
    if resource.get("resourceType") != "StructureDefinition":
        return resource
    structure = definitions.structure(str(resource.get("url")))
    if structure is None:
        raise DefinitionError(f"{resource.get('url')} is in no loaded package", code="definition-missing")
    said = {row.get("id"): row for row in (resource.get("differential") or {}).get("element") or []}
    snapshot = structure_json(structure)["snapshot"]["element"]
    rows = [_row(row, said.get(row["id"], {}), definitions) for row in snapshot]
    made: JsonObject = {}
    for name, value in resource.items():
        if name == "differential":
            made["snapshot"] = {"element": rows}
        if name != "snapshot":
            made[name] = value
    return made


def _row(row: JsonObject, said: Mapping[str, Json], definitions: Definitions) -> JsonObject:
    told = {name: said[name] for name in _TOLD if name in said}
    base = row.get("base") or {}
    path = str(base.get("path", row["path"]))
    told.setdefault("definition", f"{path}, as FHIR R4 defines it.")
    origin = definitions.structure(path.partition(".")[0])
    first = origin.element(path) if origin else None
    stated = {"path": path, "min": first.min if first else 0, "max": base.get("max", row["max"])}
    head: JsonObject = {name: row[name] for name in ("id", "path", "sliceName") if name in row}
    counted: JsonObject = {"min": row["min"], "max": row["max"], "base": stated}
    if types := row.get("type"):
        counted["type"] = [{**ref, "code": _whole(ref["code"])} for ref in types]
    if (binding := row.get("binding")) and "valueSet" not in binding:
        counted["binding"] = {**binding, "description": "Described in words by FHIR R4."}
    if row.get("isModifier"):
        counted["isModifierReason"] = f"{path} changes what the rest means, as FHIR R4 says of it."
    return {**head, **told, **counted, **{name: row[name] for name in row if name not in head | counted}}


def _whole(code: str) -> str:
    """The FHIRPath system types by the name R4 writes them with."""
    return f"http://hl7.org/fhirpath/{code}" if code.startswith("System.") else code
