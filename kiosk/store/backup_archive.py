"""The files of a backup in a row, as tar spells them; refuses what the writer here would have spelled another way."""

import hashlib
import tarfile
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Final, Protocol

from kiosk.faults import Fault, FaultCode
from kiosk.store.backup_manifest import MANIFEST, MANIFEST_LIMIT, STORE_KEY, Manifest, Member
from kiosk.store.database import RECORDS_FILE, TEMPLATES_FILE

BLOCK: Final = 512
END: Final = bytes(2 * BLOCK)
_PIECE: Final = 1 << 16
_NAMES: Final = (MANIFEST, STORE_KEY, RECORDS_FILE, TEMPLATES_FILE)
# Where a ustar header (POSIX.1-1988) has its name, its size in octal and the kind of the entry.
_NAME: Final = slice(0, 100)
_SIZE: Final = slice(124, 136)
_KIND: Final = slice(156, 157)


class Sink(Protocol):
    """Takes the content of one member."""

    def write(self, data: bytes, /) -> int:
        """Take all of it."""
        ...

    def close(self) -> None:
        """The member is whole and its hash is right."""
        ...


def header(name: str, size: int) -> bytes:
    """The only header there is for a member of this name and size: 512 bytes."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.USTAR_FORMAT)


def spelled(members: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """The archive, piece by piece: each member's header, content and padding, then the end.

    Raises:
        RuntimeError: a content is not as long as was said.
    """
    for name, size, content in members:
        yield header(name, size)
        given = 0
        for piece in content:
            given += len(piece)
            yield piece
        if given != size:
            raise RuntimeError(f"{name} changed while it was sealed")
        yield bytes(_padding(size))
    yield END


class Joined:
    """Pieces of bytes, read like a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._waiting = b""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._waiting:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._waiting = piece
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given


class Unpacking:
    """Takes an archive as it is opened, piece by piece, and hands each member on as soon as it may be believed.

    Args:
        admit: reads the manifest and decides; raises Fault.
        place: where the content of a member goes; asked once for each member of the manifest, in its order.
    """

    def __init__(self, admit: Callable[[bytes], Manifest], place: Callable[[Member], Sink]) -> None:
        self._admit = admit
        self._place = place
        self._waiting = bytearray()
        self._reading = self._read()
        self._wanted = next(self._reading)
        self._whole: Manifest | None = None

    def write(self, data: bytes) -> int:
        """Take a piece. Raises Fault BACKUP_REFUSED at the first byte that does not belong there."""
        self._waiting += data
        while len(self._waiting) >= self._wanted:
            piece = bytes(self._waiting[: self._wanted])
            del self._waiting[: self._wanted]
            self._wanted = self._reading.send(piece)
        return len(data)

    def finish(self) -> Manifest:
        """What was taken, when nothing more comes. Raises Fault BACKUP_REFUSED if something is missing."""
        self._reading.close()
        if self._whole is None:
            raise _refused("it ends too early")
        return self._whole

    def _read(self) -> Generator[int, bytes, None]:
        """Says each time how many bytes it wants next."""
        head = yield BLOCK
        size = _size_of_manifest(head)
        content = yield size
        yield from self._skip(size, MANIFEST)
        manifest = self._admit(content)
        for number, member in enumerate(manifest.members, 1):
            head = yield BLOCK
            if head != header(member.name, member.size):
                raise _refused(f"member {number}: {_why(head, member, _NAMES[:number])}")
            yield from self._take(member)
            yield from self._skip(member.size, member.name)
        if (yield len(END)) != END:
            raise _refused("something after the last member")
        self._whole = manifest
        yield 1
        self._whole = None
        raise _refused("something after the end")

    def _take(self, member: Member) -> Generator[int, bytes, None]:
        sink, digest, left = self._place(member), hashlib.sha256(), member.size
        while left:
            piece = yield min(left, _PIECE)
            left -= len(piece)
            digest.update(piece)
            sink.write(piece)
        if digest.digest() != member.sha256:
            raise _refused(f"{member.name}: another content than the manifest says")
        sink.close()

    def _skip(self, size: int, name: str) -> Generator[int, bytes, None]:
        if _padding(size) and (yield _padding(size)).strip(b"\0"):
            raise _refused(f"{name}: something in its padding")


def _padding(size: int) -> int:
    return -size % BLOCK


def _size_of_manifest(head: bytes) -> int:
    """The manifest comes first, and its size is the only one that no manifest has announced."""
    digits = head[_SIZE].rstrip(b"\0 ")
    size = int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0
    member = Member(MANIFEST, size, b"")
    if not 0 < size <= MANIFEST_LIMIT or head != header(MANIFEST, size):
        raise _refused(f"member 0: {_why(head, member, ())}")
    return size


def _why(head: bytes, wanted: Member, before: tuple[str, ...]) -> str:
    """What is wrong with a header; the name in it is never repeated."""
    name = head[_NAME].rstrip(b"\0").decode("ascii", "replace")
    if not head.strip(b"\0"):
        return "missing"
    if name in before:
        return "a member twice"
    if name != wanted.name:
        return "in another order" if name in _NAMES else "unknown"
    if head[_KIND] != tarfile.REGTYPE:
        return "a link or another special file"
    return "of another size" if head[_SIZE] != header(wanted.name, wanted.size)[_SIZE] else "a header of another kind"


def _refused(why: str) -> Fault:
    return Fault(FaultCode.BACKUP_REFUSED, why)
