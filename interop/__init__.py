"""Map, validate and relay UK health and social care records as FHIR R4.

>>> import interop
>>> mapping = interop.load_mapping("care-home/red-bag")
>>> outcome = interop.validate(b'{"resourceType": "Patient", "gender": "F"}')

Everything is imported when first used, so that ``import interop`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interop.api import assemble, inbox, load_mapping, map_record, open_node, send, validate, validator
    from interop.client import NodeClient
    from interop.errors import InteropError
    from interop.models import typed
    from interop.outcome import Issue, Outcome, Severity, Verdict
    from interop.validation import Validator

_HOME = {
    "assemble": "interop.api",
    "inbox": "interop.api",
    "load_mapping": "interop.api",
    "map_record": "interop.api",
    "open_node": "interop.api",
    "send": "interop.api",
    "typed": "interop.models",
    "validate": "interop.api",
    "validator": "interop.api",
    "InteropError": "interop.errors",
    "Issue": "interop.outcome",
    "NodeClient": "interop.client",
    "Outcome": "interop.outcome",
    "Severity": "interop.outcome",
    "Validator": "interop.validation",
    "Verdict": "interop.outcome",
}

__all__ = [
    "InteropError",
    "Issue",
    "NodeClient",
    "Outcome",
    "Severity",
    "Validator",
    "Verdict",
    "assemble",
    "inbox",
    "load_mapping",
    "map_record",
    "open_node",
    "send",
    "typed",
    "validate",
    "validator",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'interop' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
