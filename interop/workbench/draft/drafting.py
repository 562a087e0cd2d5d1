"""The draft as a mapping file: guessed rules with the guess beside them, the rest under ``drop:`` to decide."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from interop.json_codec import Json, JsonObject, dumps
from interop.reading.systems import CANONICAL
from interop.workbench.draft.evidence import code_list
from interop.workbench.draft.guessing import Guess, guess, names, transform_of
from interop.workbench.draft.sample import Field, Sample, Table
from interop.workbench.draft.sampling import read_sample
from interop.workbench.export.map_parts import slug_of

TODO = "TODO: decide"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 .\-/_]*[A-Za-z0-9]|[A-Za-z]")
_YAML_WORDS = frozenset({"yes", "no", "true", "false", "null", "on", "off", "y", "n", "none"})


@dataclass(frozen=True, slots=True)
class Draft:
    """The file's text; the code lists it found as ConceptMap stubs by file name; what was guessed and what was not."""

    name: str
    text: str
    code_tables: Mapping[str, bytes]
    guesses: tuple[Guess, ...]
    remarks: tuple[str, ...]

    @property
    def rules(self) -> int:
        return sum(one.is_rule for one in self.guesses)

    def as_json(self) -> JsonObject:
        return {
            "mapping": self.name,
            "text": self.text,
            "codeTables": sorted(self.code_tables),
            "remarks": list(self.remarks),
            "fields": [
                {
                    "field": one.field.at,
                    "target": one.entry["target"] if one.entry is not None and one.is_rule else None,
                    "confidence": one.sure,
                    "evidence": one.why,
                }
                for one in self.guesses
            ],
        }


def draft(files: Mapping[str, bytes], name: str) -> Draft:
    """A first mapping for files like these. It compiles, and maps the samples. Raises ContentError."""
    sample = read_sample(files)
    writer = _Writer(sample, name)
    writer.take_record([field for table in sample.tables if not table.many for field in table.fields])
    for table in sample.tables:
        if table.many:
            writer.take_rows(table)
    return writer.made()


@dataclass(slots=True)
class _Group:
    """One group of the mapping while it is written."""

    name: str
    create: str
    rows: str = ""
    person: str | None = None
    constants: dict[str, Json] = field(default_factory=dict)
    rules: list[Guess] = field(default_factory=list)
    referred: list[tuple[str, str]] = field(default_factory=list)  # (target, group): references it makes


