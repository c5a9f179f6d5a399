"""One device, its office and a real headquarters, through which a test lives somebody's life with a moving clock."""

import csv
import html
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA, another, first_admin
from door_kit import Kiosk, at_home, told
from hq_desk import accounts_of, signed_in, text_of
from hq_site import Site
from store_kit import CHEAP, Hands, face, key_of
from sync_real import run

from hq.accounts import Role as Desk
from kiosk import clock, config
from kiosk.__main__ import main
from kiosk.config import Config
from kiosk.faults import Fault
from kiosk.messenger import Messenger
from kiosk.rights import company
from kiosk.rights.company import Company
from kiosk.rights.release import Release, released
from kiosk.store import PinAccepted, Store, resume
from kiosk.store.approval import LoggedIn, Role
from wire.event import Action, CheckIn, Dispute, Method, uuid7

Found = TypeVar("Found")
WULAN = "Wulan Hartati"
BUDI, SRI, PIN = "E-0417", "E-0988", "482913"
NAMES = {BUDI: "Budi Santoso-Wijaya", SRI: "Sri Wahyuni"}
OTHERS = {f"E-1{number}": f"Pegawai {number}" for number in range(10, 18)}
DAY, HOUR, MINUTE = 86_400_000, 3_600_000, 60_000
MONTHS_AGO = 8
"""So that headquarters, which has the real time, sees all of this life in the past."""
JAKARTA = 7 * HOUR

PRIVACY = """
[controller]
name = "PT Gerbang Terang"
address = "Jl. Merdeka 1, Bandung"
country = "ID"
[officer]
name = "Petugas Pelindungan Data"
email = "{email}"
[authority]
name = "Lembaga Pelindungan Data Pribadi"
[approval]
approver = "Direksi"
effective = "{effective}"
review = "2099-01-01"
[consultation]
body = "Serikat pekerja"
on = "2026-01-05"
outcome = "setuju"
[periods]
attendance = 3
[[recipient]]
name = "PT Gerbang Terang, personalia"
category = "employer"
host = "127.0.0.1"
purposes = ["attendance"]
fields = ["employee code", "action", "time"]
country = "ID"
ground = "same_country"
"""
PAYROLL = """
[[recipient]]
name = "Biro Gaji"
category = "processor"
purposes = ["attendance"]
fields = ["hours"]
country = "ID"
ground = "same_country"
"""
KIOSK = """
[device]
site = "Lobby"
zone = "Asia/Jakarta"
[headquarters]
name = "{name}"
public = "{public}"
"""


