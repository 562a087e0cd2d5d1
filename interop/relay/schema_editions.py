"""The tables of what follows from documents: which edition stands, what was done about it, when to look again."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from interop.relay.schema import ID, ODS, Instant, metadata

# One row an edition of a document that people change in turn. `series` is an opaque key of the document over all its
# editions. The primary key is what makes two editors of one edition two different outcomes.
edition = Table(
    "edition",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("series", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", ID, nullable=False),  # a message's id, or an inbox entry's where others made the edition
    Column("editor", String(200), nullable=False),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("organisation", "document"),
)

# What a rule about content wanted done: once, whatever happens. The key is the rule's own, made opaque.
consequence = Table(
    "consequence",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("kind", String(60), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("message", ID, ForeignKey("message.id")),  # None: it raised an alarm and sent nothing
    Column("cause", ID, nullable=False),  # the message or inbox entry whose content asked for it
    Column("person", String(64)),
    Column("done_at", Instant, nullable=False),
    Index("consequence_of", "organisation", "cause"),
)

# When a rule wants to see a person's newest document of a kind again because time alone may change its answer.
watch = Table(
    "watch",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("kind", String(60), primary_key=True),
    Column("rule", String(60), primary_key=True),
    Column("due", Instant, nullable=False),
    Index("watch_due", "due"),
)
