"""The configuration file of one node, ``interop.toml``: read once, checked whole, refused with every fault named."""

from __future__ import annotations

import os
import re
import tomllib
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from interop.errors import SettingsError
from interop.identifiers import OrganisationRole, ods_code_fault

_SPAN = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _span(value: object) -> object:
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write a time span as a number and a unit: "90s", "15m", "24h" or "7d"')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _ods(value: object) -> object:
    fault = ods_code_fault(value) if isinstance(value, str) else f"{value!r} is not an ODS code"
    if fault:
        raise ValueError(fault)
    return value


Span = Annotated[timedelta, BeforeValidator(_span)]
OdsCode = Annotated[str, BeforeValidator(_ods)]
Sees = Literal["full", "restricted", "emergency"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Table(BaseModel):
    """A TOML table: an unknown key is a mistake, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeTable(_Table):
    """[node]: where it listens and where it keeps its data (relative to the file)."""

    name: str
    host: str = "127.0.0.1"
    port: int = Field(default=8040, ge=0, le=65535)
    data: Path = Path("data")
    body_limit_mb: int = Field(default=20, ge=1, le=1024)
    operator_token_file: Path | None = None


class Credential(_Table):
    """[[organisations.credentials]]: one person's or program's way in. Only the digest of the token is kept."""

    name: str
    role: Literal["operator", "partner"] = "operator"
    token_sha256: Digest


class Receives(_Table):
    """[organisations.receives.KIND]: how people here read a document that arrives.

    mapping       run backwards, it gives the document in our own system's format
    compare_with  kind of document to hold it against: the newest one about the same person
    """

    mapping: str
    compare_with: str | None = None


class Organisation(_Table):
    """[[organisations]]: one organisation this node speaks for.

    sees              as of a partner, where others of this node send to it
    must_say_edition  kinds of documents (``care-plan``) that several people edit here: each submission says which
                      edition it was made from, and one that does not is refused as one that is out of date is
    """

    ods: OdsCode
    name: str
    role: OrganisationRole
    register_file: Path | None = Field(default=None, alias="register")
    credentials: tuple[Credential, ...] = ()
    receives: dict[str, Receives] = Field(default_factory=dict)
    must_say_edition: tuple[Literal["care-plan", "web-of-care"], ...] = ()
    sees: Sees = "restricted"


class Partner(_Table):
    """[[partners]]: another organisation, how to reach it, and how it proves who it is.

    sees                   what they may be told: ``full``; ``restricted``: nothing that is labelled restricted;
                           ``emergency``: as restricted, but what bears on the next hour is told
    token_file, token_env  the token that proves us to them
    token_files            the same for a node of several organisations: ours by ODS code, each with its own token
    token_sha256           digest of the token that proves them to us
    """

    ods: OdsCode
    name: str
    role: OrganisationRole
    channel: Literal["fhir-rest"] = "fhir-rest"
    sees: Sees = "restricted"
    url: str | None = None
    token_file: Path | None = None
    token_env: str | None = None
    token_files: dict[OdsCode, Path] = Field(default_factory=dict)
    token_sha256: Digest | None = None
    timeout: Span = timedelta(seconds=30)

    @model_validator(mode="after")
    def _one_token(self) -> Partner:
        if self.token_file and self.token_env:
            raise ValueError("give token_file or token_env, not both")
        return self


class ObligationRule(_Table):
    """[[obligations]]: an event that creates a debt: who must get what, and by when."""

    on: str
    owes: str
    to: tuple[str, ...]
    within: Span


class Retry(_Table):
    """[retry]: full-jitter backoff. The first wait is at most ``base``, later ones at most ``cap``; a delivery is
    given up, and given to a person, after ``patience``."""

    base: Span = timedelta(seconds=2)
    cap: Span = timedelta(minutes=15)
    patience: Span = timedelta(days=5)


class TerminologyTable(_Table):
    """[terminology]: a server asked about codes the packages cannot tell; without one such codes stay untold.

    cache  answers kept over restarts, in the node's data folder
    """

    server: str | None = None
    cache: Path = Path("terminology-answers.jsonl")
    token_file: Path | None = None
    timeout: Span = timedelta(seconds=5)


class Settings(_Table):
    """A whole ``interop.toml``. ``folder`` is where it stands: relative paths start there."""

    folder: Path = Path()
    node: NodeTable
    organisations: tuple[Organisation, ...] = Field(min_length=1)
    partners: tuple[Partner, ...] = ()
    obligations: tuple[ObligationRule, ...] = ()
    retry: Retry = Retry()
    terminology: TerminologyTable = TerminologyTable()
    profiles: tuple[Path, ...] = ()
    mappings: tuple[Path, ...] = ()

    @model_validator(mode="after")
    def _each_code_once(self) -> Settings:
        codes = [o.ods for o in self.organisations] + [p.ods for p in self.partners]
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            raise ValueError(f"ODS code {', '.join(sorted(twice))} stands twice; each organisation or partner once")
        return self

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Read and check one file. Raises SettingsError naming every fault by its key."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SettingsError("there is no such file", where=str(path), hint="make one with: interop init") from None
        except UnicodeDecodeError as fault:
            text = f"byte {fault.start} is not UTF-8"
            raise SettingsError(text, where=str(path), hint="save the file as UTF-8 text") from None
        except OSError as fault:
            text = f"cannot be read: {fault.strerror}"
            raise SettingsError(text, where=str(path), hint="name the configuration file with --config") from None
        except tomllib.TOMLDecodeError as fault:
            raise SettingsError(f"not TOML: {fault}", where=str(path)) from None
        return cls.of(table, folder=path.resolve().parent, where=str(path))

    @classmethod
    def of(cls, table: dict[str, object], *, folder: Path, where: str = "settings") -> Settings:
        """The same from a table already parsed. Raises SettingsError."""
        try:
            return cls.model_validate({**table, "folder": folder})
        except ValidationError as fault:
            raise SettingsError("; ".join(map(_words, fault.errors())), where=where) from None

    def path(self, relative: Path) -> Path:
        """A path written in the file, seen from the file's own folder."""
        return self.folder / relative.expanduser()

    def resolved(self, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(map(self.path, paths))

    def organisation(self, ods: str) -> Organisation | None:
        return next((o for o in self.organisations if o.ods == ods), None)

    def partner(self, ods: str) -> Partner | None:
        return next((p for p in self.partners if p.ods == ods), None)

    def role_of(self, ods: str) -> str | None:
        """What kind of organisation a code is, whether it lives here or elsewhere."""
        known = self.organisation(ods) or self.partner(ods)
        return known.role if known else None

    def sees(self, ods: str) -> Sees:
        """What an organisation may be told; one nobody knows, no more than must be."""
        known = self.organisation(ods) or self.partner(ods)
        return known.sees if known else "restricted"

    def name_of(self, ods: str) -> str:
        return self.names.get(ods, ods)

    @cached_property
    def names(self) -> dict[str, str]:
        """What organisations are called, ours and our partners, by ODS code."""
        known: tuple[Organisation | Partner, ...] = (*self.partners, *self.organisations)
        return {party.ods: party.name for party in known}


def tokens(settings: Settings, partner: Partner) -> dict[str, str]:
    """What each of our organisations shows to this partner. Raises SettingsError when a token cannot be had."""
    own = {ods: read_secret(settings.path(file)) for ods, file in partner.token_files.items()}
    shared: str | None = None
    if partner.token_env is not None:
        shared = os.environ.get(partner.token_env, "").strip()
        if not shared:
            raise SettingsError(f"environment variable {partner.token_env} is not set", hint="set it to the token")
    elif partner.token_file is not None:
        shared = read_secret(settings.path(partner.token_file))
    return {o.ods: shared for o in settings.organisations if shared} | own


def read_secret(path: Path) -> str:
    """The one line of a secret's file. Raises SettingsError."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise SettingsError(
            f"token file cannot be read: {fault.strerror}", where=str(path), hint="create it, mode 0600"
        ) from None


def _words(fault: object) -> str:
    assert isinstance(fault, dict)  # noqa: S101 - pydantic's ErrorDetails is a dict; this is for the type checker
    key = ".".join(str(part) for part in fault["loc"]) or "file"
    found = fault.get("input")
    shown = f" (found {found!r})" if isinstance(found, str | int | float) else ""
    return f"{key}: {fault['msg']}{shown}"
