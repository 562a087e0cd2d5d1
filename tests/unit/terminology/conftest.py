"""A little terminology server on this machine, and the client that asks it."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from interop.json_codec import JsonObject
from interop.terminology.server import Limits, TerminologyServer

DIABETES, ARM = "73211009", "368209003"
CALM = Limits(connect=10, total=10, slow=10, response_bytes=10_000)


def _parameters(**said: object) -> bytes:
    kinds = {bool: "valueBoolean", str: "valueString", dict: "resource"}
    listed = [{"name": name.replace("_", "-"), kinds[type(value)]: value} for name, value in said.items()]
    return json.dumps({"resourceType": "Parameters", "parameter": listed}).encode()


def _knows_everything(path: str, asked: JsonObject) -> bytes:
    """Says yes to what is known, no to the rest; has every code system."""
    if path.startswith("/fhir/CodeSystem?"):
        return json.dumps({"resourceType": "Bundle", "type": "searchset", "total": 1}).encode()
    coding = asked.get("coding") or {"code": asked.get("code")}
    if coding["code"] in (DIABETES, ARM):
        return _parameters(result=True, display="Known")
    return _parameters(result=False, message="Unknown code")


class _Quiet(ThreadingHTTPServer):
    """Callers that hang up are part of what is tested here, not news."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Far:
    """A server whose answer is a function; keeps what it was asked."""

    def __init__(self, answer: Callable[[str, JsonObject], object]):
        self.answer = answer
        self.asked: list[tuple[str, JsonObject]] = []
        far = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                listed = body["parameter"]
                self.reply({p["name"]: next(v for k, v in p.items() if k != "name") for p in listed})

            def do_GET(self) -> None:
                self.reply({})

            def reply(self, asked: JsonObject) -> None:
                far.asked.append((self.path, asked))
                said = far.answer(self.path, asked)
                if callable(said):
                    said(self)
                    self.close_connection = True
                    return
                status, body = said if isinstance(said, tuple) else (200, said)
                self.send_response(status)
                self.send_header("Content-Type", "application/fhir+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.http = _Quiet(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.block_on_close = False
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/fhir"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def validations(self) -> list[tuple[str, JsonObject]]:
        return [(path, asked) for path, asked in self.asked if "$validate-code" in path]


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[Far, TerminologyServer]]]:
    open_ones: list[tuple[Far, TerminologyServer]] = []

    def begin(answer: Callable[[str, JsonObject], object] = _knows_everything, **more: object):
        far = Far(answer)
        settings = {"limits": CALM, **more}
        open_ones.append((far, TerminologyServer(far.url, **settings)))  # type: ignore[arg-type]  # named in each test
        return open_ones[-1]

    yield begin
    for far, server in open_ones:
        server.close()
        far.http.shutdown()
        far.http.server_close()


@pytest.fixture
def knows_everything() -> Callable[[str, JsonObject], bytes]:
    return _knows_everything
