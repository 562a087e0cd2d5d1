"""What the three databases say happened: counted there, after the story, not by the script that played it."""

from __future__ import annotations

from interop.demo.cast import Cast
from interop.json_codec import JsonObject
from interop.relay.counts import Counts
from interop.relay.history import History
from interop.relay.inbox import Inbox
from interop.relay.store import Store, StoreSettings


def tally(cast: Cast) -> JsonObject:
    """The numbers of ``interop demo --json``: sums over the three stores, and losses found by comparing them."""
    opened = [Store.open(StoreSettings(tenants[0].store), read_only=True) for tenants in cast.nodes]
    stores = {m.ods: store for tenants, store in zip(cast.nodes, opened, strict=True) for m in tenants}
    try:
        counts = [Counts(store).of(ods) for ods, store in stores.items()]
        lost = _sum(counts, "lost") + _sum(counts, "dead_lettered") + _vanished(stores)
    finally:
        for store in opened:
            store.close()
    return {
        "sent": _sum(counts, "sent"),
        "acknowledged": _sum(counts, "acknowledged"),
        "quarantined": _sum(counts, "quarantined"),
        "replayed": _sum(counts, "replayed"),
        "lost": lost,
        "duplicate_effects": _sum(counts, "duplicate_effects"),
        "obligations": {"kept": _sum(counts, "obligations_kept"), "late": _sum(counts, "obligations_late")},
    }


def _sum(counts: list[dict[str, int]], name: str) -> int:
    return sum(each[name] for each in counts)


def _vanished(stores: dict[str, Store]) -> int:
    """Deliveries a sender believes handed over whose exact bytes the recipient does not hold."""
    held = {
        (ods, item.sender, item.identifier, item.sha256)
        for ods, store in stores.items()
        for item in Inbox(store).items(ods, limit=10_000)
    }
    believed = {
        (leg.recipient, ods, story.identifier, story.sha256)
        for ods, store in stores.items()
        for story in History(store).stories(ods, limit=10_000)
        for leg in story.legs
        if leg.state in ("sent", "acknowledged", "refused")
    }
    return len(believed - held)
