"""Which FHIR release a package was written for: STU3 and R5 definitions look like R4's and are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from interop.outcome import Issue

_RELEASES = {"1": "DSTU2", "3": "STU3", "5": "R5", "6": "R6"}


def other_release(version: str | None) -> str | None:
    """``R5`` for 5.0.0 and its ballots (4.2 and 4.4 on); None for R4, R4B (4.3) and where nothing is said.

    R4B changed a handful of resources; its definitions of all others are R4's.
    """
    major, _, rest = (version or "").partition(".")
    if major == "4":
        return "R5" if rest[:1] in ("2", "4", "5", "6") else None
    return _RELEASES.get(major)


def release_issue(package: str, found: Iterable[str]) -> Issue | None:
    """The finding about structures of another release, given the FHIR version of each; None when there are none."""
    counts = Counter(found)
    if not counts:
        return None
    told = " and ".join(f"{n:,} for FHIR {version} ({other_release(version)})" for version, n in sorted(counts.items()))
    return Issue(
        "package-fhir-version",
        f"{package} has structures for another release: {told}; they are left out, R4 (4.0.1) is in use here",
        hint="load the R4 edition of this package",
    )
