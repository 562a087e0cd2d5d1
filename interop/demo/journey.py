"""The steps of the main job, each done for real and proved by what the nodes say afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from interop.demo.living_plan import coordinator_changes, visit_missed
from interop.demo.scene import Proved, Scene, Step, StoryError
from interop.demo.transfer import (
    admission_and_debt,
    discharge,
    home_again,
    killed,
    quarantine,
    red_bag,
    stored_and_answered,
)

__all__ = ["ACTS", "Scene", "Step", "StoryError", "play"]

ACTS: tuple[tuple[str, str, str, Callable[[Scene], Proved]], ...] = (
    ("The red bag becomes one document", "home", "hospital gp", red_bag),
    ("Stored as sent, recognised when sent twice, answered", "hospital", "home", stored_and_answered),
    ("Admitted, then going home: now a summary is owed", "hospital", "hospital", admission_and_debt),
    ("The discharge summary is sent, accepted, and the debt is settled", "hospital", "home gp", discharge),
    ("Home again, in the home's own words", "home", "home", home_again),
    ("A bad record is stopped at the door, mended and replayed", "home", "home", quarantine),
    ("The hospital's node is killed; nothing is lost, nothing is doubled", "home", "hospital", killed),
    ("The care co-ordinator changes: those around her are told", "home", "gp", coordinator_changes),
    ("A missed visit alerts once, and is taken back when it was made after all", "home", "home", visit_missed),
)
"""What happens, who does it, who gets it, and how."""


def play(scene: Scene) -> Iterator[Step]:
    """Each step as it is done. Raises StoryError, or the node's own refusal, at the first that fails."""
    for number, (title, sender, receivers, act) in enumerate(ACTS, start=1):
        proof, files = act(scene)
        members = tuple(getattr(scene.cast, name) for name in receivers.split())
        yield Step(number, title, getattr(scene.cast, sender), members, proof, datetime.now(UTC), files)
