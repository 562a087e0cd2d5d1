"""What a FHIRPath expression says, as a small frozen tree (FHIRPath N1 grammar, section 13).

``at`` is where it stands in the text; two parts that say the same are equal wherever they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written out: str, bool, int, Decimal, Quantity, Date, DateTime or Time."""

    value: object
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Empty:
    """``{}``."""

    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Special:
    """``$this``, ``$index`` or ``$total``; ``name`` without the dollar."""

    name: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Variable:
    """``%name``; ``name`` without the percent sign."""

    name: str
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Member:
    """``target.name``; target None is the focus. ``quoted`` names were written in back-ticks."""

    target: Syntax | None
    name: str
    at: int = field(compare=False)
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """``target.name(arguments)``; target None is the focus."""

    target: Syntax | None
    name: str
    arguments: tuple[Syntax, ...]
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Indexer:
    """``target[index]``."""

    target: Syntax
    index: Syntax
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``+operand`` or ``-operand``."""

    sign: str
    operand: Syntax
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them: ``and``, ``=``, ``|``, ``div`` ..."""

    sign: str
    left: Syntax
    right: Syntax
    at: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class TypeTest:
    """``operand is type`` or ``operand as type``; ``type`` may carry a namespace: ``System.String``."""

    sign: str
    operand: Syntax
    type: str
    at: int = field(compare=False)


Syntax: TypeAlias = Literal | Empty | Special | Variable | Member | Call | Indexer | Unary | Binary | TypeTest
