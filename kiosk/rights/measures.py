"""The security measures as they really are on this device, read one by one; refuses to state what was not looked at.

GDPR Articles 30(1)(g) and 32; UU PDP 27/2022 Article 35.
"""

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from kiosk.config import Config
from kiosk.rights import nightly, publishing
from kiosk.rights.holds import held
from kiosk.rights.saying import day, day_of
from kiosk.store import backup, marks, outbox, sweep
from kiosk.store.approval import Role
from kiosk.store.backup_manifest import Kind
from kiosk.store.papers import PaperKind
from kiosk.words import say

if TYPE_CHECKING:
    from kiosk.store import Store

_COUNTS: Final = {
    "people": "SELECT count(*) FROM people WHERE state <> 'left'",
    "faces": "SELECT count(DISTINCT person) FROM faces",
    "pins": "SELECT count(*) FROM accounts WHERE role = 'employee'",
    "damaged": "SELECT count(*) FROM quarantine",
}


@dataclass(frozen=True, slots=True)
class Pack:
    """The model pack in use, as whoever may see it tells; "" for a name that is not known here."""

    name: str
    licence: str


@dataclass(frozen=True, slots=True)
class Measures:
    """What was read.

    Attributes:
        version: of the program.
        security_level: of the root key: "weak", "passphrase", "hardware".
        entries: of the ledger.
        countersigned: up to which headquarters has signed.
        anchors: rollback anchors that stand.
        places: where one should stand.
        mode: of recognition.
        liveness: what the attack detectors may do.
        pack: the model; None where no face is processed.
        backend: where sync delivers to.
        bound: whether sync goes by the register of recipients.
        backups: whether there is a key to seal them to.
        offsite: when the last was made, ms UTC.
        onsite: the same.
        accounts: how many of each role.
        counts: people, faces, pins, damaged.
        checked: ordinal of the day when every record was opened last, or 0.
        swept: ordinal of the day when what was past its period was deleted last, or 0.
        holds: legal holds in force.
        assessments: impact assessments on file.
        notice: version of the notice at the door.
    """

    version: str
    security_level: str
    entries: int
    countersigned: int
    anchors: int
    places: int
    mode: str
    liveness: str
    pack: Pack | None
    backend: str
    bound: bool
    backups: bool
    offsite: int | None
    onsite: int | None
    accounts: dict[Role, int]
    counts: dict[str, int]
    checked: int
    swept: int
    holds: int
    assessments: int
    notice: str


def pack_of(config: Config, licence: str) -> Pack | None:
    """The pack that a door uses, with its licence as its description has it; None where no face is processed."""
    return None if config.recognition.mode == "off" else Pack(config.recognition.pack, licence)


def measured(store: "Store", config: Config, pack: Pack | None) -> Measures:
    """Look at everything. Raises Fault as any reading of the store."""

    def count(sql: str, *values: str) -> int:
        row = store.database.row(sql, *values)
        return 0 if row is None else int(row[0])

    made = backup.last_backup(store)
    return Measures(
        version=version("ambang"),
        security_level=store.security_level.value,
        entries=store.ledger.size(),
        countersigned=outbox.countersigned(store),
        anchors=sum(state is not None for state in store.anchor.known().values()),
        places=len(store.anchor.places),
        mode=config.recognition.mode,
        liveness=config.recognition.liveness,
        pack=None if config.recognition.mode == "off" else pack,
        backend=config.delivery.backend,
        bound=marks.mark(store.database, publishing.BOUND) > 0,
        backups=bool(config.storage.recipient),
        offsite=made.get(Kind.OFFSITE),
        onsite=made.get(Kind.ONSITE),
        accounts={role: store.admins.count(role) for role in Role},
        counts={name: count(sql) for name, sql in _COUNTS.items()},
        checked=sweep.last_day(store),
        swept=nightly.last_day(store),
        holds=held(store).standing,
        assessments=count("SELECT count(*) FROM papers WHERE kind = ?", PaperKind.ASSESSMENT),
        notice=config.device.notice,
    )


def rows(language: str, found: Measures) -> tuple[tuple[str, str], ...]:
    """Each measure in words."""

    def name(key: str, **values: str | int) -> str:
        return say(language, f"registers.measure.{key}", **values)

    yes = say(language, f"registers.{'yes' if found.bound else 'no'}")
    offsite, onsite = day(language, found.offsite), day(language, found.onsite)
    values: dict[str, str] = {
        "software": f"Ambang {found.version}",
        "sealing": name("sealing_value"),
        "root": name(f"root_{found.security_level}"),
        "ledger": name("ledger_value", entries=found.entries, countersigned=found.countersigned),
        "anchors": name("anchors_value", number=found.anchors, places=found.places),
        "recognition": name(f"mode_{found.mode}"),
        **_of_faces(language, found),
        "network": name("network_folder" if found.backend == "csv" else "network_value"),
        "delivery": name("delivery_value", backend=found.backend, bound=yes),
        "backups": name("backups_value", offsite=offsite, onsite=onsite) if found.backups else name("backups_off"),
        "accounts": name("accounts_value", **{role.value: number for role, number in found.accounts.items()}),
        "counts": name("counts_value", **found.counts),
        "damaged": str(found.counts["damaged"]),
        "checked": day_of(language, found.checked),
        "swept": day_of(language, found.swept),
        "held": str(found.holds),
        "assessment": name("assessment_value", number=found.assessments),
        "notice": name("notice_value", version=found.notice),
    }
    return tuple((name(key), value) for key, value in values.items())


def as_data(found: Measures) -> dict[str, object]:
    """The same for programs."""
    return {
        "version": found.version,
        "security_level": found.security_level,
        "entries": found.entries,
        "countersigned": found.countersigned,
        "anchors": found.anchors,
        "anchor_places": found.places,
        "mode": found.mode,
        "liveness": found.liveness,
        "pack": None if found.pack is None else {"name": found.pack.name, "licence": found.pack.licence},
        "backend": found.backend,
        "recipients_bound": found.bound,
        "backups": {"on": found.backups, "offsite": found.offsite, "onsite": found.onsite},
        "accounts": {role.value: number for role, number in found.accounts.items()},
        "counts": dict(found.counts),
        "checked": found.checked,
        "swept": found.swept,
        "holds": found.holds,
        "assessments": found.assessments,
        "notice": found.notice,
    }


def _of_faces(language: str, found: Measures) -> dict[str, str]:
    if found.pack is None:
        return {}
    pack = say(language, "registers.measure.pack_value", name=found.pack.name, licence=found.pack.licence)
    return {"pack": pack, "liveness": say(language, f"registers.measure.liveness_{found.liveness}")}
