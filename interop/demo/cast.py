"""Who takes part: three organisations, each with its own configuration, credentials and folder."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from interop.trust.tokens import mint

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Member:
    """One organisation. ``door`` is the port partners are told, ``port`` where its node really listens."""

    ods: str
    name: str
    role: str
    folder: Path
    port: int
    door: int
    register: Path | None = None
    receives: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "interop.toml"

    @property
    def store(self) -> Path:
        return self.folder / "data" / "interop.db"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def token_file(self) -> Path:
        """The operator's token."""
        return self.folder / f"operator-{self.ods}.token"

    def token_file_for(self, partner: Member) -> Path:
        """What this organisation shows when it speaks to a partner's node; in one hub, its own token."""
        return self.token_file if partner.folder == self.folder else self.folder / f"to-{partner.ods}.token"


@dataclass(frozen=True)
class Cast:
    """The three organisations: each with a node of its own, or all on one regional hub."""

    home: Member
    hospital: Member
    gp: Member

    @property
    def members(self) -> tuple[Member, ...]:
        return self.home, self.hospital, self.gp

    @property
    def nodes(self) -> tuple[tuple[Member, ...], ...]:
        """Who shares a node: one tuple a node."""
        folders = dict.fromkeys(m.folder for m in self.members)
        return tuple(tuple(m for m in self.members if m.folder == folder) for folder in folders)


OBLIGATION = """
[[obligations]]
on = "ADT^A03"
owes = "discharge-summary"
to = ["care-home", "gp"]
within = "24h"
"""


def gather(folder: Path, examples: Path, *, hub: bool = False) -> Cast:
    """Give everyone a folder, ports, tokens and a configuration file. Everything lies under ``folder``.

    hub  all three on one node
    """
    ports = [free_ports(1)[0]] * 4 if hub else free_ports(4)
    places = [folder / "hub"] * 3 if hub else [folder / n for n in ("rosewood-house", "st-elsewheres", "mill-lane")]
    back = {"discharge-summary": ("care-home/discharge", "transfer-summary")}
    patients = {place: examples / place / "patients.csv" for place in ("hospital", "gp")}
    home = Member("VNX01", "Rosewood House", "care-home", places[0], ports[0], ports[0], receives=back)
    # Partners reach the hospital over the line that can be cut.
    hospital = Member(
        "RXE99", "St Elsewhere's Hospital", "hospital", places[1], ports[1], ports[3], patients["hospital"]
    )
    gp = Member("Y99901", "Mill Lane Surgery", "gp", places[2], ports[2], ports[2], patients["gp"])
    cast = Cast(home, hospital, gp)
    digests = _exchange_tokens(cast)
    for tenants in cast.nodes:
        _write_secret(tenants[0].config, _configuration(tenants, cast, digests))
    return cast


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _exchange_tokens(cast: Cast) -> dict[Path, str]:
    """A token for every way somebody speaks to somebody, in a 0600 file of whoever shows it; file → digest."""
    digests: dict[Path, str] = {}
    for member in cast.members:
        member.folder.mkdir(parents=True, exist_ok=True)
        partners = [p for p in cast.members if p.folder != member.folder]
        for path in (member.token_file, *map(member.token_file_for, partners)):
            token, digests[path] = mint()
            _write_secret(path, token)
    return digests


def _configuration(tenants: tuple[Member, ...], cast: Cast, digests: dict[Path, str]) -> str:
    first = tenants[0]
    lines = [
        "[node]",
        f'name = "{first.name if len(tenants) == 1 else "Regional hub"}"',
        f'host = "{HOST}"',
        f"port = {first.port}",
        'data = "data"',
        f'operator_token_file = "{first.token_file.name}"',
        *("", "[retry]", 'base = "1s"', 'cap = "5s"'),
    ]
    for member in tenants:
        lines += _organisation(member, digests[member.token_file])
    for partner in cast.members:
        if partner not in tenants:
            lines += _partner(partner, first, digests[partner.token_file_for(first)])
    return "\n".join(lines) + "\n" + (OBLIGATION if cast.hospital in tenants else "")


def _organisation(member: Member, digest: str) -> list[str]:
    lines = ["", "[[organisations]]", f'ods = "{member.ods}"', f'name = "{member.name}"', f'role = "{member.role}"']
    if member.register:
        lines.append(f'register = "{member.register}"')
    lines += ["", "[[organisations.credentials]]", 'name = "front desk"', f'token_sha256 = "{digest}"']
    for kind, (mapping, compare) in member.receives.items():
        lines += ["", f"[organisations.receives.{kind}]", f'mapping = "{mapping}"', f'compare_with = "{compare}"']
    return lines


def _partner(partner: Member, member: Member, digest: str) -> list[str]:
    return [
        "",
        "[[partners]]",
        f'ods = "{partner.ods}"',
        f'name = "{partner.name}"',
        f'role = "{partner.role}"',
        f'url = "http://{HOST}:{partner.door}/fhir"',
        f'token_file = "{member.token_file_for(partner).name}"',
        f'token_sha256 = "{digest}"',
    ]


def _write_secret(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
