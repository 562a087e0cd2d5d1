"""Large code systems and value sets kept on disk: the same answers, without reading the package's files again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interop.definitions import Cache, Definitions, Package
from interop.terminology import Terminology
from interop.terminology.kept import LARGE

SYSTEM, CODES, FILTERED, OTHERS = (f"https://example.org/{name}" for name in ("system", "codes", "filtered", "others"))
QUESTIONS = [
    (CODES, SYSTEM, "c1"),
    (CODES, SYSTEM, "C1"),
    (CODES, SYSTEM, "none"),
    (FILTERED, SYSTEM, "c2"),
    (FILTERED, SYSTEM, "c3"),
    (OTHERS, SYSTEM, "c2"),
    (OTHERS, SYSTEM, "c3"),
]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    concepts = [
        {
            "code": f"c{number}",
            "display": f"Concept {number}",
            "property": [{"code": "even", "valueBoolean": not number % 2}],
        }
        for number in range(3 * LARGE)
    ]
    concepts[0]["concept"] = [{"code": "below", "display": "Below the first"}]
    system = {"resourceType": "CodeSystem", "url": SYSTEM, "content": "complete", "concept": concepts}
    even = [{"property": "even", "op": "=", "value": "true"}]
    whole: dict[str, Any] = {"system": SYSTEM}
    sets = {
        CODES: {"include": [whole]},
        FILTERED: {"include": [{**whole, "filter": even}]},
        OTHERS: {"include": [{"valueSet": [CODES]}], "exclude": [{"valueSet": [FILTERED]}]},
    }
    (folder / "system.json").write_text(json.dumps(system), encoding="utf-8")
    for number, (url, compose) in enumerate(sets.items()):
        resource = {"resourceType": "ValueSet", "url": url, "compose": compose}
        (folder / f"set{number}.json").write_text(json.dumps(resource), encoding="utf-8")
    return folder


def terminology(package: Path, cache: Cache | None) -> Terminology:
    loaded = Package.load(package, cache=cache)
    return Terminology(Definitions.core().with_packages([loaded], cache=cache))


def answers(asked: Terminology) -> list[Any]:
    found: list[Any] = [asked.contains(*question) for question in QUESTIONS]
    found += [asked.validate_code(SYSTEM, code) for code in ("c1", "C1", "below", "none")]
    found += [asked.subsumes(SYSTEM, "c0", "below"), asked.subsumes(SYSTEM, "below", "c0")]
    return [*found, asked.expand(FILTERED)]


def test_what_is_kept_answers_as_what_was_compiled(package: Path, tmp_path: Path, monkeypatch: Any) -> None:
    cache = Cache(tmp_path / "cache")
    plain = answers(terminology(package, None))
    assert answers(terminology(package, cache)) == plain
    again = terminology(package, cache)
    read = Package.read

    def only_small(self: Package, kind: str, url: str, version: str) -> Any:
        assert kind != "CodeSystem", "a large code system is read again"
        return read(self, kind, url, version)

    monkeypatch.setattr(Package, "read", only_small)
    assert answers(again) == plain


def test_what_is_not_whole_is_compiled_again(package: Path, tmp_path: Path) -> None:
    plain = answers(terminology(package, Cache(tmp_path / "cache")))
    for file in (tmp_path / "cache").glob("*.json"):
        file.write_bytes(file.read_bytes()[:-7])
    assert answers(terminology(package, Cache(tmp_path / "cache"))) == plain


def test_a_changed_package_does_not_meet_what_was_kept_of_the_old_one(package: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert terminology(package, cache).contains(CODES, SYSTEM, "c1") is True
    file = package / "system.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"c1"', '"d1"'), encoding="utf-8")
    changed = terminology(package, cache)
    assert [changed.contains(CODES, SYSTEM, code) for code in ("c1", "d1")] == [False, True]


def test_without_a_cache_nothing_is_kept(package: Path, tmp_path: Path) -> None:
    loaded = Package.load(package, cache=Cache(tmp_path / "cache"))
    answers(Terminology(Definitions.core().with_package(loaded)))
    kept = [file.read_text(encoding="utf-8") for file in (tmp_path / "cache").glob("*.json")]
    assert not any("Concept 1" in text for text in kept)


def test_whether_a_system_supplements_another_is_told_without_reading_it(package: Path, monkeypatch: Any) -> None:
    known = Definitions.core().with_package(Package.load(package))
    supplement = {"resourceType": "CodeSystem", "url": "https://example.org/more", "supplements": SYSTEM}
    assert known.with_resource(supplement).is_supplement("https://example.org/more")
    assert not known.is_supplement("https://example.org/nowhere")
    monkeypatch.setattr(Package, "read", lambda *_: pytest.fail("read"))
    assert not known.is_supplement(SYSTEM)
