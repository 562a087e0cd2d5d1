"""The chain holds, and breaks exactly where it was touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interop.trust.audit import BEGINNING, Entry, seal, verify

AT = datetime(2026, 11, 14, 2, 10, 0, 123456, tzinfo=UTC)


def _chain(length: int) -> list[tuple[Entry, str]]:
    chain, previous = [], BEGINNING
    for number in range(1, length + 1):
        entry = Entry(number, AT + timedelta(seconds=number), "joseph", "message-accepted", f"m{number}", '{"a": 1}')
        previous = seal(previous, entry)
        chain.append((entry, previous))
    return chain


def test_an_untouched_chain_holds():
    assert verify(_chain(5)) is None
    assert verify([]) is None


CHANGES = {
    "at": AT,
    "actor": "somebody",
    "action": "message-replayed",
    "subject": "m0",
    "detail": "{}",
}


@pytest.mark.parametrize("field", CHANGES)
def test_no_field_can_be_changed(field):
    chain = _chain(4)
    entry, sealed = chain[1]
    chain[1] = (replace(entry, **{field: CHANGES[field]}), sealed)
    fault = verify(chain)
    assert (fault.number, "was changed" in fault.text) == (2, True)


def test_resealing_one_entry_shows_in_the_next():
    chain = _chain(4)
    forged = replace(chain[1][0], actor="somebody")
    chain[1] = (forged, seal(chain[0][1], forged))
    assert verify(chain).number == 3


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_an_entry_taken_out_is_missed(gone):
    chain = _chain(4)
    del chain[gone]
    fault = verify(chain)
    assert (fault.number, "missing" in fault.text) == (gone + 1, True)


def test_entries_cannot_change_places():
    chain = _chain(4)
    chain[1], chain[2] = chain[2], chain[1]
    assert verify(chain).number == 2


def test_the_same_moment_in_another_zone_is_the_same_entry():
    entry = _chain(1)[0][0]
    elsewhere = replace(entry, at=entry.at.astimezone(timezone(timedelta(hours=1))))
    assert seal(BEGINNING, entry) == seal(BEGINNING, elsewhere)


@given(one=st.tuples(st.text(), st.text()), other=st.tuples(st.text(), st.text()))
def test_fields_cannot_run_into_each_other(one, other):
    hashes = {seal(BEGINNING, Entry(1, AT, actor, action, "s")) for actor, action in (one, other)}
    assert len(hashes) == len({one, other})
