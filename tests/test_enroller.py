"""A real face is enrolled, by a camera and from pictures, and then recognised; nothing is kept without consent."""

import io
import json
import queue
import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from stand_in import Hasty, StandIn
from vision_kit import everybody, installed

from kiosk import words
from kiosk.__main__ import main
from kiosk.rights.release import demonstrate
from kiosk.store import FileRootKey, Store
from kiosk.vision.camera import Frame
from kiosk.vision.enroller import Enroller, from_pictures, looked
from kiosk.vision.enrolment import Enrolled, Pose, Prompt, Refusal, Shot, Site, judge
from kiosk.vision.gallery import Gallery, Match, NoMatch, NoMatchReason
from kiosk.vision.quality import Instruction
from kiosk.vision.recogniser import Decision, Outcome, Recogniser
from wire.event import Notice, NoticeKind


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A device with three people who have no face yet."""
    store = Store.create(tmp_path / "state", provider=FileRootKey(tmp_path / "state" / "root.key"))
    for number in (1, 2, 3):
        store.people.add(f"A-{number}", f"Person {number}")
    demonstrate(store)
    store.close()
    (tmp_path / "kiosk.toml").touch()
    return tmp_path


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An English shell; what `main` does on SIGTERM ends with the test."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def opened(place: Path) -> Store:
    return Store.open(place / "state", FileRootKey(place / "state" / "root.key"))


def portraits(folder: Path, *subjects: str, each: int = 4) -> Path:
    """Write pictures of people of the film, and one file that is no picture."""
    folder.mkdir()
    for subject in subjects:
        for i, image in enumerate(everybody().portrait(subject)[:each]):
            cv2.imwrite(str(folder / f"{i}-{subject}.png"), image)
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def enrol(place: Path, *arguments: str, code: str = "A-1", language: str = "en") -> int:
    given = ("--config", str(place / "kiosk.toml"), "--code", code, "--consent-version", "2026-1")
    return main(["people", "enrol", *given, "--language", language, *arguments])


def says(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """What is typed."""
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_person_is_enrolled_before_a_camera_and_then_recognised_walking_up() -> None:
    pipeline = installed()
    prompts: list[Prompt] = []
    kept: list[Kept] = []
    site = Site(pipeline.pack.embedding_space, pipeline.pack.dimension)
    for who in ("astronaut", "t1-2"):
        enroller = Enroller(Hasty(who), pipeline, prompts.append)
        capture = enroller.capture()
        assert capture.missed == (Pose.LEFT, Pose.RIGHT), "nobody in a film turns their head when asked to"
        found = judge(who, capture.shots, enroller.probes(), kept, site)
        assert isinstance(found, Enrolled)
        assert found.set_aside == 0
        kept += [Kept(who, shot) for shot in found.shots]
    assert [each.pose for each in prompts[:: len(prompts) - 1]] == [Pose.FRONTAL, None]
    assert all(before != after for before, after in pairwise(prompts))
    gallery = Gallery.build(kept, site.model, site.dimension)
    for who in ("astronaut", "t1-2"):
        decision = walked_up(gallery, who)
        assert isinstance(decision, Match)
        assert decision.person == who
    assert walked_up(gallery, "tom") == NoMatch(NoMatchReason.UNKNOWN)


class Kept:
    """A shot as the gallery takes it."""

    def __init__(self, person: str, shot: Shot) -> None:
        self.person, self.vector, self.model = person, shot.embedding.vector, shot.embedding.model


def walked_up(gallery: Gallery, who: str, claimed: str | None = None) -> object:
    outcomes: queue.Queue[Outcome] = queue.Queue()
    recogniser = Recogniser(lambda: StandIn(who), installed(), gallery, lambda _: None, outcomes.put)
    recogniser.start()
    recogniser.look(1, claimed)
    while not isinstance(outcome := outcomes.get(timeout=20), Decision):
        pass
    assert recogniser.stop()
    return outcome.decision


def test_a_claimed_person_is_verified_and_everybody_else_is_not() -> None:
    pipeline = installed()
    kept = [
        Kept(who, shot)
        for who in ("astronaut", "t1-2")
        for image in everybody().portrait(who)
        if isinstance(shot := looked(pipeline, Frame(image, 0.0)), Shot)
    ]
    gallery = Gallery.build(kept, pipeline.pack.embedding_space, pipeline.pack.dimension)
    theirs = walked_up(gallery, "astronaut", "astronaut")
    assert isinstance(theirs, Match)
    assert theirs.person == "astronaut"
    assert isinstance(walked_up(gallery, "astronaut", "t1-2"), NoMatch)
    assert walked_up(gallery, "astronaut", "nobody") == NoMatch(NoMatchReason.EMPTY)


def test_two_people_in_a_picture_or_none_are_an_instruction() -> None:
    pipeline = installed()
    one, other = (everybody().portrait(who)[0] for who in ("astronaut", "t1-2"))
    both = np.concatenate([one[:, 160:480], other[:, 160:480]], axis=1)
    assert looked(pipeline, Frame(both, 0.0)) is Instruction.ONE_PERSON
    assert looked(pipeline, Frame(np.full_like(one, 90), 0.0)) is Instruction.NO_FACE
    assert looked(pipeline, Frame(np.zeros_like(one), 0.0)) is Instruction.MORE_LIGHT
    assert isinstance(looked(pipeline, Frame(one, 0.0)), Shot)


def test_a_trial_without_a_good_frame_is_none() -> None:
    prompts: list[Prompt] = []

    class Empty(Hasty):
        def read(self, timeout_s: float) -> Frame:
            taken = super().read(timeout_s)
            return Frame(np.full_like(taken.image, 90), taken.taken_at)

    assert Enroller(Empty("tom", 1.0), installed(), prompts.append).probes() == ()
    assert prompts == [Prompt(None, Instruction.NO_FACE)]


def test_pictures_of_two_people_make_no_reference_of_the_second(tmp_path: Path) -> None:
    pipeline = installed()
    site = Site(pipeline.pack.embedding_space, pipeline.pack.dimension)
    folder = portraits(tmp_path / "mixed", "astronaut")
    cv2.imwrite(str(folder / "0-another.png"), everybody().portrait("tom")[0])
    shots, probes = from_pictures(folder, pipeline)
    assert (len(shots), len(probes)) == (4, 1)
    found = judge("new", shots, probes, [], site)
    assert isinstance(found, Enrolled)
    assert (len(found.shots), found.set_aside) == (3, 1)
    shots, probes = from_pictures(portraits(tmp_path / "few", "astronaut", each=3), pipeline)
    assert judge("new", shots, probes, [], site) is Refusal.TOO_FEW


def test_the_shell_enrols_from_pictures_with_consent_and_tells_headquarters(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    says(monkeypatch, words.say("nl", "enrol.agree").upper())
    folder = portraits(place / "pictures", "astronaut")
    assert enrol(place, "--pictures", str(folder), "--witness", "Ratna", "--json", language="nl") == 0
    shown = capsys.readouterr()
    answer = json.loads(shown.out)
    assert (answer["enrolled"], answer["references"], answer["like"]) == (True, 3, "")
    assert words.say("nl", "enrol.consent", version="2026-1") in shown.err
    store = opened(place)
    person = store.people.by_code("A-1")
    assert person is not None
    assert person.has_face
    consent = store.basis.consent_of(person.id)
    assert consent is not None
    assert (consent.text_version, consent.language, consent.witness) == ("2026-1", "nl", "Ratna")
    now = store.now_ms()
    told = [each for each in store.history.events(person.id, now - 60_000, now + 1) if isinstance(each, Notice)]
    assert [each.kind for each in told] == [NoticeKind.ENROLLED]
    store.ledger.verify()
    store.close()


@pytest.mark.parametrize("typed", [[], [""], ["yes"], ["Saya setuju"], ["I agree not"]])
def test_without_the_person_s_own_words_no_picture_is_looked_at(
    place: Path, typed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, *typed)
    monkeypatch.setattr("kiosk.vision.ready.load", lambda *_: pytest.fail("a model was loaded"))
    assert enrol(place, "--pictures", str(portraits(place / "pictures", "astronaut"))) == 2
    assert "There is no consent" in capsys.readouterr().err
    assert nobody_has_a_face(place)


def test_copies_of_one_picture_are_one_picture(tmp_path: Path) -> None:
    pipeline, folder = installed(), tmp_path / "copies"
    folder.mkdir()
    image = everybody().portrait("astronaut")[0]
    for number in range(8):
        cv2.imwrite(str(folder / f"{number}.png"), image)
    shots, probes = from_pictures(folder, pipeline)
    assert (len(shots), len(probes)) == (1, 0)
    site = Site(pipeline.pack.embedding_space, pipeline.pack.dimension)
    assert judge("new", shots, probes, [], site) is Refusal.TOO_FEW


@pytest.mark.parametrize("what", ["none", "a file", "empty", "nested"])
def test_a_folder_that_shows_nobody_is_refused_before_anybody_is_asked(
    place: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = place / "pictures"
    if what == "a file":
        folder.touch()
    elif what == "empty":
        folder.mkdir()
    elif what == "nested":
        (folder / "astronaut").mkdir(parents=True)
    assert enrol(place, "--pictures", str(folder)) == 2
    shown = capsys.readouterr().err
    assert str(folder) in shown
    assert words.say("en", "enrol.agree") not in shown
    assert nobody_has_a_face(place)


@pytest.mark.parametrize("option", ["--consent-version", "--witness"])
def test_a_blank_version_or_witness_is_refused(
    place: Path, option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    says(monkeypatch, words.say("en", "enrol.agree"))
    assert enrol(place, option, " \t") == 2
    assert f"{option} is blank" in capsys.readouterr().err


def test_how_many_pictures_were_of_no_use_and_why_is_said(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    says(monkeypatch, words.say("en", "enrol.agree"))
    folder = portraits(place / "pictures", "astronaut", each=2)
    for number in range(3):
        cv2.imwrite(str(folder / f"dark-{number}.png"), np.zeros((480, 640, 3), np.uint8))
    cv2.imwrite(str(folder / "wall.png"), np.full((480, 640, 3), 90, np.uint8))
    assert enrol(place, "--pictures", str(folder), "--json") == 1
    shown = capsys.readouterr()
    assert json.loads(shown.out)["refused"] == "too_few"
    assert f"3 of the pictures: {words.say('en', 'look.more_light')}" in shown.err
    assert "1 of the pictures: no face" in shown.err


def nobody_has_a_face(place: Path) -> bool:
    store = opened(place)
    faces = [person for person in store.people.all() if person.has_face]
    store.close()
    return not faces


def test_whoever_is_like_somebody_enrolled_is_for_a_human_to_decide(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    agree = words.say("en", "enrol.agree")
    folder = str(portraits(place / "pictures", "t1-2"))
    says(monkeypatch, agree)
    assert enrol(place, "--pictures", folder, code="A-1") == 0
    says(monkeypatch, agree)
    assert enrol(place, "--pictures", folder, code="A-1") == 0, "enrolled anew, they are not like themselves"
    store = opened(place)
    first = store.people.by_code("A-1")
    store.close()
    assert first is not None
    for answer, result in (([], 1), (["yes"], 1), (["YES"], 0)):
        capsys.readouterr()
        says(monkeypatch, agree, *answer)
        assert enrol(place, "--pictures", folder, "--json", code="A-2") == result
        shown = capsys.readouterr()
        assert json.loads(shown.out)["like"] == first.id
        assert words.say("en", "enrol.alike") in shown.err
        assert "Person 1" not in shown.err + shown.out


@pytest.mark.parametrize("what", ["restricted", "minor", "unknown", "off", "too few", "no folder"])
def test_who_cannot_be_enrolled_is_refused_in_a_sentence_and_nothing_is_kept(
    place: Path, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    says(monkeypatch, words.say("en", "enrol.agree"))
    folder = portraits(place / "pictures", "astronaut", each=2)
    code, result, sentence = {
        "restricted": ("A-1", 1, words.say("en", "enrol.restricted")),
        "minor": ("A-1", 1, words.say("en", "enrol.minor")),
        "unknown": ("Z-1", 2, words.say("en", "fault.person_unknown.title")),
        "off": ("A-1", 2, "recognition.mode is off"),
        "too few": ("A-1", 1, words.say("en", "enrol.too_few")),
        "no folder": ("A-1", 2, words.say("en", "fault.picture_refused.title")),
    }[what]
    if what in {"restricted", "minor"}:
        store = opened(place)
        with store.database.write():
            store.database.run("UPDATE people SET minor = ?1, face_restricted = 1 - ?1", int(what == "minor"))
        store.close()
    if what == "off":
        (place / "kiosk.toml").write_text('[recognition]\nmode = "off"\n', encoding="utf-8")
    source = str(place / "none") if what == "no folder" else str(folder)
    assert enrol(place, "--pictures", source, code=code) == result
    shown = capsys.readouterr()
    assert sentence in shown.out + shown.err
    assert nobody_has_a_face(place)


def test_the_shell_guides_before_a_camera(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    says(monkeypatch, words.say("id", "enrol.agree"))
    monkeypatch.setattr("kiosk.cli.people_enrol.open_camera", lambda _: Hasty("astronaut", 0.3))
    assert enrol(place, "--camera", "sample", "--glasses", language="id") == 0
    shown = capsys.readouterr()
    assert "A-1 is enrolled" in shown.out
    asked = [words.say("id", f"enrol.{key}") for key in ("pose_frontal", "pose_left", "pose_glasses", "once_more")]
    lines = shown.err.splitlines()
    assert [line for line in lines if line in asked] == asked, "each once, in this order"
