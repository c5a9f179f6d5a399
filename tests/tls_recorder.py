"""Stands between a device and its headquarters, ends the TLS of both, and keeps what the device says in the clear."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE_S = 20.0


class Recorder:
    """What headquarters hears after decryption, byte for byte; nothing is changed on the way.

    Args:
        authority: certificate of headquarters' authority, PEM.
        server: certificate and key of headquarters, PEM.
        url: where headquarters is.
        client: the device's certificate and key; before they are there, it comes without.
    """

    def __init__(self, authority: Path, server: tuple[Path, Path], url: str, client: tuple[Path, Path]) -> None:
        self.heard = bytearray()
        self.lines = 0
        self._authority, self._client = authority, client
        self._onward = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*server)
        self._context.load_verify_locations(authority)
        self._context.verify_mode = ssl.CERT_OPTIONAL
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Take no more; wait for the lines that are open."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._carry, args=(line,), daemon=True))
            self._threads[-1].start()

    def _carry(self, line: socket.socket) -> None:
        line.settimeout(PATIENCE_S)
        with suppress(OSError), closing(self._context.wrap_socket(line, server_side=True)) as near:
            context = ssl.create_default_context(cafile=str(self._authority))
            if near.getpeercert() is not None:
                context.load_cert_chain(*self._client)
            raw = socket.create_connection(self._onward, PATIENCE_S)
            with closing(context.wrap_socket(raw, server_hostname=self._onward[0])) as far:
                self.lines += 1
                _converse(near, far, self.heard.extend)


def _converse(near: ssl.SSLSocket, far: ssl.SSLSocket, note: Callable[[bytes], object]) -> None:
    """Carry both ways on one thread (two may not use one TLS line at a time) until either side ends it."""
    other = {near: far, far: near}
    while True:
        ready = [line for line in other if line.pending()] or select.select(list(other), [], [], PATIENCE_S)[0]
        if not ready:
            return
        for line in ready:
            piece = _received(line)
            if piece == b"":
                return
            if piece is not None:
                if line is near:
                    note(piece)
                other[line].sendall(piece)


def _received(line: ssl.SSLSocket) -> bytes | None:
    """What has come; None if that was of TLS itself, b"" at the end."""
    line.settimeout(0)
    try:
        return line.recv(65_536)
    except ssl.SSLWantReadError:
        return None
    finally:
        line.settimeout(PATIENCE_S)


@contextmanager
def recording(authority: Path, server: tuple[Path, Path], url: str, client: tuple[Path, Path]) -> Iterator[Recorder]:
    """A recorder for the length of a block."""
    with closing(Recorder(authority, server, url, client)) as recorder:
        yield recorder
