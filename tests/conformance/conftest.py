"""Published packages, examples and validators that the conformance tests share; each is made once."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

from interop import json_codec, xml_codec
from interop.definitions import Definitions, Package
from interop.json_codec import JsonObject
from interop.terminology import Terminology
from interop.validation import Validator

SHARED = Path(__file__).parents[2].parent / "shared"
PACKAGES = SHARED / "packages"
UKCORE = PACKAGES / "fhir.r4.ukcore"
USCORE = PACKAGES / "hl7.fhir.us.core" / "hl7.fhir.us.core-3.1.0.tgz"
R4_EXAMPLES = PACKAGES / "hl7.fhir.r4.examples" / "hl7.fhir.r4.examples-4.0.1-open.tgz"


class Published:
    """What others published: examples as bytes and as trees, and a validator for each package."""

    @staticmethod
    @lru_cache
    def r4_examples() -> dict[str, bytes]:
        """HL7's official R4 examples by name without ``.json``."""
        return dict(_members(R4_EXAMPLES))

    @staticmethod
    @lru_cache
    def uk_examples() -> dict[str, tuple[bytes, str]]:
        """UK Core's examples by name without ``.xml``: the bytes and the profile each is meant for."""
        listed = json.loads((UKCORE / "examples.json").read_text(encoding="utf-8"))
        folder = UKCORE / "examples"
        return {e["file"].removesuffix(".xml"): ((folder / e["file"]).read_bytes(), e["profile"]) for e in listed}

    def example(self, package: str, name: str) -> tuple[JsonObject, tuple[str, ...]]:
        """A fresh copy of an example, and the profiles it is meant for."""
        if package == "r4":
            return json_codec.loads(self.r4_examples()[name]), ()
        data, profile = self.uk_examples()[name]
        return xml_codec.decode(data, Definitions.core()), (profile,)

    @staticmethod
    @lru_cache
    def definitions(package: str) -> Definitions:
        """R4, alone or with the package's definitions: ``r4``, ``ukcore``, ``uscore``."""
        core = Definitions.core()
        if package == "r4":
            return core
        return core.with_package(Package.load(UKCORE if package == "ukcore" else USCORE))

    @lru_cache  # noqa: B019  one instance a session
    def validator(self, package: str) -> Validator:
        known = self.definitions(package)
        return Validator(known, Terminology(known))


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as opened:
        for member in opened:
            name = Path(member.name)
            file = opened.extractfile(member) if member.isfile() else None
            if file is not None and name.name not in ("package.json", ".index.json"):
                yield name.name.removesuffix(".json"), file.read()


@pytest.fixture(scope="session")
def published() -> Published:
    if not PACKAGES.exists():
        pytest.skip("the published packages and examples are not beside the repository")
    return Published()
