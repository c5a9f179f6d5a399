"""Takes published privacy notices from the kiosk to headquarters; refuses to forget one before headquarters has it."""

import hashlib
import logging
from collections import defaultdict
from typing import Final

from sync.errand import JSON, Desk, NotDone
from sync.exchange import Message as Row
from sync.replies import Kind, Refusal
from wire import notice, pieces
from wire.errors import FormatError
from wire.pieces import Piece

EVERY_MS: Final = 60_000
REQUEST: Final = "notice"
_log = logging.getLogger("ambang.sync")


class Notices:
    """Puts the pieces in the exchange together; a notice that is refused does not hold up the others."""

    name = "notices"
    every_ms = EVERY_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Send what is whole. Raises NotDone with the last reason if one could not be delivered."""
        refused: NotDone | None = None
        for found in _by_file(desk):
            rows = [row.id for row, _ in found]
            try:
                data = pieces.joined(piece for _, piece in found)
                published = None if data is None else notice.unverified(data).published
            except FormatError:
                _log.error("requests of the kiosk are no privacy notice: dropped")
                desk.exchange.answered(rows)
                continue
            if data is None or published is None:
                continue
            try:
                _send(desk, published, data, now_ms)
            except NotDone as error:
                if error.refusal.kind not in (Kind.PERMANENT, Kind.HISTORY, Kind.TOO_LARGE):
                    raise
                refused = error
            else:
                desk.exchange.answered(rows)
        if refused is not None:
            raise refused


def _by_file(desk: Desk) -> list[list[tuple[Row, Piece]]]:
    found: defaultdict[str, list[tuple[Row, Piece]]] = defaultdict(list)
    for row in desk.requests(REQUEST):
        try:
            piece = pieces.read(row.body)
        except FormatError:
            _log.error("a request of the kiosk is no piece of a notice: dropped")
            desk.exchange.answered([row.id])
        else:
            found[piece.file].append((row, piece))
    return list(found.values())


def _send(desk: Desk, published: int, data: bytes, now_ms: int) -> None:
    mark, digest = f"notice:{published}", hashlib.sha256(data).hexdigest()
    if desk.memory.get(mark) == digest:
        return
    answer = desk.send("PUT", f"/v1/notices/{published}", data, {"Content-Type": JSON}, now_ms)
    if answer != {"stored": True}:
        raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid"))
    desk.memory.keep_all({mark: digest})
    _log.info("privacy notice delivered published=%d bytes=%d", published, len(data))
