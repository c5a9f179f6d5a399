"""The random act: what counts as an answer, what ends it, and that it lets nobody in who was refused."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from vision_kit import GOOD, MadeUpNetworks, face, gallery_of, near_to, numbered, person_vectors

from kiosk.eye import INSTRUCTIONS
from kiosk.vision.camera import Frame
from kiosk.vision.challenge import (
    GONE_S,
    LIMIT_S,
    REACTION_S,
    SYSTEM,
    Act,
    Answer,
    Challenge,
    Demand,
    Seen,
    asked,
    step,
)
from kiosk.vision.evidence import Evidence
from kiosk.vision.gallery import Match, MatchDecision, NearMatch, NoMatch, NoMatchReason
from kiosk.vision.liveness import Bounds, Layer, Policy, Verdict
from kiosk.vision.quality import Instruction, Quality
from kiosk.vision.recogniser import Decision, Guidance, _Attempt
from kiosk.vision.trial import ASKED, Rule

PEOPLE = person_vectors(4)
STEP = 0.1
OPEN_EYES, CLOSED_EYES = 0.0, 1.0


class Chosen:
    """Chance that always falls on one act."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def choice(self, seq: tuple[Act, ...], /) -> Act:
        return self.act if self.act in seq else seq[0]


def played(act: Act, frames: Sequence[Seen | None], yaw: float = 0.0) -> Challenge | Answer:
    """Ask at 0 s, then show a frame each tenth of a second."""
    state: Challenge | Answer = asked(0.0, yaw, OPEN_EYES, Chosen(act))
    for number, seen in enumerate(frames, 1):
        if not isinstance(state, Challenge):
            return state
        state = step(state, seen, number * STEP)
    return state


def eyes(*closed: float) -> list[Seen | None]:
    return [Seen(0.0, 0.0, each, alike=True) for each in closed]


def heads(*yaws: float) -> list[Seen | None]:
    return [Seen(0.0, each, OPEN_EYES, alike=True) for each in yaws]


BLINK_TWICE = (0, 0, 0, 1, 1, 0, 0, 1, 0)
TURN_AND_BACK = (0.0, 0.0, 0.1, 0.25, 0.45, 0.5, 0.3, 0.1, 0.0)


def test_two_blinks_are_an_answer_and_one_is_not() -> None:
    assert played(Act.BLINK, eyes(*BLINK_TWICE)) is Answer.PASSED
    assert isinstance(played(Act.BLINK, eyes(*BLINK_TWICE[:7])), Challenge)


def test_a_turn_is_an_answer_once_the_head_came_back() -> None:
    assert played(Act.TURN_LEFT, heads(*TURN_AND_BACK)) is Answer.PASSED
    assert isinstance(played(Act.TURN_LEFT, heads(*TURN_AND_BACK[:7])), Challenge)
    assert played(Act.TURN_RIGHT, heads(*(-each for each in TURN_AND_BACK))) is Answer.PASSED


def test_a_turn_is_measured_from_where_the_head_was() -> None:
    assert played(Act.TURN_LEFT, heads(*(each - 0.8 for each in TURN_AND_BACK)), yaw=-0.8) is Answer.PASSED


@pytest.mark.parametrize(("act", "yaw"), [(Act.TURN_LEFT, -0.4), (Act.TURN_RIGHT, 0.4), (Act.BLINK, 0.4)])
def test_a_film_that_turns_the_wrong_way_is_found_out(act: Act, yaw: float) -> None:
    assert played(act, heads(0.0, 0.0, 0.0, yaw)) is Answer.WRONG_WAY


def test_what_began_before_anybody_could_read_is_no_answer() -> None:
    early = eyes(1, 1, 0, 0, 1, 0)
    assert isinstance(played(Act.BLINK, early), Challenge)
    assert REACTION_S > 2 * STEP


def test_an_act_that_does_not_come_is_too_late() -> None:
    still = eyes(*[0] * round(LIMIT_S / STEP + 2))
    assert played(Act.BLINK, still) is Answer.TOO_LATE


def test_a_face_that_goes_away_or_changes_ends_it() -> None:
    gone: list[Seen | None] = [None] * round(GONE_S / STEP + 2)
    assert played(Act.BLINK, [*eyes(0, 0), *gone]) is Answer.OTHER_FACE
    swapped = Seen(0.0, 0.0, OPEN_EYES, alike=False)
    assert played(Act.BLINK, [*eyes(*BLINK_TWICE[:5]), swapped]) is Answer.OTHER_FACE
    assert isinstance(played(Act.BLINK, [*eyes(0, 0), None, None, *eyes(0)]), Challenge)


