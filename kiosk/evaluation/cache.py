"""Keeps the embeddings of an evaluation, sealed, so that it can go on after a stop; refuses a record it cannot open."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

from kiosk.evaluation.naming import outside_a_device, refused
from kiosk.vision.arrays import Floats
from wire.errors import FormatError
from wire.sealed import KEY_SIZE, OVERHEAD, Context, seal, unseal

KID: Final = b"eval"
SUFFIX: Final = ".embeddings"
_DIGEST: Final = 32


def place() -> Path:
    """Where embeddings are kept unless somebody says otherwise: $XDG_CACHE_HOME or ~/.cache, ambang/evaluation.

    Raises:
        Fault: EVALUATION_REFUSED for a user without a home.
    """
    return _own("XDG_CACHE_HOME", ".cache") / "ambang" / "evaluation"


def key_of(folder: Path) -> Path:
    """Where the key of a cache is: in $XDG_STATE_HOME or ~/.local/state, apart from what it opens.

    Raises:
        Fault: EVALUATION_REFUSED for a user without a home.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(folder))).hexdigest()[:16]
    return _own("XDG_STATE_HOME", ".local/state") / "ambang" / f"evaluation-{name}.key"


def forget(folder: Path) -> int:
    """Delete a cache and its key, and return how many files there were; what others put there stays."""
    files = [*folder.glob(f"*{SUFFIX}"), key_of(folder)]
    gone = 0
    for file in files:
        try:
            file.unlink()
        except FileNotFoundError:
            continue
        gone += 1
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
    return gone


class Cache:
    """Embeddings by the SHA-256 of a picture's bytes; none where no face was found. Used by one thread.

    Args:
        number: of the open file, or none: then nothing is kept.
        key: 32 bytes.
        space: what made the embeddings: pack, files and way of looking; another one has another file.
        dimension: of an embedding.
    """

    def __init__(self, number: int | None, key: bytes, space: str, dimension: int) -> None:
        self._number, self._key, self._space, self._dimension = number, key, space, dimension
        self._size = _DIGEST + 1 + 4 * dimension + OVERHEAD
        self._found: dict[bytes, Floats | None] = {}
        self._records = 0
        if number is not None:
            self._load(number)

    def __contains__(self, digest: bytes) -> bool:
        """Whether this picture was looked at."""
        return digest in self._found

    def __len__(self) -> int:
        """How many pictures were looked at."""
        return len(self._found)

    def get(self, digest: bytes) -> Floats | None:
        """What was found in a picture that was looked at. Raises KeyError for another one."""
        return self._found[digest]

    def put(self, digest: bytes, vector: Floats | None) -> None:
        """Remember what was found in a picture, and append it to the file."""
        self._found[digest] = vector
        if self._number is None:
            return
        values = np.zeros(self._dimension, np.float32) if vector is None else vector
        plain = digest + bytes([vector is not None]) + values.astype("<f4").tobytes()
        sealed = seal(self._key, plain, self._context(self._records), kid=KID)
        written = os.write(self._number, sealed)
        if written != len(sealed):
            raise OSError(28, "No space left on device", "the cache of embeddings")
        self._records += 1

    def _load(self, number: int) -> None:
        """Read whole records up to the first that does not open, and cut off what follows: a write was interrupted."""
        with os.fdopen(os.dup(number), "rb") as file:
            file.seek(0)
            while len(sealed := file.read(self._size)) == self._size:
                try:
                    plain = unseal(self._key, sealed, self._context(self._records))
                except FormatError:
                    break
                vector = np.frombuffer(plain, "<f4", offset=_DIGEST + 1).astype(np.float32)
                self._found[plain[:_DIGEST]] = vector if plain[_DIGEST] else None
                self._records += 1
        os.ftruncate(number, self._records * self._size)
        os.lseek(number, 0, os.SEEK_END)

    def _context(self, row: int) -> Context:
        return Context("evaluation", self._space, "embedding", str(row))


@contextmanager
def opened(folder: Path | None, space: str, dimension: int) -> Iterator[Cache]:
    """Open the cache in `folder` for one pack, or one that keeps nothing; closed when the block ends.

    Raises:
        Fault: EVALUATION_REFUSED when another evaluation has it open, or it cannot be written.
    """
    if folder is None:
        yield Cache(None, bytes(KEY_SIZE), space, dimension)
        return
    outside_a_device(folder)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = _key(key_of(folder))
        name = hashlib.sha256(space.encode()).hexdigest()[:32] + SUFFIX
        number = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        where = error.filename or folder
        raise refused(f"{where} cannot be written, so no embedding can be kept; --no-cache does without.") from error
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise refused(f"Another evaluation is using {folder}; --cache names another place.") from error
        yield Cache(number, key, space, dimension)
    finally:
        os.close(number)


def _own(variable: str, usual: str) -> Path:
    """A folder of this user: what the environment says, or one in their home."""
    if said := os.environ.get(variable):
        return Path(said)
    try:
        return Path.home() / usual
    except RuntimeError as error:
        raise refused(f"This user has no home to keep embeddings in: {variable} is not set.") from error


def _key(path: Path) -> bytes:
    """Read the key, or draw one: 32 random bytes that only this user can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        known = path.read_bytes()
        if len(known) == KEY_SIZE:
            return known
        path.unlink()  # a write that was interrupted: it opens nothing
        return _key(path)
    with os.fdopen(number, "wb") as file:
        key = os.urandom(KEY_SIZE)
        file.write(key)
    return key
