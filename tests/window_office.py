"""An office for the windows: faces of the sample film, people who have a PIN alone, and who administers the door."""

from pathlib import Path

from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, another, first_admin
from assess_kit import PRIVACY, signed
from store_kit import CHEAP

from kiosk.cli.demo_office import PEOPLE, Cast, _references
from kiosk.config import Config, load
from kiosk.pages.admin.settings_edit import STEP, safe_of
from kiosk.rights import settings
from kiosk.store import Consent, Store, badges, roots, told
from kiosk.store.admins import LOCK_AFTER
from kiosk.store.approval import Role
from kiosk.store.attempts import Moment
from kiosk.vision.film import SampleFilm, script
from kiosk.vision.ready import ready
from wire.message import Sibling, Trust

TOML = """[device]
site = "Kantor Contoh"
contact = "Sari, 4102"
notice = "1"
[camera]
source = "sample"
[door]
language = "en"
width = {width}
height = {height}
{door}
"""
AYU, BIMA, EKO = PEOPLE[0], PEOPLE[1], PEOPLE[4]
FITRI = Cast("2101", "Fitri Handayani", None, "284163")
GILANG = Cast("2102", "Gilang Ramadhan", None, "593718")
HANA = Cast("2103", "Hana Puspita", None, "716492")
INDRA = Cast("2104", "Indra Wijaya", None, "835276")
STRANGER = PEOPLE[2].subject
# Name and password of those who administer.
ADMINISTRATOR, SECOND = (RATNA, GOOD), (BUDI, ALSO_GOOD)
OFFICER, CARELESS = ("Sari Dewi", "jalan Pagi 7 lampu"), ("Tono Susilo", "hujan Deras 3 atap")
_HOUR_MS = 3_600_000


def furnished(data: Path, size: tuple[int, int] = (800, 480), door: str = "") -> Config:
    """Make kiosk.toml and a store with its people; faces may be processed, as in the demonstration."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "kiosk.toml").write_text(TOML.format(width=size[0], height=size[1], door=door), encoding="utf-8")
    (data / "privacy.toml").write_text(PRIVACY, encoding="utf-8")
    config = load(data / "kiosk.toml")
    pipeline = ready(config.models, config.recognition.pack)
    film = SampleFilm(script())
    store = Store.create(config.state, provider=roots.of(config.state))
    store.accounts.cost = CHEAP
    try:
        for each in (AYU, BIMA, EKO, FITRI, GILANG, HANA, INDRA):
            person = store.people.add(each.code, each.name, language="en", pin=each.pin)
            if each.subject is not None:
                consent = Consent("1", "en", store.now_ms(), "self")
                store.basis.enrol(person, consent, _references(pipeline, film, person, each.subject))
        _administered(store, config)
    finally:
        store.close()
    return config


def _administered(store: Store, config: Config) -> None:
    """Two administrators, an officer who has released the face, and one at whose password only one try is left.

    The threshold is a hundredth above the pack's, so that to lower it again takes two people.
    """
    ratna = first_admin(store)
    another(store, ratna)
    officer = another(store, ratna, *OFFICER, Role.DPO)
    signed(store, config, officer)
    safe = safe_of(config)
    assert safe is not None
    settings.change(store, config, settings.THRESHOLD, (str(safe.default + STEP),), safe, ratna, None)
    another(store, ratna, *CARELESS)
    account, now = store.admins.by_name(CARELESS[0]), store.admins.attempts.now()
    assert account is not None
    an_hour_ago = Moment(now.boot_id, now.boottime_ms - _HOUR_MS, now.wall_ms - _HOUR_MS)
    with store.database.write():
        store.admins.attempts.count(store.admins.subject("password", CARELESS[0]), LOCK_AFTER - 1, an_hour_ago)
        store.admins.fail(account, LOCK_AFTER - 1)


def badge_of(config: Config, whose: Cast) -> str:
    """A badge, as it was printed for them."""
    store = opened(config)
    try:
        person = store.people.by_code(whose.code)
        assert person is not None
        return badges.issue(store, person.id, by="").token
    finally:
        store.close()


def introduced(config: Config, other: Config) -> None:
    """Tell the other kiosk whose slips it may believe, as headquarters does."""
    one = opened(config)
    device, public = one.device_id, one.device_public.hex()
    one.close()
    store = opened(other)
    try:
        with store.database.write():
            told.put(store, Sibling(device, public, Trust.TRUSTED))
    finally:
        store.close()


def opened(config: Config) -> Store:
    """The store while no kiosk runs on it."""
    return Store.open(config.state, roots.of(config.state))
