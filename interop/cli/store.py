"""``interop store``: looking after the node's memory."""

from __future__ import annotations

import typer

from interop.cli.output import DEFAULT_CONFIG, ConfigOption, Exit, Output, OutputOption, console, print_json

store_app = typer.Typer(
    help="Look after the store: what was accepted, received and kept.",
    epilog="Exit codes: 0 fine, 1 findings, 2 usage or configuration.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def register(app: typer.Typer) -> None:
    app.add_typer(store_app, name="store")


@store_app.callback()
def _group() -> None:
    """Keeps ``verify`` a verb of its own while it is the only one."""


@store_app.command()
def verify(config: ConfigOption = DEFAULT_CONFIG, output: OutputOption = Output.TEXT) -> None:
    """Take every digest again, follow every audit chain, look up every reference. The node may run meanwhile.

    Exit 0: all is as it was stored. 1: something is damaged; each is named.

    Example: interop store verify --config interop.toml
    """
    from interop.relay.checking import Check
    from interop.relay.store import Store, StoreSettings
    from interop.settings import Settings

    settings = Settings.load(config)
    path = settings.path(settings.node.data) / "interop.db"
    with Store.open(StoreSettings(path), read_only=True) as store:
        check = Check(store)
        damages = list(check)
    if output is Output.JSON:
        found = [{"organisation": d.organisation, "subject": d.subject, **d.issue.as_json()} for d in damages]
        print_json({"checked": dict(check.looked_at), "damages": found})
    else:
        console.print("checked " + ", ".join(f"{number} {name}" for name, number in check.looked_at.items()))
        for damage in damages:
            console.print(f"[red]{damage.issue.code}[/] ", end="")
            console.print(f"{damage.organisation} {damage.subject}: {damage.issue.text}".strip(), markup=False)
        if not damages:
            console.print("all is as it was stored")
    raise typer.Exit(Exit.FINDINGS if damages else Exit.FINE)
