"""What a password must be and what a guess at it costs: every rule is seen to refuse."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import new_store

from kiosk import words
from kiosk.store import Store, password_cost
from kiosk.store.account_acts import calibrate
from kiosk.store.password_cost import LEAST, LONGEST_S, SHORTEST_S, calibrated, kept
from kiosk.store.password_policy import LASTS_MS, Unfit, expired, unfit
from kiosk.store.vault import Cost, stretch

HINTS = ("Ratna Kusuma", "Lobby Jakarta-Selatan")
REFUSED = [
    ("", (Unfit.TOO_SHORT, Unfit.NO_SMALL_LETTER, Unfit.NO_CAPITAL, Unfit.NO_DIGIT, Unfit.NO_SIGN)),
    ("Kopi 4 pagi", (Unfit.TOO_SHORT,)),
    ("Kopi 4 pagi! " * 10, (Unfit.TOO_LONG,)),
    ("KOPI TUBRUK 4 PAGI", (Unfit.NO_SMALL_LETTER,)),
    ("kopi tubruk 4 pagi", (Unfit.NO_CAPITAL,)),
    ("kopi Tubruk empat pagi", (Unfit.NO_DIGIT,)),
    ("kopiTubruk4pagiHari", (Unfit.NO_SIGN,)),
    ("kopi Tubruk\t4 pagi", (Unfit.UNREADABLE,)),
    ("kopi Tubruk 4 \udcff pagi", (Unfit.UNREADABLE,)),
    ("Password1234!", (Unfit.EASY_TO_GUESS,)),
    ("Qwerty12345!@#", (Unfit.EASY_TO_GUESS,)),
    ("Lobby Jakarta-Selatan 7", (Unfit.EASY_TO_GUESS,)),
    ("aB1!aB1!aB1!aB1!", (Unfit.EASY_TO_GUESS,)),
    ("Ratna.Kusuma.1985", (Unfit.BUILT_ON_A_NAME,)),
    ("kusumaRATNA-2026", (Unfit.BUILT_ON_A_NAME,)),
    ("Lobby-Jakarta-2026", (Unfit.BUILT_ON_A_NAME,)),
    ("Ambang.2026.04", (Unfit.BUILT_ON_A_NAME,)),
]


@pytest.mark.parametrize(("password", "reasons"), REFUSED)
def test_a_password_is_refused_for_every_reason_it_gives(password: str, reasons: tuple[Unfit, ...]) -> None:
    assert unfit(password, HINTS) == reasons


def test_every_reason_but_the_history_is_seen_above_and_has_words_in_every_language() -> None:
    assert {reason for _, reasons in REFUSED for reason in reasons} == set(Unfit) - {Unfit.USED_BEFORE}
    for language in words.LANGUAGES:
        for reason in Unfit:
            assert words.say(language, f"password.{reason.value}")


LONG = "Enam belas kapal biru berlayar ke 7 pulau; " + "angin " * 14 + "4"
TAKEN = ["kopi Tubruk 4 pagi", "Kopi 4 pagi!", "teh Manis, gula 0 sendok", "Ünïcode-Straße 12x", LONG]


@pytest.mark.parametrize("password", TAKEN)
def test_an_ordinary_password_of_12_to_128_characters_is_taken(password: str) -> None:
    assert 12 <= len(password) <= 128
    assert unfit(password, HINTS) == ()


def test_names_count_whatever_their_case_and_however_they_are_joined() -> None:
    assert unfit("Ratna.Kusuma.1985") == (), "the same without the hints"
    assert unfit("kopi Tubruk 4 Ratna pagi", HINTS) == (), "enough is left without the name"


def test_an_accent_counts_as_one_letter_however_it_is_typed() -> None:
    for spelling in ("Caf\u00e9 kopi 4", "Cafe\u0301 kopi 4"):
        assert unfit(spelling, HINTS) == (Unfit.TOO_SHORT,)


def test_what_stands_behind_72_characters_does_not_make_a_password_strong() -> None:
    assert unfit("aB1!" * 18 + "kopi Tubruk 4 pagi") == (Unfit.EASY_TO_GUESS,)


@settings(deadline=None)  # a test is not timed, and the first word list takes its time
@given(st.text(max_size=140), st.lists(st.text(max_size=70), max_size=3))
def test_any_text_gets_an_answer(password: str, hints: list[str]) -> None:
    assert set(unfit(password, hints)) <= set(Unfit)


def test_a_password_lasts_90_days() -> None:
    day = 86_400_000
    assert 90 * day == LASTS_MS
    assert not expired(5, 5 + 90 * day - 1)
    assert expired(5, 5 + 90 * day)
    assert not expired(10 * day, 0), "a clock that was set back makes nobody change anything"


@given(st.floats(min_value=0.0005, max_value=5.0))
def test_a_guess_takes_half_a_second_to_one_on_any_device(base_s: float) -> None:
    def took(cost: Cost) -> float:
        return base_s * cost.memory_kib / LEAST.memory_kib * cost.passes / LEAST.passes

    cost = calibrated(took)
    assert cost.memory_kib >= LEAST.memory_kib
    assert cost.passes >= LEAST.passes
    assert cost.lanes == LEAST.lanes
    if base_s >= SHORTEST_S:
        assert cost == LEAST
    elif cost.passes < 64:
        assert SHORTEST_S <= took(cost) <= LONGEST_S


def test_the_least_cost_is_that_of_the_specification() -> None:
    assert Cost(memory_kib=65_536, passes=3, lanes=4) == LEAST


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return new_store(tmp_path_factory.mktemp("store") / "state")


def test_the_cost_measured_here_is_kept_and_used(store: Store) -> None:
    assert store.admins.current_cost() == LEAST
    calibrate(store)
    cost = kept(store.database)
    assert cost is not None
    assert cost.memory_kib >= LEAST.memory_kib
    assert store.admins.current_cost() == cost


@pytest.mark.parametrize(
    "written", ["64/1/1", "65536/2/4", "65536/3/1", "x", "", "65536/3", "99999999/3/4", "65536/999/4"]
)
def test_a_cost_that_somebody_has_lowered_in_the_file_is_not_used(store: Store, written: str) -> None:
    with store.database.write():
        password_cost.keep(store.database, LEAST, 1)
        store.database.run("UPDATE settings SET value = ? WHERE name = 'password_cost'", written)
    assert store.admins.current_cost() == LEAST


def test_the_hash_is_argon2id_and_the_pepper_goes_into_it() -> None:
    """The first two lines are from the test of the reference implementation (phc-winner-argon2, src/test.c)."""
    for cost, expected in (
        (Cost(65_536, 2, 1), "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"),
        (Cost(256, 2, 2), "6d093c501fd5999645e0ea3bf620d7b8be7fd2db59c20d9fff9539da2bf57037"),
    ):
        assert stretch("password", b"somesalt", b"", cost).hex() == expected
        assert stretch("password", b"somesalt", b"pepper", cost).hex() != expected
