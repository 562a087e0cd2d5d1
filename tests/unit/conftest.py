"""The two sample documents and a builder for small ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from interop.json_codec import Json, JsonObject, loads

CASES = Path(__file__).parents[1] / "cases"


@pytest.fixture
def red_bag() -> JsonObject:
    """Edith Ashworth's transfer summary."""
    return loads((CASES / "reading" / "red-bag.json").read_bytes())


@pytest.fixture
def discharge() -> JsonObject:
    """Edith Ashworth's discharge summary."""
    return loads((CASES / "reading" / "discharge.json").read_bytes())


@pytest.fixture
def build() -> Callable[..., JsonObject]:
    """``build(resource, …, sections=[(code, [indexes], emptyReason)])``: a document Bundle of these resources."""

    def made(*resources: JsonObject, sections: list[tuple[str, list[int], str | None]] | None = None) -> JsonObject:
        urls = [f"urn:uuid:00000000-0000-0000-0000-{number:012}" for number in range(len(resources))]
        nodes: list[Json] = []
        for code, entries, empty in sections or []:
            node: JsonObject = {"title": code, "code": {"coding": [{"code": code}]}}
            if entries:
                node["entry"] = [{"reference": urls[index]} for index in entries]
            if empty:
                node["emptyReason"] = {"coding": [{"code": empty}]}
            nodes.append(node)
        composition = {"resourceType": "Composition", "date": "2026-11-14T02:30:00+00:00", "section": nodes}
        held = [{"fullUrl": url, "resource": resource} for url, resource in zip(urls, resources, strict=True)]
        return {"resourceType": "Bundle", "type": "document", "entry": [{"resource": composition}, *held]}

    return made
