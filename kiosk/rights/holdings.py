"""Everything that this device keeps about one person, as frozen values; refuses to let anybody else in.

GDPR Article 15(1) and (3); UU PDP 27/2022 Articles 5 and 7. `WHERE` says for each table of the store where it stands
here, or why it holds nothing of a person; a test fails on a table without a line.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from kiosk.faults import Fault, FaultCode
from kiosk.rights.others import Others, others
from kiosk.rights.own_entries import OwnEntries, own_entries
from kiosk.store import badges, papers, told
from kiosk.store.keys import KeyKind
from kiosk.store.papers import PaperKind
from kiosk.store.vault import Place, unpadded
from wire.errors import FormatError
from wire.message import Shift

if TYPE_CHECKING:
    from kiosk.store import Store

WHERE: Final[Mapping[str, str]] = {
    "people": "fields",
    "accounts": "fields",  # of the PIN: that there is one, and since when
    "badges": "fields",  # that there is one, since when, until when
    "bases": "consents",
    "faces": "faces",
    "template": "faces",  # the sealed reference itself: that it is there, of which model, since when
    "bodies": "entries",
    "undelivered": "entries",
    "papers": "papers",
    "checkpoints": "entries",  # when headquarters had signed for an entry
    "spine": "nobody: hashes, which tell nothing of anybody",
    "keys": "nobody: wrapped keys, without which the rest does not open",
    "attempts": "nobody: counters under keyed hashes, forgotten within a day",
    "store": "nobody: the device's own",
    "intents": "erasure_open",
    "rosters": "nobody: counts of a list",
    "roster_entries": "fields",  # a list on its way becomes the profile; then it is deleted
    "told": "nobody: shifts, announcements and devices",
    "refused": "nobody: counts of messages that were refused",
    "settings": "nobody: the device's own",
    "quarantine": "damaged",
    "watermarks": "nobody: counters of the device",
}
_ACTED: Final = frozenset({"person", "paper", "by", "account", "with"})


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is known of the person.

    Attributes:
        name: "code", "name", "language", "shift", "standing", "pin", "informed", ...
        value: as it is kept.
        source: who said so: "roster", "admin", "person" or "device".
        version: of the roster, or 0.
        since: ms UTC; None where it is not kept.
    """

    name: str
    value: str = field(repr=False)
    source: str
    version: int
    since: int | None


@dataclass(frozen=True, slots=True)
class Face:
    """References of one model: their count and dimension, and since when the consent stands on which they hang."""

    model: str
    dimension: int
    references: int
    since: int


