"""Builds each object of the running kiosk once and hands it to the next; refuses to decide anything itself."""

import functools
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSize
from PySide6.QtQuick import QQuickView

from kiosk import bugs, clock
from kiosk.clerk import Clerk
from kiosk.config import Config
from kiosk.eye import Eye
from kiosk.faults import Fault, FaultCode
from kiosk.flow import events as ev
from kiosk.flow.actions import Action, Button
from kiosk.flow.states import BadgeRule, OutOfService, Recorded
from kiosk.pages import visit as vi
from kiosk.pages.areas import AREAS
from kiosk.pages.identify import Ways
from kiosk.pages.page import Desk, Employee, Move, Page
from kiosk.pages.trip import details, slip
from kiosk.rights.release import Covered, released
from kiosk.screens import app, watching
from kiosk.screens.beside import beside, in_languages
from kiosk.screens.desk import DeskPorts, Opening, Pages
from kiosk.screens.door import Door
from kiosk.screens.ports import DoorPorts
from kiosk.screens.preview import PreviewSource
from kiosk.screens.view import Around
from kiosk.store import RootKey, SecurityLevel, Store, overlay
from kiosk.vision.camera import Camera

ANEW: Final = 75
"""Exit status (EX_TEMPFAIL): settings were changed on the screen, and all is to be built anew with them."""
_log = logging.getLogger("ambang.screens")


@dataclass(frozen=True, slots=True)
class Assembly:
    """The kiosk, built and not yet started; `eye` is None where the site has the face turned off."""

    config: Config
    door: Door
    desk: Pages
    source: PreviewSource
    clerk: Clerk
    eye: Eye | None

    def start(self) -> None:
        """Start the threads; the door is told what is missing. The camera is opened once the face is released."""
        self.clerk.start()

    def stop(self) -> None:
        """End the threads; what is recorded has been handed on."""
        self.clerk.stop()
        if self.eye is not None:
            self.eye.stop()

    def run(self, begun: Callable[[QQuickView], object] | None = None) -> int:
        """Start, show the window until the application quits, and stop; see `app.run`."""
        bugs.watch_threads()
        with app.told_to_leave():
            self.start()
            try:
                door = self.config.door
                size = QSize(door.width, door.height)
                return app.run(
                    self.door,
                    self.desk,
                    self.source,
                    size=size,
                    fullscreen=door.fullscreen,
                    reduced_motion=door.reduced_motion,
                    light=door.light,
                    large=door.large,
                    begun=begun,
                )
            finally:
                self.stop()


def run_on(build: Callable[[], Assembly], begun: Callable[[QQuickView], object] | None = None) -> int:
    """Run what `build` gives, and build again whenever the visit in which settings were changed is over."""
    while True:
        code = build().run(begun)
        if code != ANEW:
            return code
        _log.info("settings were changed: all is built anew")


def overlaid(config: Config, provider: RootKey) -> Config:
    """kiosk.toml, and over it what was changed on the screen; a store that does not open says nothing about that."""
    try:
        read_clock = functools.partial(clock.read, config.device.zone)
        store = Store.open(config.state, provider, clock=read_clock, places=config.anchors, anchored=False)
    except Fault as fault:  # the door will say so
        _log.warning("the settings of the screen cannot be read: %s", fault.code)
        return config
    try:
        return overlay.running(store, config)
    finally:
        store.database.close()


