"""A FHIR package: a folder or ``.tgz`` of conformance resources in JSON or XML, read once and found by canonical."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interop.definitions.archive import PackageLimits, contents
from interop.definitions.cache import Cache, digest
from interop.definitions.listing import Listing, PackageFile, manifest
from interop.definitions.release import other_release, release_issue
from interop.errors import ContentError, DefinitionError
from interop.json_codec import Json, JsonObject
from interop.outcome import Issue, Severity

LIMITS = PackageLimits()
BUILT_IN = frozenset({"hl7.fhir.r4.core", "hl7.fhir.core"})
"""Packages whose content is shipped."""


@dataclass(frozen=True, slots=True)
class Package:
    """What one package holds. A file that cannot be read is named in ``faults``; the rest is usable.

    dependencies   package name -> version, as package.json says
    fhir_versions  the FHIR releases it is written for, as package.json says
    digest         hash of every file's name and content; "" when it was not asked for
    """

    name: str
    version: str | None
    dependencies: Mapping[str, str]
    files: tuple[PackageFile, ...]
    faults: tuple[Issue, ...] = ()
    fhir_versions: tuple[str, ...] = ()
    digest: str = ""
    _index: dict[str, dict[str, dict[str, PackageFile]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[str, dict[str, dict[str, PackageFile]]] = {}
        for file in self.files:
            if file.url:
                index.setdefault(file.kind, {}).setdefault(file.url, {}).setdefault(file.version, file)
        object.__setattr__(self, "_index", index)

    @classmethod
    def load(cls, path: Path, *, cache: Cache | None = None, limits: PackageLimits = LIMITS) -> Package:
        """Read a folder (package layout or any tree of .json and .xml files) or a .tgz.

        With a ``cache`` the files are opened to see what they are only when they are new.
        Structures of another FHIR release than R4 are left out, and ``faults`` says so.

        Raises DefinitionError ``package-not-found``, ``package-unreadable`` or ``package-too-large``.
        """
        found = dict(contents(path, limits))
        sheets = {name: data for name, data in found.items() if isinstance(data, bytes)}
        withheld = [(name, fault.text) for name, fault in found.items() if isinstance(fault, ContentError)]
        key = digest(*(part for sheet in sheets.items() for part in sheet)) if cache is not None else ""
        listing = Listing.of(sheets) if cache is None else Listing.kept(sheets, cache, key)
        head = manifest(sheets)
        name, version, needs = head.get("name"), head.get("version"), head.get("dependencies")
        name = name if isinstance(name, str) and name else path.name
        written_for = _texts(head.get("fhirVersions") or head.get("fhir-version-list"))
        kept, strange = _of_r4(listing.files, written_for)
        odd = release_issue(name, strange)
        return cls(
            name=name,
            version=version if isinstance(version, str) else None,
            dependencies={n: str(v) for n, v in needs.items()} if isinstance(needs, dict) else {},
            files=kept,
            faults=((odd,) if odd else ()) + tuple(_fault(*fault) for fault in (*withheld, *listing.faults)),
            fhir_versions=written_for,
            digest=key,
        )

    @property
    def stands_below_core(self) -> bool:
        """R4's own definitions win over these: the core again, or a package that is not for R4 4.0 at all."""
        written_for = self.fhir_versions
        return self.name in BUILT_IN or (bool(written_for) and not any(v.startswith("4.0") for v in written_for))

    def resources(self) -> Iterator[JsonObject]:
        """Every resource, parsed, in file order. One that cannot be parsed is left out (see ``faults``)."""
        for file in self.files:
            try:
                yield file.resource()
            except ContentError:
                continue

    def urls(self, kind: str) -> Iterable[str]:
        return self._index.get(kind, {})

    def versions(self, kind: str, url: str) -> Mapping[str, object]:
        return self._index.get(kind, {}).get(url, {})

    def read(self, kind: str, url: str, version: str) -> JsonObject:
        """Raises DefinitionError ``definition-unreadable`` for a file that only a full reading finds broken."""
        try:
            return self._index[kind][url][version].resource()
        except ContentError as fault:
            raise DefinitionError(
                fault.text, code="definition-unreadable", where=fault.where, hint=fault.hint
            ) from None

    def supplements(self) -> Iterable[tuple[str, str]]:
        return ((f.url, f.version) for f in self.files if f.url and f.kind == "CodeSystem" and b"supplement" in f.data)

    def may_supplement(self, url: str, version: str) -> bool:
        """Whether a code system here may supplement another one; told without reading it."""
        return b"supplement" in self._index["CodeSystem"][url][version].data


def _texts(found: Json) -> tuple[str, ...]:
    return tuple(text for text in found if isinstance(text, str)) if isinstance(found, list) else ()


def _of_r4(files: Iterable[PackageFile], versions: tuple[str, ...]) -> tuple[tuple[PackageFile, ...], list[str]]:
    """The files in use, and the FHIR version of each structure left out.

    A structure that says nothing is of the release of its package.
    """
    fallback = versions[0] if versions and all(other_release(v) for v in versions) else None
    kept: list[PackageFile] = []
    strange: list[str] = []
    for file in files:
        version = file.fhir_version or fallback
        if file.kind == "StructureDefinition" and version and other_release(version):
            strange.append(version)
        else:
            kept.append(file)
    return tuple(kept), strange


def _fault(name: str, text: str) -> Issue:
    return Issue(
        "package-file",
        f"{name} cannot be read: {text}",
        severity=Severity.WARNING,
        hint="mend or remove this file; the rest of the package is in use",
    )
