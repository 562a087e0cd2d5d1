"""Every digest is taken again, every chain followed, every reference looked up."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from interop.relay.checking import Check
from interop.relay.inbox import Inbox
from interop.relay.original_file import OriginalFile
from interop.relay.originals import Making, Originals
from interop.relay.outbox import Outbox
from interop.relay.schema import audit, inbox
from interop.relay.schema import message as messages
from interop.relay.schema_originals import original, original_piece


@pytest.fixture
def filled(store, message, received, clock):
    item = message()
    file = OriginalFile.of("residents.csv", b"Resident ID\r\nRH-014\r\n", "text/csv")
    Outbox(store).put(item, ["RXE99"])
    Originals(store).cite("VNX01", item.id, Making("care-home/red-bag", "1", "RH-014", clock(), (file,)))
    Inbox(store).receive(received())
    return store


def test_a_sound_store_has_nothing_to_tell(filled):
    check = Check(filled)
    assert list(check) == []
    assert dict(check.looked_at) == {"audit chains": 2, "messages": 1, "received": 1, "originals": 1}


@pytest.mark.parametrize(
    ("table", "values", "code"),
    [
        (original_piece, {"body": b"tampered"}, "original-damaged"),
        (original, {"size": 1}, "original-damaged"),
        (messages, {"body": b"tampered"}, "message-damaged"),
        (inbox, {"body": b"tampered"}, "message-damaged"),
        (audit, {"actor": "somebody else"}, "audit-broken"),
    ],
    ids=["an original", "its size", "a message", "a received message", "the audit"],
)
def test_what_was_changed_is_named(filled, table, values, code):
    one = table.c.organisation == ("RXE99" if table is inbox else "VNX01")
    filled.write(lambda connection: connection.execute(update(table).where(one).values(**values)))
    assert [damage.issue.code for damage in Check(filled)] == [code]


def test_a_reference_that_leads_nowhere_is_named(filled):
    with filled.reading() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("DELETE FROM original_piece")
        connection.exec_driver_sql("DELETE FROM original")
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("BEGIN")
    assert [(damage.issue.code, damage.subject) for damage in Check(filled)] == [
        ("reference-broken", "message_original")
    ]
