"""A terminology server as the third source: asked only what the definitions at hand could not tell.

Nothing here raises into validation. A server that is slow, broken or gone is "could not tell", and after a few such
answers it is left alone for a while. What it is sent is a code, its system and a value set: nothing about a person.

Source: FHIR R4 terminology-service.html#validation, snomedct.html#implicit.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from urllib.parse import quote

import httpx2

from interop import json_codec
from interop.errors import SettingsError
from interop.json_codec import JsonObject
from interop.outcome import Issue, Severity
from interop.terminology.answers import Answer, Answers, Question
from interop.terminology.breaker import Breaker, Patience
from interop.terminology.coding import CodeAnswer
from interop.terminology.implicit import snomed_value_set
from interop.terminology.replies import Kind, Reply, lists_nothing, read

_AT_ONCE = 8
_LONGEST_CODE = 1000  # beyond this it is text, and not ours to send about


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of its time and bytes we take. Seconds; ``total`` holds for a whole question, however it drips."""

    connect: float = 2.0
    total: float = 5.0
    slow: float = 3.0  # an answer as late as this is used, and counts against the server
    response_bytes: int = 256_000


class TerminologyServer:
    """One server. Safe to ask from many threads.

    base_url  its FHIR base: ``https://terminology.example/fhir``
    headers   what it wants besides, such as Authorization
    Raises SettingsError ``terminology-server`` when ``base_url`` is no http(s) address.
    """

    def __init__(
        self,
        base_url: str,
        *,
        answers: Answers | None = None,
        limits: Limits | None = None,
        patience: Patience | None = None,
        headers: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.base_url = _address(base_url)
        self._answers = answers or Answers()
        self._limits = limits or Limits()
        self._patience = patience or Patience()
        self._clock = clock
        self._breaker = Breaker()
        self._lock = threading.Lock()
        self._known: dict[str, bool] = {}
        self._last_failure = ""
        fhir = "application/fhir+json"
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(self._limits.total, connect=self._limits.connect),
            limits=httpx2.Limits(max_connections=_AT_ONCE),
            follow_redirects=False,
            trust_env=False,
            # identity: a small compressed answer may unpack to a large one
            headers={**(headers or {}), "Accept": fhir, "Content-Type": fhir, "Accept-Encoding": "identity"},
        )

    def close(self) -> None:
        self._client.close()

    def validate_code(self, system: str, code: str) -> CodeAnswer:
        """What the server says of a code in its system.

        Without displays: the server tells one wording of several, and another one would not be wrong.
        """
        url, _, version = system.partition("|")
        asked: JsonObject = {"url": ("valueUri", url), "code": ("valueCode", code)}
        if version:
            asked["version"] = ("valueString", version)
        found = self._ask(Question(self.base_url, system, code), "CodeSystem", asked)
        reason = found.reason or ("" if found.holds else f"{self.base_url} could not tell")
        return CodeAnswer(found.holds, reason=reason, inactive=found.inactive)

    def contains(self, value_set: str, system: str | None, code: str) -> bool | None:
        """Whether a value set the server knows has the code. Without a system the server is to find it."""
        url, _, version = value_set.partition("|")
        asked: JsonObject = {"url": ("valueUri", url), **_coded(system, code)}
        if version:
            asked["valueSetVersion"] = ("valueString", version)
        return self._ask(Question(self.base_url, system or "", code, value_set), "ValueSet", asked).holds

    def selects(self, part: JsonObject, code: str) -> bool | None:
        """Whether one include of a value set (its system and filters) has the code."""
        system: str = part["system"]
        if not part.get("filter"):
            version = part.get("version")
            return self.validate_code(f"{system}|{version}" if version else system, code).known
        implicit = snomed_value_set(part)
        if implicit is not None:
            return self.contains(implicit, system, code)
        include = {key: part[key] for key in ("system", "version", "filter") if key in part}
        text = json.dumps(include, sort_keys=True, default=str)
        value_set = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [include]}}
        asked: JsonObject = {"valueSet": ("resource", value_set), **_coded(system, code)}
        return self._ask(Question(self.base_url, system, code, text), "ValueSet", asked).holds

    def trouble(self) -> Issue | None:
        """Why some codes could not be told: the server is being left alone. None while it answers."""
        with self._lock:
            breaker, last = self._breaker, self._last_failure
        if not breaker.failures:
            return None
        return Issue(
            "terminology-server-silent",
            f"the terminology server {self.base_url} gave no answer {breaker.failures} times in a row ({last})",
            severity=Severity.INFORMATION,
            hint="codes that only it can tell are not checked; see that it runs and that its address is right",
        )

    def _ask(self, question: Question, resource_type: str, asked: JsonObject) -> Answer:
        known = self._answers.find(question, time.time())
        if known is not None:
            return known
        if len(question.code) > _LONGEST_CODE:
            return Answer(None, reason="too long for a code")
        parameters = {"resourceType": "Parameters", "parameter": [_parameter(n, v) for n, v in asked.items()]}
        path = f"{resource_type}/$validate-code"
        reply = self._try(lambda: read(*self._fetch("POST", path, json_codec.dumps(parameters))))
        if reply.kind is Kind.FAILED:
            return Answer(None, reason=reply.reason)
        holds = {Kind.YES: True, Kind.NO: False}.get(reply.kind)
        if holds is False and not self._has(question.system):
            holds = None
        answer = Answer(holds, time.time(), reply.display, reply.reason, reply.inactive)
        self._answers.keep(question, answer)
        return answer

    def _has(self, system: str) -> bool:
        """Whether the server has the code system: some say no to every code of one they lack.

        One that cannot be asked is believed.
        """
        url = system.partition("|")[0]
        if not url:
            return True
        if url not in self._known:
            path = f"CodeSystem?url={quote(url, safe='', errors='replace')}&_summary=count"
            reply = self._try(lambda: Reply(Kind.NO if lists_nothing(*self._fetch("GET", path)) else Kind.YES))
            if reply.kind is Kind.FAILED:
                return False
            self._known[url] = reply.kind is Kind.YES
        return self._known[url]

    def _try(self, fetch: Callable[[], Reply]) -> Reply:
        """Ask within the time, if the breaker lets us, and tell the breaker how it went."""
        with self._lock:
            now = self._clock()
            tried = self._breaker.is_open
            breaker = self._breaker.ask(now)
            if breaker is None:
                return Reply(Kind.FAILED, reason=f"left alone for now: {self._last_failure}")
            self._breaker = breaker
        reply = _within(self._limits.total, fetch)
        with self._lock:
            then = self._clock()
            if reply.kind is Kind.FAILED or then - now >= self._limits.slow:
                self._breaker = self._breaker.failed(then, self._patience, tried=tried)
                self._last_failure = reply.reason or "slow"
            else:
                self._breaker = self._breaker.answered()
        return reply

    def _fetch(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body. Raises httpx2.HTTPError, also for an answer that is too long."""
        with self._client.stream(method, f"{self.base_url}/{path}", content=body) as response:
            found = bytearray()
            for piece in response.iter_bytes():
                found += piece
                if len(found) > self._limits.response_bytes:
                    raise httpx2.ReadError(f"an answer of more than {self._limits.response_bytes:,} bytes")
            return response.status_code, bytes(found)


def _within(seconds: float, fetch: Callable[[], Reply]) -> Reply:
    """What ``fetch`` finds, or failure when time is up.

    A read time-out begins anew with every byte, so the clock is kept outside; the thread left behind ends with its
    connection, and there are never more of them than connections.
    """
    box: SimpleQueue[Reply] = SimpleQueue()

    def work() -> None:
        try:
            box.put(fetch())
        except Exception as fault:  # noqa: BLE001  # whatever a server does, validation goes on
            box.put(Reply(Kind.FAILED, reason=f"{type(fault).__name__}: {fault}"[:200]))

    threading.Thread(target=work, daemon=True, name="terminology").start()
    try:
        return box.get(timeout=seconds)
    except Empty:
        return Reply(Kind.FAILED, reason=f"no answer in {seconds:g} s")


def _address(base_url: str) -> str:
    try:
        url = httpx2.URL(base_url)
    except (httpx2.InvalidURL, TypeError):
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise SettingsError(
            f"{base_url!r} is not the address of a terminology server",
            code="terminology-server",
            hint="give its FHIR base, such as https://terminology.example/fhir",
        )
    return base_url.rstrip("/")


def _coded(system: str | None, code: str) -> JsonObject:
    if system is None:
        return {"code": ("valueCode", code), "inferSystem": ("valueBoolean", True)}
    url, _, version = system.partition("|")
    coding = {"system": url, "code": code} | ({"version": version} if version else {})
    return {"coding": ("valueCoding", coding)}


def _parameter(name: str, typed: tuple[str, object]) -> JsonObject:
    return {"name": name, typed[0]: typed[1]}
