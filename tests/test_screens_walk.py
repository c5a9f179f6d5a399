import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import stage
from office import Office, Worker
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer
from PySide6.QtQuick import QQuickView

from kiosk.faults import FaultCode
from kiosk.flow import events as ev
from kiosk.flow import states
from kiosk.flow.actions import Action, Button, Method
from kiosk.screens import app, pose
from kiosk.screens.door import LANGUAGE_RESTS_S, Door
from kiosk.screens.pose import WALL, settle, silhouette
from kiosk.screens.preview import PreviewSource
from kiosk.screens.view import Around

SITI, JOHN = "5171", "70b1"


@dataclass
class Visit:
    """A door in a window, an office behind it and a clock that moves when told."""

    office: Office
    door: Door
    source: PreviewSource
    window: QQuickView
    now: list[float]

    def on(self, page: str) -> None:
        """Wait until a page is shown; the office answers from its own thread."""
        for _ in range(300):
            if self.door.shown.page == page:
                settle(5)
                return
            settle(10)
        raise AssertionError(f"{self.door.shown.page} instead of {page}")

    def later(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.now[0] += 0.25
            self.door.tick()
        settle(5)

    def touch(self, *names: str) -> None:
        for name in names:
            stage.touch(self.window, name)

    def texts(self) -> list[str]:
        return stage.texts(self.window)


@pytest.fixture(params=[app.LANDSCAPE, app.PORTRAIT], ids=["landscape", "portrait"])
def visit(request: Any) -> Iterator[Visit]:  # noqa: ANN401 - pytest's own type is private
    size: QSize = request.param
    with stage.watched():
        app.application()
        office = Office({SITI: Worker("K17", "4821", "Siti Rahmawati"), JOHN: Worker("7", "1234", "John Doe", "en")})
        now = [100.0]
        around = Around("Kantor Pusat", "Ani, 4102", "3.1", 0, "ok")
        door = Door(office.ports(), around, monotonic=lambda: now[0], wall=lambda: WALL)
        office.post = door.post
        office.open()
        source = PreviewSource()
        window = app.build(door, pose.still_pages(), source, size=size, reduced_motion=True)
        window.show()
        settle(30)
        yield Visit(office, door, source, window, now)
        office.close()
        app.dismantle(window)
        settle(10)


def test_a_check_in_by_face_is_recorded_and_shown_and_leads_home(visit: Visit) -> None:
    visit.office.face = ev.Matched(SITI)
    visit.door.post_sync(2, "offline")
    visit.touch("action.in")
    visit.on("recorded")
    assert [(r.kind, r.person, r.action, r.method) for r in visit.office.rows] == [
        ("check-in", SITI, Action.IN, Method.FACE),
    ]
    for text in ("Tercatat", "Siti R.", "Masuk", "07.58", "Hari ini 2 jam 1 menit", "Belum terkirim (2)"):
        assert text in visit.texts()
    assert not any("Rahmawati" in text for text in visit.texts())
    assert visit.office.looking is None
    visit.later(states.RECORDED_S)
    visit.on("idle")


def test_looking_shows_one_instruction_and_the_mirrored_preview_and_can_be_left(visit: Visit) -> None:
    visit.touch("action.out")
    visit.on("looking")
    visit.source.show(silhouette())
    settle(60)
    assert visit.source.painted >= 1
    assert "Tahan sebentar" in visit.texts()
    visit.touch("tap.cancel")
    visit.on("idle")
    settle(30)
    assert visit.office.looking is None
    assert visit.office.rows == []


def test_a_check_in_by_pin_works_with_a_code_of_letters_and_digits(visit: Visit) -> None:
    visit.touch("tap.pin", "key.letters", "key.K", "key.letters", "key.1", "key.8", "key.erase", "key.7", "key.enter")
    visit.touch("key.4", "key.8", "key.2", "key.1")
    assert not any("4821" in text for text in visit.texts())
    visit.touch("key.enter")
    visit.on("confirming")
    assert "Siti R." in visit.texts()
    assert visit.office.rows == []
    visit.touch("action.in")
    visit.on("recorded")
    assert [(r.action, r.method) for r in visit.office.rows] == [(Action.IN, Method.PIN)]


def test_after_the_pin_a_look_alike_is_looked_at_and_may_go_on_without_the_face(visit: Visit) -> None:
    visit.office.face, visit.office.verifiable = ev.Near(lookalike=True), True
    visit.touch("action.in")
    visit.on("pin")
    assert "Silakan pakai PIN" in visit.texts()
    assert not any("Siti" in text or "John" in text for text in visit.texts())
    visit.office.face = None
    visit.touch("key.7", "key.enter", "key.1", "key.2", "key.3", "key.4", "key.enter")
    visit.on("looking")
    assert "Tanpa wajah" in visit.texts()
    visit.touch("tap.pin")
    visit.on("recorded")
    assert visit.office.claimed == [None, JOHN]
    assert [(row.person, row.method) for row in visit.office.rows] == [(JOHN, Method.PIN)]


def test_a_wrong_pin_waits_in_words_and_keeps_the_code(visit: Visit) -> None:
    visit.touch("tap.pin", "key.7", "key.enter", "key.1", "key.enter")
    settle(80)
    assert "Belum diterima. Tunggu 2 detik." in visit.texts()
    visit.later(2.25)
    assert "Kode atau PIN salah" in visit.texts()
    visit.touch("key.1", "key.2", "key.3", "key.4", "key.enter")
    visit.on("confirming")
    assert visit.door.shown.language == "en", "the person's own language"
    visit.touch("tap.not_me")
    visit.on("pin")
    visit.touch("key.cancel")
    visit.on("idle")
    assert visit.office.rows == []


def test_not_me_after_recording_is_a_row_of_its_own_and_offers_the_pin(visit: Visit) -> None:
    visit.office.face = ev.Matched(SITI)
    visit.touch("action.in")
    visit.on("recorded")
    visit.touch("tap.not_me")
    visit.on("disputed")
    assert [(r.kind, r.refers_to) for r in visit.office.rows] == [("check-in", ""), ("dispute", "row-1")]
    assert not any("Siti" in text for text in visit.texts())
    visit.touch("tap.pin")
    visit.on("pin")
    visit.touch("field.code", "key.7", "field.pin", "key.1", "key.2", "key.3", "key.4", "key.enter")
    visit.on("recorded")
    assert visit.office.rows[-1].person == JOHN


def test_the_action_can_be_changed_after_recording(visit: Visit) -> None:
    visit.office.face = ev.Matched(SITI)
    visit.touch("action.in")
    visit.on("recorded")
    visit.touch("tap.change", "tap.back", "tap.change", "action.trip")
    settle(80)
    visit.on("recorded")
    assert visit.office.rows[-1].kind == "correction"
    assert (visit.office.rows[-1].action, visit.office.rows[-1].refers_to) == (Action.TRIP_LEAVE, "row-1")
    assert "Berangkat dinas" in visit.texts()
    visit.later(states.RECORDED_S)  # in the place of Done stands the slip
    visit.on("idle")


def test_clocking_in_twice_is_asked_about(visit: Visit) -> None:
    visit.office.face = ev.Matched(SITI)
    for _ in range(2):
        visit.touch("action.in")
        settle(60)
        if visit.door.shown.page == "recorded":
            visit.touch("tap.done")
    visit.on("confirming")
    assert "Masuk?" in visit.texts()
    assert len(visit.office.rows) == 1
    visit.touch("tap.yes")
    visit.on("recorded")
    assert len(visit.office.rows) == 2


def test_nobody_recognised_can_try_again_and_use_the_pin(visit: Visit) -> None:
    visit.office.face = ev.NotMatched()
    visit.touch("action.in")
    visit.on("refused")
    visit.touch("tap.retry")
    visit.on("refused")
    assert visit.door.shown.pin_forward
    visit.touch("tap.pin")
    visit.on("pin")
    assert visit.door.shown.title == "Masuk"


def test_a_near_match_asks_for_the_pin_and_names_nobody(visit: Visit) -> None:
    visit.office.face = ev.Near()
    visit.touch("action.in")
    visit.on("pin")
    assert "Silakan pakai PIN" in visit.texts()


def test_a_full_disk_is_out_of_service_and_repair_leads_home(visit: Visit) -> None:
    visit.office.face, visit.office.broken = ev.Matched(SITI), FaultCode.DISK_FULL
    visit.touch("action.in")
    visit.on("out")
    for text in ("Penyimpanan penuh", "Hubungi Ani, 4102"):
        assert text in visit.texts()
    assert any("daftar kertas" in text for text in visit.texts())
    visit.touch("language.en")
    assert "The storage is full" in visit.texts()
    visit.office.broken = None
    visit.later(states.HEALTH_EVERY_S)
    visit.on("idle")
    assert visit.office.rows == []


def test_a_lost_camera_shows_a_banner_and_every_button_leads_to_the_pin(visit: Visit) -> None:
    visit.door.post(ev.FaceLost(FaultCode.CAMERA_LOST))
    settle(30)
    assert "Kamera mati. PIN tetap bisa." in visit.texts()
    visit.touch("action.out")
    visit.on("pin")
    visit.touch("key.cancel")
    visit.door.post(ev.FaceBack())
    settle(30)
    assert "Kamera mati. PIN tetap bisa." not in visit.texts()


def test_a_language_is_one_tap_and_goes_when_the_person_goes(visit: Visit) -> None:
    visit.touch("language.nl")
    assert "Inklokken" in visit.texts()
    visit.later(LANGUAGE_RESTS_S + 1)
    assert "Masuk" in visit.texts()
    visit.touch("language.nl")
    visit.office.face = ev.Matched(SITI)
    visit.touch("action.in")
    visit.on("recorded")
    visit.touch("tap.done")
    settle(30)
    assert "Masuk" in visit.texts()
    assert visit.office.languages == {SITI: "nl"}


def test_a_typed_code_is_forgotten_when_the_pad_closes(visit: Visit) -> None:
    visit.touch("tap.pin", "key.7", "key.enter", "key.1")
    visit.later(states.PAD_S + 1)
    visit.on("idle")
    visit.touch("tap.pin")
    assert (visit.door.shown.code, visit.door.shown.dots) == ("", 0)


def test_a_refusal_of_the_one_before_does_not_touch_what_the_next_one_types(visit: Visit) -> None:
    visit.touch("tap.pin")
    visit.on("pin")
    visit.door.key("K")
    visit.door.post(ev.PinRefused(visit.door.state.standing.attempt - 1, 0.0))
    settle(20)
    assert (visit.door.shown.code, visit.door.shown.on_pin) == ("K", False)


def test_surroundings_can_be_posted_from_any_thread(visit: Visit) -> None:
    visit.door.post_sync(4, "ok")
    visit.door.post_around(Around("Gudang", "Budi, 7", "4"))
    settle(30)
    assert {"Gudang", "Belum terkirim (4)", "Pemberitahuan 4"} <= set(visit.texts())


def test_a_site_offers_its_own_actions_in_its_own_order(visit: Visit) -> None:
    visit.door.post_around(Around(buttons=(Button.OUT, Button.IN)))
    settle(30)
    shown = [text for text in visit.texts() if text in {"Masuk", "Keluar", "Istirahat", "Lembur", "Dinas luar", "PIN"}]
    assert shown == ["Keluar", "Masuk", "PIN"]


def test_what_no_screen_asked_for_changes_nothing(visit: Visit) -> None:
    before = visit.door.shown
    visit.door.speak("xx")
    visit.door.key("7")
    visit.door.enter()
    assert visit.door.shown == before
    assert isinstance(visit.door.state, states.Idle)


def test_a_scene_with_an_error_does_not_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    app.application()
    (tmp_path / "Main.qml").write_text("import QtQuick\nItem { nothing: 1 }", encoding="utf-8")
    monkeypatch.setattr(app, "UI", tmp_path)
    with pytest.raises(RuntimeError, match=r"Main\.qml:2"):
        app.build(Door(Office({}).ports()), pose.still_pages(), PreviewSource())


def test_keys_reach_only_the_pad_and_chords_reach_nothing(visit: Visit) -> None:
    chance = random.Random(7)  # noqa: S311 - a script, not a secret
    keys = [Qt.Key(k) for k in (*range(0x20, 0x7F), *range(0x01000000, 0x01000060))]
    modifiers = [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.MetaModifier]
    for _ in range(300):
        key = chance.choice(keys)
        stage.press(visit.window, key, chance.choice(modifiers), chr(key.value) if key.value < 0x7F else "")
    stage.press(visit.window, Qt.Key.Key_1, text="1")
    assert visit.door.shown.page == "idle"
    visit.touch("tap.pin")
    stage.press(visit.window, Qt.Key.Key_F5)
    stage.press(visit.window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, "a")
    for typed in ("k", "1", "8", Qt.Key.Key_Backspace, "7", Qt.Key.Key_Return, "4", "8", "x", "2", "1"):
        if isinstance(typed, str):
            stage.press(visit.window, Qt.Key(ord(typed.upper())), text=typed)
        else:
            stage.press(visit.window, typed)
    assert (visit.door.shown.code, visit.door.shown.dots) == ("K17", 4)
    stage.press(visit.window, Qt.Key.Key_Enter)
    visit.on("confirming")


def test_a_thousand_random_touches_leave_the_same_window(visit: Visit) -> None:
    chance = random.Random(11)  # noqa: S311 - a script, not a secret
    outcomes: list[ev.Matched | ev.Near | ev.NotMatched | None] = [ev.Matched(SITI), ev.Near(), ev.NotMatched(), None]
    size = visit.window.size()
    for turn in range(1000):
        visit.office.face = outcomes[turn % 4]
        stage.click(visit.window, QPoint(chance.randrange(size.width()), chance.randrange(size.height())))
        if turn % 25 == 0:
            visit.later(2)
    assert visit.window.size() == size
    assert visit.window.isVisible()
    visit.later(40)
    visit.on("idle")


@pytest.mark.parametrize("fullscreen", [True, False])
def test_a_full_screen_cannot_be_closed_by_the_one_in_front_of_it(fullscreen: bool) -> None:  # noqa: FBT001 - a case
    with stage.watched():
        app.application()
        office = Office({})
        door = Door(office.ports())
        window = app.build(door, pose.still_pages(), PreviewSource(), fullscreen=fullscreen)
        window.show()
        assert window.close() is not fullscreen
        app.dismantle(window)
        settle(10)


def test_the_app_runs_until_it_is_told_to_quit_and_rests_the_camera() -> None:
    with stage.watched():
        application = app.application()
        rested: list[None] = []
        office = Office({})
        door = Door(replace(office.ports(), stop_looking=lambda: rested.append(None)))
        QTimer.singleShot(150, application.quit)
        assert app.run(door, pose.still_pages(), PreviewSource()) == 0
        assert rested == [None]


def test_a_bug_in_a_slot_ends_the_program_so_that_it_is_restarted(caplog: pytest.LogCaptureFixture) -> None:
    app.application()
    door = Door(Office({}).ports())
    QTimer.singleShot(50, lambda: door.tap("nothing that exists"))
    assert app.run(door, pose.still_pages(), PreviewSource()) == os.EX_SOFTWARE
    assert "a bug in the screens" in caplog.text


def test_events_of_other_kinds_pass_the_guard(visit: Visit) -> None:
    guard = app.KeyGuard(visit.door, pose.still_pages(), may_close=False)
    assert not guard.eventFilter(visit.window, QEvent(QEvent.Type.Enter))
    assert guard.eventFilter(visit.window, QEvent(QEvent.Type.ContextMenu))
