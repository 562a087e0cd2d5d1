"""Two people change one care plan at the same time, each from a machine of their own, against one running node."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from interop.catalogue import shipped
from interop.client import NodeClient
from interop.errors import TransitionError
from interop.node import Node
from interop.server.app import create_app
from interop.settings import Settings
from interop.trust.tokens import digest

PLAN = json.loads((shipped("examples") / "care-plan" / "RH-014.json").read_text(encoding="utf-8"))
MAPPING = "care-home/care-plan-json"
CONFIG = """
[node]
name = "Rosewood House"
port = {port}
operator_token_file = "{who}.token"

[[organisations]]
ods = "VNX01"
name = "Rosewood House"
role = "care-home"

[[organisations.credentials]]
name = "Joseph Mensah"
token_sha256 = "{joseph}"

[[organisations.credentials]]
name = "Grace Obi"
token_sha256 = "{grace}"
"""


def plan(summary: str, at: str) -> bytes:
    made = deepcopy(PLAN)
    made["plan"]["summary"] = summary
    made["resident"]["completed"]["at"] = f"2026-11-20T{at}"
    return json.dumps(made).encode()


def configured(folder: Path, port: int) -> dict[str, Path]:
    """One node, and a configuration of each of its two editors."""
    found = {}
    for who in ("joseph", "grace"):
        (folder / f"{who}.token").write_text(who, encoding="utf-8")
        found[who] = folder / f"{who}.toml"
        text = CONFIG.format(port=port, who=who, joseph=digest("joseph"), grace=digest("grace"))
        found[who].write_text(text, encoding="utf-8")
    return found


# At the door


@pytest.fixture
def http(tmp_path: Path) -> Iterator[TestClient]:
    config = configured(tmp_path, 1)["joseph"]
    with Node.open(Settings.load(config)) as node:
        yield TestClient(create_app(node), raise_server_exceptions=False)


def post(http: TestClient, summary: str, at: str, who: str = "joseph", **headers: str) -> Any:
    files = [("files", ("RH-014.json", plan(summary, at)))]
    sent = {"Authorization": f"Bearer {who}", **headers}
    return http.post(f"/messages?mapping={MAPPING}", files=files, headers=sent)


def test_the_etag_of_a_plan_is_what_if_match_wants(http: TestClient) -> None:
    first = post(http, "Walk again.", "15:40").json()["records"][0]
    read = http.get(f"/messages/{first['id']}/content", headers={"Authorization": "Bearer grace"})
    assert read.headers["etag"] == 'W/"1"'
    second = post(http, "Rest.", "16:00", "grace", **{"If-Match": read.headers["etag"]})
    assert second.status_code == 202
    assert second.json()["records"][0]["edition"] == 2


def test_the_second_to_come_gets_412_with_the_name_and_the_time(http: TestClient) -> None:
    post(http, "Walk again.", "15:40")
    post(http, "Walk to the garden.", "16:00", **{"If-Match": 'W/"1"'})
    late = post(http, "Rest.", "16:05", "grace", **{"If-Match": 'W/"1"'})
    assert late.status_code == 412
    told = late.json()
    assert told["resourceType"] == "OperationOutcome"
    said = json.dumps(told)
    assert "Joseph Mensah made edition 2 on" in said
    (kept,) = http.get("/messages?direction=quarantine", headers={"Authorization": "Bearer grace"}).json()["messages"]
    assert kept["id"] in said
    files = [("files", ("RH-014.json", plan("Walk to the garden, and rest.", "16:10")))]
    headers = {"Authorization": "Bearer grace"}
    address = f"/messages/{kept['id']}/replay?reason=taken+in"
    assert http.post(address, files=files, headers=headers).status_code == 428
    assert http.post(address, files=files, headers={**headers, "If-Match": 'W/"1"'}).status_code == 412
    again = http.post(address, files=files, headers={**headers, "If-Match": 'W/"2"'})
    assert again.status_code == 202
    assert again.json()["records"][0]["edition"] == 3


def test_what_is_no_entity_tag_is_400(http: TestClient) -> None:
    assert post(http, "Walk again.", "15:40", **{"If-Match": "*"}).status_code == 400


# Real processes


@pytest.fixture
def node(tmp_path: Path) -> Iterator[dict[str, Path]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configs = configured(tmp_path, port)
    command = [sys.executable, "-m", "interop.cli.main", "serve", "--config", str(configs["joseph"])]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with NodeClient(f"http://127.0.0.1:{port}", "joseph") as client:
            for _ in range(300):
                if client.ready():
                    break
                time.sleep(0.1)
            client.submit(MAPPING, {"RH-014.json": plan("Walk again.", "15:40")})
        yield configs
    finally:
        process.terminate()
        process.wait(20)


def editor(config: Path, folder: Path, summary: str, at: str) -> subprocess.Popen[str]:
    file = folder / f"{at.replace(':', '')}.json"
    file.write_bytes(plan(summary, at))
    command = [sys.executable, "-m", "interop.cli.main", "send", MAPPING, str(file)]
    options = ["--made-from", "1", "--config", str(config), "--output", "json"]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_editors_at_once_one_wins_and_the_other_loses_nothing(node: dict[str, Path], tmp_path: Path) -> None:
    given = {"joseph": ("Walk to the garden.", "16:00"), "grace": ("Rest.", "16:05")}
    running = {who: editor(node[who], tmp_path, *words) for who, words in given.items()}
    ended = {who: (*process.communicate(timeout=60), process.returncode) for who, process in running.items()}
    assert sorted(code for _, _, code in ended.values()) == [0, 1], ended
    (winner,) = [who for who, (_, _, code) in ended.items() if code == 0]
    (loser,) = [who for who in ended if who != winner]
    assert json.loads(ended[winner][0])["records"][0]["edition"] == 2
    names = {"joseph": "Joseph Mensah", "grace": "Grace Obi"}
    said = " ".join(ended[loser][1].split())
    assert f"{names[winner]} made edition 2" in said
    port = Settings.load(node["grace"]).node.port
    with NodeClient(f"http://127.0.0.1:{port}", loser) as client:
        (kept,) = client.messages("quarantine")["messages"]
        assert kept["id"] in said
        (file,) = client.message(kept["id"])["originals"]
        assert b"".join(client.original(kept["id"], file["sha256"]).pieces) == plan(*given[loser])
        with pytest.raises(TransitionError) as refused:
            client.replay(kept["id"], {}, "blind")
        assert refused.value.code == "edition-missing"
        again = client.replay(kept["id"], {"p.json": plan("Both.", "16:10")}, "taken in", made_from=2)
        assert again["records"][0]["edition"] == 3
        standing = client.message(again["records"][0]["id"])["edition"]["standing"]
        assert (standing["number"], standing["editor"]) == (3, names[loser])
