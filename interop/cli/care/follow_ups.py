"""Follow-ups on the command line: each told in a line, and written as a document where a folder is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from interop.cli.output import notes
from interop.errors import InteropError
from interop.json_codec import JsonObject, dumps, loads
from interop.practice.follow_up import FollowUp


def written(made: Sequence[FollowUp], out: Path | None) -> list[JsonObject]:
    """What each one is, for whom and why; into ``out`` go the narrated documents, one file each."""
    told: list[JsonObject] = []
    for one in made:
        whom = ", ".join(one.recipients) or "nobody by message"
        told.append({"kind": one.kind, "key": one.key, "to": whom, "reason": one.reason})
    if out is not None:
        for path in write(made, out):
            notes.print(f"wrote {path}", markup=False)
    return told


def write(made: Sequence[FollowUp], out: Path) -> list[Path]:
    """The narrated documents, one file each, in the order given.

    A file is named by its kind and the document's own number, so that the same follow-up found again is the same
    file. A file that holds anything else is left alone: the name then gets a number.
    """
    from interop.narrative import narrate

    out.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for one in made:
        path = next(path for path in _names(out, one) if path not in paths and _is_free(path, one))
        path.write_bytes(dumps(narrate(one.bundle), indent=True) + b"\n")
        paths.append(path)
    return paths


def _names(out: Path, one: FollowUp) -> Iterator[Path]:
    stem = f"{one.kind}-{_number(one)}"
    yield out / f"{stem}.json"
    count = 2
    while True:
        yield out / f"{stem}-{count}.json"
        count += 1


def _number(one: FollowUp) -> str:
    """The uuid of the document; for another kind of identifier a uuid made of it (a file name cannot hold them all)."""
    from interop.bundle import stable_uuid

    value = str(one.bundle["identifier"]["value"])
    try:
        return str(UUID(value.removeprefix("urn:uuid:")))
    except ValueError:
        return stable_uuid(value)


def _is_free(path: Path, one: FollowUp) -> bool:
    """Whether nothing stands there, or this same document as it was found before."""
    if not path.exists():
        return True
    try:
        held = loads(path.read_bytes(), file=str(path))
    except (InteropError, OSError):
        return False
    return isinstance(held, dict) and held.get("identifier") == one.bundle["identifier"]
