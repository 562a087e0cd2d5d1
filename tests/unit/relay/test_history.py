"""What became of a message, and the newest one of a kind about a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interop.relay.history import History
from interop.relay.inbox import Inbox
from interop.relay.outbox import Outbox

EDITH = "9990000018"


@pytest.fixture
def history(store):
    return History(store)


def _receive(store, received, identifier, effects=("filed",), **changes):
    inbox = Inbox(store)
    inbox.receive(received(identifier, recipients=("VNX01",), sender="RXE99", **changes))
    inbox.settle(inbox.claim(timedelta(minutes=1)), list(effects), lambda: None)


def test_stories_are_newest_first_and_can_be_narrowed(store, clock, history, message):
    for identifier, changes in (("a", {}), ("b", {"kind": "notice"}), ("c", {"person": "9990000026"})):
        Outbox(store).put(message(identifier, **changes), ["RXE99"])
        clock.forward(minutes=1)
    assert [story.identifier for story in history.stories("VNX01")] == ["c", "b", "a"]
    assert [story.identifier for story in history.stories("VNX01", kind="notice")] == ["b"]
    assert [story.identifier for story in history.stories("VNX01", person=EDITH)] == ["b", "a"]
    assert [story.identifier for story in history.stories("VNX01", limit=1)] == ["c"]


def test_the_latest_is_found_whether_it_was_sent_or_received(store, clock, history, message, received):
    start = clock()
    Outbox(store).put(message("sent", body=b"sent"), ["RXE99"])
    clock.forward(hours=1)
    _receive(store, received, "came", body=b"came")
    assert history.latest("VNX01", EDITH, "transfer-summary").body == b"came"
    assert history.latest("VNX01", EDITH, "transfer-summary", before=clock()).body == b"sent"
    assert history.latest("VNX01", EDITH, "transfer-summary", before=start) is None
    assert history.latest("VNX01", EDITH, "other-kind") is None
    assert history.latest("RXE99", EDITH, "transfer-summary") is None


def test_newest_means_what_it_describes_not_when_it_was_sent(store, clock, history, message):
    Outbox(store).put(message("today", body=b"today", as_of=clock()), ["RXE99"])
    Outbox(store).put(message("older", body=b"older", as_of=clock() - timedelta(days=9)), ["RXE99"])
    assert history.latest("VNX01", EDITH, "transfer-summary").body == b"today"


def test_what_was_received_but_not_settled_or_not_filed_does_not_count(store, history, received):
    _receive(store, received, "refused", effects=("refused",))
    assert history.latest("VNX01", EDITH, "transfer-summary", effect="filed") is None
    assert history.latest("VNX01", EDITH, "transfer-summary").body == received().body
    Inbox(store).receive(received("waits", recipients=("VNX01",), sender="RXE99", person="9990000026"))
    assert history.latest("VNX01", "9990000026", "transfer-summary") is None