@dataclass(frozen=True, slots=True)
class Given:
    """One consent, or another basis, of now or before; `record`: what was written down, without anybody else."""

    state: str
    began_at: int
    ended_at: int | None
    record: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A paper of the desk about the person; `content` without anybody else."""

    id: str
    kind: PaperKind
    state: str
    created_at: int
    due_at: int | None
    closed_at: int | None
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Logged:
    """Something that the device did about the person: when (ms UTC), which act, and its counts."""

    at: int
    kind: str
    counts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Holdings:
    """All of it.

    Attributes:
        person: random id.
        device: id of this device.
        zone: IANA time zone of the door.
        made_at: ms UTC.
        fields: who they are, each with where it came from.
        faces: references, by model.
        consents: oldest first.
        entries: attendance and notices.
        papers: what the desk keeps, oldest first.
        logged: what the device did, oldest first.
        restricted: which uses are under restriction: "face", "attendance".
        erasure_open: whether an erasure is under way.
        damaged: how many records of this person do not open.
    """

    person: str
    device: str
    zone: str
    made_at: int
    fields: tuple[Field, ...]
    faces: tuple[Face, ...]
    consents: tuple[Given, ...]
    entries: OwnEntries
    papers: tuple[OwnPaper, ...]
    logged: tuple[Logged, ...]
    restricted: tuple[str, ...]
    erasure_open: bool
    damaged: int

    def field(self, name: str) -> str:
        """A field by its name; "" if there is none."""
        return next((each.value for each in self.fields if each.name == name), "")


def holdings(store: "Store", person: str) -> Holdings:
    """Gather everything about one person.

    Raises:
        Fault: PERSON_UNKNOWN, PERSON_DAMAGED, and what the store raises.
    """
    now = store.clock()
    around = others(store, person)
    mine = _papers(store, person, around)
    found = Holdings(
        person=person,
        device=store.device_id,
        zone=now.clock.zone,
        made_at=now.wall_ms,
        fields=fields_of(store, person),
        faces=_faces(store, person),
        consents=_consents(store, person, around),
        entries=own_entries(store, person),
        papers=mine,
        logged=_logged(store, person, frozenset(paper.id for paper in mine), around),
        restricted=_restricted(store, person),
        erasure_open=any(intent.subject == person for intent in store.intents.all_open()),
        damaged=0,
    )
    # each part has told the quarantine what does not open
    return replace(found, damaged=_count(store, "SELECT count(*) FROM quarantine WHERE person = ?", person))


def fields_of(store: "Store", person: str) -> tuple[Field, ...]:
    """Who they are here, each with who said so and since when. Raises Fault PERSON_UNKNOWN, PERSON_DAMAGED."""
    found = store.people.get(person)
    row = store.database.row("SELECT created_at, informed_at, source FROM people WHERE id = ?", person) or (0, None, "")
    pin = store.database.row("SELECT changed_at FROM accounts WHERE person = ? AND role = 'employee'", person)
    shift = told.one(store, Shift, found.shift) if found.shift else None
    came = found.source, found.version, found.told_at
    known = [
        Field("code", found.code, *came),
        Field("name", found.name, *came),
        Field("language", found.language, *came),
        Field("standing", found.state, *came),
        Field("random_id", found.id, "device", 0, int(row[0])),
    ]
    if found.shift:
        known.append(Field("shift", shift.name if shift is not None else found.shift, *came))
    if pin is not None:
        known.append(Field("pin", "", "person", 0, int(pin[0])))
    known += _badge(store, person)
    if row[1] is not None:
        known.append(Field("informed", "", "device", 0, int(row[1])))
    return tuple(known)


def _badge(store: "Store", person: str) -> Iterator[Field]:
    """The badge that counts, with its last day (UTC); those of before are acts of the device."""
    try:
        found = badges.current(store, person)
    except Fault as fault:
        if fault.code is not FaultCode.PERSON_DAMAGED:
            raise
        store.quarantine.settle()  # it stands among the records that do not open
        return
    if found is not None:
        yield Field(
            "badge", datetime.fromtimestamp(found.ends_at / 1000, UTC).date().isoformat(), "admin", 0, found.since
        )


def _restricted(store: "Store", person: str) -> tuple[str, ...]:
    row = store.database.row("SELECT face_restricted, attendance_restricted FROM people WHERE id = ?", person)
    return tuple(use for use, on in zip(("face", "attendance"), row or (0, 0), strict=True) if on)


def _faces(store: "Store", person: str) -> tuple[Face, ...]:
    rows = store.database.rows(
        "SELECT f.model, f.dim, count(*), min(b.began_at) FROM faces f JOIN bases b ON b.id = f.basis"
        " WHERE f.person = ? GROUP BY f.model, f.dim ORDER BY f.model, f.dim",
        person,
    )
    return tuple(Face(*row) for row in rows)


def _consents(store: "Store", person: str, around: Others) -> tuple[Given, ...]:
    key = store.keys.need(KeyKind.PROFILE, person=person)
    found: list[Given] = []
    for basis, state, began, ended, sealed in store.database.rows(
        "SELECT id, state, began_at, ended_at, record FROM bases WHERE person = ? ORDER BY began_at, rowid", person
    ):
        try:
            record = json.loads(
                unpadded(store.foundation.vault.unseal(key, sealed, Place("bases", "record", basis, person)))
            )
        except ValueError:
            store.quarantine.note("bases", basis, "does not open", person)
            record = {}
        said = {name: value for name, value in record.items() if name not in {"salt", "person"}}
        found.append(Given(state, began, ended, around.value(said)))
    store.quarantine.settle()
    return tuple(found)


def _papers(store: "Store", person: str, around: Others) -> tuple[OwnPaper, ...]:
    found = [paper for kind in PaperKind for paper in papers.find(store, kind, person=person)]
    return tuple(
        OwnPaper(
            paper.id,
            paper.kind,
            paper.state,
            paper.created_at,
            paper.due_at,
            paper.closed_at,
            around.value(dict(paper.content or {})),
        )
        for paper in sorted(found, key=lambda paper: paper.created_at)
    )


def _logged(store: "Store", person: str, mine: frozenset[str], around: Others) -> tuple[Logged, ...]:
    """The device's own acts that name the person or a paper about them, or in which a list of everybody was shown."""
    found: list[Logged] = []
    for (period,) in store.database.rows("SELECT period FROM keys WHERE kind = 'device' ORDER BY period"):
        for act in _acts(store, period):
            detail: dict[str, Any] = act["detail"]
            about = detail.get("person") == person or detail.get("paper") in mine
            if about or (act["kind"] == "viewed" and detail.get("list") == "people"):
                said = {name: str(value) for name, value in detail.items() if name not in _ACTED and value != ""}
                found.append(
                    Logged(
                        int(act["occurred_at"]), act["kind"], {name: around.text(value) for name, value in said.items()}
                    )
                )
    store.quarantine.settle()
    return tuple(found)


def _acts(store: "Store", period: str) -> Iterator[dict[str, Any]]:
    """A month of the device's log; one whose key or entries were altered is noted and passed over."""
    try:
        yield from (act for _, act in store.ledger.local_acts(period))
    except FormatError:
        store.quarantine.note("keys", f"device//{period}", "does not open")


def _count(store: "Store", sql: str, person: str) -> int:
    row = store.database.row(sql, person)
    return 0 if row is None else int(row[0])
