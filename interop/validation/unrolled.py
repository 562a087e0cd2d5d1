"""The glance of a type, written out as one Python function: a value costs its own test and nothing around it.

The members that objects have stand in straight lines, one after another; the rest are looked up. Which those are is
learnt from the first objects of the type; until then, and for types hardly met, everything is looked up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from interop.json_codec import Json
from interop.validation.glance import Glance, Rules
from interop.validation.primitive import LONGEST, RIGHT, Right

if TYPE_CHECKING:
    from interop.validation.scope import Scope


def anything(value: Json) -> bool:
    """Right whatever it is: looked at elsewhere."""
    return True


_TEXT = RIGHT["string"]
_SAMPLE = 16


@dataclass(frozen=True, slots=True)
class Objects:
    """A member that holds one object or many (at most ``most``) of the type ``key``, each passed by ``rules`` too."""

    key: str
    many: bool
    most: int | None
    rules: Rules


@dataclass(slots=True)
class Members:
    """What passes the members of a type at a glance, by JSON name.

    plain, deep  each member is in one of the two
    objects      which of ``deep`` hold objects of a known type
    must         names that must be there
    either       sets of names of which one must be there
    stems        choice name → its element, of which only one may be there
    """

    plain: dict[str, Right] = field(default_factory=dict)
    deep: dict[str, Glance] = field(default_factory=dict)
    objects: dict[str, Objects] = field(default_factory=dict)
    must: tuple[str, ...] = ()
    either: tuple[frozenset[str], ...] = ()
    stems: dict[str, str] = field(default_factory=dict)

    def passes(self, name: str, value: Json, scope: Scope) -> bool:
        """Whether the value of one member is right."""
        if name in self.plain:
            return bool(self.plain[name](value))
        return name in self.deep and self.deep[name](value, scope)

    def are_whole(self, node: Mapping[str, Json]) -> bool:
        """Whether what must be there is there, and nothing twice."""
        if any(name not in node for name in self.must) or any(names.isdisjoint(node) for names in self.either):
            return False
        return not self.stems or not self.are_doubled(node)

    def are_doubled(self, node: Mapping[str, Json]) -> bool:
        """Whether two members of one choice are there."""
        chosen = [self.stems[name] for name in node if name in self.stems]
        return len(set(chosen)) < len(chosen)


class Sampling:
    """The glance of a type whose objects are still few. ``chosen``: the written function, once there are enough.

    glance_of  the glance of another type; asked when a value of that is met
    """

    __slots__ = ("_glance_of", "_key", "_members", "_met", "_rules", "_used", "chosen")

    def __init__(self, key: str, members: Members, rules: Rules, glance_of: Callable[[str], Glance]):
        self._key = key
        self._members = members
        self._rules = rules
        self._glance_of = glance_of
        self._met = 0
        self._used: Counter[str] = Counter()
        self.chosen: Glance | None = None

    def __call__(self, node: Json, scope: Scope) -> bool:
        if type(node) is not dict or not node:
            return False
        self._met += 1
        self._used.update(node.keys())
        if self._met >= _SAMPLE and self.chosen is None:
            usual = {name for name, times in self._used.items() if times * 4 >= _SAMPLE}
            self.chosen = unroll(self._key, self._members, self._rules, self._glance_of, usual)
        members = self._members
        return (
            all(members.passes(name, value, scope) for name, value in node.items())
            and members.are_whole(node)
            and all(rule(node, scope) for trigger, rule in self._rules if trigger is None or trigger in node)
        )


def unroll(
    key: str, members: Members, rules: Rules, glance_of: Callable[[str], Glance], usual: Collection[str]
) -> Glance:
    """The glance of a type as a written function. ``usual``: the members to expect."""
    writer = _Writer(members, glance_of)
    known = (*members.plain, *members.deep)
    straight = [name for name in known if name in usual or name in members.must]
    lines = ["if type(node) is not dict or not node:", " return False", "left = len(node)"]
    lines += [f"{flag} = False" for flag in dict.fromkeys(map(writer.flag, straight)) if flag]
    triggered: dict[str, list[str]] = {}
    for number, (trigger, rule) in enumerate(rules):
        if trigger is not None and trigger not in known:
            continue  # where that member is, nothing is right at a glance
        writer.names[f"rule{number}"] = rule
        triggered.setdefault(trigger or "", []).append(f"rule{number}")
    for name in straight:
        lines += writer.member(name, triggered.pop(name, []))
    lines += writer.rest({*members.plain, *members.deep}.difference(straight))
    for number, names in enumerate(members.either):
        writer.names[f"either{number}"] = names
        lines += [f"if either{number}.isdisjoint(node):", " return False"]
    for name, asked in triggered.items():
        condition = f"{name!r} in node and " if name else ""
        lines += [line for rule in asked for line in (f"if {condition}not {rule}(node, scope):", " return False")]
    code = "\n ".join(["def glance(node, scope):", *lines, "return True"])
    exec(compile(code, f"<glance at {key}>", "exec"), writer.names)  # noqa: S102  written here, from the schema alone
    glance: Glance = writer.names["glance"]
    return glance


class _Writer:
    """Writes the lines of one function; ``names`` is what they refer to."""

    def __init__(self, members: Members, glance_of: Callable[[str], Glance]):
        self._members = members
        self._glance_of = glance_of
        self._stems = list(dict.fromkeys(members.stems.values()))
        self.names: dict[str, Any] = {"text": _TEXT}

    def member(self, name: str, rules: list[str]) -> list[str]:
        """The lines of a member that most objects have."""
        found = [f"value = node.get({name!r})"]
        flag = self.flag(name)
        alone = [f"if {flag}:", " return False", f"{flag} = True"] if flag else []
        inner = [
            "left -= 1",
            *alone,
            *self._tests(name, len(self.names)),
            *(line for rule in rules for line in (f"if not {rule}(node, scope):", " return False")),
        ]
        if name in self._members.must:
            return [*found, "if value is None:", " return False", *inner]
        return [*found, "if value is not None:", *(f" {line}" for line in inner)]

    def flag(self, name: str) -> str:
        """The variable for whether a choice was met, never a name from outside; empty for a member of no choice."""
        stem = self._members.stems.get(name)
        return "" if stem is None else f"met{self._stems.index(stem)}"

    def rest(self, rare: Collection[str]) -> list[str]:
        """The lines for what is left over; what the type has no place for is not right."""
        if not rare:
            return ["if left:", " return False"]
        self.names |= {"rare": frozenset(rare), "passes": self._members.passes, "doubled": self._members.are_doubled}
        twice = not self._members.stems.keys().isdisjoint(rare)
        return [
            "if left:",
            *([" if doubled(node):", "  return False"] if twice else ()),
            " for name, value in node.items():",
            "  if name in rare:",
            "   if not passes(name, value, scope):",
            "    return False",
            "   left -= 1",
            " if left:",
            "  return False",
        ]

    def _tests(self, name: str, number: int) -> list[str]:
        members, own = self._members, f"test{number}"
        if name in members.plain:
            self.names[own] = members.plain[name]
            if members.plain[name] is anything:
                return []
            if members.plain[name] is _TEXT:
                usual = (
                    f"type(value) is str and value.isprintable() and not value.isspace() and 0 < len(value) < {LONGEST}"
                )
                return [f"if not ({usual}) and not text(value):", " return False"]
            return [f"if not {own}(value):", " return False"]
        if name in members.objects:
            return self._objects(members.objects[name], own)
        self.names[own] = members.deep[name]
        return [f"if not {own}(value, scope):", " return False"]

    def _objects(self, objects: Objects, own: str) -> list[str]:
        self.names[own] = self._later(objects.key, own)
        one = "entry" if objects.many else "value"
        tests = [f"if not {own}({one}, scope):", " return False"]
        for number, (trigger, rule) in enumerate(objects.rules):
            self.names[f"{own}rule{number}"] = rule
            condition = f"{trigger!r} in {one} and " if trigger else ""
            tests += [f"if {condition}not {own}rule{number}({one}, scope):", " return False"]
        if not objects.many:
            return tests
        many = "" if objects.most is None else f" or len(value) > {objects.most}"
        return [
            f"if type(value) is not list or not value{many}:",
            " return False",
            "for entry in value:",
            *(f" {line}" for line in tests),
        ]

    def _later(self, key: str, own: str) -> Glance:
        """Types refer to each other: another type's glance is fetched when there is one that stays."""

        def first(value: Json, scope: Scope) -> bool:
            glance = self._glance_of(key)
            if not isinstance(glance, Sampling):
                self.names[own] = glance
            return glance(value, scope)

        return first
