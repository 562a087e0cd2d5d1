"""The record as it came, for an attachment: ``$original`` and ``$file``."""

from __future__ import annotations

import base64

from interop import json_codec
from interop.sources import SourceRecord, hl7v2


def original(record: SourceRecord, *, whole_file: bool) -> str:
    """The record in base64: its file, or the record alone (an HL7 v2 message as text, anything else as JSON)."""
    if whole_file and len(record.files) == 1:
        data = record.files[0].data
    elif isinstance(record.tree, dict) and "MSH" in record.tree:
        data = hl7v2.write(record.tree).encode()
    else:
        data = json_codec.dumps(record.tree)
    return base64.b64encode(data).decode()
