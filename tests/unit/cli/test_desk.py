"""``send``, ``inbox``, ``status``, ``replay`` where nobody runs the node: they open its store themselves."""

from __future__ import annotations

import pytest

from interop.desk import Desk
from interop.node import Node
from interop.pipeline import Arrival, receive
from interop.settings import Settings

RED_BAG = "care-home/red-bag"


def _sent(interop, config, folder, *words):
    return interop("send", RED_BAG, folder, "--to", "RXE99", "--config", config, *words)


def test_a_good_record_is_queued_and_counted(interop, home, journey):
    told = _sent(interop, home, journey / "care-home")
    assert told.code == 0, told.err
    assert "queued transfer-summary RH-014 for RXE99" in told.out
    counts = interop("status", "--config", home, "--output", "json").json()["counts"]
    assert counts["queued"] == 1
    assert "queued" in interop("status", "--config", home).out


def test_the_same_record_again_is_the_same_message(interop, home, journey):
    first, second = (_sent(interop, home, journey / "care-home", "--output", "json") for _ in range(2))
    assert first.json()["records"][0]["id"] == second.json()["records"][0]["id"]
    assert interop("status", "--config", home, "--output", "json").json()["counts"]["queued"] == 1


def test_a_bad_record_is_kept_explained_and_replayed(interop, home, journey):
    told = _sent(interop, home, journey / "care-home-bad", "--output", "json")
    assert told.code == 1
    (record,) = told.json()["records"]
    assert record["status"] == "quarantined"
    again = interop("replay", record["id"], "--config", home)
    assert again.code == 1, "the files are as bad as they were"
    mended = interop(
        "replay", record["id"], "--files", journey / "care-home-corrected", "--reason", "mended", "--config", home
    )
    assert mended.code == 0, mended.err
    assert "queued transfer-summary" in mended.out
    twice = interop("replay", record["id"], "--config", home)
    assert twice.code == 2
    assert "replayed already" in twice.err


def test_in_words_every_fault_names_its_cell(interop, home, journey):
    told = _sent(interop, home, journey / "care-home-bad")
    assert told.code == 1
    assert 'residents.csv row 2, column "NHS Number"' in told.out
    assert 'residents.csv row 2, column "DOB"' in told.out
    assert "allergies.csv" in told.out
    assert "interop replay ID --files" in told.err


def test_what_arrived_is_listed_and_opened(interop, home, hospital, journey, tmp_path):
    record = _sent(interop, home, journey / "care-home", "--output", "json").json()["records"][0]
    with Node.open(Settings.load(home)) as node:
        body, content_type = Desk(node, "VNX01").content(record["id"])
    with Node.open(Settings.load(hospital)) as node:
        receive(node, Arrival(body, content_type, "VNX01"))
    (row,) = interop("inbox", "--config", hospital, "--output", "json").json()["messages"]
    assert (row["sender"], row["kind"]) == ("VNX01", "transfer-summary")
    assert row["id"] in interop("inbox", "--config", hospital).out
    opened = interop("inbox", row["id"], "--out", tmp_path / "opened", "--config", hospital)
    assert opened.code == 0, opened.err
    assert "Ashworth" in (tmp_path / "opened" / "page.html").read_text(encoding="utf-8")
    assert "no mapping is configured for a transfer-summary" in opened.err
    assert interop("inbox", row["id"], "--config", hospital, "--output", "json").json()["opened_at"]


def test_an_empty_inbox_says_so(interop, hospital):
    assert "nothing was received yet" in interop("inbox", "--config", hospital).out
    assert interop("inbox", "--config", hospital, "--output", "json").json() == {"messages": []}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("inbox", "nothing"), "there is no message 'nothing' here"),
        (("replay", "nothing"), "there is no message 'nothing' here"),
        (("status", "--as", "ZZZ99"), "does not speak for ZZZ99"),
    ],
)
def test_what_is_not_there_is_usage(interop, home, words, said):
    told = interop(*words, "--config", home)
    assert told.code == 2
    assert said in told.err
    assert told.out == ""


def test_an_unknown_partner_is_refused_before_anything_is_kept(interop, home, journey):
    told = interop("send", RED_BAG, journey / "care-home", "--to", "ZZZ99", "--config", home)
    assert told.code == 2
    assert "ZZZ99 is not a partner of this node (name it under [[partners]])" in told.err
    counts = interop("status", "--config", home, "--output", "json").json()["counts"]
    assert counts["queued"] == counts["quarantined"] == 0


def test_a_node_of_several_asks_whose_desk(interop, home):
    more = '\n[[organisations]]\nods = "Y99901"\nname = "Mill Lane"\nrole = "gp"\n'
    home.write_text(home.read_text(encoding="utf-8") + more, encoding="utf-8")
    told = interop("status", "--config", home)
    assert told.code == 2
    assert "choose with --as: VNX01, Y99901" in told.err
    assert interop("status", "--as", "Y99901", "--config", home, "--output", "json").json()["organisation"] == "Y99901"


def test_a_store_that_is_open_elsewhere_is_asked_over_http(interop, home):
    with Node.open(Settings.load(home)):
        told = interop("status", "--config", home)
    assert told.code == 2
    assert "operator_token_file is not set" in told.err
    home.write_text(home.read_text(encoding="utf-8").replace("port = 1 ", 'port = 1\noperator_token_file = "t" '))
    home.with_name("t").write_text("token", encoding="utf-8")
    with Node.open(Settings.load(home)):
        told = interop("status", "--config", home)
    assert told.code == 2
    assert "the node does not answer" in told.err
