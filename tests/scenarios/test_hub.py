"""One node may speak for several organisations: the same journey on one hub with three tenants."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from interop.catalogue import shipped
from interop.client import NodeClient
from interop.demo.cast import Cast, gather
from interop.demo.journey import Scene, Step, play
from interop.demo.nodes import client, running
from interop.demo.tally import tally
from interop.errors import ContentError


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cast, list[Step], dict[str, object], list[str]]:
    out = tmp_path_factory.mktemp("hub")
    examples = shipped("examples") / "red-bag-journey"
    cast = gather(out / "nodes", examples, hub=True)
    with running(cast) as processes:
        scene = Scene(cast, processes, None, examples, out, datetime.now(UTC))
        steps = list(play(scene))
        peeks = [_peek(client(cast.gp), scene.bag["id"]), _peek(client(cast.home), "no-such-message")]
    return cast, steps, tally(cast), peeks


def _peek(at: NodeClient, message: str) -> str:
    with at, pytest.raises(ContentError) as refused:
        at.message(message)
    return refused.value.text


def test_all_nine_steps_happen_on_one_node(told: tuple[Cast, list[Step], dict[str, object], list[str]]) -> None:
    cast, steps, numbers, _ = told
    assert len(cast.nodes) == 1
    assert [step.number for step in steps] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert numbers["lost"] == 0
    assert numbers["duplicate_effects"] == 0
    assert numbers["obligations"] == {"kept": 2, "late": 0}


def test_a_tenant_cannot_see_what_another_sent(told: tuple[Cast, list[Step], dict[str, object], list[str]]) -> None:
    anothers, nobodys = told[3]
    assert "there is no message" in anothers
    assert "there is no message" in nobodys


def test_one_database_holds_all_three(told: tuple[Cast, list[Step], dict[str, object], list[str]]) -> None:
    folder: Path = told[0].home.folder
    assert [p.name for p in folder.rglob("interop.db")] == ["interop.db"]
