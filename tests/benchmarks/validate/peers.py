"""The peers of the benchmark: how each is got, started and asked, and what each one checks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent / "peers"


class UnavailableError(Exception):
    """A peer that cannot be had here, and why."""


@dataclass(frozen=True)
class Peer:
    """One validator.

    start  installs what it needs below a folder; gives its version and the command that answers for the inputs
    modes  ``parsed``: the resource is parsed already; ``text``: from JSON text to the answer
    """

    name: str
    checks: str
    start: Callable[[Path, Path], tuple[str, list[str]]]
    modes: tuple[str, ...] = ("parsed", "text")


@dataclass
class Running:
    """A peer's process, waiting for questions."""

    peer: Peer
    version: str
    process: subprocess.Popen[str]
    micros: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, peer: Peer, build: Path, inputs: Path) -> Running:
        release, command = peer.start(build, inputs)
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return cls(peer, release, process)

    def ask(self, name: str, mode: str, milliseconds: int) -> float:
        """Microseconds of one operation, as the mean over the time given."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(f"{name} {mode} {milliseconds}\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        except (OSError, json.JSONDecodeError):
            raise UnavailableError(f"its process ended with {self.process.wait(5)}") from None
        self.errors[name] = answer["errors"]
        return float(answer["micros"])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def _ours(build: Path, inputs: Path) -> tuple[str, list[str]]:
    return version("interop"), [sys.executable, str(HERE / "ours.py"), str(inputs)]


def _models(build: Path, inputs: Path) -> tuple[str, list[str]]:
    try:
        return version("fhir.resources"), [sys.executable, str(HERE / "models.py"), str(inputs)]
    except PackageNotFoundError:
        raise UnavailableError("fhir.resources is not installed") from None


def _medplum(build: Path, inputs: Path) -> tuple[str, list[str]]:
    modules = build / "node"
    wanted = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]["@medplum/core"]
    if not (modules / "node_modules" / "@medplum" / "core").exists():
        modules.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "package.json", modules)
        _run(["npm", "install", "--no-audit", "--no-fund", "--silent"], modules)
    return wanted, ["node", str(HERE / "medplum.mjs"), str(modules), str(inputs)]


def _hapi(build: Path, inputs: Path) -> tuple[str, list[str]]:
    jars = build / "java"
    if not list(jars.glob("lib/hapi-fhir-validation-*.jar")):
        jars.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "pom.xml", jars)
        _run(["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], jars)
    release = next(jars.glob("lib/hapi-fhir-base-*.jar")).stem.rpartition("-")[2]
    _run(["javac", "-cp", "lib/*", "-d", ".", str(HERE / "Hapi.java")], jars)
    return release, ["java", "-Xmx4g", "-cp", f"{jars}:{jars}/lib/*", "Hapi", str(inputs)]


def _run(command: list[str], folder: Path) -> None:
    if shutil.which(command[0]) is None:
        raise UnavailableError(f"{command[0]} is not on this machine")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise UnavailableError(f"{command[0]} failed: {said[-1] if said else done.returncode}")


PEERS = (
    Peer(
        "interop",
        "structure, cardinality, primitive forms, all invariants, bindings and codes, slicing, extensions and their "
        "contexts, reference form and targets, Bundle rules, narrative, vital signs",
        _ours,
    ),
    Peer(
        "@medplum/core validateResource",
        "structure, cardinality, primitive forms, invariants; NOT bindings, codes, narrative, extension contexts, "
        "Bundle rules, vital signs; reference types as warnings only",
        _medplum,
    ),
    Peer(
        "fhir.resources R4B",
        "structure, cardinality, primitive forms; NOT invariants, bindings, codes, references, narrative, extensions, "
        "Bundle rules",
        _models,
    ),
    Peer(
        "HAPI FHIR validator",
        "structure, cardinality, primitive forms, all invariants, bindings and codes of R4, slicing, extensions, "
        "references, Bundle rules, narrative, vital signs",
        _hapi,
        ("text",),
    ),
)
