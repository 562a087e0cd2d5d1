"""Every rule meets values of the wrong shape where its case has the right one, and never raises.

A few places of each case in every run, the same each time; ``INTEROP_FULL_TESTS=1`` takes all places and values.
"""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest

from interop.definitions import Definitions
from interop.json_codec import Json, loads
from interop.outcome import Outcome
from interop.terminology import Terminology
from interop.validation import Validator

CASES = Path(__file__).parents[2] / "cases" / "validation"
FULL = bool(os.environ.get("INTEROP_FULL_TESTS"))
PLACES = 4
ODD: list[Json] = [[], {}, [{}], [["x"]], {"a": [1]}, 5, None, "x", True]


def places(node: Json, holder: Json = None, key: Any = None) -> list[tuple[Json, Any]]:
    """(container, key) of every value below the root."""
    found = [(holder, key)] if holder is not None else []
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in members:
        found += places(value, node, name)
    return found


@pytest.mark.parametrize("name", sorted(file.name for file in CASES.glob("*.json")))
def test_a_value_of_the_wrong_shape_is_judged(name: str) -> None:
    content = loads((CASES / name).read_bytes())
    known = Definitions.core().with_resources(content.get("definitions", []))
    judge = Validator(known, Terminology(known))
    chance = random.Random(name)  # noqa: S311  not for secrets
    for case in content["cases"]:
        resource = case["resource"]
        spots = range(len(places(resource)))
        chosen = spots if FULL else sorted(chance.sample(spots, min(len(spots), PLACES)))
        for number in chosen:
            for value in ODD if FULL else [chance.choice(ODD)]:
                damaged = copy.deepcopy(resource)
                holder, key = places(damaged)[number]
                holder[key] = copy.deepcopy(value)
                assert isinstance(judge.validate(damaged, profiles=case.get("profiles", ())), Outcome)
