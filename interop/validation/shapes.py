"""The glance of a type: one written function for each shape its objects come in.

The shape of an object is the names of its members in their order. Objects of one source have few shapes, and a shape
settles much: what must be there, what may not, which rules have anything to say. What is left is written as straight
lines. A shape has to be met a few times first; objects of shapes hardly met are looked up member by member.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from interop.json_codec import Json
from interop.validation.glance import Glance, never

if TYPE_CHECKING:
    from interop.validation.scope import Scope

Shape = tuple[str, ...]

MET = 16
"""A shape met so often is worth a function of its own."""
_MOST = 128
_COUNTED = 1024


class Shapes(dict[Shape, Glance]):
    """``shapes[tuple(node)](node, scope)``: whether an object is right beyond doubt.

    write    makes the function of a shape
    look_up  what judges objects of any shape
    """

    __slots__ = ("_look_up", "_met", "_write")

    def __init__(self, write: Callable[[Shape, Scope], Glance], look_up: Glance):
        super().__init__()
        self._write = write
        self._look_up = look_up
        self._met: dict[Shape, int] = {}

    def __call__(self, node: Json, scope: Scope) -> bool:
        return self[tuple(node)](node, scope)

    def __missing__(self, shape: Shape) -> Glance:
        return self._meet

    def _meet(self, node: Json, scope: Scope) -> bool:
        if type(node) is not dict or not node:
            return False
        if len(self) < _MOST:
            shape = tuple(node)
            self._met[shape] = times = self._met.get(shape, 0) + 1
            if times >= MET:
                self[shape] = self._write(shape, scope)
            elif len(self._met) > _COUNTED:
                self._met.clear()
        return self._look_up(node, scope)


NEVER = Shapes(lambda shape, scope: never, never)
"""Where every object has to be looked at closely."""
