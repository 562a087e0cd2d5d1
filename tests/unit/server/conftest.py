"""A hospital's node behind its HTTP door, with one partner and one operator; nothing runs in the background."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from interop.node import Node
from interop.server.app import create_app
from interop.settings import Settings
from interop.trust.tokens import digest

OPERATOR, PARTNER = "operator-token", "partner-token"
PATIENTS = "NHS number,Family name,Birth date,Status\n9990000018,Ashworth,14/08/1938,active\n"


@pytest.fixture(scope="package")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder: Path = tmp_path_factory.mktemp("hospital")
    (folder / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    table = {
        "node": {"name": "St Elsewhere's Hospital", "body_limit_mb": 20},
        "organisations": [
            {
                "ods": "RXE99",
                "name": "St Elsewhere's Hospital",
                "role": "hospital",
                "register": "patients.csv",
                "credentials": [{"name": "front desk", "token_sha256": digest(OPERATOR)}],
            }
        ],
        "partners": [
            {"ods": "VNX01", "name": "Rosewood House", "role": "care-home", "token_sha256": digest(PARTNER)},
            {"ods": "Y99901", "name": "Mill Lane Surgery", "role": "gp"},
        ],
    }
    with Node.open(Settings.of(table, folder=folder)) as opened:
        yield opened


@pytest.fixture(scope="package")
def http(node: Node) -> TestClient:
    # Without "with", the application's background workers stay out of it.
    return TestClient(create_app(node), raise_server_exceptions=False)


@pytest.fixture
def as_partner() -> dict[str, str]:
    return {"Authorization": f"Bearer {PARTNER}", "Content-Type": "application/fhir+json"}


@pytest.fixture
def as_operator() -> dict[str, str]:
    return {"Authorization": f"Bearer {OPERATOR}"}
