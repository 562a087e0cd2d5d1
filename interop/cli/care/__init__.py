"""``interop care``: what the practices of sharing care ask for, one verb a question, over documents in files."""

from __future__ import annotations

from importlib import import_module

import typer

care_app = typer.Typer(
    no_args_is_help=True,
    help="For those who share a person's care: compare plans, check a bag, see who holds what, what is missed or owed.",
)
PRACTICES = (
    "adjustments",
    "assess",
    "checkpoints",
    "cohort",
    "compare",
    "consent",
    "delegation",
    "diary",
    "discharge",
    "disclose",
    "gp_copy",
    "hub",
    "meeting",
    "notices",
    "pointer",
    "reconcile",
    "transport",
    "web",
    "wishes",
)
"""One module a practice; each registers its verbs."""


def register(app: typer.Typer) -> None:
    """Every practice's verbs."""
    for practice in PRACTICES:
        import_module(f"interop.cli.care.{practice}").register(care_app)
    app.add_typer(care_app, name="care")