class _Writer:
    def __init__(self, sample: Sample, name: str):
        self.sample = sample
        self.name = name
        self.groups: dict[str, _Group] = {}
        self.drops: list[tuple[str, str, str]] = []
        self.guesses: list[Guess] = []
        self.code_tables: dict[str, bytes] = {}

    def take_record(self, fields: Sequence[Field]) -> None:
        """The fields that stand once in a record: to the person, or to those around the person."""
        known = names()
        if self.sample.format == "hl7v2":
            self._note(self._hl7(fields))
            return
        found = guess(fields, known["fields"])
        for one in found:
            if one.is_rule and one.entry is not None:
                self._into(one.entry["group"], known["groups"][one.entry["group"]], one)
        self._note(found)

    def take_rows(self, table: Table) -> None:
        """The fields of rows: to one resource a row, where the table's name says of which type."""
        self._note(self._table(table))

    def _note(self, found: Iterable[Guess]) -> None:
        for one in found:
            self.guesses.append(one)
            if not one.is_rule:
                self._drop(one)

    def _hl7(self, fields: Sequence[Field]) -> list[Guess]:
        """HL7 v2 says itself what its fields are."""
        known = names()
        by_field: dict[str, list[JsonObject]] = {}
        for entry in known["hl7"]:
            by_field.setdefault(entry["field"], []).append(entry)
        found = []
        for one in fields:
            entries = by_field.get(one.name, ())
            for entry in entries:
                made = guess([one], [{**entry, "names": [one.name], "said": "HL7 v2 says what it is"}])[0]
                found.append(made)
                if made.is_rule:
                    self._into(entry["group"], known["groups"][entry["group"]], made)
            if not entries:
                found += guess([one], [])
        return found

    def _table(self, table: Table) -> list[Guess]:
        words = " ".join(re.findall(r"[a-z0-9]+", table.name.lower()))
        known = next((t for t in names()["tables"] if words in t["names"]), None)
        if known is None:
            return guess(table.fields, [])
        found = guess(table.fields, [{**entry, "group": known["group"]} for entry in known["fields"]])
        if not any(one.is_rule and one.entry and one.entry["target"] == known["must"] for one in found):
            return [Guess(one.field, None, one.kind, 0.0, f"{one.why}; no column is {known['must']}") for one in found]
        for one in found:
            if one.is_rule:
                self._into(known["group"], known, one, rows=table.rows)
        return found

    def _into(self, name: str, known: JsonObject, one: Guess, rows: str = "") -> None:
        if name not in self.groups:
            made = _Group(name, known["create"], rows, known.get("person"), dict(known.get("with", {})))
            self.groups[name] = made
            if "referred" in known:
                person, target = known["referred"]
                self.groups.setdefault(person, _Group(person, names()["groups"][person]["create"]))
                self.groups[person].referred.append((target, name))
        if one.entry is not None:
            self.groups[name].constants |= one.entry.get("with", {})
        self.groups[name].rules.append(one)

    def _drop(self, one: Guess) -> None:
        words = code_list(one.field.values) if one.kind.name == "text" else None
        like = self._target(one)
        comment = f"{one.why}; {_examples(words)}" if words else one.why
        if words:
            table = "-".join(re.findall(r"[a-z0-9]+", one.field.name.lower())) or "codes"
            self.code_tables[f"{table}.json"] = _stub(self.name, table, words, one.field.name)
            reason = f"{TODO}; its {len(words)} words need a code table, codes/{table}" + (
                f", for {like}" if like else ""
            )
        else:
            reason = f"{TODO}; perhaps {like}" if like and one.sure else TODO
        if not one.field.filled:
            reason = f"{TODO}; no sample fills it"
        self.drops.append((one.field.at, reason, comment))

    @staticmethod
    def _target(one: Guess) -> str:
        """``Patient.gender``; empty where nothing comes near."""
        if one.entry is None:
            return ""
        known = names()
        group = one.entry.get("group", "")
        create = next((t["create"] for t in known["tables"] if t["group"] == group), None)
        return f"{create or known['groups'][group]['create']}.{one.entry['target']}"

    # -- text ----------------------------------------------------------------------------------------------------------

    def made(self) -> Draft:
        lines = [
            "# A draft out of sample files. Each guess says how sure it is and why; the rest stands under drop:.",
            "# Read every line, decide the TODOs, then look: interop mapping check, coverage, explain, roundtrip.",
            *(f"# {remark}" for remark in self.sample.remarks),
            f"mapping: {self.name}",
            'version: "1"',
            f"title: {_yaml(f'Draft of {self.name}')}",
            *_block("source", self.sample.source),
            *self._bundle(),
        ]
        if self.groups:
            lines.append("groups:")
            for group in self._ordered():
                lines += self._group(group)
        else:
            lines.append("groups: []")
        if self.drops:
            lines.append("drop:")
            width = min(48, max(len(_yaml(path)) for path, _, _ in self.drops))
            lines += [
                f"  {_yaml(path) + ':':<{width + 1}} {_yaml(reason)}  # {_comment(why)}"
                for path, reason, why in _once(self.drops)
            ]
        return Draft(
            self.name, "\n".join(lines) + "\n", self.code_tables, tuple(self.guesses), tuple(self.sample.remarks)
        )

    def _bundle(self) -> list[str]:
        block: JsonObject = {"type": "collection", "kind": self.name.rpartition("/")[2]}
        if self.sample.format == "hl7v2":
            block = {"type": "message-event", "kind": self.name.rpartition("/")[2], "event": ["MSH-9.1", "MSH-9.2"]}
        if "patient" in self.groups:
            block["person"] = "patient"
        if self.sample.key:
            block["identity"] = [self.sample.key]
        return _block("bundle", block)

    def _ordered(self) -> list[_Group]:
        return sorted(self.groups.values(), key=lambda group: group.name != "patient")

    def _group(self, group: _Group) -> list[str]:
        lines = [f"  - group: {group.name}", f"    create: {group.create}"]
        if group.rows:
            lines.append(f"    for: {_yaml(group.rows)}")
        lines.append("    rules:")
        rules: list[tuple[str, str]] = []
        rules += [
            (f"{{value: {_yaml(value)}, target: {_yaml(target)}}}", "") for target, value in group.constants.items()
        ]
        rules += [(_rule(one), f"{one.sure:.2f}: {one.why}") for one in group.rules]
        if group.person and "patient" in self.groups:
            rules.append((f"{{reference: patient, target: {group.person}}}", ""))
        rules += [(f"{{reference: {other}, target: {_yaml(target)}}}", "") for target, other in group.referred]
        return [*lines, *(f"      - {rule}" + (f"  # {_comment(why)}" if why else "") for rule, why in rules)]


def _rule(one: Guess) -> str:
    entry = one.entry or {}
    parts = [f"source: {_yaml(entry.get('source', one.field.path))}", f"target: {_yaml(entry['target'])}"]
    transform = transform_of(one)
    if transform is not None:
        parts.append(f"transform: {_flow(transform)}")
    return "{" + ", ".join(parts) + "}"


def _once(drops: Iterable[tuple[str, str, str]]) -> Iterable[tuple[str, str, str]]:
    return {path: (path, reason, why) for path, reason, why in drops}.values()


def _stub(mapping: str, table: str, words: Counter[str], column: str) -> bytes:
    """A ConceptMap with the words found and no codes: those are for a person who knows them."""
    slug = slug_of(f"{mapping.partition('/')[0]}-{table}")
    found: JsonObject = {
        "resourceType": "ConceptMap",
        "url": f"{CANONICAL}/ConceptMap/{slug}",
        "title": f"{column}: TODO, add a target to each word and the code system as group.target",
        "status": "draft",
        "group": [{"element": [{"code": word} for word, _ in words.most_common()]}],
    }
    return dumps(found, indent=True) + b"\n"


def _examples(words: Counter[str]) -> str:
    return ", ".join(f"{word} ({count})" for word, count in words.most_common(6)) + (", …" if len(words) > 6 else "")


def _block(name: str, block: JsonObject) -> list[str]:
    lines = [f"{name}:"]
    for key, value in block.items():
        if key == "tables" and isinstance(value, dict):
            lines.append("  tables:")
            lines += [f"    {_yaml(table)}: {_flow(spec)}" for table, spec in value.items()]
        else:
            lines.append(f"  {key}: {_flow(value)}")
    return lines


def _flow(value: Json) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _yaml(value)


def _yaml(value: Json) -> str:
    """A scalar as YAML reads it back, quoted where there is doubt."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _YAML_WORDS and ": " not in text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _comment(text: str) -> str:
    return " ".join(text.split())
