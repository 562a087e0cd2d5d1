"""Text and structure cannot disagree: every value of every example is changed, and the words must follow it.

Words are told apart by tokens: each text, date and number of a document gets one of its own, all at once, and each
token must come up in the narrative and on the full page. Codes and truth values that decide what is said are changed
one at a time. What may stay unsaid is listed in ``tests/cases/narrative/not-shown.yaml``, each with its reason.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml
from lxml import etree

from interop import narrative
from interop.json_codec import Json, JsonObject
from interop.reading import Document
from interop.reading.dates import MONTHS

CASES = Path(__file__).parents[2] / "cases" / "narrative"
NOT_SHOWN = yaml.safe_load((CASES / "not-shown.yaml").read_text(encoding="utf-8"))
DECISIONS = yaml.safe_load((CASES / "decisions.yaml").read_text(encoding="utf-8"))
MACHINERY = {
    "system", "reference", "url", "id", "resourceType", "meta", "div", "language", "contentType", "hash", "linkId",
    "questionnaire", "implicitRules", "rank", "use", "intent",
}  # fmt: skip
CODES = {"code", "status", "gender", "lifecycleStatus", "mode", "type", "criticality", "severity", "comparator"}
DATE = re.compile(r"\d{4}-\d\d-\d\d")
Leaf = tuple[str | int, ...]
used: Counter[str] = Counter()
scores: Counter[str] = Counter()


def leaves(node: Json, path: Leaf = ()) -> Iterator[tuple[Leaf, Json]]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name not in MACHINERY and not (name == "text" and isinstance(value, dict)):
                yield from leaves(value, (*path, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*path, index))
    else:
        yield path, node


def pattern(kind: str, path: Leaf) -> str:
    return ".".join([kind, *("[]" if isinstance(step, int) else step for step in path)])


def put(node: Json, path: Leaf, value: Json) -> None:
    for step in path[:-1]:
        node = node[step]  # type: ignore[index,call-overload]
    node[path[-1]] = value  # type: ignore[index,call-overload]


def holder(resource: JsonObject, path: Leaf, up: int) -> Json:
    node: Json = resource
    for step in path[: len(path) - up]:
        node = node[step]  # type: ignore[index,call-overload]
    return node


def is_code(path: Leaf, value: Json) -> bool:
    return isinstance(value, bool) or path[-1] in CODES or str(path[-1]).startswith("valueCode")


def in_words(resource: JsonObject, path: Leaf) -> bool:
    """A code beside its own words: the words are what a person reads, the validator holds the two together."""
    coding = holder(resource, path, 1)
    concept = holder(resource, path, 3) if len(path) > 2 and path[-3] == "coding" else {}
    return bool(isinstance(coding, dict) and (coding.get("display") or coding.get("unit"))) or bool(
        isinstance(concept, dict) and (concept.get("text") or any("display" in c for c in concept.get("coding", ())))
    )


def named_elsewhere(document: JsonObject, resource: JsonObject, path: Leaf) -> bool:
    """The display of a reference to a resource of this document: that resource's own name is what is shown."""
    reference = holder(resource, path, 1)
    return path[-1] == "display" and isinstance(reference, dict) and bool(Document.of(document).resolve(reference))


def listed(part: str, at: str) -> bool:
    found = [entry["path"] for entry in NOT_SHOWN[part] if fnmatchcase(at, entry["path"].replace("[]", "[[]]"))]
    used.update(found)
    return bool(found)


def restricted(resource: JsonObject) -> bool:
    return any(label.get("code") in ("R", "V") for label in resource.get("meta", {}).get("security", []))


def spoken(document: JsonObject) -> str:
    """Every narrative of a document as the words of it."""
    return " ".join(" ".join(" ".join(etree.fromstring(div).itertext()) for div in generated(document)).split())


