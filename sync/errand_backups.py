"""Carries sealed backups to headquarters; refuses a file that is no backup, a link, and one that changes meanwhile."""

import base64
import hashlib
import logging
import os
import re
import stat
from pathlib import Path
from typing import BinaryIO, Final

from sync.errand import Desk, NotDone
from sync.replies import Kind, Refusal
from wire import canonical

EVERY_MS: Final = 900_000
AGAIN_MS: Final = 86_400_000
NAME: Final = re.compile(r"[0-9a-f]{16}-[0-9]{8}T[0-9]{6}Z-[0-9]{10}\.offsite\.age")
TOLD: Final = "carried"
_MARK: Final = "backup:"
_REFUSED: Final = "backup_refused:"
_TYPE: Final = "application/octet-stream"
_CHUNK: Final = 1 << 20
_log = logging.getLogger("ambang.sync")


class Backups:
    """The files of the kiosk's spool, newest first; the kiosk deletes them by its own rule."""

    name = "backups"
    every_ms = EVERY_MS

    def run(self, desk: Desk, now_ms: int) -> None:
        """Send what headquarters has not. Raises NotDone; one that is refused is offered again after a day."""
        directory = desk.settings.spool
        try:
            names = sorted((each.name for each in directory.iterdir() if NAME.fullmatch(each.name)), key=_age)
        except OSError:  # there is none yet
            return
        refused: NotDone | None = None
        for name in reversed(names):
            if desk.memory.get(_MARK + name) is not None:
                continue
            if 0 <= now_ms - desk.memory.number(_REFUSED + name) < AGAIN_MS:
                continue
            try:
                self._carry(desk, directory / name, now_ms)
            except NotDone as error:
                if error.refusal.kind not in (Kind.PERMANENT, Kind.TOO_LARGE):
                    raise
                desk.memory.keep_all({_REFUSED + name: now_ms})
                _log.error("backup refused by headquarters: %s", error.refusal.detail)
                refused = error
        _forget(desk, frozenset(names))
        if refused is not None:
            raise refused

    def _carry(self, desk: Desk, path: Path, now_ms: int) -> None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:  # the kiosk has deleted it, or it is a link to something else
            return
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            digest = _digest(file)
            file.seek(0)
            spelled = base64.b64encode(digest).decode()
            headers = {"Content-Type": _TYPE, "Content-Digest": f"sha-256=:{spelled}:"}
            answer = desk.send("PUT", f"/v1/backups/{path.name}", file, headers, now_ms)
        if answer != {"stored": True}:
            raise NotDone(Refusal(Kind.UNKNOWN, "reply_invalid"))
        desk.memory.keep_all({_MARK + path.name: digest.hex()})
        desk.exchange.inbox_add(TOLD, canonical.encode({"id": path.name, "sha256": digest.hex(), "at": now_ms}))
        _log.info("backup carried away id=%s", path.name)


def _digest(file: BinaryIO) -> bytes:
    digest = hashlib.sha256()
    while piece := file.read(_CHUNK):
        digest.update(piece)
    return digest.digest()


def _forget(desk: Desk, names: frozenset[str]) -> None:
    """What the kiosk has deleted needs no mark any more."""
    marks = [mark for prefix in (_MARK, _REFUSED) for mark in desk.memory.under(prefix)]
    gone = [mark for mark in marks if mark.partition(":")[2] not in names]
    if gone:
        desk.memory.drop(*gone)


def _age(name: str) -> str:
    return name.split("-", 1)[1]
