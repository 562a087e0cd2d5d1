"""The same content under an adopter's own base: profiles, mappings and examples, changed in one go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from interop.errors import ContentError

SHELVES = ("profiles", "mappings", "examples")
_BASE = re.compile(r"https?://[^\s/?#|]+(/[^\s/?#|]+)*")


@dataclass(frozen=True, slots=True)
class Rebased:
    """What was written. ``names``: how many canonicals changed; ``left``: files whose bytes are no text."""

    folder: Path
    base: str
    files: int
    names: int
    left: tuple[str, ...]


def rebase(content: Path, out: Path, *, old: str, new: str) -> Rebased:
    """Copies the shelves of ``content`` to ``out`` with every name under ``old`` standing under ``new``.

    Nothing is overwritten: ``out`` must be new or empty. Raises ContentError ``base-invalid``, ``base-unchanged``,
    ``folder-not-empty`` or ``content-missing``.
    """
    new = _checked(new.rstrip("/"), old)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ContentError(f"{out} is not empty", code="folder-not-empty", hint="name a new folder")
    if not any((content / shelf).is_dir() for shelf in SHELVES):
        raise ContentError(f"{content} has no profiles/, mappings/ or examples/", code="content-missing")
    files, names, left = 0, 0, []
    for path in _files(content, out):
        data = path.read_bytes()
        changed = _renamed(data, old, new)
        target = out / path.relative_to(content)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if changed is None else changed[0])
        files += 1
        names += 0 if changed is None else changed[1]
        if changed is None:
            left.append(path.relative_to(content).as_posix())
    return Rebased(out, new, files, names, tuple(left))


def _checked(new: str, old: str) -> str:
    wrong = "https://fhir.example.nhs.uk is one; a query, a fragment, a version or a blank is not part of a base"
    try:
        address = urlsplit(new)
    except ValueError:
        raise ContentError(f"{new!r} is no address", code="base-invalid", hint=wrong) from None
    if not _BASE.fullmatch(new) or not address.hostname:
        raise ContentError(f"{new!r} is no base for canonicals", code="base-invalid", hint=wrong)
    if new == old:
        raise ContentError(f"everything stands under {new} already", code="base-unchanged", hint="name another base")
    return new


def _files(content: Path, out: Path) -> Iterator[Path]:
    for shelf in SHELVES:
        for path in sorted((content / shelf).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and not path.is_relative_to(out):
                yield path


def _renamed(data: bytes, old: str, new: str) -> tuple[bytes, int] | None:
    """The data under the new base and the number of names; None where it is no text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    changed, names = re.subn(rf"{re.escape(old)}(?=[/\"'\s]|$)", lambda _: new, text)
    return changed.encode("utf-8"), names
