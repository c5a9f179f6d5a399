"""What the eye tells the door of camera, model and references, one after the other and together."""

from pathlib import Path

from kiosk.config import Config
from kiosk.eye import Eye
from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.vision.gallery import NoMatch, NoMatchReason
from kiosk.vision.liveness import Liveness, Verdict
from kiosk.vision.recogniser import CameraBack, CameraLost, Decision


def eye(tmp_path: Path) -> tuple[Eye, list[ev.Event]]:
    posts: list[ev.Event] = []
    return Eye(Config(data=tmp_path), post=posts.append, show=lambda _: None), posts


def test_references_that_can_be_used_again_do_not_bring_a_lost_camera_back(tmp_path: Path) -> None:
    looking, posts = eye(tmp_path)
    looking._outcome(CameraLost())
    looking.unable(FaultCode.STORE_TAMPERED)
    looking.enrol([], None)
    looking._outcome(CameraBack())
    assert posts[-2:] == [ev.FaceLost(FaultCode.CAMERA_LOST), ev.FaceBack()]


def test_with_nobody_to_compare_with_nobody_was_refused(tmp_path: Path) -> None:
    looking, posts = eye(tmp_path)
    nothing = Liveness(0.5, Verdict.UNDECIDED)
    for reason in NoMatchReason:
        looking._outcome(Decision(1, NoMatch(reason), 0.1, nothing))
        assert posts[-1] == ev.FaceDecided(1, ev.NotMatched(nobody=reason is NoMatchReason.EMPTY))
