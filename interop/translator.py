"""The translate wing as one worker: local files in, judged FHIR Bundles out, and back again.

It holds what is compiled once (mappings, profiles, value sets) and sends nothing anywhere.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from interop import xml_codec
from interop.canonical import BASE
from interop.catalogue import Catalogue
from interop.definitions import Cache, Definitions, Package
from interop.errors import ContentError
from interop.json_codec import JsonObject, loads
from interop.outcome import Issue, Outcome, Severity
from interop.positions import located
from interop.terminology import Terminology
from interop.validation import Validator

if TYPE_CHECKING:
    from interop.completeness import Standard
    from interop.mapping import Asked, LocalRecord, Telling
    from interop.mapping import Mapping as RecordMapping
    from interop.sources import SourceRecord, Stream
    from interop.terminology.membership import Server

FHIR_JSON = "application/fhir+json"
FHIR_XML = "application/fhir+xml"
JSON_TYPES = frozenset({FHIR_JSON, "application/json"})
STANDARDS = {"transfer-summary": "red-bag", "discharge-summary": "discharge"}
"""Kind of document → the information standard it is held to."""
WHOLE_FILES = "files"
"""What stands for a record's key when no record could be read at all."""
EVENT = f"{BASE}/CodeSystem/event"
XML_TYPES = frozenset({FHIR_XML, "application/xml", "text/xml"})


@dataclass(frozen=True, slots=True)
class Translated:
    """One source record and what became of it.

    record      None when the files could not be read as records at all
    bundle      None when the record could not be mapped
    outcome     every finding, each with the cell it came from where one is known
    identifier  Bundle.identifier's value: the same record gives the same one in every run
    person      NHS number of the person it is about, where the record holds a valid one
    event       what happened, for event messages: ``ADT^A03``
    """

    kind: str
    outcome: Outcome
    record: SourceRecord | None = None
    bundle: JsonObject | None = None
    identifier: str = ""
    person: str | None = None
    event: str | None = None

    @property
    def key(self) -> str:
        """What the sender calls the record."""
        return self.record.key if self.record else WHOLE_FILES

    @property
    def sendable(self) -> bool:
        return self.bundle is not None and self.outcome.ok

    @property
    def verdict_words(self) -> str:
        if self.sendable:
            return f"became {'an' if self.kind[:1] in 'aeiou' else 'a'} {self.kind}"
        return "cannot be sent" if self.bundle else "could not be mapped"

    def as_json(self) -> JsonObject:
        issues = [issue.as_json() for issue in self.outcome]
        return {"key": self.key, "kind": self.kind, "valid": self.sendable, "bundle": self.bundle, "issues": issues}


