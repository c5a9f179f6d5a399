"""References of faces: turned, sealed, under random ids; refuses a vector that is not a finite unit float32 vector."""

import secrets
import struct
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kiosk.faults import Fault, FaultCode
from kiosk.store.face_mode import USED
from kiosk.store.foundation import Foundation
from kiosk.store.keys import KeyKind
from kiosk.store.quarantine import Quarantine
from kiosk.store.rotation import orthonormal, turned, turned_each
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
        self._now_ms = foundation.now_ms
        self._quarantine = quarantine
        self._matrices: dict[tuple[str, int, int], npt.NDArray[np.float64]] = {}
        self._turns: dict[tuple[str, int, int, int], npt.NDArray[np.float64]] = {}
        self._database.forget += [self._matrices.clear, self._turns.clear]

    def gallery(self, model: str, dim: int) -> tuple[list[Reference], npt.NDArray[np.float32]]:
        """What `references` and `rotation` give, from one read: another process may renew the references in between.

        Raises:
            Fault: STORE_TAMPERED: the rotation key does not open.
        """
        if self._database.row("SELECT 1 FROM keys WHERE kind = 'rotation' AND period = ?", model) is None:
            self.rotation(model, dim)
        with self._database.read():
            found = self._opened_rows(self._database.rows(_SELECT, self._now_ms()))
            try:
                matrix = self._matrix(model, self._epoch(model), dim)
            except FormatError as error:
                raise Fault(FaultCode.STORE_TAMPERED, "rotation key") from error
        self._quarantine.settle()
        return found, matrix.astype(np.float32)

    def rotation(self, model: str, dim: int) -> npt.NDArray[np.float32]:
        """The matrix Q, float32[dim, dim]: the gallery stays turned, the probe is turned once.

        `Q @ probe` compares with what `references` returns. Never leaves the process.
        """
        with self._database.write():
            epoch = self._epoch(model)
            self._keys.obtain(KeyKind.ROTATION, period=model, epoch=epoch)
        return self._matrix(model, epoch, dim).astype(np.float32)

    def references(self) -> list[Reference]:
        """Every reference that may be matched, opened and still turned.

        Left out are people under restriction, and those whose basis is past its time.

        One that does not open goes to quarantine and is reported there; it is never "no match".
        """
        with self._database.read():
            found = self._opened_rows(self._database.rows(_SELECT, self._now_ms()))
        self._quarantine.settle()
        return found

    def spaces(self) -> list[tuple[str, str]]:
        """Of each person with a face their id, and the embedding spaces of their references, a pair for each.

        Opens nothing; people under restriction are there too.
        """
        return [(row[0], row[1]) for row in self._database.rows("SELECT DISTINCT person, model FROM faces")]

    def taken(self, person_id: str) -> list[tuple[int, float]]:
        """When each reference of a person was taken (ms UTC) and how good it is (0 to 1), restricted ones too.

        The measurements themselves are not given. One that does not open goes to quarantine.
        """
        with self._database.read():
            found = self._opened_rows(self._database.rows(_OF_PERSON, person_id))
        self._quarantine.settle()
        return [(each.taken_at, each.quality) for each in found]

    def put(self, key: bytes, basis: str, references: list[Reference]) -> None:
        """Seal references of one person under their biometric key, inside the current transaction."""
        for reference in references:
            epoch = self._epoch(reference.model)
            self._keys.obtain(KeyKind.ROTATION, period=reference.model, epoch=epoch)
            matrix = self._matrix(reference.model, epoch, len(reference.vector))
            self._insert(key, basis, replace(reference, vector=turned(matrix, reference.vector)), epoch)

    def people_behind(self, limit: int) -> list[str]:
        """Ids of people with a reference of an older epoch than its model's newest, restricted ones too."""
        return [row[0] for row in self._database.rows(f"SELECT DISTINCT f.person {_BEHIND} LIMIT ?", limit)]

    def count_behind(self) -> int:
        """How many people `people_behind` would name in the end."""
        row = self._database.row(f"SELECT count(DISTINCT f.person) {_BEHIND}")
        return 0 if row is None else int(row[0])

    def drop_old_rotations(self) -> list[bytes]:
        """Delete every rotation key that is not its model's newest; returns the wrapped bytes, to be searched for.

        Inside the current transaction, and only where nobody is behind: a reference of a deleted epoch is lost.
        """
        gone = [row[0] for row in self._database.rows(f"SELECT wrapped {_OLD_ROTATIONS}")]
        self._database.run(f"DELETE {_OLD_ROTATIONS}")
        self._matrices.clear()
        self._turns.clear()
        return gone

    def renew(self, person_id: str) -> tuple[list[bytes], int]:
        """Turn a person's references into the newest epoch, under a new biometric key, inside the current transaction.

        The new key hangs on the same basis; each reference gets a new random id and keeps its place in the order.
        One that does not open goes to quarantine; if none does, the key stays as it is.

        Returns:
            The sealed bytes and wrapped keys that are gone, to be searched for, and how many references live on.
        """
        rows = self._database.rows(_OF_PERSON, person_id)
        kept = self._opened_rows(rows)
        self._quarantine.settle()
        if not kept:
            return [], 0
        gone = [*self._drop(person_id), *self._keys.drop(KeyKind.BIOMETRIC, person=person_id)]
        basis, digest_of_basis = rows[0][9], rows[0][8]  # an enrolment ends the one before: there is one basis
        key = self._keys.make(KeyKind.BIOMETRIC, person=person_id, binding=digest_of_basis)
        for reference in kept:
            self._insert(key, basis, reference, self._epoch(reference.model))
        return gone, len(kept)

    def _drop(self, person_id: str) -> list[bytes]:
        """Delete a person's references, and the copies set aside, which are sealed under the key that goes."""
        mine = "WHERE id IN (SELECT template FROM faces WHERE person = ?)"
        aside = "WHERE place = 'template' AND person = ? AND sealed IS NOT NULL"
        gone = [
            *self._database.rows(f"SELECT sealed FROM templates.template {mine}", person_id),  # noqa: S608
            *self._database.rows(f"SELECT sealed FROM quarantine {aside}", person_id),  # noqa: S608
        ]
        self._database.run(f"DELETE FROM templates.template {mine}", person_id)  # noqa: S608 - constants, as above
        self._database.run("DELETE FROM faces WHERE person = ?", person_id)
        self._database.run(f"UPDATE quarantine SET sealed = NULL {aside}", person_id)  # noqa: S608
        return [row[0] for row in gone]

    def _opened_rows(self, rows: list[tuple[Any, ...]]) -> list[Reference]:
        """Open references and turn them into the newest epoch; notes for the quarantine what does not open."""
        newest = {model: self._epoch(model) for model in {row[2] for row in rows}}
        found: dict[str, Reference] = {}
        older: dict[tuple[str, int, int], list[str]] = {}
        for row in rows:
            template, person, model, epoch = row[:4]
            try:
                reference = found[template] = self._opened(row)
            except ValueError:
                self._quarantine.note("template", template, "does not open", person)
                continue
            if epoch != newest[model]:
                older.setdefault((model, epoch, len(reference.vector)), []).append(template)
        for (model, epoch, dim), templates in older.items():
            try:
                turn = self._turn(model, epoch, newest[model], dim)
            except FormatError:
                for template in templates:
                    self._quarantine.note("template", template, "the rotation key is gone", found.pop(template).person)
                continue
            vectors = turned_each(turn, [found[template].vector for template in templates])
            for template, vector in zip(templates, vectors, strict=True):
                found[template] = replace(found[template], vector=vector)
        return list(found.values())

    def _insert(self, key: bytes, basis: str, reference: Reference, epoch: int) -> None:
        """Seal one reference that is turned already, under a new random id."""
        template, dim = secrets.token_hex(8), len(reference.vector)
        head = _HEAD.pack(_LAYOUT, dim, reference.quality, reference.taken_at)
        place = _place(template, reference.person, reference.model, 1)
        sealed = self._vault.seal(key, head + reference.vector.astype("<f4").tobytes(), place)
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

    def _opened(self, row: tuple[Any, ...]) -> Reference:
        template, person, model, _, version, sealed, wrapped, key_version, basis_digest, _ = row
        if sealed is None or wrapped is None:
            raise FormatError("a reference without its record or its key")
        key = self._keys.opened((KeyKind.BIOMETRIC, person, "", 1), wrapped, key_version, basis_digest)
        plain = self._vault.unseal(key, sealed, _place(template, person, model, version))
        layout, dim, quality, taken_at = _HEAD.unpack_from(plain)
        vector = np.frombuffer(plain, dtype="<f4", offset=_HEAD.size).astype(np.float32)
        if layout != _LAYOUT or vector.shape != (dim,):
            raise FormatError("not a reference")
        return Reference(person, vector, model, quality, taken_at)

    def _epoch(self, model: str) -> int:
        row = self._database.row("SELECT max(epoch) FROM keys WHERE kind = 'rotation' AND period = ?", model)
        return 1 if row is None or row[0] is None else int(row[0])

    def _turn(self, model: str, old: int, new: int, dim: int) -> npt.NDArray[np.float64]:
        """The matrix that turns a reference of one epoch into another: Q_new Q_old^T."""
        known = self._turns.get((model, old, new, dim))
        if known is None:
            known = self._matrix(model, new, dim) @ self._matrix(model, old, dim).T
            self._turns[model, old, new, dim] = known
        return known

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


