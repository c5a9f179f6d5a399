"""The only file that opens a connection to another machine; refuses any host that is not a registered recipient."""

import errno
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from sync import tls_key
from sync.replies import Kind, Refusal

CONNECT_S: Final = 5.0
READ_S: Final = 30.0
TOTAL_S: Final = 60.0
IDLE_S: Final = 2.0  # servers close an idle line after some seconds; a batch must not be lost in that moment
REPLY_LIMIT: Final = 1 << 20
_CHUNK: Final = 65_536
_CERTIFICATE: Final = {9: "tls_not_yet_valid", 10: "tls_expired", 62: "tls_wrong_host", 64: "tls_wrong_host"}
"""OpenSSL's verification errors, from x509_vfy.h."""
_SPOILT: Final = re.compile("BAD_RECORD_MAC|DECODE_ERROR|RECORD_OVERFLOW|UNEXPECTED_MESSAGE|INTERNAL_ERROR")
"""OpenSSL's names of the alerts that come of a record that was spoilt on the way; the others are about us."""
_Address: TypeAlias = tuple[int, int, int, str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: status, the headers that we read ("" or None where absent), at most 1 MiB of body."""

    status: int
    content_type: str
    retry_after: str | None
    body: bytes
    date: str | None = None


class NotDelivered(Exception):  # noqa: N818 - reads as the condition it names
    """There is no answer; `refusal` says whether the body may have arrived."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


class _Watch:
    """Cuts the one connection when the time is over, whatever it is doing: connecting, reading, trickling."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may stop while the same thread guards
        self._twin: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._round = 0
        self._late = False
        self._stopped = False
        self.established = False

    @property
    def cause(self) -> str | None:
        """Why the connection was cut, if it was."""
        return "stopped" if self._stopped else "deadline" if self._late else None

    def begin(self, seconds: float) -> None:
        with self._lock:
            self._round += 1
            self._late = False
            self._timer = threading.Timer(seconds, self._expire, (self._round,))
            self._timer.daemon = True
            self._timer.start()

    def end(self) -> None:
        with self._lock:
            self._round += 1  # a timer that has gone off in this moment must not cut the next exchange
            if self._timer is not None:
                self._timer.cancel()

    def stop(self) -> None:
        """Cut what is under way and everything after it."""
        with self._lock:
            self._stopped = True
            self._shut()

    def guard(self, line: socket.socket) -> None:
        """Keep a second descriptor of the connection, which stays ours while TLS takes the first one over."""
        with self._lock:
            self.release()
            self._twin = socket.socket(fileno=os.dup(line.fileno()))

    def release(self) -> None:
        with self._lock:
            if self._twin is not None:
                self._twin.close()
                self._twin = None

    def _expire(self, number: int) -> None:
        with self._lock:
            if number == self._round:
                self._late = True
                self._shut()

    def _shut(self) -> None:
        if self._twin is not None:
            with suppress(OSError):  # the other side was faster, or there is no other side yet
                self._twin.shutdown(socket.SHUT_RDWR)


def _connected(watch: _Watch, host: str, port: int, connect_s: float) -> socket.socket:
    """Try the addresses of a name one after the other, all of them within the time of the watch.

    Raises:
        OSError: none could be reached (the error of the last), or the watch has cut it short.
    """
    failed = OSError(errno.EHOSTUNREACH, "no address")
    for family, kind, protocol, _, address in _addresses(watch, host, port):
        line = socket.socket(family, kind, protocol)
        try:
            line.settimeout(connect_s)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            watch.guard(line)
            if watch.cause is None:  # what is not connected yet cannot be shut, so we ask on both sides
                line.connect(address)
            if watch.cause is None:
                return line
        except OSError as error:
            failed = error
        line.close()
        if watch.cause is not None:
            break
    raise failed


def _addresses(watch: _Watch, host: str, port: int) -> list[_Address]:
    """Look a name up beside us, because nothing cuts the resolver; a lookup that is given up ends by itself."""
    found: list[_Address] = []
    failed: list[OSError | UnicodeError] = []

    def ask() -> None:
        try:
            found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    while thread.is_alive() and watch.cause is None:
        thread.join(0.1)
    if failed:
        raise failed[0]
    return found


class _Socket(ssl.SSLSocket):
    """Closes itself where the other side has gone before TLS began: the standard library forgets it there."""

    def getpeername(self) -> Any:  # noqa: ANN401 - the signature of socket
        try:
            return super().getpeername()
        except OSError as error:
            self.close()
            raise ConnectionResetError(errno.ECONNRESET, "gone before TLS began") from error


class _Adapter(HTTPAdapter):
    """One connection at a time, made with our own TLS context and watched."""

    def __init__(self, context: ssl.SSLContext, watch: _Watch) -> None:
        self._context = context
        self._watch = watch
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=True)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **extra: Any) -> None:  # noqa: ANN401, FBT001, FBT002 - the signature of requests
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **extra)
        watch = self._watch

        class Line(urllib3.connection.HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                watch.established = False
                return _connected(watch, self.host, self.port, CONNECT_S)

            def connect(self) -> None:
                super().connect()
                watch.established = True

            def send(self, data: Any) -> None:  # noqa: ANN401 - the signature of http.client
                try:
                    super().send(data)
                except (ssl.SSLEOFError, ConnectionResetError) as error:
                    # urllib3 goes on to read after a broken pipe, and there may stand why the server closed
                    raise BrokenPipeError(errno.EPIPE, "closed by the server") from error

        class Pool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Line

        self.poolmanager.pool_classes_by_scheme = {"https": Pool}


class Transport:
    """HTTPS with the device's own certificate to registered hosts, no proxies, no redirects, no retries.

    Args:
        hosts: names of the registered recipients, lower case.
        ca: PEM of the only authority that is believed.
        certificate: PEM of the device's certificate; None for a server that asks for a token instead.
        key: PEM of its key; not read where the certificate's file holds one.
        total_s: seconds from first to last byte of one exchange.
        unverified: believe no server, and send it nothing but the question for a file that is known by its hash.

    Raises:
        NotDelivered: the certificate, key or authority cannot be used (config).
    """

    def __init__(  # noqa: PLR0913 - what makes a line
        self,
        hosts: frozenset[str],
        ca: Path,
        certificate: Path | None,
        key: Path | None,
        total_s: float = TOTAL_S,
        *,
        unverified: bool = False,
    ) -> None:
        self._hosts = hosts
        self._ca = ca
        self._total_s = total_s
        self._watch = _Watch()
        self._used_at = 0.0
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.sslsocket_class = _Socket
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.hostname_checks_common_name = False  # a name counts where names stand, not in a device's common name
        self._unverified = unverified
        try:
            if unverified:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            else:
                context.load_verify_locations(cafile=str(ca))
            if certificate is not None and not unverified:
                context.load_cert_chain(certificate, None if tls_key.holds_key(certificate) else key)
        except (OSError, ssl.SSLError) as error:
            raise NotDelivered(Refusal(Kind.CONFIG, "certificate_unusable")) from error
        if unverified:  # it is meant: what comes is compared with a hash before anything else happens
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))  # none is kept, none goes back
        self._session.adapters.clear()
        self._session.mount("https://", _Adapter(context, self._watch))
        self._session.headers = requests.structures.CaseInsensitiveDict(
            {"User-Agent": "ambang", "Accept-Encoding": "identity", "Accept": "application/json"}
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one body and read the whole answer; raises as `send`."""
        return self.send("POST", url, body, headers)

    def send(self, method: str, url: str, body: bytes | BinaryIO | None, headers: Mapping[str, str]) -> Answer:
        """Send one request and read the whole answer.

        Args:
            method: GET, POST or PUT.
            url: https, to a registered host.
            body: bytes, or a file that is read while it is sent (Content-Length from its size), or None.
            headers: besides our own three.

        Raises:
            NotDelivered: its refusal is CONFIG (nothing left, a person must act), DOWN (nothing left) or UNKNOWN.
        """
        address = urlsplit(url)
        if address.scheme != "https" or address.username is not None or address.hostname not in self._hosts:
            raise NotDelivered(Refusal(Kind.CONFIG, "host_not_registered"))
        if self._unverified and (method != "GET" or body is not None):
            raise NotDelivered(Refusal(Kind.CONFIG, "tls_untrusted"))
        if time.monotonic() - self._used_at > IDLE_S:
            self._drop()
        self._watch.begin(self._total_s)
        try:
            return self._exchange(method, url, body, headers)
        except NotDelivered:
            self._drop()
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            refusal = self._judge(error)
            self._drop()
            raise NotDelivered(refusal) from error
        finally:
            self._watch.end()
            self._used_at = time.monotonic()

    def stop(self) -> None:
        """Cut what is under way and let nothing new begin; may be called from a signal handler's thread."""
        self._watch.stop()

    def close(self) -> None:
        """Let go of the connection."""
        self._drop()

    def _exchange(self, method: str, url: str, body: bytes | BinaryIO | None, headers: Mapping[str, str]) -> Answer:
        if self._watch.cause is not None:
            raise NotDelivered(Refusal(Kind.DOWN, self._watch.cause))
        with self._session.request(
            method,
            url,
            data=body,
            headers=dict(headers),
            timeout=(CONNECT_S, READ_S),
            stream=True,
            allow_redirects=False,
            verify=False if self._unverified else str(self._ca),
        ) as response:
            content = bytearray()
            while piece := response.raw.read(_CHUNK, decode_content=False):
                content += piece
                if len(content) > REPLY_LIMIT:
                    raise NotDelivered(Refusal(Kind.UNKNOWN, "reply_too_long"))
            if self._watch.cause is not None:
                raise NotDelivered(Refusal(Kind.UNKNOWN, self._watch.cause))
            plain = response.headers.get("Content-Encoding", "identity").strip().lower() == "identity"
            return Answer(
                response.status_code,
                response.headers.get("Content-Type", "") if plain else "",
                response.headers.get("Retry-After"),
                bytes(content),
                response.headers.get("Date"),
            )

    def _judge(self, error: BaseException) -> Refusal:
        established = self._watch.established
        if self._watch.cause is not None:
            return Refusal(Kind.UNKNOWN if established else Kind.DOWN, self._watch.cause)
        causes = tuple(_causes(error))
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Refusal(Kind.CONFIG, _CERTIFICATE.get(cause.verify_code, "tls_untrusted"))
        for cause in causes:
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
                if not established and not isinstance(cause, TimeoutError):
                    return Refusal(Kind.CONFIG, "tls_refused")
                if "ALERT" in (cause.reason or "") and not _SPOILT.search(cause.reason):
                    return Refusal(Kind.CONFIG, "tls_refused_by_server")
        if not established:
            return Refusal(Kind.DOWN, _why_not_connected(causes))
        late = any(isinstance(cause, (TimeoutError, requests.Timeout)) for cause in causes)
        return Refusal(Kind.UNKNOWN, "read_timeout" if late else "interrupted")

    def _drop(self) -> None:
        self._session.close()
        self._watch.release()
        self._watch.established = False


def _why_not_connected(causes: tuple[BaseException, ...]) -> str:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "name_unknown"
    if any(isinstance(cause, (TimeoutError, requests.Timeout)) for cause in causes):
        return "connect_timeout"
    return "unreachable"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and everything that it wraps, as requests and urllib3 wrap in three different ways."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
