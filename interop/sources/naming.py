"""One mapping for many systems: what each calls its fields, and where it keeps them, so that pieces need not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from interop.json_codec import Json, JsonObject
from interop.location import SourcePath, SourcePointer
from interop.sources.record import SourceRecord

RECORD = "."
"""The path of the record itself in ``names:``."""

_STRAY = " (not the one that is meant)"

Steps = tuple[str, ...]


@dataclass(frozen=True)
class Names:
    """The members of a record by two names: the mapping's and the system's own.

    by_path  dotted path of an object in the mapping's names (lists are passed through, ``.`` is the record) to
             {the mapping's name: the system's own}. The system's own may be a dotted path into that object; a name
             with dots of its own stands in back-ticks. A member that is not named keeps its name.
    """

    by_path: Mapping[str, Mapping[str, str]]

    def into(self, record: SourceRecord) -> SourceRecord:
        """The record in the mapping's names. Its pointer goes on naming places as the system does."""
        return replace(record, tree=self._ours(record.tree, RECORD), pointer=_Places(record.pointer, self._steps))

    def back(self, tree: JsonObject) -> JsonObject:
        """A tree in the system's own names."""
        found = self._theirs(tree, RECORD)
        return found if isinstance(found, dict) else tree

    @cached_property
    def _steps(self) -> Mapping[str, Mapping[str, Steps]]:
        return {path: {ours: _read(local) for ours, local in names.items()} for path, names in self.by_path.items()}

    def _ours(self, node: Json, at: str) -> Json:
        if isinstance(node, list):
            return [self._ours(item, at) for item in node]
        if not isinstance(node, dict):
            return node
        here = self._steps.get(at, {})
        plain = {steps[0]: ours for ours, steps in here.items() if len(steps) == 1}
        moved = {ours: steps for ours, steps in here.items() if len(steps) > 1 and _at(node, steps) is not None}
        rest = _without(node, list(moved.values()))
        taken = {*moved, *(plain[name] for name in node if name in plain)}
        found = {ours: self._ours(_at(node, steps), _inside(at, ours)) for ours, steps in moved.items()}
        for name, value in rest.items():
            # A member that happens to have the name we give another one is kept, and found unread by whoever looks.
            new = plain.get(name) or (name + _STRAY if name in taken else name)
            found[new] = self._ours(value, _inside(at, new))
        return found

    def _theirs(self, node: Json, at: str) -> Json:
        if isinstance(node, list):
            return [self._theirs(item, at) for item in node]
        if not isinstance(node, dict):
            return node
        found: JsonObject = {}
        for name, value in node.items():
            steps = self._steps.get(at, {}).get(name, (name,))
            _put(found, steps, self._theirs(value, _inside(at, name)))
        return found


@dataclass(frozen=True, slots=True)
class _Places:
    pointer: Callable[[SourcePath], SourcePointer]
    steps: Mapping[str, Mapping[str, Steps]]

    def __call__(self, path: SourcePath) -> SourcePointer:
        at = RECORD
        local: list[str | int] = []
        for step in path:
            if isinstance(step, str):
                local += self.steps.get(at, {}).get(step, (step.removesuffix(_STRAY),))
                at = _inside(at, step)
            else:
                local.append(step)
        return self.pointer(tuple(local))


def _read(local: str) -> Steps:
    return (local[1:-1],) if local[:1] == local[-1:] == "`" else tuple(local.split("."))


def _inside(at: str, name: str) -> str:
    return name if at == RECORD else f"{at}.{name}"


def _at(node: Json, steps: Steps) -> Json:
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    return node


def _without(node: JsonObject, paths: list[Steps]) -> JsonObject:
    """``node`` less what these paths lead to, and less what then is empty."""
    rest = {name: value for name, value in node.items() if (name,) not in paths}
    for name in {path[0] for path in paths if len(path) > 1}:
        inner = _without(node[name], [path[1:] for path in paths if path[0] == name and len(path) > 1])
        if inner:
            rest[name] = inner
        else:
            rest.pop(name, None)
    return rest


def _put(node: JsonObject, steps: Steps, value: Json) -> None:
    for step in steps[:-1]:
        inner = node.get(step)
        node[step] = node = inner if isinstance(inner, dict) else {}
    known = node.get(steps[-1])
    # Two of the mapping's names may lead into one object of the system's: what is there already stays.
    node[steps[-1]] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