_PARTS: Final = (
    "SELECT f.template, f.person, f.model, f.epoch, f.row_version, t.sealed, k.wrapped, k.row_version, b.digest, b.id"
    " FROM faces f JOIN bases b ON b.id = f.basis LEFT JOIN templates.template t ON t.id = f.template"
    " LEFT JOIN keys k ON k.kind = 'biometric' AND k.person = f.person"
)
_SELECT: Final = (
    f"{_PARTS} JOIN people p ON p.id = f.person AND p.state = 'active' AND {USED}"  # noqa: S608 - our own text
    " AND p.id NOT IN (SELECT subject FROM intents WHERE kind = 'erase_face' AND done = 0)"
    " AND (b.good_until IS NULL OR b.good_until > ?1) ORDER BY f.person, f.rowid"
)
_OF_PERSON: Final = f"{_PARTS} WHERE f.person = ? ORDER BY f.rowid"
_BEHIND: Final = (
    "FROM faces f JOIN (SELECT period, max(epoch) AS epoch FROM keys WHERE kind = 'rotation' GROUP BY period) newest"
    " ON newest.period = f.model AND f.epoch < newest.epoch"
)
_OLD_ROTATIONS: Final = (
    "FROM keys WHERE kind = 'rotation' AND epoch <"
    " (SELECT max(epoch) FROM keys newest WHERE newest.kind = 'rotation' AND newest.period = keys.period)"
)


def _place(template: str, person_id: str, model: str, version: int) -> Place:
    return Place("template", "sealed", template, person_id, version, digest(model.encode()))
