"""One node: its settings, its translator, its store and the relay's desks, opened and closed together."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from interop import register
from interop.catalogue import Catalogue
from interop.errors import InteropError
from interop.relay.acks import Acknowledgements
from interop.relay.alarms import Alarms
from interop.relay.consequences import Consequences
from interop.relay.counts import Counts
from interop.relay.debts import Rule
from interop.relay.editions import Editions
from interop.relay.history import History
from interop.relay.inbox import Inbox
from interop.relay.obligations import Obligations
from interop.relay.originals import Originals
from interop.relay.outbox import Outbox
from interop.relay.persons import Persons
from interop.relay.quarantine import Quarantine
from interop.relay.store import Store, StoreSettings
from interop.settings import Settings, read_secret
from interop.subject import person_key
from interop.translator import Translator
from interop.trust.tokens import Caller, Credentials, Role

if TYPE_CHECKING:
    from interop.terminology.server import TerminologyServer


class Node:
    """Everything one process needs to speak for its organisations. Made by ``Node.open``.

    It does nothing by itself: ``pipeline`` says what happens, ``workers`` make it happen in the background.
    """

    def __init__(self, settings: Settings, store: Store, rng: random.Random):
        self.settings = settings
        self.store = store
        self.started = datetime.now(UTC)
        self.terminology_server = _terminology_server(settings)
        catalogue = Catalogue(settings.resolved(settings.mappings), settings.resolved(settings.profiles))
        self.translator = Translator(catalogue, self.terminology_server)
        self.credentials = _credentials(settings)
        self.outbox = Outbox(store)
        self.inbox = Inbox(store)
        self.acknowledgements = Acknowledgements(store)
        self.obligations = Obligations(store, _rules(settings))
        self.quarantine = Quarantine(store)
        self.originals = Originals(store)
        self.consequences = Consequences(store)
        self.editions = Editions(store)
        self.persons = Persons(store)
        self.alarms = Alarms(store)
        self.history = History(store)
        self._counts = Counts(store)
        self.rng = rng

    @classmethod
    def open(
        cls, settings: Settings, *, clock: Callable[[], datetime] | None = None, rng: random.Random | None = None
    ) -> Self:
        """Open the store and read the patient registers. Raises StoreError or SettingsError."""
        path = settings.path(settings.node.data) / "interop.db"
        store = Store.open(StoreSettings(path), clock=clock)
        try:
            node = cls(settings, store, rng or random.SystemRandom())
            node.read_registers()
        except BaseException:
            store.close()
            raise
        return node

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        if self.terminology_server is not None:
            self.terminology_server.close()
        self.store.close()

    def now(self) -> datetime:
        return self.store.now()

    def counts(self, organisation: str) -> Mapping[str, int]:
        """The numbers of one organisation, counted from the store now (see ``relay.counts.Counts``)."""
        return self._counts.of(organisation)

    def fault(self) -> str | None:
        """Why this node is not ready, or None. Compiles what is not compiled yet."""
        try:
            _ = self.translator.validator
        except InteropError as fault:
            return fault.text
        return self.store.fault()

    def read_registers(self) -> None:
        """Bring the store's patient registers up to date with the organisations' own files."""
        for organisation in self.settings.organisations:
            if organisation.register_file is not None:
                for number, held, standing in register.read(self.settings.path(organisation.register_file)):
                    self.persons.register(organisation.ods, person_key(number), held, standing=standing)


def _rules(settings: Settings) -> tuple[Rule, ...]:
    return tuple(Rule(on=r.on, owes=r.owes, to=r.to, within=r.within) for r in settings.obligations)


def _terminology_server(settings: Settings) -> TerminologyServer | None:
    table = settings.terminology
    if table.server is None:
        return None
    from interop.terminology.answers import Answers
    from interop.terminology.server import Limits, TerminologyServer

    token = read_secret(settings.path(table.token_file)) if table.token_file else None
    return TerminologyServer(
        table.server,
        answers=Answers(settings.path(settings.node.data) / table.cache),
        limits=Limits(total=table.timeout.total_seconds()),
        headers={"Authorization": f"Bearer {token}"} if token else None,
    )


def _credentials(settings: Settings) -> Credentials:
    known = [
        (credential.token_sha256, Caller(organisation.ods, credential.name, Role(credential.role)))
        for organisation in settings.organisations
        for credential in organisation.credentials
    ]
    known += [
        (partner.token_sha256, Caller(partner.ods, partner.name, Role.PARTNER))
        for partner in settings.partners
        if partner.token_sha256 is not None
    ]
    return Credentials(known)
