"""A safeguarding concern reaches the named lead once for each piece of news, and the notice gives nothing away."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from interop import narrative
from interop.catalogue import Catalogue
from interop.json_codec import JsonObject
from interop.narrative.page import page
from interop.practice.safeguarding import alert_lead
from interop.reading import Document
from interop.translator import Translator

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@cache
def translator() -> Translator:
    return Translator(Catalogue())


def record() -> JsonObject:
    return json.loads((ROOT / "examples" / "safeguarding" / "SG-2026-031.json").read_text(encoding="utf-8"))


def made(source: JsonObject) -> JsonObject:
    plan = translator().mapping("care-home/safeguarding")
    (found,) = plan.read({"record.json": json.dumps(source).encode()})
    return plan.apply(found, now=NOW).bundle()


def read(source: JsonObject) -> Document:
    return Document.of(made(source))


def test_a_new_concern_goes_to_the_organisation_of_the_named_lead() -> None:
    (told,) = alert_lead(None, read(record()), NOW)
    assert (told.kind, told.recipients) == ("safeguarding-concern", ("VNX77",))
    assert told.key == "SG-2026-031:raised"
    assert told.bundle["identifier"] != read(record()).bundle["identifier"]
    assert told.reason == "Concern SG-2026-031 raised: tell Helen Marsh."


def test_the_reason_holds_no_word_of_the_concern() -> None:
    (told,) = alert_lead(None, read(record()), NOW)
    for word in ("wrist", "bruis", "money", "drawer", "visitor", "Walt"):
        assert word not in told.reason
        assert word not in told.key


def test_the_same_record_again_is_no_news() -> None:
    assert alert_lead(read(record()), read(record()), NOW) == ()


def test_closed_and_changed_are_news_of_their_own() -> None:
    closed, changed = record(), record()
    closed["concern"] |= {"standing": "Closed", "closedOn": "2026-11-25T10:00"}
    changed["concern"]["summary"] = "Bruises on both wrists; the visitor is known now"
    for later, word in ((closed, "closed"), (changed, "changed")):
        (told,) = alert_lead(read(record()), read(later), NOW)
        assert word in told.key


def test_a_concern_that_was_closed_before_anybody_was_told_is_no_news() -> None:
    closed = record()
    closed["concern"] |= {"standing": "Closed", "closedOn": "2026-11-19T07:00"}
    assert alert_lead(None, read(closed), NOW) == ()


def test_a_lead_without_an_address_is_kept_and_somebody_has_to_ring() -> None:
    source = record()
    del source["lead"]["organisationCode"]
    (told,) = alert_lead(None, read(source), NOW)
    assert told.recipients == ()
    assert "ring them" in told.reason


def test_the_document_that_is_sent_is_valid() -> None:
    (told,) = alert_lead(None, read(record()), NOW)
    assert [str(issue) for issue in translator().judge(narrative.narrate(told.bundle)).errors] == []


def test_its_page_is_for_those_allowed_and_every_other_page_says_only_that_it_is_held() -> None:
    bundle = narrative.narrate(made(record()))
    own = page(bundle)
    assert "Only for those allowed to see it" in own
    assert "finger-shaped" in own
    assert "Helen Marsh</strong>, Safeguarding lead, adults, Elmbridge Council Adult Services" in own
    assert "OPEN" in own
    assert own.index("Only for those allowed") < own.index("Allergies")
    other = page(bundle, kind="full-pack")
    assert "finger-shaped" not in other
    assert "Restricted information is held by the sender" in other
