"""The self-test of a camera: its bounds, its exact rates, its card, and that a door believes no other camera's."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from vision_kit import GOOD, HandCamera, MadeUpNetworks, installed, numbered, person_vectors

from kiosk import words
from kiosk.cli import models, models_liveness
from kiosk.config import Config, Recognition, load
from kiosk.eye import Eye
from kiosk.faults import Fault, FaultCode
from kiosk.screens import pose
from kiosk.screens.view import Moment, describe
from kiosk.vision import honesty, packs
from kiosk.vision.arrays import Image
from kiosk.vision.camera import Camera, Frame
from kiosk.vision.honesty import PEOPLE, Card, Counts, Shown, choose, counted, exact, halves
from kiosk.vision.liveness import Bounds, Layer, Liveness, Opinion, Policy, Verdict
from kiosk.vision.quality import Quality
from kiosk.vision.self_test import present

CAMERA = "v4l:/dev/v4l/by-id/usb-Made_Up-video-index0"


def shown(kind: str, score: float, motion: Verdict = Verdict.BONA_FIDE) -> Shown:
    opinions = [Opinion(Layer.SCORE, Verdict.UNDECIDED), Opinion(Layer.MOTION, motion)]
    return Shown(kind, (Liveness.of(score, opinions),))


def card(**changed: object) -> Card:
    files = {"a.onnx": "0" * 64}
    counts = {PEOPLE: Counts(10, 9, 0, 1, 0, 0), "print": Counts(10, 1, 8, 1, 0, 0)}
    made = Card(
        date(2026, 8, 3),
        CAMERA,
        "faceplugin",
        files,
        fused=False,
        rehearsal=False,
        attack=0.2,
        bona_fide=0.7,
        counts=counts,
    )
    return replace(made, **changed)  # type: ignore[arg-type] # a test names the field


def test_exact_bounds_are_those_of_the_tables() -> None:
    # Clopper and Pearson 1934; the usual table values.
    for k, n, low, high in (
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (20, 20, 0.8316, 1),
    ):
        assert exact(k, n) == pytest.approx((low, high), abs=1e-4)
    with pytest.raises(ValueError, match="no trial"):
        exact(0, 0)


def test_bounds_lie_between_people_and_attacks_where_these_do_not_overlap() -> None:
    bounds = choose([shown(PEOPLE, 0.9), shown(PEOPLE, 0.5), shown("print", 0.01), shown("phone", 0.1)])
    assert bounds.attack == bounds.bona_fide
    assert 0.1 < bounds.attack < 0.5


def test_what_overlaps_is_undecided() -> None:
    bounds = choose([shown(PEOPLE, 0.9), shown(PEOPLE, 0.3), shown("print", 0.01), shown("phone", 0.6)])
    assert [bounds.verdict(score) for score in (0.29, 0.3, 0.6, 0.61)] == [
        Verdict.ATTACK,
        Verdict.UNDECIDED,
        Verdict.UNDECIDED,
        Verdict.BONA_FIDE,
    ]


def test_bounds_need_people_and_attacks() -> None:
    for kind in (PEOPLE, "print"):
        with pytest.raises(ValueError, match="need a score"):
            choose([shown(kind, 0.5), Shown("phone" if kind == PEOPLE else PEOPLE, ())])


def test_what_chose_the_bounds_is_not_counted() -> None:
    everything = [shown(kind, number / 10) for kind in (PEOPLE, "print") for number in range(5)]
    choosing, counting = halves(everything)
    assert [look.score for each in choosing for look in each.looks] == [0.0, 0.2, 0.4, 0.0, 0.2, 0.4]
    assert not {id(each) for each in choosing} & {id(each) for each in counting}
    assert len(choosing) + len(counting) == len(everything)


def test_each_presentation_is_counted_once_as_what_all_layers_say() -> None:
    found = counted(
        [
            shown("print", 0.1),
            shown("print", 0.9),
            shown("print", 0.9, Verdict.ATTACK),
            shown("print", 0.5),
            Shown("print", (Liveness.of(math.nan, [Opinion(Layer.INPUT, Verdict.INPUT_REJECTED)]),)),
            Shown("print", ()),
        ],
        Bounds(0.2, 0.8),
    )
    assert found == {"print": Counts(6, bona_fide=1, attack=2, undecided=1, input_rejected=1, no_response=1)}


def test_a_card_survives_being_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / honesty.FILE
    assert honesty.read(path) is None
    path.write_text(honesty.text(card()), encoding="utf-8")
    assert honesty.read(path) == card()
    assert card().bounds == Bounds(0.2, 0.7)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.pop("camera"),
        lambda table: table.update(format=2),
        lambda table: table.update(surprise=1),
        lambda table: table.update(attack=0.9),
        lambda table: table.update(attack=float("nan")),
        lambda table: table.update(made_on="yesterday"),
        lambda table: table.update(rehearsal="no"),
        lambda table: table.update(counts=[]),
        lambda table: table["counts"].update(print={"presentations": 3}),
        lambda table: table["counts"]["print"].update(attack=-1),
        lambda table: table.update(files={}),
    ],
)
def test_what_is_no_card_is_refused(spoil: Callable[[dict[str, object]], object], tmp_path: Path) -> None:
    table = json.loads(honesty.text(card()))
    spoil(table)
    path = tmp_path / honesty.FILE
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(Fault) as caught:
        honesty.read(path)
    assert caught.value.code is FaultCode.CONFIG_INVALID


def test_bytes_that_are_no_card_are_refused(tmp_path: Path) -> None:
    path = tmp_path / honesty.FILE
    for content in (b"", b"\xff\xfe", b"[" * 70_000, b"3", b"null"):
        path.write_bytes(content)
        with pytest.raises(Fault):
            honesty.read(path)
    with pytest.raises(Fault):
        honesty.read(tmp_path)


def test_a_card_speaks_of_one_camera_and_its_very_networks() -> None:
    files = {"a.onnx": "0" * 64}
    assert card().fits(CAMERA, "faceplugin", files)
    assert not card().fits("v4l:/dev/video0", "faceplugin", files)
    assert not card().fits(CAMERA, "opencv-zoo", files)
    assert not card().fits(CAMERA, "faceplugin", {"a.onnx": "1" * 64})
    assert not card(rehearsal=True).fits(CAMERA, "faceplugin", files)


def eye_with(data: Path, written: Card | None, liveness: str = "enforce") -> Eye:
    installed()
    if written is not None:
        (data / honesty.FILE).write_text(honesty.text(written), encoding="utf-8")
    kiosk = Config(data=data, recognition=Recognition(liveness=liveness))
    kiosk = replace(kiosk, camera=replace(kiosk.camera, source=CAMERA))
    return Eye(kiosk, post=lambda _: None, show=lambda _: None)


def of_this_pack() -> dict[str, str]:
    installed()
    return honesty.used(packs.load())


def test_nothing_is_enforced_that_was_not_measured(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    eye = eye_with(tmp_path, None)
    assert eye._recogniser._policy is Policy.CLEAR_ATTACK
    assert eye._recogniser._bounds == Bounds()
    assert eye.liveness_tested is None
    assert "needs a self-test" in caplog.text


def test_a_door_uses_the_bounds_of_its_own_card(tmp_path: Path) -> None:
    eye = eye_with(tmp_path, card(files=of_this_pack()))
    assert eye._recogniser._policy is Policy.ENFORCE
    assert eye._recogniser._bounds == Bounds(0.2, 0.7)
    assert eye.liveness_tested == date(2026, 8, 3)


@pytest.mark.parametrize("wrong", [{"camera": "v4l:/dev/video7"}, {"files": {"a.onnx": "0" * 64}}, {"rehearsal": True}])
def test_a_door_believes_no_other_camera_s_card(wrong: dict[str, object], tmp_path: Path) -> None:
    eye = eye_with(tmp_path, card(**{"files": of_this_pack(), **wrong}))
    assert eye._recogniser._policy is Policy.CLEAR_ATTACK
    assert eye._recogniser._bounds == Bounds()
    assert eye.liveness_tested is None


def test_the_door_says_on_which_day_its_camera_was_tested_and_else_that_it_was_not() -> None:
    looking = next(each for each in pose.poses() if each.name == "looking-tested")
    for language, day in (("id", "3 Agustus 2026"), ("en", "3 August 2026"), ("nl", "3 augustus 2026")):
        at = Moment(looking.entry, looking.around, language, pose.NOW, pose.WALL)
        assert day in describe(looking.state, at).small
        untested = replace(at, around=replace(looking.around, liveness_tested=None))
        assert describe(looking.state, untested).small == words.say(language, "small.liveness")


def test_a_damaged_card_is_none(tmp_path: Path) -> None:
    (tmp_path / honesty.FILE).write_text("{", encoding="utf-8")
    assert eye_with(tmp_path, None).liveness_tested is None


class Clocked:
    """A made-up camera whose frames are 0.1 s apart."""

    def __init__(self) -> None:
        self.number = 0

    def take(self, _timeout_s: float) -> Frame:
        self.number += 1
        return Frame(numbered(self.number), self.number / 10)


def test_a_presentation_lasts_a_second_and_a_half_of_usable_frames() -> None:
    networks, clock = MadeUpNetworks(person_vectors(1)[0], live=0.3), Clocked()
    found = present(HandCamera(clock.take), networks)
    assert len(found) == 14, "of the first three frames, of the first four, ..."
    assert [look.score for look in found] == pytest.approx([0.3] * 14)
    assert networks.seen[0] == 6  # a driver's old frames are left out
    assert clock.number == 21


def test_a_presentation_that_shows_no_usable_face_is_no_response() -> None:
    networks = MadeUpNetworks(person_vectors(1)[0])
    networks.faces = ()
    assert present(HandCamera(Clocked().take), networks) == ()
    networks = MadeUpNetworks(person_vectors(1)[0])
    networks.measured = Quality(50.0, 0.1, 0.5, 120.0, 0.6, 0.0, 0.0)
    assert present(HandCamera(Clocked().take), networks) == ()
    assert GOOD.defect is None


def test_the_self_test_asks_for_every_presentation_and_says_no_score(capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    networks = MadeUpNetworks(person_vectors(1)[0], live=0.3)
    found = models_liveness.presented(HandCamera(Clocked().take), networks, (PEOPLE, "print"), 4, asked.append)
    assert [each.kind for each in found] == [PEOPLE] * 4 + ["print"] * 4
    assert asked[0].startswith("bona_fide, 1 of 4")
    assert asked[-1].startswith("print, 4 of 4")
    assert "0.3" not in capsys.readouterr().err


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(f'[camera]\nsource = "{CAMERA}"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("source", ["sample", "file:somewhere.mp4"])
def test_made_up_pictures_are_no_self_test(source: str, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(["liveness-test", "--config", str(site), "--camera", source]) == 1
    assert "live camera" in capsys.readouterr().err
    assert not (site.parent / honesty.FILE).exists()


@pytest.mark.parametrize("wrong", [["--species", "mask"], ["--presentations", "3"], ["--presentations", "x"]])
def test_a_wrong_call_is_refused(wrong: list[str], site: Path) -> None:
    assert models.main(["liveness-test", "--config", str(site), *wrong]) == 2


def test_without_a_card_there_is_a_sentence(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(["liveness-card", "--config", str(site)]) == 1
    assert "not tested" in capsys.readouterr().err


class Changing(MadeUpNetworks):
    """People score high and what follows them low; every frame looks a little different."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__(person_vectors(1)[0])
        self.looked = 0

    def liveness(self, image: Image, face: object) -> float:
        del image, face
        self.looked += 1
        return 0.9 if self.looked <= 4 * 16 else 0.05


