"""The Python API: the command line's verbs as functions, for people who build on this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from interop import narrative
from interop.catalogue import Catalogue
from interop.desk import Desk
from interop.errors import SettingsError
from interop.json_codec import JsonObject
from interop.mapping import Mapped
from interop.mapping import Mapping as RecordMapping
from interop.node import Node
from interop.outcome import Outcome
from interop.settings import Settings
from interop.sources import SourceRecord
from interop.translator import Translator
from interop.validation import Validator


def load_mapping(name: str) -> RecordMapping:
    """A mapping, compiled: by its name (``care-home/red-bag``) or a path to its file.

    ``mapping.read(files)`` gives its records, ``mapping.reverse(bundle)`` runs it backwards. Raises CatalogueError,
    or MappingError with every fault of the file.
    """
    return _translator().mapping(name)


def map_record(mapping: RecordMapping, record: SourceRecord, *, now: datetime | None = None) -> Mapped:
    """One record as FHIR resources, with its findings (``.issues``) and the source of every value (``.trace``)."""
    return mapping.apply(record, now=now or datetime.now(UTC))


def assemble(mapped: Mapped) -> JsonObject:
    """The mapped resources as the Bundle their mapping says; a document gets its narrative."""
    bundle = mapped.bundle()
    return narrative.narrate(bundle) if bundle.get("type") == "document" else bundle


def validate(resource: JsonObject | bytes, *, profiles: Sequence[str] = (), packages: Iterable[Path] = ()) -> Outcome:
    """A resource judged against R4, our profiles, ``profiles`` (canonicals), and those of further ``packages``.

    Bytes may be JSON or XML. ``outcome.ok``, ``outcome.verdict``, and the findings by iterating.
    """
    translator = _translator(tuple(packages))
    if isinstance(resource, bytes):
        return translator.judge_bytes(resource, name="resource", profiles=profiles)
    return translator.judge(resource, profiles=profiles)


def validator(packages: Iterable[Path] = ()) -> Validator:
    """The validator itself, for many resources: R4, our profiles, and further packages, compiled once."""
    return _translator(tuple(packages)).validator


def open_node(config: Path | str) -> Node:
    """The node a configuration file describes; use it in a ``with`` statement. Raises SettingsError, StoreError."""
    return Node.open(Settings.load(Path(config)))


def send(
    node: Node, mapping: str, files: Mapping[str, bytes], *, to: Sequence[str] = (), organisation: str | None = None
) -> JsonObject:
    """Map, judge and queue the records of ``files``; see ``Desk.submit`` for the answer."""
    return _desk(node, organisation).submit(mapping, files, to)


def inbox(node: Node, *, organisation: str | None = None) -> list[JsonObject]:
    """What others sent us, newest first."""
    messages: list[JsonObject] = _desk(node, organisation).messages("in")["messages"]
    return messages


def _desk(node: Node, organisation: str | None) -> Desk:
    known = [o.ods for o in node.settings.organisations]
    if organisation is None and len(known) > 1:
        raise SettingsError("this node speaks for several organisations", hint=f"say which: {', '.join(known)}")
    return Desk(node, organisation or known[0])


@cache
def _translator(packages: tuple[Path, ...] = ()) -> Translator:
    return Translator(Catalogue(profiles=packages))
