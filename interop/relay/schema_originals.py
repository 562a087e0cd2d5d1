"""The tables of what came to us and was kept as it came: each file once, cited by whatever was made from it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from interop.relay.schema import ID, ODS, BusinessIdentifier, Instant, Sequence, metadata

Sha256 = String(64)
FileName = String(255)


def _to_original() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["organisation", "sha256"], ["original.organisation", "original.sha256"])


# One row a file and organisation, however many messages cite it. Two tenants that hold the same bytes hold them twice:
# that somebody else has a file is nothing a tenant may learn, not even from a digest.
original = Table(
    "original",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("sha256", Sha256, primary_key=True),
    Column("size", Sequence, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("whole", Boolean, nullable=False),  # every piece is here, and together they have the digest
    Column("cited", Boolean, nullable=False),  # something was made from it; what nothing cites may go
    Index("original_uncited", "cited", "stored_at"),
)

# A large file comes in pieces, so that neither storing nor reading it ever holds it whole.
original_piece = Table(
    "original_piece",
    metadata,
    Column("organisation", ODS, primary_key=True),
    Column("sha256", Sha256, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    _to_original(),
)

# How a message was made, each time the same message was made from other files anew.
provenance = Table(
    "provenance",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("organisation", ODS, nullable=False),
    Column("message", ID, ForeignKey("message.id"), nullable=False),
    Column("mapping", String(200), nullable=False),
    Column("version", String(40), nullable=False),  # the mapping's own
    Column("record", BusinessIdentifier, nullable=False),  # what the sender calls the record in the files
    Column("mapped_at", Instant, nullable=False),
    Column("originals", Sha256, nullable=False),  # digest over the names and digests of all its files
    UniqueConstraint("message", "originals"),
)

message_original = Table(
    "message_original",
    metadata,
    Column("provenance", Sequence, ForeignKey("provenance.id"), primary_key=True, autoincrement=False),
    Column("name", FileName, primary_key=True),
    Column("organisation", ODS, nullable=False),
    Column("sha256", Sha256, nullable=False),
    _to_original(),
    Index("message_original_of", "organisation", "sha256"),
)

quarantined_file = Table(
    "quarantined_file",
    metadata,
    Column("quarantine", ID, ForeignKey("quarantine.id"), primary_key=True),
    Column("name", FileName, primary_key=True),
    Column("organisation", ODS, nullable=False),
    Column("sha256", Sha256, nullable=False),
    _to_original(),
    Index("quarantined_file_of", "organisation", "sha256"),
)
