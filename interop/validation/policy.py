"""What a finding weighs where FHIR leaves the choice to whoever validates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interop.outcome import Issue, Severity
from interop.validation.item import Item

_HL7 = "http://hl7.org/fhir/StructureDefinition/"
OBLIGATIONS = frozenset(
    {
        *(f"{_HL7}{name}" for name in ("obligation", "obligation-profile-flag", "inherit-obligations")),
        "http://hl7.org/fhir/tools/StructureDefinition/obligation",
        "http://hl7.org/fhir/tools/StructureDefinition/obligation-profile",
    }
)
"""Extensions by which later packages say on R4 profiles what systems are obliged to do: no rule about instances."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Choices, each with the default of a receiver: what is unknown is told and does not stop a message.

    house_rules        check digits of UK identifiers and other rules FHIR itself does not make
    unknown_extension  an extension whose definition is not loaded
    unknown_profile    a profile that a profile asks for and that is not loaded
    open_domains       extensions and profiles below these URLs may be unknown in any case
    wrong_display      a display text that is not one of the code's own
    beyond_text        what HL7's own validator refuses although R4's text does not forbid it: relative canonicals,
                       relative references out of a Bundle entry without fullUrl
    believe_references whether the type a reference names (``Group/12``) counts where its target is not at hand
    markup_in_text     strings that hold HTML tags: dangerous where a display trusts them; None: not looked for
    publishing         the definitions are about to be published by HL7, which then has rules of its own
    """

    house_rules: bool = True
    unknown_extension: Severity = Severity.WARNING
    unknown_profile: Severity = Severity.WARNING
    open_domains: tuple[str, ...] = ()
    wrong_display: Severity = Severity.WARNING
    beyond_text: Severity = Severity.WARNING
    believe_references: bool = True
    markup_in_text: Severity | None = None
    publishing: bool = False

    def unknown_extension_issue(self, url: str, item: Item) -> Iterable[Issue]:
        """What to say of an extension nobody here knows. A modifier nobody knows cannot be passed over."""
        if url in OBLIGATIONS:
            text = f"{url} says what a system must do with the element; data cannot show whether it does"
            return (Issue("obligation-not-checked", text, item.expression, Severity.INFORMATION),)
        if item.place[1] == "modifierExtension":
            text = f"modifier extension {url} is not known, so what it changes is not known either"
            severity = max(self.unknown_extension, Severity.WARNING, key=_weight)
        else:
            text = f"the definition of extension {url} is not loaded, so it could not be checked"
            severity = self.unknown_extension
        if any(url.startswith(domain) for domain in self.open_domains):
            severity = Severity.INFORMATION
        return (Issue("extension-unknown", text, item.expression, severity, hint="load the package that defines it"),)


def _weight(severity: Severity) -> int:
    return list(reversed(Severity)).index(severity)
