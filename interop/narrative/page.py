"""The page for a document, whichever kind it is: one line a kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from interop.errors import ContentError
from interop.json_codec import JsonObject
from interop.narrative.adjustments_page import adjustments_page
from interop.narrative.assessment_page import assessment_page
from interop.narrative.checkpoints_page import checkpoints_page
from interop.narrative.cohort_page import cohort_page
from interop.narrative.delegation_page import delegation_page
from interop.narrative.diary_page import diary_page
from interop.narrative.discharge_page import discharge_page
from interop.narrative.easy_read import easy_read_page
from interop.narrative.end_of_life_page import end_of_life_page
from interop.narrative.front_sheet import front_sheet
from interop.narrative.full_pack import full_pack
from interop.narrative.hub_page import hub_page
from interop.narrative.meeting_page import meeting_page
from interop.narrative.notice_page import notice_page
from interop.narrative.plain import plain_text
from interop.narrative.plan_page import plan_page
from interop.narrative.presentation import STANDARD, Form, Presentation
from interop.narrative.safeguarding_page import safeguarding_page
from interop.narrative.sharing_page import sharing_page
from interop.narrative.sign_off_page import sign_off_page
from interop.narrative.stay_notice_page import stay_notice_page
from interop.narrative.transport_page import transport_page
from interop.narrative.web_page import web_page
from interop.reading import Document
from interop.reading.nodes import child, codings
from interop.reading.systems import DISCHARGE_SUMMARY, END_OF_LIFE_SUMMARY


class Page(Protocol):
    """Makes a whole HTML page out of a document Bundle."""

    def __call__(self, document: JsonObject, *, presentation: Presentation = STANDARD) -> str: ...


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page.

    name   what the command line calls it
    about  what it is, for the list of kinds
    make   the page
    codes  the Composition.type codes shown this way when nobody says otherwise
    many   it is about several people, so no one's allergies, CPR decision and communication stand first
    """

    name: str
    about: str
    make: Page
    codes: frozenset[str] = frozenset()
    many: bool = False


FULL_PACK = Kind("full-pack", "everything the document says, section by section", full_pack)
KINDS: tuple[Kind, ...] = (
    Kind("front-sheet", "the one page an ambulance crew reads in a minute", front_sheet, frozenset({"371535009"})),
    Kind("discharge", "home from hospital, in plain words", discharge_page, frozenset({DISCHARGE_SUMMARY})),
    Kind("checkpoints", "the red bag at its five checkpoints", checkpoints_page, frozenset({"bag-check", "item-lost"})),
    Kind(
        "plan", "a care and support plan: goals, actions, what to do on a bad day", plan_page, frozenset({"734163000"})
    ),
    Kind(
        "end-of-life",
        "what was decided for the end of life, who decides, where to be",
        end_of_life_page,
        frozenset({END_OF_LIFE_SUMMARY}),
    ),
    Kind(
        "stay-notice",
        "admitted, moved, discharged or cancelled, on one screen",
        stay_notice_page,
        frozenset({"stay-notice"}),
    ),
    Kind("assessment", "a trusted assessment as the home reads it", assessment_page, frozenset({"325931000000109"})),
    Kind("sign-off", "medicines to check and sign, line by line", sign_off_page, frozenset({"medicines-sign-off"})),
    Kind("crew", "what the crew has to know before it moves the person", transport_page, frozenset({"transport-plan"})),
    Kind("web-of-care", "everyone around the person, and what is missing", web_page, frozenset({"web-of-care"})),
    Kind(
        "notice",
        "what somebody must know or do, and the facts behind it",
        notice_page,
        frozenset({"coordinator-notice", "meeting-actions", "missed-visit", "visit-corrected", "delegation-refused"}),
    ),
    Kind("hub", "the board of a discharge hub: who holds the next action", hub_page, frozenset({"discharge-hub"})),
    Kind(
        "adjustments",
        "what has to be done differently for a person, and how to write for them",
        adjustments_page,
        frozenset({"accessible-information"}),
    ),
    Kind("meeting", "who met, what was said, who does what by when", meeting_page, frozenset({"mdt-meeting"})),
    Kind("diary", "visits planned, made, late and missed", diary_page, frozenset({"care-diary"})),
    Kind(
        "delegation",
        "healthcare tasks handed to care workers, and who may do them",
        delegation_page,
        frozenset({"delegation"}),
    ),
    Kind("ward", "a virtual ward or cohort: who is on it, and why", cohort_page, frozenset({"ward-list"}), many=True),
    Kind(
        "safeguarding",
        "a safeguarding record, for those allowed to see it",
        safeguarding_page,
        frozenset({"safeguarding-concern"}),
    ),
    Kind("sharing", "who may be told what about a person", sharing_page, frozenset({"sharing-consent"})),
    FULL_PACK,
)


def kind_of(document: JsonObject) -> Kind:
    """The kind of page for a document by its Composition.type; the full pack where we know no better."""
    types = {code for _, code in codings(child(Document.of(document).composition, "type"))}
    return next((kind for kind in KINDS if kind.codes & types), FULL_PACK)


def kind_named(name: str) -> Kind:
    """Raises ContentError for a name no kind of page has."""
    found = next((kind for kind in KINDS if kind.name == name), None)
    if found is None:
        names = ", ".join(kind.name for kind in KINDS)
        raise ContentError(f"no kind of page is called {name!r}", code="unknown-page", hint=f"choose one of: {names}")
    return found


def page(document: JsonObject, *, kind: str | None = None, presentation: Presentation = STANDARD) -> str:
    """A self-contained HTML page, or (Form.PLAIN_TEXT) words alone, of the kind named or else of the document's own.

    Every kind has every form: easy read is one telling for all kinds, and plain text says what the kind's page says.
    """
    made = kind_named(kind) if kind else kind_of(document)
    if presentation.form is Form.EASY_READ:
        return easy_read_page(document, presentation)
    shown = made.make(document, presentation=presentation)
    return plain_text(shown) if presentation.form is Form.PLAIN_TEXT else shown
