"""What is wrong with packages: told when they are loaded, and in full when somebody asks for all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interop.definitions.contradiction import contradictions
from interop.definitions.dependencies import dependency_issues
from interop.definitions.package import Package
from interop.definitions.registry import Definitions
from interop.errors import DefinitionError
from interop.outcome import Issue


def package_issues(packages: Sequence[Package]) -> tuple[Issue, ...]:
    """Files that cannot be read, structures of another FHIR release, dependencies that are not loaded. Quick."""
    return tuple(fault for package in packages for fault in package.faults) + dependency_issues(packages)


def definition_issues(packages: Sequence[Package], definitions: Definitions) -> tuple[Issue, ...]:
    """Every structure of the packages that cannot be used or contradicts its base.

    definitions  what the packages stand on, themselves included
    Makes every snapshot: seconds for a large package.
    """
    missing = [issue.text for issue in dependency_issues(packages)]
    return tuple(
        issue
        for package in packages
        for url in package.urls("StructureDefinition")
        for version in package.versions("StructureDefinition", url)
        for issue in _of_structure(f"{url}|{version}" if version else url, definitions, missing)
    )


def _of_structure(canonical: str, definitions: Definitions, missing: Sequence[str]) -> Iterator[Issue]:
    try:
        structure = definitions.structure(canonical)
        if structure is not None:
            yield from contradictions(structure, definitions)
    except DefinitionError as fault:
        hint = fault.hint
        if fault.code == "definition-missing" and missing:
            hint = f"{hint}: {'; '.join(missing)}"
        yield Issue("definition-unusable", fault.text, rule=canonical, hint=hint)
