"""A server that answers as Odoo 19's JSON-2 controller does, over real TLS, and can be told to misbehave."""

# ruff: noqa: ANN401 - the values of a JSON tree

import json
import os
import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from odoo_tables import FIELDS, OdooError, Tables, access

if TYPE_CHECKING:
    from collections.abc import Callable

API_MODEL = {
    "search_read": {"domain", "fields", "offset", "limit", "order", "load"},
    "search": {"domain", "offset", "limit", "order"},
    "create": {"vals_list"},
    "fields_get": {"allfields", "attributes"},
}
ON_RECORDS = {"read": {"fields", "load"}, "write": {"vals"}, "unlink": set[str](), "has_access": {"operation"}}
NEEDED = {"create": {"vals_list"}, "search": {"domain"}, "write": {"vals"}, "has_access": {"operation"}}
NO_DATABASE = b"<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"


@dataclass(frozen=True)
class Reply:
    """An answer as it goes over the line; `tail` replaces the whole of it by raw bytes."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None  # what Content-Length claims


@dataclass(frozen=True)
class Trouble:
    """What goes wrong once, with the next call of this method.

    Args:
        method: as in `create`; "" for any.
        instead: this reply, without the call being done; or
        afterwards: the call is done and committed, then: a reply, "reset", or "hang".
    """

    method: str
    instead: Reply | str | None = None
    afterwards: Reply | str | None = None


class OdooStandIn:
    """One database behind one port."""

    def __init__(
        self, folder: Path, certificate: tuple[Path, Path] | None, key: str, database: str = "company"
    ) -> None:
        self.tables = Tables(folder / "odoo.db")
        self.key = key
        self.database = database
        self.version: Any = [19, 0, 0, "final", 0, ""]
        self.ahead_ms = 0  # of the true time
        self.calls: list[tuple[str, str]] = []
        self.troubles: list[Trouble] = []
        self.always: Trouble | None = None
        self.seen_keys: list[str | None] = []
        self.reached = threading.Event()  # a call hangs
        self.release = threading.Event()
        self.before: Callable[[str, str], None] = lambda _model, _method: None
        self._server = _Server(("127.0.0.1", 0), self)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.release.set()
        self._server.shutdown()
        for line in list(self._server.lines):
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join(10)

    def settle(self) -> None:
        """Behave well again, with nobody in it and every right given."""
        self.troubles.clear()
        self.calls.clear()
        self.seen_keys.clear()
        self.always, self.before = None, lambda _model, _method: None
        self.reached.clear()
        self.release.clear()
        self.version = [19, 0, 0, "final", 0, ""]
        self.ahead_ms = 0
        self.tables.settle()

    def count(self, method: str) -> int:
        return sum(called == method for _, called in self.calls)

    def trouble(self, method: str) -> Trouble | None:
        for one in self.troubles:
            if one.method in ("", method):
                self.troubles.remove(one)
                return one
        return self.always if self.always is not None and self.always.method in ("", method) else None

    def hang(self) -> None:
        self.reached.set()
        self.release.wait(60)

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> Reply:  # noqa: PLR0911 - one for each refusal
        headers = handler.headers
        if handler.command == "GET" and handler.path in ("/web/version", "/json/version"):
            return _json(200, {"version_info": self.version, "version": "19.0"})
        if headers.get("X-Odoo-Database") != self.database:
            return Reply(404, NO_DATABASE, "text/html; charset=utf-8")
        if headers.get("Authorization", "").lower() != f"bearer {self.key}".lower():
            return _error("werkzeug.exceptions.Unauthorized", 401, "Invalid apikey")
        if not headers.get("Content-Type", "").startswith("application/json"):
            return Reply(415, NO_DATABASE, "text/html; charset=utf-8")
        try:
            arguments = json.loads(body)
        except ValueError:
            return _error("werkzeug.exceptions.BadRequest", 400, "could not parse the body as json")
        if not isinstance(arguments, dict):
            return _error("werkzeug.exceptions.BadRequest", 400, "expecting a json object")
        _, _, _, model, method = handler.path.split("/")
        try:
            return _json(200, self._dispatch(model, method, arguments))
        except OdooError as error:
            return _error(error.name, error.status, error.message)

    def _dispatch(self, model: str, method: str, arguments: dict[str, Any]) -> Any:
        if model not in FIELDS:
            raise OdooError("werkzeug.exceptions.NotFound", 404, f"the model {model!r} does not exist")
        if method.startswith("_"):
            raise access("Private methods cannot be called remotely.")
        allowed = (API_MODEL | ON_RECORDS).get(method)
        if allowed is None:
            raise OdooError("werkzeug.exceptions.NotFound", 404, f"The method {method!r} does not exist")
        ids, context = arguments.pop("ids", []), arguments.pop("context", {})
        if method in API_MODEL and ids:
            raise OdooError("werkzeug.exceptions.UnprocessableEntity", 422, f"cannot call {model}.{method} with ids")
        if set(arguments) - allowed or NEEDED.get(method, set()) - set(arguments):
            raise OdooError("werkzeug.exceptions.UnprocessableEntity", 422, "an argument does not fit")
        return self.tables.call(model, method, ids, context, arguments)


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, address: tuple[str, int], house: OdooStandIn) -> None:
        self.house = house
        self.lines: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away, or a handshake that fails, is nothing to write about."""

    def shutdown_request(self, request: Any) -> None:
        self.lines.discard(request)
        with suppress(OSError):
            super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    timeout = 60
    server: _Server

    def setup(self) -> None:
        self.server.lines.add(self.request)
        super().setup()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.server.house.ahead_ms / 1000)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's word
        """Nothing is written."""

    def _serve(self) -> None:
        house = self.server.house
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = self.path.split("/")
        model, method = (parts[3], parts[4]) if len(parts) == 5 else ("", self.path)
        house.calls.append((model, method))
        house.seen_keys.append(self.headers.get("Authorization"))
        house.before(model, method)
        trouble = house.trouble(method)
        if trouble is not None and trouble.instead is not None:
            self._misbehave(trouble.instead)
            return
        reply = house.answer(self, body)
        if trouble is not None and trouble.afterwards is not None:
            self._misbehave(trouble.afterwards)
            return
        self._send(reply)

    def _misbehave(self, how: Reply | str) -> None:
        if isinstance(how, Reply):
            self._send(how)
            return
        self.close_connection = True
        if how == "hang":
            self.server.house.hang()
            return
        line = self.request
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(line.detach())

    def _send(self, reply: Reply) -> None:
        self.send_response_only(reply.status)
        if "Date" not in dict(reply.headers):
            self.send_header("Date", self.date_time_string())
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        if reply.length is not None:
            self.close_connection = True


def _json(status: int, value: Any) -> Reply:
    return Reply(status, json.dumps(value).encode())


def _error(name: str, status: int, message: str) -> Reply:
    """As `serialize_exception` of odoo/http.py spells it."""
    return _json(
        status, {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback ..."}
    )
