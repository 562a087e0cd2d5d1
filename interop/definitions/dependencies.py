"""Which package stands on which: the order to layer them in, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from interop.definitions.package import BUILT_IN, Package
from interop.outcome import Issue, Severity


def in_order(packages: Iterable[Package]) -> tuple[Package, ...]:
    """Every package after those it depends on; otherwise in the order given. A circle keeps the order given."""
    waiting = list(packages)
    names = {package.name for package in waiting}
    done: list[Package] = []
    placed: set[str] = set()
    while waiting:
        ready = next(
            (p for p in waiting if placed.issuperset(names.intersection(p.dependencies) - {p.name})), waiting[0]
        )
        waiting.remove(ready)
        done.append(ready)
        placed.add(ready.name)
    return tuple(done)


def dependency_issues(packages: Sequence[Package]) -> tuple[Issue, ...]:
    """A warning for each dependency that is not loaded, or loaded in another version."""
    loaded: dict[str, list[str]] = {}
    for package in packages:
        loaded.setdefault(package.name, []).append(package.version or "")
    return tuple(
        issue
        for package in packages
        for name, version in package.dependencies.items()
        if name not in BUILT_IN and (issue := _missing(package, name, version, loaded.get(name)))
    )


def _missing(package: Package, name: str, version: str, found: list[str] | None) -> Issue | None:
    if found is None:
        return Issue(
            "package-dependency",
            f"{package.name} {package.version or ''} needs {name} {version}, which is not loaded",
            severity=Severity.WARNING,
            hint=f"load {name} {version} as well; what only it defines cannot be checked",
        )
    if any(_fits(have, version) for have in found):
        return None
    return Issue(
        "package-dependency",
        f"{package.name} {package.version or ''} needs {name} {version}, loaded is {', '.join(found)}",
        severity=Severity.WARNING,
        hint=f"load {name} {version} as well, or in its place",
    )


def _fits(have: str, wanted: str) -> bool:
    """``1.0.x``, ``1.0`` and ``current`` are ways package.json writes "any such"."""
    wanted = wanted.removesuffix(".x")
    return wanted in ("current", "dev", "latest", "x") or have == wanted or have.startswith(f"{wanted}.")
