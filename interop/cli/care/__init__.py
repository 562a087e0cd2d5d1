"""``interop care``: what the practices of sharing care ask for, one verb a question, over documents in files."""

from __future__ import annotations

import typer

from interop.cli.care import (
    adjustments,
    assess,
    checkpoints,
    cohort,
    compare,
    consent,
    delegation,
    diary,
    discharge,
    disclose,
    gp_copy,
    hub,
    meeting,
    notices,
    pointer,
    reconcile,
    transport,
    web,
    wishes,
)

care_app = typer.Typer(
    no_args_is_help=True,
    help="For those who share a person's care: compare plans, check a bag, see who holds what, what is missed or owed.",
)
FAMILIES = (
    adjustments,
    assess,
    checkpoints,
    cohort,
    compare,
    consent,
    delegation,
    diary,
    discharge,
    disclose,
    gp_copy,
    hub,
    meeting,
    notices,
    pointer,
    reconcile,
    transport,
    web,
    wishes,
)
"""One module a practice; each registers its verbs."""


def register(app: typer.Typer) -> None:
    """Every practice's verbs."""
    for family in FAMILIES:
        family.register(care_app)
    app.add_typer(care_app, name="care")
