"""A document as its reader sees it: the one reading shared by pages, reconciliation and completeness.

Nothing here fails on odd data and nothing is guessed: a fact is stated by the document or it is None.
"""

from interop.reading.document import Document, Section
from interop.reading.presence import Presence, presence

__all__ = ["Document", "Presence", "Section", "presence"]
