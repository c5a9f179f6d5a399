"""Breaches: what was on the device that day, whether it was readable, who must be told by when, and the register."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import acts
from assess_kit import KNOWN
from store_kit import HOUR, MORNING, Hands, check_in, enrolled, new_store

from kiosk import words
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import breach_acts, breach_document, breach_letters, plain_text
from kiosk.rights.breach import (
    Case,
    Category,
    Chance,
    Exposure,
    Gravity,
    Happening,
    Harm,
    Held,
    Reading,
    Told,
    Verdict,
    Weighed,
    Whom,
    needed,
    owed,
)
from kiosk.rights.breach_acts import Kept, Report
from kiosk.rights.breach_exposure import level_at
from kiosk.rights.breach_risk import decide, least, milder, reading, touched
from kiosk.store import LocalKind, SecurityLevel, Store
from kiosk.store.erasure import erase_person
from wire.certificate import Scope

DAY = 24 * HOUR
BY = "0123456789abcdef"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, hands: Hands) -> Store:
    return new_store(tmp_path / "state", hands)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path)


def case(
    store: Store, config: Config, happening: Happening = Happening.CARD_STOLEN, *, at: int = 0, key: bool = False
) -> Kept:
    now = store.now_ms()
    report = Report(happening, at or now, now, "Kartu hilang di lobi", key)
    return breach_acts.open_case(store, config, KNOWN, report, by=BY)


def held(kept: Kept) -> dict[Category, tuple[int, int]]:
    return {each.category: (each.people, each.records) for each in kept.case.exposure.held}


# -- the drill


def test_a_drill_a_stolen_card_names_its_people_to_the_officer_and_drafts_both_letters_in_three_languages(
    store: Store, config: Config, hands: Hands
) -> None:
    ani = enrolled(store, "E-1", "Ani Wijaya")
    budi = store.people.add("E-2", "Budi Hartono", pin="482913")
    store.ledger.append(check_in(store, code="E-2"), budi)
    hands.move(DAY)
    stolen_at = store.now_ms()
    hands.move(DAY)
    store.people.add("E-3", "Citra Dewi")  # after the card was gone
    kept = case(store, config, at=stolen_at)
    assert kept.case.exposure.people == tuple(sorted((ani, budi)))
    assert held(kept) == {
        Category.IDENTITY: (2, 2),
        Category.FACE: (1, 3),
        Category.ATTENDANCE: (1, 1),
        Category.CONSENT: (1, 1),
        Category.PIN: (2, 2),
        Category.DESK: (0, 0),
        Category.ACCOUNT: (0, 0),
    }
    assert kept.case.exposure.reading is Reading.READABLE, "the key lies beside the store"
    assert least(kept.case.exposure) is Gravity.HIGH, "a face that somebody may read"
    names = {each.id: (each.code, each.name) for each in store.people.all()}
    for language in words.LANGUAGES:
        for_officer, for_others = (
            plain_text.text(breach_document.document(kept, language, "Asia/Jakarta", store.now_ms(), shown))
            for shown in (names, None)
        )
        assert "Ani Wijaya" in for_officer
        assert "Citra" not in for_officer
        assert "Ani" not in for_others
        for whom in Whom:
            letter = breach_letters.draft(kept, KNOWN, whom, language, "Asia/Jakarta", store.now_ms())
            text = plain_text.text(letter)
            assert "Dewi Anggraini" in text, "whom to ask"
            assert "Lembaga PDP" in text
            assert "2026-11-17 08:00 WIB" in text, "when it was"
            assert words.say(language, "breach.category.face") in text
            assert "Ani" not in text
            assert "{" not in text
        items = [words.say(language, f"breach.item{number}") for number in range(1, 6)]
        authority = plain_text.text(breach_letters.draft(kept, KNOWN, Whom.AUTHORITY, language, "Asia/Jakarta", 0))
        assert [line for line in authority.splitlines() if re.match(r"[1-5]\. ", line)] == items


@pytest.mark.parametrize(
    ("provider", "read"),
    [("weak", Reading.READABLE), ("passphrase", Reading.GUESSABLE), ("hardware", Reading.PROTECTED)],
)
def test_in_the_drill_both_letters_say_whether_the_card_could_be_read(
    store: Store, config: Config, hands: Hands, provider: str, read: Reading
) -> None:
    enrolled(store)
    store.append_local(LocalKind.STARTED, {"security_level": provider})
    hands.move(HOUR)
    kept = case(store, config)
    assert kept.case.exposure.reading is read
    for language in words.LANGUAGES:
        for whom, key in ((Whom.AUTHORITY, "reading"), (Whom.PERSONS, "plain_reading")):
            text = plain_text.text(breach_letters.draft(kept, KNOWN, whom, language, "Asia/Jakarta", store.now_ms()))
            level = words.say(language, f"breach.level.{provider}")
            flat = " ".join(text.split())
            said = {each for each in Reading if words.say(language, f"breach.{key}.{each}", level=level) in flat}
            assert said == {read}, (language, whom)


@pytest.mark.parametrize(
    ("happening", "weak", "passphrase", "hardware"),
    [
        (Happening.CARD_STOLEN, "readable", "guessable", "protected"),
        (Happening.DEVICE_STOLEN, "readable", "guessable", "readable"),
        (Happening.BACKUP_COPIED, "protected", "protected", "protected"),
        (Happening.ACCOUNT_MISUSED, "readable", "readable", "readable"),
        (Happening.WRONG_RECIPIENT, "readable", "readable", "readable"),
        (Happening.CLONE, "readable", "readable", "readable"),
        (Happening.HQ_BREACHED, "readable", "readable", "readable"),
        (Happening.TAMPERING, "not_read", "not_read", "not_read"),
        (Happening.ROLLBACK, "not_read", "not_read", "not_read"),
        (Happening.LOCKOUT_STORM, "not_read", "not_read", "not_read"),
    ],
)
def test_whether_data_was_readable_follows_from_the_key_provider(
    happening: Happening, weak: str, passphrase: str, hardware: str
) -> None:
    levels = (SecurityLevel.WEAK, SecurityLevel.PASSPHRASE, SecurityLevel.HARDWARE)
    assert [reading(happening, each, key_too=False).value for each in levels] == [weak, passphrase, hardware]
    assert {reading(happening, each, key_too=True) for each in levels} == {Reading.READABLE}


def test_a_template_is_among_it_only_where_one_can_be() -> None:
    with_faces = {each for each in Happening if Category.FACE in touched(each, faces_in_backup=False)}
    assert with_faces == {Happening.CARD_STOLEN, Happening.DEVICE_STOLEN, Happening.CLONE}
    assert Category.FACE in touched(Happening.BACKUP_COPIED, faces_in_backup=True)


def test_the_key_that_counts_is_the_one_of_that_day(store: Store, hands: Hands) -> None:
    before = store.now_ms()
    hands.move(DAY)
    store.append_local(LocalKind.STARTED, {"security_level": "hardware"})
    hands.move(DAY)
    store.append_local(LocalKind.STARTED, {"after": "fault"})
    assert level_at(store, before) is SecurityLevel.WEAK
    assert level_at(store, store.now_ms()) is SecurityLevel.HARDWARE


def test_whoever_was_erased_since_is_counted_and_not_named(store: Store, config: Config, hands: Hands) -> None:
    person = enrolled(store)
    at = store.now_ms()
    hands.move(HOUR)
    late = enrolled(store, "E-9", "Sri", seeds=(8,))
    hands.move(HOUR)
    erase_person(store, person)
    erase_person(store, late)
    assert next(detail for kind, detail in acts(store) if kind == "erased")["scope"] == Scope.PERSON.value
    kept = case(store, config, at=at)
    assert (kept.case.exposure.people, kept.case.exposure.erased_since, kept.case.exposure.concerned) == ((), 1, 1)


# -- what it means, and who must be told

EXPOSED = Exposure(MORNING, SecurityLevel.WEAK, Reading.READABLE, (Held(Category.FACE, 2, 6),), ("a" * 16, "b" * 16))


def test_what_was_readable_is_never_judged_milder_than_it_is() -> None:
    seen = set()
    for read, faces, chance in itertools.product(Reading, (0, 2), Chance):
        found = replace(EXPOSED, reading=read, held=(Held(Category.FACE, faces, 6), Held(Category.IDENTITY, 2, 2)))
        for harm in Harm:
            decided = decide(found, (Weighed(harm, chance),))
            assert not milder(decided, least(found))
            seen.add((read.value, faces > 0, least(found).value))
    assert seen == {
        ("readable", True, "high"),
        ("readable", False, "risk"),
        ("guessable", True, "risk"),
        ("guessable", False, "risk"),
        ("protected", True, "unlikely"),
        ("protected", False, "unlikely"),
        ("not_read", True, "unlikely"),
        ("not_read", False, "unlikely"),
    }


@pytest.mark.parametrize(
    ("harm", "chance", "means"),
    [
        (Harm.CONTROL, Chance.NO, Gravity.UNLIKELY),
        (Harm.CONTROL, Chance.POSSIBLE, Gravity.UNLIKELY),
        (Harm.PAY, Chance.LIKELY, Gravity.RISK),
        (Harm.DISCRIMINATION, Chance.POSSIBLE, Gravity.RISK),
        (Harm.WHEREABOUTS, Chance.LIKELY, Gravity.HIGH),
    ],
)
def test_listed_harms_decide_on_risk_and_high_risk(harm: Harm, chance: Chance, means: Gravity) -> None:
    assert decide(replace(EXPOSED, reading=Reading.NOT_READ), (Weighed(harm, chance),)) is means


def test_who_must_be_told_under_each_law() -> None:
    table = {
        (law, gravity.value): tuple(needed(law, gravity, whom) for whom in Whom)
        for law in ("gdpr", "uu_pdp", "both")
        for gravity in Gravity
    }
    assert {key: told for key, told in table.items() if key[0] == "gdpr"} == {
        ("gdpr", "false_alarm"): (False, False),
        ("gdpr", "unlikely"): (False, False),
        ("gdpr", "risk"): (True, False),
        ("gdpr", "high"): (True, True),
    }
    for law in ("uu_pdp", "both"):
        assert [table[law, each.value] for each in Gravity] == [
            (False, False),
            (True, True),
            (True, True),
            (True, True),
        ]


def test_the_clock_of_72_hours_runs_from_the_discovery_and_late_is_said(
    store: Store, config: Config, hands: Hands
) -> None:
    at = store.now_ms()
    hands.move(10 * DAY)
    kept = case(store, config, at=at)
    assert kept.paper.due_at == store.now_ms() + 72 * HOUR
    hands.move(71 * HOUR)
    standing = owed(kept.case, Whom.AUTHORITY, store.now_ms())
    assert (standing.needed, standing.late, standing.hours_left) == (None, False, 1)
    hands.move(2 * HOUR)
    assert owed(kept.case, Whom.AUTHORITY, store.now_ms()).late
    shown = plain_text.text(breach_document.register((kept,), "en", "Asia/Jakarta", store.now_ms(), "Kantor"))
    assert "LATE by 1 hours" in shown
    with pytest.raises(Fault) as silent:
        breach_acts.tell(store, kept, Told(Whom.AUTHORITY, store.now_ms(), "portal"), by=BY)
    assert "say why" in silent.value.detail
    told = Told(Whom.AUTHORITY, store.now_ms(), "portal", "PDP-1", "Libur panjang")
    kept = breach_acts.tell(store, kept, told, by=BY)
    letter = plain_text.text(breach_letters.draft(kept, KNOWN, Whom.AUTHORITY, "id", "Asia/Jakarta", store.now_ms()))
    assert "Libur panjang" in letter
    assert "told LATE" in plain_text.text(breach_document.register((kept,), "en", "UTC", store.now_ms(), "Kantor"))


def test_another_judgement_than_the_tables_needs_a_reason(store: Store, config: Config) -> None:
    enrolled(store)
    kept = case(store, config)
    with pytest.raises(Fault) as refused:
        breach_acts.assess(store, kept, (), own=Gravity.UNLIKELY, by=BY)
    assert refused.value.detail == "milder than the table (high): say why"
    kept = breach_acts.assess(store, kept, (), own=Gravity.RISK, why="Kartu ditemukan, masih tersegel", by=BY)
    assert kept.case.verdict == Verdict(
        (), Gravity.HIGH, Gravity.RISK, "Kartu ditemukan, masih tersegel", store.now_ms(), BY
    )


def test_a_case_is_closed_only_with_a_judgement_and_a_reason_for_every_silence(store: Store, config: Config) -> None:
    kept = case(store, config, Happening.LOCKOUT_STORM)
    with pytest.raises(Fault, match="assess it first"):
        breach_acts.close(store, kept, "selesai", by=BY)
    kept = breach_acts.assess(store, kept, (), by=BY)
    with pytest.raises(Fault, match="not told: authority, persons"):
        breach_acts.close(store, kept, "", by=BY)
    kept = breach_acts.close(store, kept, "Percobaan gagal, tidak ada data yang tersentuh", by=BY)
    assert kept.paper.state == "closed"
    with pytest.raises(Fault, match="closed"):
        breach_acts.take(store, kept, ("lagi",), by=BY)
    shown = plain_text.text(breach_document.register(breach_acts.every(store), "id", "UTC", 0, "Kantor"))
    assert "Percobaan gagal" in shown, "the register says why nobody was told"


@pytest.mark.parametrize("ahead", [(0, -HOUR), (HOUR, HOUR)])
def test_a_case_that_was_discovered_before_it_happened_or_tomorrow_is_refused(
    store: Store, config: Config, ahead: tuple[int, int]
) -> None:
    now = store.now_ms()
    report = Report(Happening.CARD_STOLEN, now + ahead[0], now + ahead[1])
    with pytest.raises(Fault) as refused:
        breach_acts.open_case(store, config, KNOWN, report)
    assert refused.value.code is FaultCode.NOT_READY


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_word_of_a_breach_is_there(language: str) -> None:
    wanted = {
        "happening": Happening,
        "category": Category,
        "harm": Harm,
        "chance": Chance,
        "gravity": Gravity,
        "gravity_short": Gravity,
        "whom": Whom,
        "faces": Reading,
        "reading": Reading,
        "plain_reading": Reading,
        "level": SecurityLevel,
    }
    keys = {f"breach.{topic}.{each.value}" for topic, kind in wanted.items() for each in kind}
    assert keys <= set(words.table(language))


def test_no_case_holds_a_name(store: Store, config: Config) -> None:
    enrolled(store)
    kept = case(store, config)
    assert isinstance(kept.case, Case)
    assert "Budi" not in repr(kept.paper.content)
    assert "E-0417" not in repr(kept.paper.content)