def generated(document: JsonObject) -> list[str]:
    """Every narrative of a document as it is written."""
    divs: list[str] = []

    def walk(node: Json) -> None:
        if isinstance(node, dict):
            inner = node.get("text")
            if isinstance(inner, dict) and inner.get("status") == "generated":
                divs.append(inner["div"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(narrative.narrate(document))
    return divs


def read_out(document: JsonObject) -> str:
    return " ".join(narrative.plain_text(narrative.full_pack(document)).split())


def marked(document: JsonObject) -> tuple[JsonObject, dict[str, list[str]]]:
    """The document with a token in every text, date and number, and the tokens by path."""
    changed, tokens = copy.deepcopy(document), {}
    number = 0
    for entry in changed["entry"]:
        resource = entry["resource"]
        if restricted(resource):
            continue
        for path, value in list(leaves(resource)):
            at = pattern(resource["resourceType"], path)
            if value is None or is_code(path, value) or named_elsewhere(document, resource, path) or listed("text", at):
                continue
            number += 1
            if not isinstance(value, str):
                new, token = 100000 + number, str(100000 + number)
            elif DATE.match(value):
                day, month, year = 1 + number % 28, 1 + number // 28 % 12, 1901 + number // 336
                clock = re.sub(r"(Z|[+-]\d\d:\d\d)$", "Z", re.sub(r"T\d\d", "T12", value[10:]))
                new, token = f"{year}-{month:02}-{day:02}{clock}", f"{day} {MONTHS[month - 1]} {year}"
            else:
                token = f"zq{number:05}"
                new = f"{value} {token}"
            put(resource, path, new)
            tokens.setdefault(at, []).append(token)
    return changed, tokens


def test_every_text_date_and_number_is_said_in_the_narrative_and_on_the_page(
    case_documents: tuple[JsonObject, ...],
) -> None:
    for document in case_documents:
        changed, tokens = marked(document)
        told, page = spoken(changed), read_out(changed)
        unsaid = []
        for at, made in tokens.items():
            for token in made:
                heard = token in page and (token in told or listed("page-only", at))
                scores.update(["changed", *(["followed"] if heard else [])])
                unsaid += [] if heard else [at]
        assert sorted(set(unsaid)) == []


def test_every_code_that_decides_something_changes_the_narrative_and_the_page(
    case_documents: tuple[JsonObject, ...],
) -> None:
    for document in case_documents:
        told, page = generated(document), narrative.full_pack(document)
        unheard, undecided = [], []
        tried: set[tuple[str, Json]] = set()
        for index, entry in enumerate(document["entry"]):
            resource = entry["resource"]
            for path, value in [] if restricted(resource) else list(leaves(resource)):
                at = pattern(resource["resourceType"], path)
                if not is_code(path, value) or listed("codes", at):
                    continue
                rule = next((r for r in DECISIONS if fnmatchcase(at, r["path"].replace("[]", "[[]]"))), None)
                if rule is None:
                    undecided += [] if in_words(resource, path) else [at]
                    continue
                if (at, value) in tried:
                    continue
                tried.add((at, value))
                new = (not value) if rule["to"] == "flip" else rule["to"]
                if new == value:
                    continue
                changed = copy.deepcopy(document)
                put(changed["entry"][index]["resource"], path, new)
                narrated = generated(changed) != told or listed("page-only", at)
                heard = narrated and narrative.full_pack(changed) != page
                if not heard and in_words(resource, path):
                    continue
                scores.update(["changed", *(["followed"] if heard else [])])
                unheard += [] if heard else [at]
        assert sorted(set(unheard)) == []
        assert sorted(set(undecided)) == [], "say in decisions.yaml what these decide, or in not-shown.yaml why not"


@pytest.fixture(scope="session")
def our_words() -> set[str]:
    """Every word that our own code and templates may put on a page."""
    house = Path(narrative.__file__).parents[1]
    found: set[str] = set()
    for path in [*(house / "narrative").glob("*.py"), *(house / "reading").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= words_of(node.value)
    for path in (house / "narrative" / "templates").glob("*.*"):
        found |= words_of(path.read_text(encoding="utf-8"))
    return found


def words_of(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[^\W\d_]+", text)}


def everything_in(document: JsonObject) -> set[str]:
    """Every word of the record: its values, the names of its elements, and what a sender wrote freely."""
    found: set[str] = set()

    def walk(node: Json) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                found.update(words_of(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)
        elif isinstance(node, str):
            found.update(words_of(node), words_of(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", node)))

    walk(document)
    return found


@pytest.mark.parametrize("words", [spoken, read_out], ids=["narrative", "page"])
def test_no_word_is_said_that_is_neither_ours_nor_the_records(
    words: Callable[[JsonObject], str], case_documents: tuple[JsonObject, ...], our_words: set[str]
) -> None:
    for document in case_documents:
        strangers = words_of(words(document)) - our_words - everything_in(document) - {m.casefold() for m in MONTHS}
        assert strangers == set()


def test_the_mutation_score_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Runs last in this file: what the tests above counted. On its own it has nothing to count."""
    if not scores["changed"]:
        pytest.skip("counts what the other tests of this file changed")
    with capsys.disabled():
        share = 100 * scores["followed"] / scores["changed"]
        print(f"\nmutation: {scores['followed']:,} of {scores['changed']:,} shown values followed ({share:.1f} %)")  # noqa: T201
    assert scores["followed"] == scores["changed"]