class Translator:
    """Maps, assembles, narrates and judges, with everything compiled once and shared by threads."""

    def __init__(self, catalogue: Catalogue, terminology_server: Server | None = None):
        """terminology_server: asked where the packages cannot tell; None: nobody is asked."""
        self.catalogue = catalogue
        self._terminology_server = terminology_server
        self._mappings: dict[str, RecordMapping] = {}
        self._compiling = threading.RLock()

    @cached_property
    def definitions(self) -> Definitions:
        """R4 and every package on the shelves. Raises DefinitionError for a package that cannot be used."""
        cache = Cache.of_user(os.environ)
        packages = [Package.load(path, cache=cache) for path in self.catalogue.packages()]
        return Definitions.core().with_packages(packages, cache=cache)

    @cached_property
    def validator(self) -> Validator:
        return Validator(self.definitions, Terminology(self.definitions, self._terminology_server))

    @cached_property
    def telling(self) -> Telling:
        """Brings findings about a Bundle to the cells it was made of."""
        from interop.mapping import Telling

        return Telling(self.definitions)

    def mapping(self, name: str) -> RecordMapping:
        """A compiled mapping by name or path. Raises CatalogueError or MappingError (with every fault)."""
        from interop import mapping  # what only validates never loads it

        with self._compiling:
            if name not in self._mappings:
                self._mappings[name] = mapping.load(self.catalogue.mapping(name), definitions=self.definitions)
            return self._mappings[name]

    def translate(
        self, name: str, files: Mapping[str, bytes | Path], *, now: datetime, every: bool = False
    ) -> Iterator[Translated]:
        """Every record the files hold, mapped and judged, one at a time; see ``each``."""
        plan = self.mapping(name)
        with closing(plan.stream(files)) as records:
            yield from self.each(plan, records, now=now, every=every)

    def each(
        self,
        plan: RecordMapping,
        records: Stream,
        *,
        now: datetime,
        passed: Callable[[int, str], bool] | None = None,
        every: bool = False,
    ) -> Iterator[Translated]:
        """The records of a stream mapped and judged, in the same order every time.

        What is wrong with the files themselves comes as a Translated without a record, before the records where it is
        known by then; what is merely odd about them is told with the record beside which it was found.

        passed  asked with the number (from 0) and the key of each one to come: True leaves it out, unmapped
        every   fields that no rule reads are told one by one, not summed up by segment or table
        """
        for number, (record, about) in enumerate(_with_findings(records)):
            if passed is not None and passed(number, record.key if record else WHOLE_FILES):
                continue
            if record is None:
                yield Translated(plan.kind, about)
            else:
                made = self._translate(plan, record, now, every=every)
                yield replace(made, outcome=about + made.outcome) if about else made

    def _translate(self, plan: RecordMapping, record: SourceRecord, now: datetime, *, every: bool) -> Translated:
        from interop import narrative

        mapped = plan.apply(record, now=now)
        bundle = mapped.bundle()
        if mapped.event is not None:  # an admission and its cancellation may say the same of everything else
            bundle = {**bundle, "meta": {"tag": [{"system": EVENT, "code": mapped.event}]}}
        if bundle.get("type") == "document":
            bundle = narrative.narrate(bundle)
        trace = mapped.trace.within(bundle)
        asked = partial(_asked, plan.kind)
        judged = self.telling.tell(self.judge(bundle, kind=plan.kind), mapped.issues, trace, asked)
        return Translated(
            plan.kind,
            _each_once(self.telling.once(mapped.issues, every=every), _placed(judged, record)),
            record,
            bundle,
            mapped.identifier["value"],
            mapped.person,
            mapped.event,
        )

    def judge(self, resource: JsonObject, *, kind: str | None = None, profiles: Sequence[str] = ()) -> Outcome:
        """Structure, profiles and terminology, then the information standard of this kind of document."""
        outcome = self.validator.validate(resource, profiles=profiles)
        if kind in STANDARDS and resource.get("type") == "document":
            from interop import completeness

            outcome += Outcome.of(completeness.score(resource, _standard(STANDARDS[kind])).issues)
        return outcome

    def read(self, data: bytes, content_type: str) -> JsonObject:
        """Bytes as a resource. Raises ContentError: ``content-type`` not ours, not JSON or XML, not a resource."""
        media = content_type.partition(";")[0].strip().lower()
        if media in XML_TYPES:
            return xml_codec.decode(data, self.definitions)
        if media not in JSON_TYPES:
            wanted = ", ".join((FHIR_JSON, FHIR_XML))
            raise ContentError(f"content type {media or 'none'!r} is not one of {wanted}", code="content-type")
        resource = loads(data)
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            raise ContentError(
                "not a FHIR resource: it has no resourceType",
                code="not-a-resource",
                hint="send one resource as an object",
            )
        return resource

    def check(self, data: bytes, content_type: str, wanted: str, profiles: Sequence[str] = ()) -> Outcome:
        """A resource of the type ``wanted``, judged. Raises ContentError when the bytes cannot be read."""
        resource = self.read(data, content_type)
        found = resource["resourceType"]
        if found != wanted:
            return Outcome.of(
                [Issue("resource-type", f"found {found}, the address asks for {wanted}", expression=found)]
            )
        return located(self.judge(resource, profiles=profiles), data, content_type)

    def judge_bytes(self, data: bytes, *, name: str, profiles: Sequence[str] = ()) -> Outcome:
        """A file as it came, JSON or XML by its first character. Unreadable bytes are a fatal finding.

        Each finding has its line and column.
        """
        content_type = FHIR_XML if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else FHIR_JSON
        outcome = self.validator.validate(data, profiles=profiles, content_type=content_type)
        return located(outcome, data, content_type)

    def back(self, name: str, bundle: JsonObject) -> LocalRecord:
        """The Bundle in somebody's own format: the mapping run backwards. Raises ContentError for anything else."""
        kind = bundle.get("resourceType") if isinstance(bundle, dict) else None
        if kind != "Bundle":
            text = f"found {kind or 'no resource'}, a mapping run backwards wants a Bundle"
            raise ContentError(text, code="not-a-bundle", hint="give it the document, or the message that carries it")
        return self.mapping(name).reverse(bundle)


@cache
def _standard(identifier: str) -> Standard:
    from interop import completeness

    return completeness.standard(identifier)


def _asked(kind: str, issue: Issue) -> Asked | None:
    """What a finding of the standard of this kind of document asks for; None for other findings."""
    from interop.mapping import Asked

    if kind not in STANDARDS or not issue.code.startswith("completeness-"):
        return None
    for section in _standard(STANDARDS[kind]).sections:
        if not issue.text.startswith(section.title):
            continue
        for field in section.fields:
            if f"“{field.name}” is missing" in issue.text and field.test is not None:
                return Asked(on=field.test.on, expression=field.test.expression)
        if issue.text[len(section.title) :].startswith((" is missing", ": nothing is recorded")):
            return Asked(codes=frozenset(section.codes))
    return None


def _with_findings(records: Stream) -> Iterator[tuple[SourceRecord | None, Outcome]]:
    """Each record with what is odd about its files, and None with what is wrong about them.

    The next record is fetched before one is given, so that what is found at the end of a file has a record to go with.
    """
    record = next(records, None)
    about = Outcome.of(records.news())
    if record is None or not about.ok:
        yield None, about
        about = Outcome()
    while record is not None:
        following = next(records, None)
        news = Outcome.of(records.news())
        if not news.ok:
            yield None, news
            news = Outcome()
        if following is None:
            about, news = about + news, Outcome()
        yield record, about
        record, about = following, news


def _placed(judged: Outcome, record: SourceRecord) -> Iterator[Issue]:
    """The findings of judging; one about the Bundle as a whole points at the record it was made of."""
    for issue in judged:
        yield issue if issue.source is not None else replace(issue, source=record.pointer(()))


def _each_once(mapped: Iterable[Issue], judged: Iterable[Issue]) -> Outcome:
    """A fault found while mapping and again while judging is one fault: the mapping's words are nearer the cell.

    Different faults of one place are all told, so that nobody mends one to hear of the next.
    """
    issues: dict[tuple[str, str, str], Issue] = {}
    told: set[tuple[str, str]] = set()
    for issue in mapped:
        place = str(issue.source) if issue.source else issue.expression
        if issue.severity is not Severity.INFORMATION:
            told.add((issue.code, place))
        issues.setdefault((issue.code, place, issue.text), issue)
    for issue in judged:
        place = str(issue.source)
        if issue.severity is Severity.INFORMATION or (issue.code, place) not in told:
            issues.setdefault((issue.code, place, issue.text), issue)
    return Outcome.of(issues.values())
