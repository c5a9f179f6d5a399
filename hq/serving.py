"""HQ on the network: TLS 1.2 or newer, client certificates of its own authority; refuses to listen without TLS."""

import asyncio
import signal
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from hq import bodies
from hq.api import PEER
from hq.app import build
from hq.devices import Peer
from hq.house import House, write
from hq.office import Office, keep_server_certificate

SILENCE_SECONDS = 15.0
"""A connection that has not sent the head of its first request by then is closed; a later one has as long as a body."""
CONNECTIONS = 512


def tls(house: House) -> ssl.SSLContext:
    """Server context: own certificate; a client may stay without one, but one it shows must be of HQ's authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.load_verify_locations(house.ca)
    context.load_cert_chain(house.server, house.server_key)
    return context


class DoorProtocol(H11Protocol):
    """HTTP/1.1 that hands the application the verified client certificate and cuts connections that say nothing."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Read the certificate once; it cannot change while the connection lives (no renegotiation)."""
        super().connection_made(transport)
        self.app = _WithPeer(self.app, _peer(transport))
        self._patience: asyncio.TimerHandle | None = self.loop.call_later(SILENCE_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Wait for a whole head with patience, but not for ever; nor for a body after its answer was given."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._patience is None:
            self._patience = self.loop.call_later(bodies.SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _WithPeer:
    """The application, told who is at the other end."""

    def __init__(self, app: ASGI3Application, peer: Peer | None) -> None:
        self._app = app
        self._peer = peer

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        told: Any = scope
        told[PEER] = self._peer
        told["client"] = None  # nobody after this line can log an address
        await self._app(told, receive, send)


class _Server(uvicorn.Server):
    """Tells its address once it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._ready(f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}")


def serve(office: Office, host: str, port: int, ready_file: Path | None) -> None:
    """Listen until SIGTERM or SIGINT; port 0 takes a free one. The address is printed and written to `ready_file`."""
    keep_server_certificate(office)
    context = tls(office.house)

    def ready(address: str) -> None:
        sys.stdout.write(f"HQ listens at {address}\n")
        sys.stdout.flush()
        if ready_file is not None:
            write(ready_file, f"{address}\n".encode(), 0o644)

    config = uvicorn.Config(
        build(office),
        host=host,
        port=port,
        http=DoorProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        ssl_context_factory=lambda _config, _default: context,
        log_config=None,
        access_log=False,  # an access log would hold addresses
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
    )
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    _Server(config, ready).run()


def _peer(transport: asyncio.Transport) -> Peer | None:
    connection: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    # None without a certificate; empty only if it had not been verified, and it always is.
    certificate: Any = connection.getpeercert() if connection is not None else None
    if not certificate:
        return None
    names = [value for part in certificate["subject"] for key, value in part if key == "commonName"]
    if len(names) != 1:
        return None
    return Peer(names[0], f"{int(certificate['serialNumber'], 16):X}")
