"""A well-formed command line read straight off the command's own signature.

The machinery that words every mistake and every help page takes longer to load than a file takes to validate. So a
command line with nothing to explain goes this way; whatever is not beyond doubt here is left to that machinery.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Sequence
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, OptionInfo

_UNDERSTOOD = frozenset(
    {"default", "param_decls", "help", "metavar", "envvar", "exists", "file_okay", "rich_help_panel", "hidden"}
)


class _Unclear(Exception):  # noqa: N818  no error: a question for the full machinery
    """This command line needs the full machinery."""


class _Parameter:
    """One parameter of a command: its names on the command line, the type of its values, and what is asked of them."""

    def __init__(self, parameter: inspect.Parameter, hint: Any):
        kind, info = get_args(hint)[:2] if get_origin(hint) is Annotated else (None, None)
        if not isinstance(info, ArgumentInfo | OptionInfo) or not _is_plain(info):
            raise _Unclear
        self.info = info
        self.name = parameter.name
        self.default = parameter.default
        self.positional = isinstance(info, ArgumentInfo)
        self.many, self.type = _type(kind)
        declared = info.default if isinstance(info.default, str) else None
        self.names = (declared, *(info.param_decls or ())) if declared else (f"--{self.name.replace('_', '-')}",)
        if self.type is bool and declared is None:
            raise _Unclear  # it has a --no- form as well

    def value(self, text: str) -> Any:
        """The text as the parameter's type."""
        if self.type not in (str, Path) and not (isinstance(self.type, type) and issubclass(self.type, Enum)):
            raise _Unclear
        try:
            value = self.type(text)
        except ValueError:
            raise _Unclear from None
        if isinstance(value, Path) and value.exists() != self.info.exists and self.info.exists:
            raise _Unclear
        if isinstance(value, Path) and value.is_file() and not self.info.file_okay:
            raise _Unclear
        if isinstance(value, Path) and value.exists() and not os.access(value, os.R_OK):
            raise _Unclear
        return value

    def absent(self) -> Any:
        """What it is when the command line does not say."""
        listed = self.info.envvar if isinstance(self.info.envvar, list) else [self.info.envvar]
        if self.default is inspect.Parameter.empty or any(name in os.environ for name in listed if name):
            raise _Unclear
        return self.default


def straight(app: typer.Typer, words: Sequence[str]) -> Callable[[], object] | None:
    """The command a command line means, ready to run; None where the full machinery should have a look."""
    function = _command(app, words[0]) if words else None
    if function is None:
        return None
    try:
        hints = get_type_hints(function, include_extras=True)
        parameters = [_Parameter(p, hints.get(p.name)) for p in inspect.signature(function).parameters.values()]
        values = _values(parameters, words[1:])
    except _Unclear:
        return None
    return lambda: function(**values)


def _command(app: typer.Typer, name: str) -> Callable[..., object] | None:
    for command in app.registered_commands:
        if command.callback is not None and (command.name or command.callback.__name__.replace("_", "-")) == name:
            return command.callback
    return None


def _values(parameters: list[_Parameter], words: Sequence[str]) -> dict[str, Any]:
    options = {name: p for p in parameters if not p.positional for name in p.names}
    given: dict[str, list[Any]] = {}
    positional: list[str] = []
    waiting = iter(words)
    for word in waiting:
        name, equals, text = word.partition("=")
        if not word.startswith("-"):
            positional.append(word)
            continue
        option = options.get(name)
        if option is None or (option.name in given and not option.many) or (option.type is bool and equals):
            raise _Unclear
        if option.type is bool:
            given[option.name] = [True]
            continue
        text = text if equals else next(waiting, "-")
        if text.startswith("-"):
            raise _Unclear
        given.setdefault(option.name, []).append(option.value(text))
    _place(positional, [p for p in parameters if p.positional], given)
    return {
        p.name: p.absent() if p.name not in given else given[p.name] if p.many else given[p.name][0] for p in parameters
    }


def _place(words: list[str], parameters: list[_Parameter], given: dict[str, list[Any]]) -> None:
    """Positional words go to the parameters in order; the last one may take several."""
    for number, parameter in enumerate(parameters):
        is_last = number == len(parameters) - 1
        if parameter.many and not is_last:
            raise _Unclear
        taken = len(words) if parameter.many else 1
        if words:
            given[parameter.name] = [parameter.value(word) for word in words[:taken]]
        words = words[taken:]
    if words:
        raise _Unclear


def _is_plain(info: ArgumentInfo | OptionInfo) -> bool:
    """Whether the parameter asks for nothing but what is understood here."""
    usual = vars(type(info)())
    return all(value == usual[name] for name, value in vars(info).items() if name not in _UNDERSTOOD)


def _type(hint: Any) -> tuple[bool, Any]:
    """(whether it repeats, the type of one value): ``list[Path] | None`` is (True, Path)."""
    if isinstance(hint, UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        if len(kinds) != 1:
            raise _Unclear
        hint = kinds[0]
    if get_origin(hint) is list:
        return True, get_args(hint)[0]
    return False, hint
