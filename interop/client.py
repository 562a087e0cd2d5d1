"""A running node, from outside: the operator's verbs over HTTP, the same answers as the desk gives inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import httpx2

from interop.desk import Direction
from interop.errors import AccessError, ContentError, InteropError, StoreError
from interop.json_codec import Json, JsonObject, loads


class NodeClient:
    """Speaks to one node as one organisation's operator.

    Every method raises AccessError when the token is refused, StoreError when the node cannot be reached,
    ContentError when the request was refused, each with the node's own words.
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

    def submit(self, mapping: str, files: Mapping[str, bytes], to: Sequence[str] = ()) -> JsonObject:
        parts = [("files", (name, data, "application/octet-stream")) for name, data in files.items()]
        return self._object(self._http.post, "/messages", params={"mapping": mapping, "to": list(to)}, files=parts)

    def messages(self, direction: Direction = "out") -> JsonObject:
        return self._object(self._http.get, "/messages", params={"direction": direction})

    def message(self, message: str) -> JsonObject:
        return self._object(self._http.get, f"/messages/{message}")

    def content(self, message: str) -> bytes:
        return self._call(self._http.get, f"/messages/{message}/content").content

    def page(self, message: str) -> str:
        return str(self._call(self._http.get, f"/messages/{message}/page").text)

    def local_files(self, message: str) -> dict[str, bytes]:
        found = self._object(self._http.get, f"/messages/{message}/local")["files"]
        return {name: text.encode("utf-8") for name, text in found.items()}

    def replay(self, message: str, files: Mapping[str, bytes], reason: str) -> JsonObject:
        parts = [("files", (name, data, "application/octet-stream")) for name, data in files.items()]
        return self._object(
            self._http.post, f"/messages/{message}/replay", params={"reason": reason}, files=parts or None
        )

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
            raise StoreError(
                f"the node does not answer: {fault}",
                where=str(self._http.base_url),
                hint="start it with: interop serve",
            ) from None
        if response.is_error:
            raise _refusal(response)
        return response


_Verb = Json  # a bound method of httpx2.Client: get or post, whose keyword arguments differ


def _refusal(response: httpx2.Response) -> InteropError:
    code = "refused"
    try:
        issues = loads(response.content).get("issue", [])
        text = "; ".join(i.get("diagnostics") or i["details"]["text"] for i in issues)
        code = str(issues[0].get("details", {}).get("coding", [{}])[0].get("code", code))
    except (ContentError, AttributeError, KeyError, IndexError, TypeError):
        text = f"HTTP {response.status_code}"
    kind = AccessError if response.status_code in (401, 403) else ContentError
    return kind(text or f"HTTP {response.status_code}", code=code, where=str(response.url.path))