def assemble(
    config: Config,
    provider: RootKey,
    camera: Callable[[], Camera] | None = None,
    expected: Callable[[], frozenset[str] | None] | None = None,
) -> Assembly:
    """Build the kiosk.

    Args:
        config: read from kiosk.toml, and `overlaid`.
        provider: where the root key comes from.
        camera: opens the camera; the configured one unless given.
        expected: answers with the ids of those who are expected now, for the mode "roster", or with None for
            everybody; the shifts that headquarters has told unless given.
    """
    app.application()
    source = PreviewSource()
    posts: list[Callable[[ev.Event], None]] = []

    def post(event: ev.Event) -> None:
        posts[0](event)

    mode = config.recognition.mode
    face = mode != "off"
    eye = (
        Eye(
            config,
            post=post,
            show=source.show,
            camera=camera,
            expected=expected or (lambda: clerk.expected),
            apart=lambda: clerk.apart,
            faces=face,
        )
        if face or config.reads_badges
        else None
    )
    device = config.device
    around = Around(
        site=device.site,
        contact=device.contact,
        notice=device.notice,
        buttons=tuple(Button(name) for name in config.door.buttons),
        weak_key=provider.security_level is SecurityLevel.WEAK,
        liveness_tested=None if eye is None else eye.liveness_tested,
    )

    def faces(store: Store) -> None:
        if eye is None:
            return
        if not face:
            eye.start()  # for badges alone: no network is there, and no reference is read
            return
        if not isinstance(released(store, config), Covered):
            eye.unable(FaultCode.FACE_NOT_RELEASED)
            return
        eye.start()
        if eye.space is not None:
            try:
                eye.enrol(*store.templates.gallery(*eye.space))
            except Fault as fault:
                if fault.code is not FaultCode.STORE_TAMPERED:
                    raise
                eye.unable(fault.code)  # PIN and all else go on

    clerk = Clerk(
        config,
        provider,
        post=post,
        on_store=faces,
        on_queue=lambda queue: door.post_sync(queue.unsent, queue.state),
        on_announcement=lambda found: door.post_announcement(in_languages(found)),
        released=lambda store: released(store, config),
        beside=beside,
    )
    ports = DoorPorts(
        start_looking=_nothing if eye is None else eye.look,
        stop_looking=_rest if eye is None else eye.rest,
        check_pin=clerk.check_pin,
        look_up=clerk.look_up,
        save=clerk.save,
        save_correction=clerk.save_correction,
        save_dispute=clerk.save_dispute,
        check_health=clerk.check_health,
        remember_language=clerk.remember_language,
        start_scanning=_nothing if eye is None else functools.partial(_scan, eye, post),
        check_badge=clerk.check_badge,
        check_holder_pin=clerk.check_holder_pin,
        show_slip=lambda text, language: desk.begin(slip.Held(text), language),
    )
    door = Door(
        ports,
        around,
        language=config.door.language,
        always_confirm=config.door.confirm,
        face=face,
        verify=mode == "verification",
        cool_down_s=config.door.cool_down_s,
        random_pad=config.door.random_pad,
        badge=BadgeRule(config.door.badge) if config.reads_badges else BadgeRule.OFF,
        wall=functools.partial(datetime.now, ZoneInfo(device.zone)),
    )
    posts.append(door.post)
    desk = _pages(config, door, clerk, eye)
    return Assembly(config, door, desk, source, clerk, eye)


def _pages(config: Config, door: Door, clerk: Clerk, eye: Eye | None) -> Pages:
    """What stands beside the check-in: it has the same store and the same eye, and the door rests meanwhile."""
    posts: list[Callable[[vi.Event], None]] = []
    changed = threading.Event()

    def post(event: vi.Event) -> None:
        posts[0](event)

    def work(wanted: vi.Work, language: str) -> None:
        def done(found: Move | Fault) -> None:
            if isinstance(found, Fault):
                post(vi.DidNot(wanted.attempt, found.code))
            else:
                post(vi.Did(wanted.attempt, found))

        def asked(store: Store) -> Move:
            move = wanted.work(Desk(store, config, wanted.visitor, language))
            if overlay.running(store, config) == config:
                changed.clear()
            else:
                changed.set()
            return move

        clerk.work(asked, done)

    desk = Pages(
        DeskPorts(
            work=work,
            watch=functools.partial(watching.watch, eye, post),
            unwatch=_rest if eye is None else eye.rest,
        ),
        {name: functools.partial(_opening, first, config) for name, first in AREAS.items()}
        | {"trip": lambda: _trip(door)},
        language=config.door.language,
        scramble=config.door.random_pad,
        wall=functools.partial(datetime.now, ZoneInfo(config.device.zone)),
    )
    posts.append(desk.post)
    desk.opened.connect(lambda: door.tap("cancel"))
    desk.closed.connect(lambda: app.application().exit(ANEW) if changed.is_set() else None)
    desk.spoken.connect(door.speak)
    door.viewChanged.connect(lambda: desk.stop() if isinstance(door.state, OutOfService) else None)
    return desk


def _opening(first: Callable[[], Page], config: Config) -> Opening:
    """Where an area begins; a face is offered as a way in only where this door finds one among all."""
    page, found = first(), config.recognition.mode in {"identification", "roster"}
    return Opening(replace(page, face=found, badge=config.reads_badges) if isinstance(page, Ways) else page)


def _trip(door: Door) -> Opening | None:
    """The details of the trip that stands on the screen as recorded; nobody else has any to give now."""
    match door.state:
        case Recorded(
            person=person, name=name, event_id=event, action=Action.TRIP_LEAVE | Action.TRIP_RETURN as action
        ):
            first = details.begin(event, leaving=action is Action.TRIP_LEAVE)
            return Opening(first, Employee(person, name, full=False))
        case _:
            return None


def _scan(eye: Eye, post: Callable[[ev.Event], None], attempt: int) -> None:
    watching.scan(eye, attempt, lambda text: post(ev.BadgeSeen(attempt, text)))


def _nothing(*_asked: object) -> None:
    return


def _rest() -> None:
    return
