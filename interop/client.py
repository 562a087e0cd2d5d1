"""A running node, from outside: the operator's verbs over HTTP, the same answers as the desk gives inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from interop.desk import Direction, Original
from interop.errors import AccessError, ContentError, InteropError, StoreError, TransitionError
from interop.json_codec import Json, JsonObject, loads
from interop.relay.originals import Kept


class NodeClient:
    """Speaks to one node as one organisation's operator.

    Every method raises AccessError when the token is refused, StoreError when the node cannot be reached,
    TransitionError when the state of things does not allow it (another was quicker: ``edition-not-matched``),
    ContentError when the request was refused otherwise, each with the node's own words.
    """

    def __init__(self, url: str, token: str, *, timeout_seconds: float = 60.0):
        self._http = httpx2.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout_seconds, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def submit(
        self,
        mapping: str,
        files: Mapping[str, bytes | Path],
        to: Sequence[str] = (),
        *,
        made_from: int | None = None,
    ) -> JsonObject:
        """A file on disk is sent from there; how large it may be is for the node to say."""
        with ExitStack() as opened:
            parts = [
                ("files", (name, opened.enter_context(data.open("rb")) if isinstance(data, Path) else data, _BYTES))
                for name, data in files.items()
            ]
            asked = {"params": {"mapping": mapping, "to": list(to)}, "headers": _if_match(made_from)}
            return self._object(self._http.post, "/messages", files=parts, **asked)

    def messages(self, direction: Direction = "out") -> JsonObject:
        return self._object(self._http.get, "/messages", params={"direction": direction})

    def message(self, message: str) -> JsonObject:
        return self._object(self._http.get, f"/messages/{message}")

    def content(self, message: str) -> bytes:
        return self._call(self._http.get, f"/messages/{message}/content").content

    def original(self, message: str, sha256: str) -> Original:
        """One of the files behind a message, as it came. Its pieces raise StoreError when the line breaks."""
        kept = next((k for k in self.message(message)["originals"] if k["sha256"] == sha256), None)
        if kept is None:
            raise ContentError(f"message {message!r} has no original with that digest", code="not-found")
        fields = {**kept, "stored_at": datetime.fromisoformat(kept["stored_at"])}
        return Original(Kept(**fields), self._pieces(f"/messages/{message}/originals/{sha256}"))

    def _pieces(self, path: str) -> Iterator[bytes]:
        try:
            with self._http.stream("GET", path) as response:
                if response.is_error:
                    response.read()
                    raise _refusal(response)
                yield from response.iter_bytes()
        except httpx2.TransportError as fault:
            raise _silent(fault, self._http) from None

    def trace(self, message: str, expression: str) -> JsonObject:
        return self._object(self._http.get, f"/messages/{message}/trace", params={"expression": expression})

    def page(self, message: str) -> str:
        return str(self._call(self._http.get, f"/messages/{message}/page").text)

    def local_files(self, message: str) -> dict[str, bytes]:
        found = self._object(self._http.get, f"/messages/{message}/local")["files"]
        return {name: text.encode("utf-8") for name, text in found.items()}

    def replay(
        self, message: str, files: Mapping[str, bytes], reason: str, *, made_from: int | None = None
    ) -> JsonObject:
        parts = [("files", (name, data, _BYTES)) for name, data in files.items()]
        asked = {"params": {"reason": reason}, "headers": _if_match(made_from)}
        return self._object(self._http.post, f"/messages/{message}/replay", files=parts or None, **asked)

    def status(self) -> JsonObject:
        return self._object(self._http.get, "/status")

    def ready(self) -> bool:
        """Whether the node answers and is ready; False is an answer, not a failure."""
        try:
            return self._http.get("/ready").status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def _object(self, verb: _Verb, path: str, **request: Json) -> JsonObject:
        found: JsonObject = loads(self._call(verb, path, **request).content)
        return found

    def _call(self, verb: _Verb, path: str, **request: Json) -> httpx2.Response:
        try:
            response: httpx2.Response = verb(path, **request)
        except httpx2.TransportError as fault:
            raise _silent(fault, self._http) from None
        if response.is_error:
            raise _refusal(response)
        return response


_BYTES = "application/octet-stream"
_Verb = Json  # a bound method of httpx2.Client: get or post, whose keyword arguments differ


def _if_match(edition: int | None) -> dict[str, str]:
    return {} if edition is None else {"If-Match": f'W/"{edition}"'}


def _silent(fault: httpx2.TransportError, http: httpx2.Client) -> StoreError:
    hint = "start it with: interop serve"
    return StoreError(f"the node does not answer: {fault}", where=str(http.base_url), hint=hint)


def _refusal(response: httpx2.Response) -> InteropError:
    code = "refused"
    try:
        issues = loads(response.content).get("issue", [])
        text = "; ".join(i.get("diagnostics") or i["details"]["text"] for i in issues)
        code = str(issues[0].get("details", {}).get("coding", [{}])[0].get("code", code))
    except (ContentError, AttributeError, KeyError, IndexError, TypeError):
        text = f"HTTP {response.status_code}"
    text, where = text or f"HTTP {response.status_code}", str(response.url.path)
    if response.status_code in (401, 403):
        return AccessError(text, code=code, where=where)
    if response.status_code in (409, 412, 428):
        return TransitionError(text, code=code, where=where)
    return ContentError(text, code=code, where=where)
