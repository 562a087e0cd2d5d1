"""The peers of the benchmark: each gives a function from the record to the CarePlan, made once."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import record

Map = Callable[[dict[str, str]], Any]


class UnavailableError(Exception):
    """A peer that cannot be had here, and why."""


def plain() -> tuple[str, Map]:
    """The function a programmer would write: one dict literal."""
    space: dict[str, Any] = {}
    source = f"def build(record):\n    return {record.text_of(lambda name: f'record[{name!r}]')}"
    exec(compile(source, "<plain>", "exec"), space)  # noqa: S102  # our own text, written out from one table
    return ".".join(map(str, sys.version_info[:3])), space["build"]


def jinja(build: Path) -> tuple[str, Map]:
    from jinja2 import Environment

    template = Environment(autoescape=False).from_string(  # noqa: S701  # the text is JSON, not HTML
        record.text_of(lambda name: f"{{{{ {name}|tojson }}}}")
    )
    return version("jinja2"), lambda given: json.loads(template.render(given))


def liquid(build: Path) -> tuple[str, Map]:
    _had("liquid", "python-liquid", build)
    from liquid import Environment

    environment = Environment()
    environment.filters["tojson"] = json.dumps
    template = environment.from_string(record.text_of(lambda name: f"{{{{ {name} | tojson }}}}"))
    return version("python-liquid"), lambda given: json.loads(template.render(**given))


def jsonata(build: Path) -> tuple[str, Map]:
    _had("jsonata", "jsonata-python", build)
    from jsonata import Jsonata

    expression = Jsonata(record.text_of(str))
    return version("jsonata-python"), expression.evaluate


def fpml(build: Path) -> tuple[str, Map]:
    """With every expression compiled once, as its own documentation shows."""
    _had("fpml", "fpml", build)
    from fhirpathpy import compile as compile_path
    from fpml import resolve_template

    compiled = lru_cache(maxsize=1024)(compile_path)
    template = record.tree(lambda name: f"{{{{ {name} }}}}", str)

    def evaluate(resource: Any, expression: str, context: Any) -> Any:
        return compiled(expression)(resource, context)

    return version("fpml"), lambda given: resolve_template(given, template, {}, evaluate=evaluate)


def _had(module: str, package: str, build: Path) -> None:
    """Import a peer, installed below ``build`` when it is not there yet. Raises UnavailableError."""
    folder = build / "peers"
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    with suppress(ImportError):
        importlib.import_module(module)
        return
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--target",
        str(folder),
        package,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    importlib.invalidate_caches()
    if done.returncode:
        raise UnavailableError(f"pip could not install {package}: {done.stderr.strip().splitlines()[-1:]}")
    try:
        importlib.import_module(module)
    except ImportError as fault:
        raise UnavailableError(f"{package} is installed, but: {fault}") from None


PEERS: dict[str, Callable[[Path], tuple[str, Map]]] = {
    "Jinja2 + json": jinja,
    "python-liquid + json": liquid,
    "jsonata-python": jsonata,
    "fpml, compile cached": fpml,
}
