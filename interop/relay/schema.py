"""The relay's tables. Plain SQL types only, so that SQLite and PostgreSQL read the same schema.

Every row that belongs to somebody carries ``organisation``, the tenant's ODS code. Times are UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

VERSION = 2
metadata = MetaData()
ODS = String(12)
ID = String(36)
BusinessIdentifier = String(500)
Sequence = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows itself only when the type is INTEGER


class Instant(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database. Refuses a datetime without a time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time needs a time zone, found {value.isoformat()}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _belongs() -> Column[str]:
    return Column("organisation", ODS, nullable=False)


store_facts = Table("store_facts", metadata, Column("name", String(40), primary_key=True), Column("value", Text))

message = Table(
    "message",
    metadata,
    Column("id", ID, primary_key=True),  # made of organisation and identifier: it is what keeps them unique
    _belongs(),
    Column("identifier", BusinessIdentifier, nullable=False),
    Column("kind", String(60), nullable=False),
    Column("person", String(64)),
    Column("content_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("replaces", BusinessIdentifier),
    Column("correlates", BusinessIdentifier),
    Column("wants_answer", Boolean, nullable=False),
    Column("fact_only", Boolean, nullable=False),  # written down, meant for nobody
    Column("created", Instant, nullable=False),
    Column("copy_of", ID),  # the message whose content this is for readers who may not see all of it
    Index("message_person", "organisation", "person", "kind"),
    Index("message_recent", "organisation", "created"),
)

# One row per destination and person. `head` is its oldest delivery still to send; `due` is when that may be tried, and
# while the lane is leased it is when the lease runs out: "due <= now" alone says a lane may be taken.
lane = Table(
    "lane",
    metadata,
    Column("id", Sequence, primary_key=True),
    _belongs(),
    Column("recipient", ODS, nullable=False),
    Column("key", String(100), nullable=False),
    Column("head", Sequence),
    Column("due", Instant),
    Column("token", String(32)),
    UniqueConstraint("organisation", "recipient", "key"),
    Index("lane_due", "due"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("message", ID, ForeignKey("message.id"), nullable=False),
    _belongs(),
    Column("recipient", ODS, nullable=False),
    Column("lane", Sequence, ForeignKey("lane.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created", Instant, nullable=False),
    Column("patience_from", Instant, nullable=False),  # when it was queued, or last replayed by a person
    Column("answer_by", Instant),
    Column("receipt", LargeBinary),
    UniqueConstraint("message", "recipient"),
    Index("delivery_lane", "lane", "state", "id"),
    Index("delivery_state", "organisation", "state"),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("delivery", Sequence, ForeignKey("delivery.id"), nullable=False),
    Column("token", String(32), nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("result", String(20)),  # delivered, refused, unreachable, unknown
    Column("reason", Text),
    Index("attempt_delivery", "delivery"),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("delivery", Sequence, ForeignKey("delivery.id"), nullable=False),
    Column("rung", String(30), nullable=False),
    Column("at", Instant, nullable=False),
    Column("code", String(20), nullable=False, default=""),
    Column("accepted", Boolean, nullable=False),
    Column("evidence", Text, nullable=False, default=""),
    UniqueConstraint("delivery", "rung", "code"),
)

destination = Table(
    "destination",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("recipient", ODS, primary_key=True),
    Column("paused_until", Instant),
    Column("reason", Text),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", ID, primary_key=True),  # made of sender, identifier and organisation: it is what keeps them unique
    Column("arrival", Sequence, nullable=False),  # order of arrival in this store
    _belongs(),
    Column("sender", ODS, nullable=False),
    Column("identifier", BusinessIdentifier, nullable=False),
    Column("kind", String(60), nullable=False),
    Column("person", String(64)),
    Column("correlates", BusinessIdentifier),
    Column("content_type", String(100), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("receipt", LargeBinary, nullable=False),
    Column("duplicates", Integer, nullable=False, default=0),
    Column("state", String(20), nullable=False),
    Column("due", Instant),  # when it may be taken; while leased, when the lease runs out; None: finished
    Column("token", String(32)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("finished_at", Instant),
    Column("reason", Text),
    Column("opened_at", Instant),
    Column("opened_by", String(200)),
    UniqueConstraint("arrival"),
    Index("inbox_due", "due"),
    Index("inbox_person", "organisation", "person", "state", "arrival"),
)

# No unique constraint on purpose: a duplicate effect must be countable, not impossible to write down.
effect = Table(
    "effect",
    metadata,
    Column("id", Sequence, primary_key=True),
    _belongs(),
    Column("sender", ODS, nullable=False),
    Column("identifier", BusinessIdentifier, nullable=False),
    Column("name", String(60), nullable=False),
    Column("applied_at", Instant, nullable=False),
    Index("effect_of", "organisation", "sender", "identifier", "name"),
)

event = Table(
    "event",
    metadata,
    Column("id", Sequence, primary_key=True),
    _belongs(),
    Column("code", String(60), nullable=False),
    Column("person", String(64), nullable=False),
    Column("occurred", Instant, nullable=False),
    Column("observed", Instant, nullable=False),
    Column("source", BusinessIdentifier, nullable=False),
    UniqueConstraint("organisation", "code", "source"),
)

obligation = Table(
    "obligation",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("event", Sequence, ForeignKey("event.id"), nullable=False),
    _belongs(),
    Column("person", String(64), nullable=False),
    Column("owes", String(60), nullable=False),
    Column("owed_to", String(60), nullable=False),  # as the rule says it: a role or an ODS code
    Column("recipient", ODS),  # None: nobody holds the role yet
    Column("since", Instant, nullable=False),
    Column("due", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("kept_at", Instant),
    Column("kept_by", ID, ForeignKey("message.id")),
    Column("late_raised", Boolean, nullable=False, default=False),
    UniqueConstraint("event", "owes", "owed_to", "recipient"),
    Index("obligation_open", "state", "organisation", "person"),
)

person = Table(
    "person",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("family", String(200)),
    Column("birth_date", Date),
    Column("standing", String(20), nullable=False),
    Column("changed", Instant, nullable=False),
)

circle = Table(
    "circle",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("role", String(60), primary_key=True),
    Column("member", ODS, primary_key=True),
    Column("since", Instant, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", ID, primary_key=True),
    _belongs(),
    Column("mapping", String(200), nullable=False),
    Column("key", String(200), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # of the mapping, the key and the files
    Column("state", String(20), nullable=False),
    Column("issues", Text, nullable=False),
    Column("recipients", Text, nullable=False),
    Column("created", Instant, nullable=False),
    Column("replayed_at", Instant),
    Column("replayed_as", ID, ForeignKey("message.id")),
    Column("replayed_by", String(200)),
    Column("reason", Text),
    Index("quarantine_state", "organisation", "state", "fingerprint"),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Sequence, primary_key=True),
    _belongs(),
    Column("code", String(60), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("cleared_by", String(200)),
    Index("alarm_open", "organisation", "cleared_at", "code", "subject"),
)

audit = Table(
    "audit",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("number", Sequence, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("detail", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    sqlite_with_rowid=False,
)
