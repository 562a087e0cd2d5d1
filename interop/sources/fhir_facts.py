"""What the XML reader must know of STU3's elements: R4's definitions, and a table of what STU3 had otherwise.

No STU3 definitions are needed: most elements have one type and one cardinality in both versions. The table
(``stu3_elements.json``) names the others, ``name:type`` or ``name:type*`` for a list, so that an element that may
repeat is a list in the tree even where a file gives it once.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from interop.definitions import Definitions

_RESOURCE = "DomainResource"
_PART = "BackboneElement"


class Stu3Facts:
    """The children of STU3's types, for ``interop.xml_codec``."""

    def __init__(self, definitions: Definitions):
        self._r4 = definitions
        self._own = _table()

    def child(self, type_name: str, element_name: str) -> tuple[str, bool] | None:
        """The type code of a child element and whether it repeats in STU3; None when nobody knows it."""
        own = self._own.get(type_name, {}).get(element_name)
        if own is not None:
            return own
        found = self._r4.child(type_name, element_name)
        if found is None and type_name in self._own:
            found = self._r4.child(_PART if "." in type_name else _RESOURCE, element_name)
        return found

    def order(self, type_name: str) -> tuple[str, ...]:
        """Reading asks for no order."""
        return ()


@cache
def _table() -> dict[str, dict[str, tuple[str, bool]]]:
    raw: dict[str, str] = json.loads(files("interop.sources").joinpath("stu3_elements.json").read_text("utf-8"))
    return {type_name: dict(map(_fact, text.split())) for type_name, text in raw.items()}


def _fact(text: str) -> tuple[str, tuple[str, bool]]:
    name, _, type_code = text.partition(":")
    return name, (type_code.removesuffix("*"), type_code.endswith("*"))
