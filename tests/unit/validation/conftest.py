"""One validator for all tests of the room: it compiles when first asked and remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop.definitions import Definitions
from interop.terminology import Terminology
from interop.validation import Validator

SHARED = Path(__file__).parents[3].parent / "shared"


@pytest.fixture(scope="session")
def validator() -> Validator:
    definitions = Definitions.core()
    return Validator(definitions, Terminology(definitions))


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.exists():
        pytest.skip("the folder with HL7's packages and suites is not beside the repository")
    return SHARED
