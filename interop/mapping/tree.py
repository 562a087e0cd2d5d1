"""A local record put together value by value: objects and lists made where a path wants them."""

from __future__ import annotations

from interop.json_codec import Json, JsonObject
from interop.mapping.paths import Step, Steps, Where, follow


def put(tree: Json, steps: Steps, value: Json) -> None:
    """Set the value at ``steps``; missing objects and list items are made, gaps in a list are empty."""
    node = tree
    for number, step in enumerate(steps[:-1]):
        node = _enter(node, step, steps[number + 1])
    _set(node, steps[-1], value)


def _enter(node: Json, step: Step, following: Step) -> Json:
    if isinstance(step, Where):
        return _found(node, step)
    made: Json = {} if isinstance(following, str) else []
    if isinstance(node, dict):
        known = node.get(str(step))
        if not isinstance(known, dict | list):
            known = node[str(step)] = made
        return known
    if isinstance(step, str):
        return _enter(_pad_object(node), step, following)
    index = step
    _pad(node, index)
    if not isinstance(node[index], dict | list) or (not node[index] and type(node[index]) is not type(made)):
        node[index] = made
    return node[index]


def _found(node: Json, where: Where) -> Json:
    """The item the selector means, made when there is none."""
    for item in node:
        if where.matches(item):
            return item
    made: Json = {} if isinstance(where.path[0], str) else []
    put(made, where.path, where.value)
    node.append(made)
    return made


def _set(node: Json, step: Step, value: Json) -> None:
    if isinstance(node, dict):
        node[str(step)] = value
    elif isinstance(step, str):
        _pad_object(node)[step] = value  # a name on a list means its first item
    elif isinstance(step, int):
        _pad(node, step)
        node[step] = value


def _pad_object(node: list[Json]) -> JsonObject:
    if not node or not isinstance(node[0], dict):
        node[:1] = [{}]
    first: JsonObject = node[0]
    return first


def _pad(node: list[Json], index: int) -> None:
    while len(node) <= index:
        node.append([])


def has(tree: Json, steps: Steps) -> bool:
    """Whether something stands at a path without selectors."""
    plain = tuple(step for step in steps if not isinstance(step, Where))
    return len(plain) == len(steps) and follow(tree, plain) not in (None, [], "")
