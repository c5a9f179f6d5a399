"""A stand-in for Frappe HR that enforces what was measured of the real one: real TLS, real tables, real commits.

Its rules: API keys, roles and permission levels (a time that the user may not set becomes the server's own), a unique
`kiosk_event_id` whose loser gets 417, a check for duplicates that two requests at once both pass, leavers accepted, 500
for a time with an offset, 20 rows unless a page is named, HTML for a host that it does not know, unknown keys ignored.
"""

import json
import socket
import sqlite3
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from frappe_desk import STAMPS, TABLES, Desk, Refusal, Reply, User, html, said

KEY, SECRET = "0a1b2c3d4e5f6a7", "f00dfacecafe123"
ADMIN_KEY, ADMIN_SECRET = "admin00000key00", "admin0000secret"
Fault = Callable[["Handler", Callable[[], Reply]], Reply | None]
"""What happens to one request: may commit (by calling), may answer (by returning), may cut the line."""


class Site(ThreadingHTTPServer):
    """The server; `faults` are used up one by one by the requests whose verb and path they name."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, folder: Path, context: ssl.SSLContext, *, keyed: bool = True, zone: str = "Asia/Jakarta"
    ) -> None:
        self.path = folder / "site.db"
        self.zone = zone
        self.users = {f"{KEY}:{SECRET}": User("kiosk@site"), f"{ADMIN_KEY}:{ADMIN_SECRET}": User("admin@site")}
        self.faults: list[tuple[str, str, Fault]] = []
        self.requests: list[tuple[str, str, bytes, str]] = []
        self.window: threading.Barrier | None = None
        self.geolocation = 0
        self.describes = True
        self.clock_ahead_s = 0.0
        self.write_lock = threading.Lock()
        self.counters: dict[str, int] = {}
        self._context = context
        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"
        with closing(self.base()) as base:
            for doctype, columns in TABLES.items():
                base.execute(f'CREATE TABLE "{doctype}" ({STAMPS}, {columns})')
            base.commit()
        if keyed:
            self.add_key()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def add_key(self, *, unique: bool = True) -> None:
        """What the customer does under Customize Form."""
        with closing(self.base()) as base:
            base.execute('ALTER TABLE "Employee Checkin" ADD COLUMN kiosk_event_id TEXT')
            if unique:
                base.execute('CREATE UNIQUE INDEX key ON "Employee Checkin" (kiosk_event_id)')
            values = ("Employee Checkin-kiosk_event_id", "Employee Checkin", "kiosk_event_id", int(unique))
            base.execute('INSERT INTO "Custom Field" (name, dt, fieldname, "unique") VALUES (?, ?, ?, ?)', values)
            base.commit()

    def base(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous=OFF")
        return connection

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def now(self) -> str:
        return f"{datetime.now(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S.%f}"

    def next_fault(self, verb: str, path: str) -> Fault | None:
        for place, (wanted, part, fault) in enumerate(self.faults):
            if verb == wanted and part in path:
                del self.faults[place]
                return fault
        return None

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        with suppress(OSError):
            request.settimeout(20)
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with closing(self._context.wrap_socket(request, server_side=True)) as line:
                super().finish_request(line, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Site

    def log_message(self, *_: object) -> None:
        """Nothing is written beside the tests."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate((timestamp or time.time()) + self.server.clock_ahead_s, usegmt=True)

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PUT = do_GET  # noqa: N815 - the names of http.server

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(self.path)
        self.server.requests.append((self.command, path, body, self.headers.get("Authorization") or ""))
        fault = self.server.next_fault(self.command, path)
        reply = self._answer(body) if fault is None else fault(self, lambda: self._answer(body))
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)

    def cut(self) -> None:
        """Reset the line."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _answer(self, body: bytes) -> Reply:
        if self.headers.get("Host") != self.server.host:
            return html(404)
        try:
            with closing(self.server.base()) as base:
                return Desk(self.server, base, self._user()).handle(self.command, self.path, body)
        except Refusal as refusal:
            texts = json.dumps([json.dumps({"message": "texts in any language"})])
            return said({"exc_type": refusal.exc_type, "_server_messages": texts}, refusal.status)

    def _user(self) -> User | None:
        header = self.headers.get("Authorization")
        if header is None:
            return None
        user = self.server.users.get(header.removeprefix("token "))
        if user is None:
            raise Refusal("AuthenticationError")
        return user


def utc(text: str) -> int:
    """ms since 1970 of an RFC 3339 moment in UTC."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)
