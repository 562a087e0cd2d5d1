"""The packages the definitions are checked against, where they are at hand."""

from pathlib import Path

import pytest

from interop.definitions import Definitions, Package

PACKAGES = Path(__file__).parents[3].parent / "shared" / "packages"


def _package(name: str) -> Path:
    path = PACKAGES / name
    if not path.exists():
        pytest.skip(f"package {name} is not beside the repository")
    return path


@pytest.fixture(scope="session")
def core_package_file() -> Path:
    return _package("hl7.fhir.r4.core/hl7.fhir.r4.core-4.0.1.tgz")


@pytest.fixture(scope="session")
def core_package(core_package_file: Path) -> Package:
    return Package.load(core_package_file)


@pytest.fixture(scope="session")
def us_core() -> Package:
    return Package.load(_package("hl7.fhir.us.core/hl7.fhir.us.core-3.1.0.tgz"))


@pytest.fixture(scope="session")
def uk_core() -> Package:
    return Package.load(_package("fhir.r4.ukcore"))


@pytest.fixture(scope="session")
def core() -> Definitions:
    return Definitions.core()
