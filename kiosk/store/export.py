"""Writes the chain to a file for an auditor: hashes and signatures; refuses to write a name, a code or an event."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kiosk.store.acts import LocalKind
from kiosk.store.files import new_file

if TYPE_CHECKING:
    from kiosk.store import Store

FORMAT: Final = "ambang.ledger-export.v1"
_CHUNK: Final = 4096
_ROWS: Final = "SELECT seq, commitment, body_digest, h FROM spine WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
_SIGNED: Final = "SELECT size, note, countersigned FROM checkpoints WHERE size > ? AND size <= ? ORDER BY size LIMIT ?"


def export(store: "Store", path: Path, *, step: Callable[[int], object] = lambda _: None) -> int:
    """Write the whole chain with its checkpoints as JSON lines (docs/formats.md); returns how many entries it has.

    The export is itself an entry, the last that it holds; the last line is the checkpoint that covers it. What is
    appended meanwhile is left out, and nobody waits for the file longer than one piece of it takes.

    Args:
        store: the open store.
        path: a new file.
        step: told after each piece how many entries it had.

    Raises:
        Fault: DISK_FULL, DISK_FAILED (also if the file is there), STORE_BUSY; nothing is then left of the file.
    """
    with store.database.write():
        size = store.ledger.append_local(LocalKind.EXPORTED, {"what": "ledger"}).seq
    note = store.ledger.note(size)
    with new_file(path) as file:
        head = {"format": FORMAT, "device": store.device_id, "public": store.device_public.hex(), "size": size}
        file.write(_line(head))
        for rows in _pieces(store, _ROWS, size):
            file.write(b"".join(map(_entry, rows)))
            step(len(rows))
        for rows in _pieces(store, _SIGNED, size - 1):
            file.writelines(_line({"size": row[0], "checkpoint": row[1], "countersigned": row[2]}) for row in rows)
        file.write(_line({"size": size, "checkpoint": note, "countersigned": None}))
    return size


def _pieces(store: "Store", sql: str, last: int) -> Iterator[list[tuple[Any, ...]]]:
    after = 0
    while rows := store.database.rows(sql, after, last, _CHUNK):
        yield rows
        after = rows[-1][0]


def _entry(row: tuple[Any, ...]) -> bytes:
    seq, promise, digest, h = row
    return (f'{{"seq":{seq},"commitment":"{promise.hex()}","body_digest":"{digest.hex()}","h":"{h.hex()}"}}\n').encode()


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
