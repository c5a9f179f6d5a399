"""References of faces: turned, sealed, under random ids; refuses a vector that is not a finite unit float32 vector."""

import secrets
import struct
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.quarantine import Quarantine
from kiosk.store.rotation import orthonormal, turned
from kiosk.store.vault import Place, digest
from wire.errors import FormatError

MAX_REFERENCES: Final = 5
_HEAD: Final = struct.Struct("<4sHfq")
_LAYOUT: Final = b"REF1"
_DIMENSIONS: Final = range(2, 4097)
_UNIT_TOLERANCE: Final = 1e-3
_LARGEST_MODEL_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Reference:
    """One enrolled view of a face.

    Attributes:
        person: random id.
        vector: float32[D] of unit length; as the model gives it on the way in, turned by Q on the way out.
        model: id of the embedding space; vectors of different spaces never compare.
        quality: 0 to 1.
        taken_at: ms UTC.
    """

    person: str
    vector: npt.NDArray[np.float32] = field(repr=False)
    model: str
    quality: float = field(repr=False)
    taken_at: int


class Templates:
    """The references of one store."""

    def __init__(self, foundation: Foundation, quarantine: Quarantine) -> None:
        self._database = foundation.database
        self._vault = foundation.vault
        self._keys = foundation.keys
        self._quarantine = quarantine
        self._matrices: dict[tuple[str, int, int], npt.NDArray[np.float64]] = {}
        self._database.forget.append(self._matrices.clear)

    def rotation(self, model: str, dim: int) -> npt.NDArray[np.float32]:
        """The matrix Q, float32[dim, dim]: the gallery stays turned, the probe is turned once.

        `Q @ probe` compares with what `references` returns. Never leaves the process.
        """
        with self._database.write():
            epoch = self._epoch(model)
            self._keys.obtain(KeyKind.ROTATION, period=model, epoch=epoch)
        return self._matrix(model, epoch, dim).astype(np.float32)

    def references(self) -> list[Reference]:
        """Every reference that may be matched, opened and still turned; people under restriction are left out.

        One that does not open goes to quarantine and is reported there; it is never "no match".
        """
        found: list[Reference] = []
        with self._database.read():
            epochs = {model: self._epoch(model) for (model,) in self._database.rows("SELECT DISTINCT model FROM faces")}
            for row in self._database.rows(_SELECT):
                try:
                    found.append(self._opened(row, epochs[row[2]]))
                except ValueError:
                    self._quarantine.note("template", row[0], "does not open", row[1])
        self._quarantine.settle()
        return found

    def put(self, key: bytes, basis: str, references: list[Reference]) -> None:
        """Seal references of one person under their biometric key, inside the current transaction."""
        for reference in references:
            template, dim = secrets.token_hex(8), len(reference.vector)
            epoch = self._epoch(reference.model)
            self._keys.obtain(KeyKind.ROTATION, period=reference.model, epoch=epoch)
            vector = turned(self._matrix(reference.model, epoch, dim), reference.vector)
            plain = _HEAD.pack(_LAYOUT, dim, reference.quality, reference.taken_at) + vector.astype("<f4").tobytes()
            sealed = self._vault.seal(key, plain, _place(template, reference.person, reference.model, 1))
            self._database.run("INSERT INTO templates.template (id, sealed) VALUES (?, ?)", template, sealed)
            self._database.run(
                "INSERT INTO faces (template, person, basis, model, dim, epoch) VALUES (?, ?, ?, ?, ?, ?)",
                template,
                reference.person,
                basis,
                reference.model,
                dim,
                epoch,
            )

    def drop(self, person_id: str) -> list[bytes]:
        """Delete a person's references inside the current transaction; returns the sealed bytes, to be searched for."""
        mine = "SELECT template FROM faces WHERE person = ?"
        gone = [
            *self._database.rows(f"SELECT sealed FROM templates.template WHERE id IN ({mine})", person_id),  # noqa: S608
            *self._database.rows("SELECT sealed FROM quarantine WHERE person = ? AND sealed IS NOT NULL", person_id),
        ]
        self._database.run(f"DELETE FROM templates.template WHERE id IN ({mine})", person_id)  # noqa: S608 - a constant
        self._database.run("DELETE FROM faces WHERE person = ?", person_id)
        self._database.run("UPDATE quarantine SET sealed = NULL WHERE person = ?", person_id)
        return [row[0] for row in gone]

    def _opened(self, row: tuple[Any, ...], current: int) -> Reference:
        template, person, model, epoch, version, sealed, wrapped, key_version, basis_digest = row
        if sealed is None or wrapped is None:
            raise FormatError("a reference without its record or its key")
        key = self._keys.opened((KeyKind.BIOMETRIC, person, "", 1), wrapped, key_version, basis_digest)
        plain = self._vault.unseal(key, sealed, _place(template, person, model, version))
        layout, dim, quality, taken_at = _HEAD.unpack_from(plain)
        vector = np.frombuffer(plain, dtype="<f4", offset=_HEAD.size).astype(np.float32)
        if layout != _LAYOUT or vector.shape != (dim,):
            raise FormatError("not a reference")
        if epoch != current:
            vector = turned(self._matrix(model, current, dim) @ self._matrix(model, epoch, dim).T, vector)
        return Reference(person, vector, model, quality, taken_at)

    def _epoch(self, model: str) -> int:
        row = self._database.row("SELECT max(epoch) FROM keys WHERE kind = 'rotation' AND period = ?", model)
        return 1 if row is None or row[0] is None else int(row[0])

    def _matrix(self, model: str, epoch: int, dim: int) -> npt.NDArray[np.float64]:
        known = self._matrices.get((model, epoch, dim))
        if known is not None:
            return known
        key = self._keys.get(KeyKind.ROTATION, period=model, epoch=epoch)
        if key is None:
            raise FormatError("the rotation key is gone")
        matrix = self._matrices[model, epoch, dim] = orthonormal(key, model=model, epoch=epoch, dim=dim)
        return matrix


def check(person_id: str, references: list[Reference]) -> None:
    """Refuse references that no gallery could use. Raises ValueError."""
    if not 1 <= len(references) <= MAX_REFERENCES:
        raise ValueError(f"1 to {MAX_REFERENCES} references a person")
    for reference in references:
        vector = reference.vector
        if reference.person != person_id or not 1 <= len(reference.model) <= _LARGEST_MODEL_NAME:
            raise ValueError("a reference of another person, or without a model")
        if vector.dtype != np.float32 or vector.ndim != 1 or vector.size not in _DIMENSIONS:
            raise ValueError("a reference is float32[D]")
        if not abs(float(np.linalg.norm(vector.astype(np.float64))) - 1.0) <= _UNIT_TOLERANCE:  # NaN is refused too
            raise ValueError("a reference has unit length")


_SELECT: Final = (
    "SELECT f.template, f.person, f.model, f.epoch, f.row_version, t.sealed, k.wrapped, k.row_version, b.digest"
    " FROM faces f JOIN people p ON p.id = f.person AND p.state = 'active' AND p.face_restricted = 0"
    " JOIN bases b ON b.id = f.basis LEFT JOIN templates.template t ON t.id = f.template"
    " LEFT JOIN keys k ON k.kind = 'biometric' AND k.person = f.person ORDER BY f.person, f.rowid"
)


def _place(template: str, person_id: str, model: str, version: int) -> Place:
    return Place("template", "sealed", template, person_id, version, digest(model.encode()))
