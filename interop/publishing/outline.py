"""A profile as a reviewer reads it: what it asks of each element, and its rules as sentences."""

from __future__ import annotations

from dataclasses import dataclass

from interop.json_codec import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Asked:
    """What a profile asks of one element. ``times`` is ``1..*`` where it says anything of it."""

    element: str
    times: str
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A rule in words. ``hazard``: the id of the hazard it controls, where it controls one."""

    key: str
    severity: str
    element: str
    human: str
    expression: str
    hazard: str | None


@dataclass(frozen=True, slots=True)
class Outline:
    """A profile, in its own order."""

    url: str
    title: str
    description: str
    base: str
    asked: tuple[Asked, ...]
    sentences: tuple[Sentence, ...]

    def as_json(self) -> JsonObject:
        return {
            "url": self.url,
            "title": self.title,
            "description": self.description,
            "base": self.base,
            "elements": [{"element": a.element, "times": a.times, "wanted": list(a.wanted)} for a in self.asked],
            "rules": [
                {
                    "key": s.key,
                    "severity": s.severity,
                    "element": s.element,
                    "human": s.human,
                    "expression": s.expression,
                    "hazard": s.hazard,
                }
                for s in self.sentences
            ],
        }


def outline(profile: JsonObject) -> Outline:
    """The outline of a StructureDefinition, from its differential."""
    rows = [row for row in (profile.get("differential") or {}).get("element") or [] if isinstance(row, dict)]
    return Outline(
        url=str(profile.get("url", "")),
        title=str(profile.get("title") or profile.get("name") or profile.get("id", "")),
        description=str(profile.get("description", "")),
        base=str(profile.get("baseDefinition", "")).rpartition("/")[2],
        asked=tuple(asked for row in rows if (asked := _asked(row)).times or asked.wanted),
        sentences=tuple(_sentence(row, rule) for row in rows for rule in row.get("constraint") or ()),
    )


def _asked(row: JsonObject) -> Asked:
    low, high = row.get("min"), row.get("max")
    times = "" if low is None and high is None else f"{'' if low is None else low}..{high or ''}"
    return Asked(str(row.get("id", "")), times, tuple(_wanted(row)))


def _wanted(row: JsonObject) -> list[str]:
    said = [f"must be {_short(value)}" for name, value in row.items() if name.startswith("fixed")]
    said += [f"must hold {_short(value)}" for name, value in row.items() if name.startswith("pattern")]
    if types := [_type(ref) for ref in row.get("type") or ()]:
        said.append(" or ".join(types))
    if (binding := row.get("binding") or {}).get("valueSet"):
        said.append(f"{binding.get('strength')} {_tail(binding['valueSet'])}")
    if slicing := row.get("slicing"):
        told = ", ".join(f"{d.get('type')} of {d.get('path')}" for d in slicing.get("discriminator") or ())
        said.append(f"slices told apart by {told}, {slicing.get('rules', 'open')}")
    if row.get("mustSupport"):
        said.append("must be supported")
    return said


def _type(ref: JsonObject) -> str:
    targets = [_tail(url) for url in (*(ref.get("profile") or ()), *(ref.get("targetProfile") or ()))]
    return f"{ref.get('code')}({' | '.join(targets)})" if targets else str(ref.get("code"))


def _short(value: Json) -> str:
    if isinstance(value, dict):
        coding = (value.get("coding") or [value])[0]
        words = f"{_tail(coding['system'])}|{coding.get('code', '')}" if coding.get("system") else None
        return words or ", ".join(f"{name} {_short(inner)}" for name, inner in value.items())
    return "; ".join(_short(item) for item in value) if isinstance(value, list) else str(value)


def _tail(url: Json) -> str:
    return str(url).rpartition("/")[2]


def _sentence(row: JsonObject, rule: JsonObject) -> Sentence:
    asked = f"{row.get('comment', '')} {row.get('requirements', '')}"
    hazard = next((word.strip(".,;") for word in asked.split() if word.startswith("HAZ-")), None)
    return Sentence(
        str(rule.get("key", "")),
        str(rule.get("severity", "")),
        str(row.get("id", "")),
        str(rule.get("human", "")),
        str(rule.get("expression", "")),
        hazard,
    )