@pytest.mark.parametrize("yaw", [0.0, 0.4, 0.9])
def test_somebody_elses_head_does_not_turn_for_the_one_that_matched(yaw: float) -> None:
    other = Seen(0.0, yaw, OPEN_EYES, alike=False, strange=True)
    assert played(Act.TURN_LEFT, [*heads(0, 0, 0), other, *heads(0, 0)]) is Answer.OTHER_FACE


def test_another_face_that_does_the_act_while_the_picture_is_lowered_is_found_out() -> None:
    site = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.9, act=Act.TURN_RIGHT)
    assert site.until_asked() is None
    matched = site.networks.vector
    ended: list[Decision] = []
    for vector, yaw in (*[(matched, 0.0)] * 4, *[(PEOPLE[0], -0.6)] * 3, *[(matched, 0.0)] * 6):
        site.networks.vector = vector
        site.networks.measured = replace(GOOD, yaw=yaw)
        ended += [each for each in [site.frame()] if each is not None]
    assert told(ended[0]) == NearMatch()


def test_an_attack_whose_picture_is_taken_away_is_answered_at_once() -> None:
    site = Site(Demand.UNDECIDED, Policy.CLEAR_ATTACK, live=0.01)
    assert [site.frame() for _ in range(5)] == [None] * 5
    site.networks.faces = ()
    assert told(site.frame()) == NoMatch(NoMatchReason.ATTACK)


def test_an_attack_during_the_act_is_recorded_where_verdicts_are_only_recorded() -> None:
    site = Site(Demand.ALWAYS, Policy.SIGNAL, live=0.3)
    site.until_asked()
    site.networks.live = 0.0
    ended = site.blink()
    assert isinstance(ended.decision, Match)
    assert ended.liveness.verdict is Verdict.ATTACK


def test_the_matched_face_must_be_there_after_the_act() -> None:
    unknown = [Seen(0.0, 0.0, each, alike=None) for each in BLINK_TWICE]
    assert isinstance(played(Act.BLINK, unknown), Challenge)


@pytest.mark.parametrize("closed", [0.9, 0.5, float("nan")], ids=["closed", "unclear", "unseen"])
def test_no_blink_is_asked_of_eyes_that_do_not_look_open(closed: float) -> None:
    assert {asked(0.0, 0.0, closed).act for _ in range(60)} == {Act.TURN_LEFT, Act.TURN_RIGHT}


def test_every_act_comes_by_chance() -> None:
    assert {asked(0.0, 0.0, OPEN_EYES, SYSTEM).act for _ in range(120)} == set(Act)
    assert type(SYSTEM).__name__ == "SystemRandom"


class Site:
    """One attempt at a door with a made-up pack; a test says what the face does once it was asked."""

    def __init__(self, demand: Demand, policy: Policy, live: float, act: Act = Act.BLINK) -> None:
        self.networks = MadeUpNetworks(near_to(PEOPLE[1], 0.9), live)
        bounds = Bounds(attack=0.1, bona_fide=0.6)
        rule = Rule(demand, policy, bounds, Chosen(act))
        self.attempt = _Attempt(1, Evidence(gallery_of(PEOPLE), policy, bounds), rule)
        self.said: list[Instruction] = []
        self.number = 0

    def frame(self) -> Decision | None:
        self.number += 1
        outcome = self.attempt.step(self.networks, Frame(numbered(self.number), self.number * STEP))
        if isinstance(outcome, Guidance):
            self.said.append(outcome.instruction)
        return outcome if isinstance(outcome, Decision) else None

    def until_asked(self) -> Decision | None:
        for _ in range(30):
            outcome = self.frame()
            if outcome is not None or set(self.said) & set(ASKED.values()):
                return outcome
        raise AssertionError("nothing happened")

    def blink(self) -> Decision:
        """Blink until there is a decision."""
        for closed in (*BLINK_TWICE, *[0] * 60):
            self.networks.closed = float(closed)
            outcome = self.frame()
            if outcome is not None:
                return outcome
        raise AssertionError("no decision")


def told(decision: Decision | None) -> MatchDecision:
    assert decision is not None
    return decision.decision


def test_whoever_is_undecided_may_blink_instead_of_typing_a_pin() -> None:
    site = Site(Demand.UNDECIDED, Policy.ENFORCE, live=0.3)
    assert site.until_asked() is None
    assert site.said[-1] is Instruction.BLINK
    ended = site.blink()
    assert isinstance(ended.decision, Match)
    assert ended.liveness.verdict is Verdict.BONA_FIDE
    assert ended.liveness.opinions[-1].layer is Layer.CHALLENGE


