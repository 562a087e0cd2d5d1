"""What a rule wants done is done once, with the document or not at all, and never keeps the document back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from interop.bundle import stable_uuid
from interop.desk import Desk
from interop.errors import StoreError
from interop.json_codec import JsonObject, loads
from interop.node import Node
from interop.pipeline import look_again, rules
from interop.pipeline.rules import Registered, between, over
from interop.practice.follow_up import FollowUp
from interop.reading import Document
from interop.relay.counts import Counts
from interop.relay.trail import Trail
from interop.workers import Workers

Sit = Callable[..., JsonObject]
Register = Callable[..., None]
ON = ("day-room",)


def chair_of(document: Document) -> str:
    found: str = document.patient["address"][0]["text"]
    return found


def notice(document: Document, key: str, *to: str, kind: str = "chair-changed") -> FollowUp:
    """A small valid document about the person, the same bytes for the same key."""
    person = "urn:uuid:" + stable_uuid("person")
    composition = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "Chair changed"},
        "subject": {"reference": person},
        "date": "2026-11-14T12:00:00Z",
        "author": [{"display": "Rosewood House"}],
        "title": f"Chair changed: {key}",
    }
    patient = {"resourceType": "Patient", "identifier": document.patient["identifier"]}
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:" + stable_uuid(kind, key)},
        "type": "document",
        "timestamp": "2026-11-14T12:00:00Z",
        "entry": [
            {"fullUrl": "urn:uuid:" + stable_uuid("letter", key), "resource": composition},
            {"fullUrl": person, "resource": patient},
        ],
    }
    return FollowUp(kind, key, bundle, to, "The chair changed.")


def moved(*to: str, **options: Any) -> Registered:
    """The toy rule: who sits elsewhere than before is worth a notice."""

    def rule(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
        if before is None or chair_of(before) == chair_of(after):
            return ()
        return (notice(after, f"{chair_of(before)}>{chair_of(after)}", *to),)

    return between("chair-moved", ON, rule, **options)


def sent(node: Node, ods: str = "VNX01", kind: str = "chair-changed") -> list[JsonObject]:
    return [m for m in Desk(node, ods).messages("out")["messages"] if m["kind"] == kind]


def alarms(node: Node, ods: str = "VNX01") -> list[str]:
    return [standing.alarm.code for standing in node.alarms.standing(ods)]


def test_a_change_is_told_to_whom_the_rule_names(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("RXE99", "Y99901"))
    sit("by the door", "09:00")
    assert sent(hub) == []
    cause = sit("by the window", "10:00")
    (message,) = sent(hub)
    assert sorted(leg["recipient"] for leg in message["deliveries"]) == ["RXE99", "Y99901"]
    told = Desk(hub, "VNX01").message(cause["id"])["follow_ups"]
    assert [(one["kind"], one["message"]) for one in told] == [("chair-changed", message["id"])]
    assert Desk(hub, "VNX01").message(message["id"])["follows"] == cause["id"]
    carried = loads(Desk(hub, "VNX01").content(message["id"])[0])
    assert (
        carried["entry"][1]["resource"]["entry"][0]["resource"]["title"] == "Chair changed: by the door>by the window"
    )


def test_it_arrives_like_any_document(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("RXE99"))
    sit("by the door", "09:00")
    sit("by the window", "10:00")
    workers = Workers(hub)
    while workers.dispatcher.run_once() or workers.handle_next():
        pass
    (arrived,) = [m for m in Desk(hub, "RXE99").messages("in")["messages"] if m["kind"] == "chair-changed"]
    assert arrived["sender"] == "VNX01"


def test_roles_are_found_in_the_persons_circle(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("gp"))
    sit("by the door", "09:00")
    (person,) = {m["person"] for m in _stories(hub)}
    hub.persons.join("VNX01", person, "gp", "Y99901")
    sit("by the window", "10:00")
    (message,) = sent(hub)
    assert [leg["recipient"] for leg in message["deliveries"]] == ["Y99901"]


def _stories(node: Node) -> list[dict[str, Any]]:
    return [{"person": story.person} for story in node.history.stories("VNX01")]


def test_a_name_nobody_answers_to_is_told_and_the_rest_still_goes(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("RXE99", "social-care", "ZZZ99"))
    sit("by the door", "09:00")
    sit("by the window", "10:00")
    (message,) = sent(hub)
    assert [leg["recipient"] for leg in message["deliveries"]] == ["RXE99"]
    assert alarms(hub) == ["follow-up-recipient-unknown"] * 2


def test_what_goes_to_nobody_else_waits_for_our_own_people(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("VNX01"))
    sit("by the door", "09:00")
    sit("by the window", "10:00")
    (message,) = sent(hub)
    assert message["deliveries"] == []
    assert alarms(hub) == ["follow-up"]
    assert Counts(hub.store).of("VNX01")["lost"] == 0


# Once


def test_the_same_document_again_asks_nothing_again(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("RXE99"))
    sit("by the door", "09:00")
    for _ in range(3):
        sit("by the window", "10:00")
    assert len(sent(hub)) == 1


def test_two_documents_that_prove_the_same_thing_are_one_follow_up(hub: Node, sit: Sit, registered: Register) -> None:
    def rule(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        return [notice(documents[-1], "ever by the window", "RXE99")] * 2

    registered(over("ever", ON, rule))
    for hour in ("09:00", "10:00", "11:00"):
        sit("by the window", hour)
    assert len(sent(hub)) == 1


def test_the_key_is_not_kept_in_the_clear_nor_audited(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("RXE99"))
    sit("by the door", "09:00")
    sit("by the window", "10:00")
    with hub.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM consequence").all()
    assert "window" not in str(rows)
    assert "window" not in str([entry for entry, _ in Trail(hub.store).entries("VNX01")])
    assert Trail(hub.store).verify("VNX01") is None


def test_a_follow_up_is_not_followed_itself(hub: Node, sit: Sit, registered: Register) -> None:
    def endless(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        return [notice(documents[-1], f"again {len(documents)}", "RXE99", kind="day-room")]

    registered(over("endless", ON, endless))
    sit("by the window")
    assert len(sent(hub, kind="day-room")) == 2, "the document and its one follow-up"


# With the document, or not at all


def test_a_rule_that_fails_raises_an_alarm_and_holds_nothing_back(hub: Node, sit: Sit, registered: Register) -> None:
    def breaks(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        raise KeyError("9990000018")

    registered(over("breaks", ON, breaks), moved("RXE99"))
    assert sit("by the door", "09:00")["status"] == "recorded"
    assert sit("by the window", "10:00")["status"] == "recorded"
    assert len(sent(hub)) == 1, "the other rule was asked"
    assert set(alarms(hub)) == {"rule-failed"}
    assert all("9990000018" not in standing.alarm.text for standing in hub.alarms.standing("VNX01"))


def test_what_a_failing_rule_had_begun_is_undone(hub: Node, sit: Sit, registered: Register) -> None:
    def half(documents: Sequence[Document], now: datetime) -> Any:
        yield notice(documents[-1], "first", "RXE99")
        raise RuntimeError

    registered(over("half", ON, half))
    sit("by the window")
    assert sent(hub) == []


def test_a_follow_up_that_is_not_valid_is_not_sent(hub: Node, sit: Sit, registered: Register) -> None:
    def wrong(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        found = notice(documents[-1], "wrong", "RXE99")
        found.bundle["entry"][0]["resource"]["status"] = "perhaps"
        return [found]

    registered(over("wrong", ON, wrong))
    assert sit("by the window")["status"] == "recorded"
    assert sent(hub) == []
    assert alarms(hub) == ["follow-up-invalid"]


def test_a_store_that_cannot_write_the_follow_up_does_not_take_the_document(
    hub: Node, sit: Sit, registered: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    registered(moved("RXE99"))
    sit("by the door", "09:00")

    def full(_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(hub.consequences, "record", full)
    with pytest.raises(StoreError):
        sit("by the window", "10:00")
    assert len(hub.history.stories("VNX01")) == 1
    monkeypatch.undo()
    registered(moved("RXE99"))
    sit("by the window", "10:00")
    assert len(sent(hub)) == 1


# What a rule is shown


def test_the_document_before_is_the_newest_of_the_person_in_the_organisation(
    hub: Node, sit: Sit, registered: Register
) -> None:
    seen: list[tuple[str | None, str]] = []

    def watcher(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
        seen.append((chair_of(before) if before else None, chair_of(after)))
        return ()

    registered(between("watcher", ON, watcher))
    sit("by the door", "09:00")
    sit("somebody else's", "09:30", nhs="9990000107")
    sit("the hospital's", "09:40", ods="RXE99")
    sit("the night's", "09:50", kind="night-room")
    sit("by the window", "10:00")
    sit("by the fire", "11:00")
    assert seen == [
        (None, "by the door"),
        (None, "somebody else's"),
        (None, "the hospital's"),
        ("by the door", "by the window"),
        ("by the window", "by the fire"),
    ]


def test_a_document_that_slips_in_between_is_seen(hub: Node, sit: Sit, registered: Register) -> None:
    """A rule is asked before its document is accepted. If another comes first, what it said no longer counts."""
    seen: list[str | None] = []

    def rule(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
        seen.append(chair_of(before) if before else None)
        if chair_of(after) == "by the fire" and len(seen) == 2:
            sit("by the window", "10:00")
        return (notice(after, f"{seen[-1]}>{chair_of(after)}", "RXE99"),) if before else ()

    registered(between("slips", ON, rule))
    sit("by the door", "09:00")
    sit("by the fire", "11:00")
    assert seen == [None, "by the door", "by the door", "by the window"]
    titles = [
        loads(Desk(hub, "VNX01").content(m["id"])[0])["entry"][1]["resource"]["entry"][0]["resource"]["title"]
        for m in sent(hub)
    ]
    assert sorted(titles) == ["Chair changed: by the door>by the window", "Chair changed: by the window>by the fire"]


def test_a_rule_may_be_made_of_what_organisations_are_called(hub: Node, sit: Sit, registered: Register) -> None:
    seen: list[str] = []

    def made(names: rules.Names) -> rules.Between:
        def rule(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
            seen.append(names["RXE99"])
            return ()

        return rule

    registered(rules.between_named("named", ON, made))
    sit("by the door")
    assert seen == ["St Elsewhere's"]


def test_a_document_older_than_one_we_hold_is_no_news(hub: Node, sit: Sit, registered: Register) -> None:
    registered(moved("RXE99"))
    sit("by the window", "10:00")
    sit("by the door", "09:00")
    assert sent(hub) == []


def test_a_rule_over_many_sees_them_oldest_first(hub: Node, sit: Sit, registered: Register) -> None:
    seen: list[list[str]] = []

    def watcher(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        seen.append([chair_of(document) for document in documents])
        return ()

    registered(over("watcher", ON, watcher))
    for chair, hour in (("second", "10:00"), ("third", "11:00"), ("first", "09:00")):
        sit(chair, hour)
    assert seen == [["second"], ["second", "third"], ["first", "second", "third"]]


# Time alone


def late(after: Document, now: datetime) -> datetime | None:
    """Whoever is in bed at ten is to be woken at half past."""
    return datetime(2026, 11, 14, 12, 30, tzinfo=UTC) if chair_of(after) == "bed" else None


def overslept(*to: str) -> Registered:
    def rule(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
        due = late(after, now)
        return [notice(after, "overslept 2026-11-14", *to)] if due and now >= due else []

    return between("overslept", ON, rule, next_look=late)


def test_what_becomes_true_by_time_alone_is_told_once(hub: Node, sit: Sit, registered: Register, clock: Any) -> None:
    registered(overslept("Y99901"))
    cause = sit("bed")
    assert look_again(hub, "VNX01") == 0
    clock.forward(minutes=29)
    assert look_again(hub, "VNX01") == 0
    assert sent(hub) == []
    clock.forward(minutes=1)
    assert look_again(hub, "VNX01") == 1
    assert look_again(hub, "VNX01") == 0
    clock.forward(days=1)
    assert look_again(hub, "VNX01") == 0
    assert len(sent(hub)) == 1
    assert [one["kind"] for one in Desk(hub, "VNX01").message(cause["id"])["follow_ups"]] == ["chair-changed"]


def test_news_in_time_calls_it_off(hub: Node, sit: Sit, registered: Register, clock: Any) -> None:
    registered(overslept("Y99901"))
    sit("bed", "10:00")
    sit("by the window", "10:20")
    clock.forward(hours=1)
    assert look_again(hub, "VNX01") == 0
    assert sent(hub) == []


def test_a_rule_that_fails_when_it_looks_again_is_asked_an_hour_later(
    hub: Node, sit: Sit, registered: Register, clock: Any
) -> None:
    registered(overslept("Y99901"))
    sit("bed")

    def breaks(documents: Sequence[Document], now: datetime) -> Sequence[FollowUp]:
        raise RuntimeError

    registered(over("overslept", ON, breaks, next_look=late))
    clock.forward(minutes=30)
    assert [look_again(hub, "VNX01"), look_again(hub, "VNX01")] == [1, 0]
    assert alarms(hub) == ["rule-failed"]
    registered(overslept("Y99901"))
    clock.forward(hours=1)
    assert look_again(hub, "VNX01") == 1
    assert len(sent(hub)) == 1


def test_a_rule_that_was_taken_out_is_not_asked_for_ever(hub: Node, sit: Sit, registered: Register, clock: Any) -> None:
    registered(overslept("Y99901"))
    sit("bed")
    registered()
    clock.forward(days=1)
    assert [look_again(hub, "VNX01"), look_again(hub, "VNX01")] == [1, 0]


# What is received


@pytest.mark.parametrize(("where", "found"), [(("sent",), 0), (("received",), 1), (("sent", "received"), 1)])
def test_what_is_received_is_looked_at_where_the_rule_says_so(
    hub: Node, registered: Register, clock: Any, where: tuple[Any, ...], found: int
) -> None:
    from interop.catalogue import shipped

    seen: list[str] = []

    def watcher(before: Document | None, after: Document, now: datetime) -> Sequence[FollowUp]:
        seen.append(str(after.bundle.get("type")))
        return ()

    folder = shipped("examples") / "red-bag-journey" / "care-home"
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    registered()
    Desk(hub, "RXE99").submit("care-home/red-bag", files)  # the hospital knows her
    Desk(hub, "VNX01").submit("care-home/red-bag", files, ("RXE99",))
    registered(between("watcher", ("transfer-summary",), watcher, where=where))
    clock.forward(minutes=1)
    workers = Workers(hub)
    while workers.dispatcher.run_once() or workers.handle_next():
        clock.forward(seconds=1)
    assert seen == ["document"] * found


def test_the_rules_of_a_node_have_names_of_their_own() -> None:
    names = [rule.name for rule in rules.RULES]
    assert len(names) == len(set(names))
    assert all(rule.on and rule.where for rule in rules.RULES)