def run(site: Path, monkeypatch: pytest.MonkeyPatch, typed: str, *options: str) -> int:
    def opened(_: str) -> Camera:
        return HandCamera(Clocked().take)

    monkeypatch.setattr(models_liveness, "open_camera", opened)
    monkeypatch.setattr(models_liveness, "Pipeline", Changing)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    chosen = ["--species", "print", "--presentations", "4", *options]
    return models.main(["liveness-test", "--config", str(site), *chosen])


def test_the_card_of_a_camera_is_written_shown_and_believed(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    assert run(site, monkeypatch, "\n" * 8) == 0
    text = capsys.readouterr().out
    assert "APCER 0 of 2 (0.0 to 84.2 %)" in text
    assert "BPCER 0 of 2 (0.0 to 84.2 %)" in text
    assert "no conformance" in text
    assert models.main(["liveness-card", "--config", str(site), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["rates"]["print"]["apcer"] == {
        "k": 0,
        "n": 2,
        "rate": 0.0,
        "low": 0.0,
        "high": pytest.approx(0.8419, abs=1e-4),
    }
    eye = Eye(load(site), post=lambda _: None, show=lambda _: None)
    assert eye.liveness_tested is not None
    assert 0.05 < eye._recogniser._bounds.attack < 0.9


def test_a_rehearsal_is_marked_and_never_takes_the_place_of_a_card(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    assert run(site, monkeypatch, "", "--rehearsal", "--camera", "sample") == 0
    assert "REHEARSAL" in capsys.readouterr().out
    assert not (site.parent / honesty.FILE).exists()
    assert models.main(["liveness-card", "--config", str(site), "--rehearsal"]) == 0
    assert "REHEARSAL" in capsys.readouterr().out


def test_a_self_test_that_is_broken_off_or_saw_nobody_leaves_no_card(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed()
    with pytest.raises(EOFError):
        run(site, monkeypatch, "\n\n")
    monkeypatch.setattr(Changing, "liveness", lambda *_: math.nan)
    assert run(site, monkeypatch, "\n" * 8) == 1
    assert "No card was written" in capsys.readouterr().err
    assert not (site.parent / honesty.FILE).exists()
