"""An office for the window: a store with two faces of the sample film and one person who has a PIN alone."""

from pathlib import Path

from kiosk.cli.demo_office import PEOPLE, Cast, _references
from kiosk.config import Config, load
from kiosk.rights.release import demonstrate
from kiosk.store import Consent, Store, roots
from kiosk.vision.film import SampleFilm, script
from kiosk.vision.ready import ready

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


def furnished(data: Path, size: tuple[int, int] = (800, 480), door: str = "") -> Config:
    """Make kiosk.toml and a store with three people in it; faces may be processed, as in the demonstration."""
    data.mkdir(parents=True, exist_ok=True)
    (data / "kiosk.toml").write_text(TOML.format(width=size[0], height=size[1], door=door), encoding="utf-8")
    config = load(data / "kiosk.toml")
    pipeline = ready(config.models, config.recognition.pack)
    film = SampleFilm(script())
    store = Store.create(config.state, provider=roots.of(config.state))
    try:
        demonstrate(store)
        for each in (AYU, BIMA, EKO):
            person = store.people.add(each.code, each.name, language="en", pin=each.pin)
            if each.subject is not None:
                consent = Consent("1", "en", store.now_ms(), "self")
                store.basis.enrol(person, consent, _references(pipeline, film, person, each.subject))
    finally:
        store.close()
    return config


def opened(config: Config) -> Store:
    """The store once the kiosk has ended."""
    return Store.open(config.state, roots.of(config.state))


__all__ = ["AYU", "BIMA", "EKO", "Cast", "furnished", "opened"]
