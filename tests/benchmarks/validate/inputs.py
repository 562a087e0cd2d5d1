"""What the benchmark validates: made from the shipped examples by the shipped mapping, so nothing else is needed.

Each file has one resource a line, alike in shape and different in every identity and narrative: whoever remembers
what was judged before has little use of it, as with real traffic.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from interop.catalogue import Catalogue, shipped
from interop.json_codec import dumps, loads
from interop.translator import Translator

CARE_PLANS, BUNDLES = 3000, 60
_NOW = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)
_UUID_HEAD = re.compile(r"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-)")


def write(folder: Path) -> None:
    """``careplan.ndjson``, ``bundle-50.ndjson`` and ``careplan.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    resources = [entry["resource"] for entry in _red_bag()["entry"]]
    plans = [resource for resource in resources if resource["resourceType"] == "CarePlan"]
    plan = max(plans, key=lambda resource: len(dumps(resource)))
    (folder / "careplan.json").write_bytes(dumps(plan))
    _lines(folder / "careplan.ndjson", plan, CARE_PLANS)
    _lines(folder / "bundle-50.ndjson", _collection(resources), BUNDLES)


def chain(entries: int) -> dict[str, Any]:
    """A Bundle in which every entry refers to another one."""
    base = "https://records.example/fhir"
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {
                "fullUrl": f"{base}/Condition/c{number}",
                "resource": {
                    "resourceType": "Condition",
                    "id": f"c{number}",
                    "code": {"text": f"Condition {number}"},
                    "subject": {"reference": f"{base}/Patient/p{number % 100}"},
                    "evidence": [{"detail": [{"reference": f"{base}/Condition/c{number * 7919 % entries}"}]}],
                },
            }
            for number in range(entries)
        ],
    }


def _red_bag() -> dict[str, Any]:
    folder = shipped("examples") / "red-bag-journey" / "care-home"
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    found = next(iter(Translator(Catalogue()).translate("care-home/red-bag", files, now=_NOW)))
    assert found.bundle is not None
    return found.bundle


def _collection(resources: list[dict[str, Any]]) -> dict[str, Any]:
    chosen = [resource for resource in resources if resource["resourceType"] != "Composition"][:50]
    entries = [{"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in chosen]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _lines(path: Path, resource: dict[str, Any], count: int) -> None:
    text = dumps(_without_profiles(resource)).decode()
    path.write_text("".join(f"{_variant(text, number)}\n" for number in range(count)), encoding="utf-8")


def _variant(text: str, number: int) -> str:
    renamed = _UUID_HEAD.sub(lambda found: sha256(f"{number} {found[0]}".encode()).hexdigest()[:8], text)
    return renamed.replace("</caption>", f" {number}</caption>")


def _without_profiles(resource: dict[str, Any]) -> Any:
    """Without ``meta.profile``: no peer has our profiles, and each shall judge the same."""
    plain = loads(dumps(resource))
    for part in (plain, *(entry["resource"] for entry in plain.get("entry", ()))):
        meta = part.get("meta", {})
        meta.pop("profile", None)
        if not meta:
            part.pop("meta", None)
    return plain
