"""What is done again and again in a whole life: signing, agreeing, restricting, objecting."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from admin_kit import ALSO_GOOD
from assess_kit import ANSWERS
from life_kit import BUDI, SRI, WULAN, World
from store_kit import face
from sync_real import run

from kiosk import words
from kiosk.__main__ import main
from kiosk.cli import people_enrol
from kiosk.cli.people_enrol import Options
from kiosk.rights import assessment_acts, preferences
from kiosk.rights.assessment_answers import Filled
from kiosk.rights.scope import Running
from kiosk.store import Consent, Store
from wire.event import Notice, NoticeKind, uuid7


def sign_the_assessment(world: World) -> None:
    answers = replace(ANSWERS, review="2099-01-01")
    current = Running(world.config, world.company)
    with world.store() as store:
        kept = assessment_acts.draft(store, current, Filled(answers), (), by=world.officer.account)
        assessment_acts.sign(store, current, kept.paper.id, by=world.officer.account)


def agreed(world: World, store: Store, typed: str = "") -> Consent:
    """What he types after the notice was shown to him."""
    world.patch.setattr("sys.stdin", io.StringIO(f"{typed or words.say('id', 'enrol.agree')}\n"))
    asked = Options(BUDI, "id", None, None, "self", None, None, glasses=False)
    return people_enrol._consent(store, asked)


def enrol(world: World) -> None:
    now, person = world.hands(), world.known[BUDI]
    with world.store() as store:
        event = Notice(uuid7(now.wall_ms, os.urandom(10)), NoticeKind.ENROLLED, BUDI, now.wall_ms, now.clock, "Lobby")
        store.basis.enrol(person, agreed(world, store), [face(person, seed) for seed in (1, 2, 3)], notice=event)


def restrict(world: World, purpose: str) -> str:
    """Restrict, by an administrator; returns the id of the paper."""
    why = ("--why", "Saya ingin ini diperiksa dahulu.")
    world.admin_asks("privacy", "restrict", "begin", "--person", BUDI, "--purpose", purpose, *why)
    (found,) = world.officer_asks("privacy", "restrict", "list")["restrictions"]
    assert (found["person"], found["purpose"], found["state"]) == (BUDI, purpose, "in force")
    return str(found["id"])


def lift_after_telling(world: World, paper: str, day: int) -> int:
    """Tell him of the day, and lift it then; returns how many check-ins go their way with it."""
    lift = "privacy", "restrict", "lift", "--id", paper
    world.kiosk(*lift, "--by", WULAN, typed=(ALSO_GOOD,), code=2)
    world.officer_asks("privacy", "restrict", "tell", "--id", paper, "--on", world.date(day - world.today))
    world.kiosk(*lift, "--by", WULAN, typed=(ALSO_GOOD,), code=2)
    world.at(day)
    released: int = world.officer_asks(*lift)["released"]
    return released


def objection(world: World, purpose: str) -> str:
    """What he says, written down by an administrator; returns the id of the paper."""
    why = ("--why", "Saya keberatan.")
    world.admin_asks("privacy", "object", "file", "--person", BUDI, "--purpose", purpose, *why)
    found = world.officer_asks("privacy", "object", "list")["objections"][-1]
    assert (found["person"], found["purpose"], found["outcome"]) == (BUDI, purpose, "assessed")
    return str(found["id"])


def announced(world: World) -> dict[str, list[str]]:
    """What may be shown to each of them by name."""
    with world.store() as store:
        return {
            code: [each.id_text for each in preferences.for_person(store, world.known[code])] for code in (BUDI, SRI)
        }


def device_key(world: World) -> Path:
    """The device's public key, as headquarters has it."""
    (known,) = world.site.export()["devices"]
    file = world.folder / "device.key"
    file.write_text(known["public"], encoding="utf-8")
    return file


def verified(*words: str | Path) -> Any:  # noqa: ANN401 - JSON
    """What a machine without the store says of a signed file."""
    *verb, file, key = words
    _, out, _ = run(main, "privacy", *map(str, verb), str(file), "--device-key", str(key), "--json")
    return json.loads(out)