@contextmanager
def without_a_disk() -> Iterator[Path]:
    """A folder in memory, where the system has one: a life commits a thousand times, and no power is cut in it."""
    memory = Path("/dev/shm")  # noqa: S108 - a place, and what lies there has a name that nobody can guess
    with TemporaryDirectory(prefix="ambang-life-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def begins() -> int:
    """08:00 in Jakarta on the third of a month, ms UTC."""
    today = datetime.now(UTC)
    year, month = divmod(today.year * 12 + today.month - 1 - MONTHS_AGO, 12)
    return int(datetime(year, month + 1, 3, 1, tzinfo=UTC).timestamp() * 1000)


@dataclass
class World:
    """The device at its door and headquarters far away, on whose page three people may look."""

    site: Site
    folder: Path
    patch: pytest.MonkeyPatch
    start: int = field(default_factory=begins)
    hands: Hands = field(init=False)
    device: Kiosk = field(init=False)
    admin: LoggedIn = field(init=False)
    officer: LoggedIn = field(init=False)
    known: dict[str, str] = field(default_factory=dict)
    _pages: dict[str, httpx.Client] = field(default_factory=dict)
    _open_windows: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.hands = Hands(wall_ms=self.start)
        self.patch.setenv("LC_ALL", "C.UTF-8")
        self.patch.setattr(clock.Watch, "__call__", lambda _watch: self.hands())
        accounts_of(self.site, hana=(Desk.VIEWER, Desk.OFFICER), joko=(Desk.OFFICER,))
        self.device = at_home(self.site, self.folder / "kiosk")
        text = KIOSK.format(name=self.site.name, public=self.site.public.hex())
        (self.device.folder / "kiosk.toml").write_text(text, encoding="utf-8")
        self.decide()
        with self.store() as store:
            self.admin = first_admin(store)
            self.officer = another(store, self.admin, WULAN, ALSO_GOOD, Role.DPO)
        self._open: Store | None = None
        self._messenger = Messenger(self.config, self._ask, lambda _queue: None)

    # the clock

    def at(self, day: int, hour: int = 8, minute: int = 0) -> int:
        """Move on to a time of a day at the door, the first of which is 0; returns it, ms UTC. No clock goes back."""
        wall = self.start + day * DAY + (hour - 8) * HOUR + minute * MINUTE
        assert wall >= self.hands.wall_ms
        self.hands.move(wall - self.hands.wall_ms)
        return wall

    @property
    def today(self) -> int:
        """The day at the door, from 0."""
        return (self.hands.wall_ms - self.start + 8 * HOUR) // DAY

    def weekday(self, day: int) -> int:
        """Monday is 0."""
        return datetime.fromtimestamp((self.start + JAKARTA) / 1000 + day * 86_400, UTC).weekday()

    def date(self, ahead: int = 0) -> str:
        """The day at the door, and so many days later."""
        return f"{datetime.fromtimestamp((self.hands.wall_ms + JAKARTA) / 1000 + ahead * 86_400, UTC):%Y-%m-%d}"

    # what the office decides

    @property
    def config(self) -> Config:
        return config.load(self.device.folder / "kiosk.toml")

    @property
    def company(self) -> Company:
        return company.load(self.device.folder / "privacy.toml")

    def decide(self, *, email: str = "dpo@gerbang.example", more: str = "") -> None:
        """Write privacy.toml; a notice of it would hold from today."""
        text = PRIVACY.format(email=email, effective=self.date()) + more
        (self.device.folder / "privacy.toml").write_text(text, encoding="utf-8")

    def release(self) -> Release:
        with self.store() as store:
            return released(store, self.config)

    # the store and the shell

    @contextmanager
    def store(self) -> Iterator[Store]:
        state = self.device.config.state
        store = Store.open(state, key_of(state), clock=self.hands)
        store.accounts.cost = store.admins.cost = CHEAP
        try:
            yield store
        finally:
            store.close()

    def kiosk(self, *words: str | Path, typed: tuple[str, ...] = (), code: int = 0) -> str:
        """Run a command on the device; returns what it printed."""
        self.patch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
        done, out, wrong = run(main, *map(str, words), "--data", str(self.device.folder))
        assert done == code, (out, wrong)
        return out

    def officer_asks(self, *words: str | Path, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.kiosk(*words, "--by", WULAN, "--json", typed=(ALSO_GOOD, *typed)))

    def admin_asks(self, *words: str | Path, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.kiosk(*words, "--by", RATNA, "--json", typed=(GOOD, *typed)))

    def asks(self, *words: str | Path, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        """Somebody without an account types."""
        return json.loads(self.kiosk(*words, "--json", typed=typed))

    # the door

    def pass_by(self, action: Action, method: Method = Method.FACE, code: str = BUDI) -> CheckIn:
        """One check-in as the door does it: known by the face or by a PIN, admitted, recorded."""
        with self.store() as store:
            return self.recorded(store, action, method, code)

    def recorded(self, store: Store, action: Action, method: Method, code: str) -> CheckIn:
        now, person = self.hands(), self.known[code]
        if method is Method.PIN:
            assert store.accounts.check_pin(code, PIN, now.wall_ms, now.clock.boottime_ms) == PinAccepted(person)
        event_id = uuid7(now.wall_ms, os.urandom(10))
        event = CheckIn(event_id, code, action, now.wall_ms, now.clock, method, "Lobby")
        with store.database.write():
            store.people.admit(person, by_face=method is Method.FACE)
            store.ledger.append(event, person)
        return event

    def disputed(self, event: CheckIn) -> Dispute:
        now = self.hands()
        event_id = uuid7(now.wall_ms, os.urandom(10))
        dispute = Dispute(event_id, event.person, event.event_id, now.wall_ms, now.clock, "Lobby")
        with self.store() as store:
            store.ledger.append(dispute, self.known[event.person])
        return dispute

    def face_opens(self, code: str = BUDI) -> bool:
        """Whether this face is in the gallery, found by it, and admitted."""
        person, seed = self.known[code], 1 if code == BUDI else 8
        with self.store() as store:
            probe = face(person, seed)
            references, matrix = store.templates.gallery(probe.model, len(probe.vector))
            found = {each.person for each in references if float(each.vector @ (matrix @ probe.vector)) > 0.99}
            try:
                store.people.admit(person, by_face=True)
            except Fault:
                assert person not in found, "found, and not admitted"
                return False
            assert person in found, "admitted, and not found"
            return True

    # headquarters

    def publish_roster(self, *left: str) -> None:
        """Headquarters tells its devices who works here, and who has left: a signed message."""
        people = (NAMES | OTHERS).items()
        lines = [f"{code},{name},HR-{code},{'left' if code in left else 'active'}" for code, name in people]
        (self.folder / "roster.csv").write_text("\n".join(["code,name,ref,state", *lines]), encoding="utf-8")
        for words in ("import", str(self.folder / "roster.csv")), ("publish",):
            done = told(self.site, "roster", *words)
            assert done[0] == 0, done

    def carry(self) -> None:
        """What the running kiosk and sync do all the time: hand on, deliver, fetch, and go on with what that opens."""
        self._hand_on()
        for act in ("once", "errands"):
            done = self.device.sync(act)
            assert done[0] == 0, done
        self._hand_on()

    def events(self) -> list[dict[str, Any]]:
        """Everything that headquarters has been told by the device, in the order of its ledger."""
        return [row for row in self.site.export()["events"] if row["device"] == self.device.device]

    def told(self) -> list[str]:
        """The kinds of notices about Budi that headquarters has."""
        return [row["kind"] for row in self.events() if row.get("kind") and row["person"] == BUDI]

    def rows(self) -> list[dict[str, str]]:
        """The export of headquarters of all these months, about Budi."""
        table = self._page("hana").post("/attendance.csv", data=self._span()).text
        return list(csv.DictReader(io.StringIO(table)))

    def seen(self) -> str:
        """What a page of headquarters shows of Budi's attendance."""
        return html.unescape(text_of(self._page("hana").post("/attendance", data=self._span())))

    def room(self, path: str, who: str = "hana") -> str:
        return html.unescape(text_of(self._page(who).get(path)))

    def posted(self, who: str, path: str, **given: str) -> str:
        answer = self._page(who).post(path, data=given, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer.text

    def public(self, language: str = "en") -> str:
        """The page that everybody may read, without an account."""
        with self.site.client() as client:
            answer = client.get("/notices", params={"device": self.device.device, "language": language})
        assert answer.status_code == 200
        return html.unescape(text_of(answer))

    def _page(self, who: str) -> httpx.Client:
        """Somebody's own window, in which they have signed in once."""
        if who not in self._pages:
            self._pages[who] = self._open_windows.enter_context(signed_in(self.site, who))
        return self._pages[who]

    def _span(self) -> dict[str, str]:
        first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (self.start - DAY, self.hands.wall_ms + DAY))
        return {"from": f"{first:%Y-%m-%d}", "to": f"{last:%Y-%m-%d}", "person": BUDI}

    def _ask(self, work: Callable[[Store], Found], /) -> Found:
        assert self._open is not None
        return work(self._open)

    def _hand_on(self) -> None:
        with self.store() as self._open:
            self._messenger._telling._looked_at = None
            self._messenger._hand_on()
            for _ in range(2):  # a roster first, and then the erasures that it begins
                resume.resume(self._open)
            self._messenger._telling._looked_at = None
            self._messenger._hand_on()
        self._open = None

    def close(self) -> None:
        self._open_windows.close()
        self._messenger._leave()
