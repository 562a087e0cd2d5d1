"""The judge: any FHIR R4 resource in, everything found about it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from interop.definitions import Definitions
from interop.errors import ContentError
from interop.json_codec import Json, JsonObject, loads
from interop.outcome import Issue, Outcome, Severity
from interop.validation.codes import Vocabulary
from interop.validation.element_order import order_issues
from interop.validation.item import Item
from interop.validation.knowledge import Knowledge
from interop.validation.markup import markup_issues
from interop.validation.other_version import of_its_version
from interop.validation.policy import Policy
from interop.validation.run import Run
from interop.xml_codec import decode

_NOTHING_FOUND = Outcome()
_DEPTH = "nested too deep to be checked"


class Validator:
    """Validates against R4, against what ``meta.profile`` claims and against profiles asked for.

    Everything is compiled when first needed and kept; one validator serves many resources. Without ``terminology``
    bindings are answered "could not tell". ``house_rules=False`` leaves out what FHIR itself does not ask.
    ``at_a_glance=False`` looks closely even at what is right beyond doubt: many times slower, the same answers.
    """

    def __init__(
        self,
        definitions: Definitions,
        terminology: Vocabulary | None = None,
        *,
        policy: Policy | None = None,
        house_rules: bool | None = None,
        at_a_glance: bool = True,
    ):
        chosen = policy or Policy()
        if house_rules is not None:
            chosen = replace(chosen, house_rules=house_rules)
        self._definitions = definitions
        self._knowledge = Knowledge(definitions, terminology, chosen, at_a_glance=at_a_glance)

    def validate(
        self,
        resource: JsonObject | bytes,
        *,
        profiles: Sequence[str] = (),
        content_type: str = "application/fhir+json",
    ) -> Outcome:
        """Everything found, in the order of the resource, each finding once. Never raises on any input.

        Bytes are read as the content type says (anything with ``xml`` in it is XML). What cannot be read at all
        is one fatal issue.
        """
        from_xml = isinstance(resource, bytes | bytearray) and "xml" in content_type
        if isinstance(resource, bytes | bytearray):
            try:
                resource = self._read(bytes(resource), content_type)
            except ContentError as fault:
                return Outcome.of([_unreadable(fault)])
        if not isinstance(resource, dict):
            text = f"found {_kind(resource)}, a FHIR resource is an object"
            return Outcome.of([Issue("resource-type", text, severity=Severity.FATAL)])
        try:
            issues = self._judge(resource, profiles)
            if from_xml:
                issues.extend(order_issues(resource, self._definitions))
            if self._knowledge.policy.markup_in_text is not None:
                issues.extend(markup_issues(resource, self._knowledge.policy.markup_in_text))
            found = of_its_version(issues, resource, content_type)
            return Outcome.of(dict.fromkeys(found)) if found else _NOTHING_FOUND
        except RecursionError:
            return Outcome.of([Issue("too-deep", _DEPTH, severity=Severity.FATAL, hint="flatten the structure")])

    def describe(self, canonical: str) -> Iterator[str]:
        """What a type or profile will be checked for, a line each. Empty when it is unknown."""
        if self._knowledge.schemas.knows(canonical):
            yield from self._knowledge.schemas[canonical].describe()
            return
        branch = self._knowledge.profiles.branch(canonical)
        if branch is not None:
            yield from branch.describe()

    def _read(self, data: bytes, content_type: str) -> Json:
        if "xml" in content_type:
            return decode(data, self._definitions)
        return loads(data)

    def _judge(self, resource: JsonObject, profiles: Sequence[str]) -> list[Issue]:
        run = Run(self._knowledge)
        kind = resource.get("resourceType")
        run.resource(resource, (None, "", None, None), None)
        if profiles and isinstance(kind, str) and self._knowledge.is_resource_type(kind):
            item = Item(resource, resource, kind, (None, kind, None, kind))
            scope = run.scope_of(resource)
            for canonical in profiles:
                found = run.conform(item, canonical, scope)
                known = self._knowledge.profiles.branch(canonical) is not None
                # Who asks for a profile wants its answer: not having looked is neither yes nor no.
                run.extend(found if known else (replace(issue, severity=Severity.FATAL) for issue in found))
        run.close()
        return run.issues


def _unreadable(fault: ContentError) -> Issue:
    place = f"{fault.where}: " if fault.where else ""
    line, col = fault.at or (None, None)
    return Issue(fault.code, f"{place}{fault.text}", severity=Severity.FATAL, hint=fault.hint, line=line, col=col)


def _kind(value: Json) -> str:
    return "nothing" if value is None else f"a JSON {type(value).__name__}"
