"""What the person needs to be able to read, hear and be understood, and how a page for them must therefore be set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from interop.json_codec import JsonObject
from interop.reading.alerts import Alert, alerts
from interop.reading.document import Document
from interop.reading.nodes import as_text, child, children, codings, extension_value
from interop.reading.systems import ALERT_DETAIL, ENDED_BECAUSE
from interop.reading.wording import concept

ENGLAND = "https://fhir.nhs.uk/England/CodeSystem"
ENGLAND_KIND = f"{ENGLAND}/England-FlagCategoryRA"
ENGLAND_CONSENT = f"{ENGLAND}/England-ConsentPurposeRA"
SHOWN = ("communication", "reasonable-adjustment")
"""Flag categories that may say how information has to be given."""

PRINT = {"957331000000109": 20, "957351000000102": 24, "957371000000106": 28}
"""SNOMED CT: requires written information in at least 20, 24, 28 point sans serif font."""
EASY_READ = {"796161000000101", "1082551000000100"}
"""Easyread; aphasia-accessible format, which asks for the same: few words, one idea a line.

The second stands so, with a wrong check digit, in the national list: read where others send it, never written."""
READ_ALOUD = {"936601000000105", "795801000000104", "795731000000104", "367741000000102", "985021000000106"}
"""Electronic audio, audio cassette, compact disc, verbally, read out by somebody: words in the order of a voice."""
PLAIN_TEXT = {"945751000000106", "936661000000109", "936681000000100", "936621000000101"}
"""Electronic downloadable format; Braille of both grades and Moon: a reader's own display sets plain text best."""
BEYOND_A_PAGE = {
    "936661000000109": "contracted Braille",
    "936681000000100": "uncontracted Braille",
    "936621000000101": "the Moon alphabet",
    "936641000000108": "Makaton",
    "415803005": "British Sign Language",
    "520471000000105": "British Sign Language",
    "795801000000104": "audio cassette",
    "795731000000104": "compact disc",
    "795691000000105": "digital versatile disc",
    "945691000000105": "a USB stick",
}
"""What no page gives by itself: somebody has to make it."""

_SIZE = re.compile(r"\b(16|20|24|28)[\s-]*(?:point|pt)\b", re.IGNORECASE)
_LARGE = re.compile(r"\blarge[\s-]?print\b", re.IGNORECASE)
_EASY = re.compile(r"\beasy[\s-]?read\b|\baphasia[\s-](?:accessible|friendly)\b", re.IGNORECASE)
_ALOUD = re.compile(r"\baudio\b|\bread (?:it |this )?(?:out|aloud)\b", re.IGNORECASE)
_PLAIN = re.compile(r"\bplain text\b|\bscreen[\s-]?reader\b|\bbraille\b", re.IGNORECASE)
LEAST_LARGE_PRINT = 16
"""Points: what "large print" means when nobody says a size."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a page for the person themself must be set; a page for those who work with them keeps its own.

    points      no letter smaller; the largest of all sizes recorded. None: no size is recorded
    plain_text  words alone, for a screen reader, a Braille display or a voice; ``audio``: it will be heard
    because     a sentence for each of these, saying which recorded need asks for it
    not_met     needs that no page can meet, so that somebody does something about them
    """

    points: int | None = None
    easy_read: bool = False
    plain_text: bool = False
    audio: bool = False
    because: tuple[str, ...] = ()
    not_met: tuple[str, ...] = ()


def presentation_wanted(document: Document) -> Wanted:
    """What the person's recorded needs ask of a page: only needs in force, and none that is restricted."""
    points, easy, plain, aloud = set[int](), False, False, False
    because, beyond = list[str](), list[str]()
    for alert in alerts(document, *SHOWN):
        if not alert.current or alert.restricted:
            continue
        asked = set(_asked(alert))
        points |= {size for size in asked if isinstance(size, int)}
        easy, plain, aloud = easy or "easy" in asked, plain or "plain" in asked, aloud or "aloud" in asked
        if asked:
            because.append(f"{(alert.words or 'A need').rstrip('.')}: recorded for this person.")
        beyond += [BEYOND_A_PAGE[code] for code in _codes(alert) if code in BEYOND_A_PAGE]
    said = tuple(f"Somebody has to provide {what}: a page cannot." for what in dict.fromkeys(beyond))
    return Wanted(max(points, default=None), easy, plain or aloud, aloud, tuple(dict.fromkeys(because)), said)


def _asked(alert: Alert) -> Iterator[int | str]:
    """The sizes and forms one need asks for: by its codes; in words only where its codes ask for nothing."""
    known = list(_by_code(alert))
    yield from known or _by_words(alert.words or "")


def _by_code(alert: Alert) -> Iterator[int | str]:
    for code in _codes(alert):
        if code in PRINT:
            yield PRINT[code]
        if code in EASY_READ:
            yield "easy"
        if code in READ_ALOUD:
            yield "aloud"
        if code in PLAIN_TEXT:
            yield "plain"


def _by_words(words: str) -> Iterator[int | str]:
    sizes = [int(size) for size in _SIZE.findall(words)]
    yield from sizes or ([LEAST_LARGE_PRINT] if _LARGE.search(words) else [])
    for form, pattern in (("easy", _EASY), ("aloud", _ALOUD), ("plain", _PLAIN)):
        if pattern.search(words):
            yield form


def _codes(alert: Alert) -> list[str]:
    return [code for _, code in codings(child(alert.resource, "code"))]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One thing done differently for the person.

    need      in words; ``detail`` what to do
    category  code of England-FlagCategoryRA; None where the sender gives none
    in_force  made now; else ``end`` and ``why_ended``, as far as the record says
    """

    need: str | None
    detail: str | None
    category: str | None
    since: str | None
    end: str | None
    in_force: bool
    why_ended: str | None
    resource: JsonObject


def adjustments(document: Document) -> list[Adjustment]:
    """Every adjustment and communication need, those in force first; none that is restricted."""
    found = [_adjustment(alert) for alert in alerts(document, *SHOWN) if not alert.restricted]
    return sorted(found, key=lambda one: not one.in_force)


def _adjustment(alert: Alert) -> Adjustment:
    flag = alert.resource
    kinds = [code for kind in children(flag, "category") for system, code in codings(kind) if system == ENGLAND_KIND]
    return Adjustment(
        need=concept(child(flag, "code")),
        detail=_words(flag, ALERT_DETAIL),
        category=next(iter(kinds), None),
        since=alert.start,
        end=alert.end,
        in_force=alert.current,
        why_ended=_words(flag, ENDED_BECAUSE),
        resource=flag,
    )


def _words(flag: JsonObject, url: str) -> str | None:
    found = extension_value(flag, url)
    return as_text(found[1]) if found else None
