"""``interop``: every verb, and what a mistake looks like."""

from __future__ import annotations

import os
import sys

import typer

from interop.cli import (
    care,
    completeness,
    demo,
    mapping,
    node,
    originals,
    page,
    profiles,
    relay,
    store,
    translate,
    validate,
)
from interop.cli.output import Exit, notes
from interop.cli.plain import straight
from interop.errors import InteropError

app = typer.Typer(
    name="interop",
    help="Turns what care homes, hospitals and GP practices hold into FHIR R4, proves it right and relays it.",
    epilog="Exit codes: 0 fine, 1 findings, 2 usage or configuration, 3 could not tell.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for family in (demo, translate, mapping, profiles, validate, completeness, page, care, relay, originals, node, store):
    family.register(app)


def run() -> None:
    """The console script: a mistake is a line on standard error and an exit code, never a traceback."""
    try:
        command = straight(app, sys.argv[1:])
        if command is None:
            app(standalone_mode=True)
        else:
            command()
            sys.exit(Exit.FINE)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    except InteropError as fault:
        notes.print(f"[red]{fault.code}[/] ", end="")
        notes.print(str(fault), markup=False)
        sys.exit(Exit.USAGE)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(Exit.FINE)
    except OSError as fault:
        notes.print(f"{fault.filename or 'a file'}: {fault.strerror or fault}", markup=False)
        sys.exit(Exit.USAGE)
    except Exception as fault:  # noqa: BLE001  the last resort: a traceback may hold somebody's record
        _confess(fault)
        sys.exit(Exit.COULD_NOT_TELL)


def _confess(fault: Exception) -> None:
    """A fault of ours: where it is, not what it was about. Raises it again where the environment asks for it."""
    from interop.events import place

    if os.environ.get("INTEROP_TRACEBACK"):
        raise fault
    notes.print("[red]fault[/] ", end="")
    notes.print(f"of ours, not of your files: {place(fault)}", markup=False)
    notes.print("no more is shown, as it may hold records; set INTEROP_TRACEBACK=1 to see all", markup=False)


if __name__ == "__main__":
    run()