def test_whoever_does_not_blink_types_a_pin() -> None:
    site = Site(Demand.UNDECIDED, Policy.ENFORCE, live=0.3)
    site.until_asked()
    outcomes = [site.frame() for _ in range(round(LIMIT_S / STEP) + 2)]
    assert told(next(each for each in outcomes if each is not None)) == NearMatch()


def test_a_site_may_ask_nobody() -> None:
    site = Site(Demand.NEVER, Policy.ENFORCE, live=0.3)
    assert told(site.until_asked()) == NearMatch()


@pytest.mark.parametrize("policy", Policy)
def test_a_site_may_ask_everybody(policy: Policy) -> None:
    site = Site(Demand.ALWAYS, policy, live=0.9)
    assert site.until_asked() is None
    assert isinstance(told(site.blink()), Match)


def test_where_verdicts_are_recorded_only_the_act_is_asked_of_everybody_all_the_same() -> None:
    site = Site(Demand.ALWAYS, Policy.SIGNAL, live=0.01)
    assert site.until_asked() is None
    ended = site.blink()
    assert isinstance(ended.decision, Match)
    assert ended.liveness.verdict is Verdict.ATTACK
    idle = Site(Demand.ALWAYS, Policy.SIGNAL, live=0.01)
    idle.until_asked()
    outcomes = [idle.frame() for _ in range(round(LIMIT_S / STEP) + 2)]
    assert told(next(each for each in outcomes if each is not None)) == NearMatch()


def test_before_the_self_test_the_undecided_are_not_asked() -> None:
    assert isinstance(told(Site(Demand.UNDECIDED, Policy.CLEAR_ATTACK, live=0.3).until_asked()), Match)


def test_what_looks_like_an_attack_cannot_blink_its_way_in() -> None:
    site = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.01)
    for _ in range(20):
        ended = site.frame()
        if ended is not None:
            break
    assert told(ended) == NoMatch(NoMatchReason.ATTACK)
    assert Instruction.BLINK not in site.said


def test_a_picture_that_takes_the_face_s_place_while_it_blinks_is_an_attack() -> None:
    site = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.9)
    site.until_asked()
    site.networks.live = 0.01
    assert told(site.blink()) == NoMatch(NoMatchReason.ATTACK)


def test_nobody_blinks_for_a_picture() -> None:
    site = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.9)
    site.until_asked()
    site.networks.vector = PEOPLE[3]
    assert told(site.blink()) == NearMatch()
    away = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.9)
    away.until_asked()
    away.networks.faces = (face(180, 200), face(170, 460))
    assert told(away.blink()) == NearMatch()


def test_a_head_that_turns_is_not_told_to_look_here() -> None:
    site = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.9, act=Act.TURN_RIGHT)
    site.until_asked()
    for yaw in (0.0, 0.0, 0.0, -0.6, -1.4, -1.4, -0.5, 0.0):
        site.networks.measured = Quality(180.0, 0.4, 0.5, 120.0, 0.6, yaw, 0.0)
        ended = site.frame()
    assert isinstance(told(ended), Match)
    assert Instruction.LOOK_HERE not in site.said


def test_a_face_too_near_is_asked_to_step_back_and_then_for_its_pin() -> None:
    site = Site(Demand.NEVER, Policy.CLEAR_ATTACK, live=0.0)
    site.networks.faces = (face(300),)
    outcomes = [site.frame() for _ in range(20)]
    ended = next(each for each in outcomes if each is not None)
    assert ended.decision == NearMatch()
    assert ended.liveness.verdict is Verdict.INPUT_REJECTED
    assert ended.liveness.why is Layer.INPUT
    assert site.said == [Instruction.BACK]


def test_a_face_that_steps_back_is_matched() -> None:
    site = Site(Demand.NEVER, Policy.CLEAR_ATTACK, live=0.9)
    site.networks.faces = (face(300),)
    assert [site.frame() for _ in range(3)] == [None] * 3
    site.networks.faces = (face(180),)
    outcomes: list[Decision | None] = [site.frame() for _ in range(4)]
    assert isinstance(told(next(each for each in outcomes if each is not None)), Match)


def test_the_door_has_words_for_everything_that_is_asked() -> None:
    assert set(INSTRUCTIONS) == set(Instruction)
    assert {INSTRUCTIONS[each].value for each in ASKED.values()} == {"blink", "turn_left", "turn_right"}


def test_no_challenge_keeps_a_picture() -> None:
    site = Site(Demand.ALWAYS, Policy.CLEAR_ATTACK, live=0.9)
    site.until_asked()
    for _ in range(30):
        site.frame()
    held = site.attempt._trial
    assert held is not None
    assert all(each.trace is None or isinstance(each.trace, np.ndarray) for each in held._frames)
