"""The sample day in short: made-up people score like real ones, strangers stay out, and the real ones are right."""

import functools

import numpy as np
import pytest
from sample_day import SETTINGS, Office, Setting, gate, made_up_day, office, portraits, real_day, spread_of
from vision_kit import everybody, installed

from kiosk.evaluation.made_up import ANOTHER_DAY, OFFICE, SAME_DAY, Sitting
from kiosk.vision.arrays import Floats
from kiosk.vision.film import ENROLLED, STRANGERS, script
from kiosk.vision.gallery import NearMatch, NoMatch, NoMatchReason

CENTRED, PLAIN = SETTINGS[:2]
ALIKE = "look-alike: PIN"


@functools.cache
def real() -> dict[str, Floats]:
    return portraits(installed(), everybody())


@functools.cache
def at_work() -> Office:
    return office(real(), 500, installed().pack.embedding_space, np.random.default_rng(11))


def test_made_up_people_score_as_a_homogeneous_office_does_also_against_real_faces() -> None:
    for found in (at_work().spread(), at_work().against_real()):
        assert found.mean == pytest.approx(OFFICE.mean, abs=0.03)
        assert found.deviation == pytest.approx(OFFICE.deviation, abs=0.02)
    independent = np.random.default_rng(1).standard_normal((500, 512)).astype(np.float32)
    independent /= np.linalg.norm(independent, axis=1, keepdims=True)
    assert spread_of(independent, independent).deviation < OFFICE.deviation / 2, "independent vectors prove nothing"


@pytest.mark.parametrize("sitting", [SAME_DAY, ANOTHER_DAY], ids=["same day", "another day"])
def test_frames_lie_about_their_person_as_asked(sitting: Sitting) -> None:
    random = np.random.default_rng(4)
    scores, agreement = [], []
    for person in at_work().made_up[:200]:
        frames = at_work().population.frames(person, sitting, 3, random)
        scores.append(float(frames[0] @ person))
        agreement.append(float(frames[1] @ frames[2]))
    assert np.allclose(np.linalg.norm(frames, axis=1), 1, atol=1e-4)
    assert np.mean(scores) == pytest.approx(sitting.mean, abs=0.02)
    assert np.std(scores) == pytest.approx(sitting.deviation, abs=0.02)
    assert np.mean(agreement) == pytest.approx(sitting.agreement, abs=0.02)


def test_centring_keeps_strangers_out_whom_the_plain_score_lets_in() -> None:
    day = made_up_day(at_work(), (CENTRED, PLAIN), 80, SAME_DAY, np.random.default_rng(6))
    centred, plain = (day[each.name]["strangers"] for each in (CENTRED, PLAIN))
    assert 3 * (centred.wrong + centred.gates.get(ALIKE, 0)) < plain.wrong + plain.gates.get(ALIKE, 0)
    assert centred.wrong <= 4
    for kinds in day.values():
        assert kinds["enrolled"].wrong == 0
        # Who is not recorded is asked for the PIN, look-alikes too; nobody is unknown.
        assert set(kinds["enrolled"].gates) <= {"near: PIN", ALIKE}
        for each in kinds.values():
            assert each.accepted + each.wrong + sum(each.gates.values()) == each.walk_ups


def test_the_real_people_are_right_and_the_real_strangers_unknown_among_five_hundred() -> None:
    who = (ENROLLED[0], STRANGERS[0])
    cut = script(who[:1], who[1:], approach_s=0.6, stand_s=3.0, leave_s=0.4, gap_s=0.1, empty_s=0.5)
    day = real_day(installed(), at_work().gallery(CENTRED), cut, after_s=0.3)
    assert day.wrong == 0
    results = dict(day.results)
    assert results[who[0]] in {who[0], ALIKE}
    assert results[who[1]] in {"unknown", "ambiguous", "near: PIN", "quality or no face"}
    assert day.preview > 0


def test_every_refusal_has_a_gate() -> None:
    named = {gate(each) for each in (None, NearMatch(), *(NoMatch(reason) for reason in NoMatchReason))}
    assert named == {"quality or no face", "near: PIN", "empty", "unknown", "ambiguous", "liveness"}
    assert Setting(centred=False, threshold=0.5).name == "plain 0.50"
