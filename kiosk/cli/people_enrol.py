"""`kiosk people enrol`: consent, capture, trial, and only then the store; refuses a face that nobody agreed to give.

Where the officer has recorded another ground (`kiosk privacy ground`), that one takes the place of the consent.
"""

import argparse
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk import config, words
from kiosk.cli import desk, opening
from kiosk.cli.asking import speak
from kiosk.cli.persons import person_of
from kiosk.config import Config
from kiosk.faults import Fault, FaultCode
from kiosk.rights import enrolling, grounds, notice_documents, notices, training
from kiosk.store import Consent, Person, Reference, Store
from kiosk.store.basis import Ground
from kiosk.vision.camera import open_camera
from kiosk.vision.embed import Embedding
from kiosk.vision.enroller import Enroller, from_pictures
from kiosk.vision.enrolment import Enrolled, Prompt, Refusal, Shot, Site, judge
from kiosk.vision.lookalikes import Likeness
from kiosk.vision.pictures import SUFFIXES
from kiosk.vision.pipeline import Pipeline
from kiosk.vision.quality import Instruction
from kiosk.vision.ready import ready

REFUSED: Final = 1
SELF: Final = "self"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked on the command line."""

    code: str
    language: str
    consent_version: str | None
    ground: str | None
    witness: str
    camera: str | None
    pictures: Path | None
    glasses: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what `enrol` asks for."""
    opening.options(parser)
    parser.add_argument("--code", required=True, help="employee code of somebody who was added")
    parser.add_argument(
        "--by", metavar="NAME", help="your account, an administrator's or enroller's; none where there is no account"
    )
    basis = parser.add_mutually_exclusive_group()
    basis.add_argument("--consent-version", metavar="V", help="version of the text they read (default: the notice)")
    basis.add_argument("--ground", metavar="ID", help="instead of a consent: what `kiosk privacy ground record` gave")
    parser.add_argument("--language", required=True, choices=config.LANGUAGES, help="in which they read it")
    parser.add_argument("--witness", default=SELF, metavar="NAME", help="who is there with them (default: nobody)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--camera", metavar="CAMERA", help="another camera than that of kiosk.toml")
    source.add_argument("--pictures", type=opening.directory, metavar="DIR", help="a folder of pictures of them alone")
    parser.add_argument("--glasses", action="store_true", help="ask for glasses on, or off, as a fourth pose")


def main(given: argparse.Namespace) -> int:
    """Enrol a face; returns 0, or 1 when it was refused and nothing is stored.

    Raises:
        Fault: DESK_REFUSED: nobody acts who may, or is trained; FACE_NOT_RELEASED, CONSENT_MISSING before any camera
            is opened; PERSON_UNKNOWN, CONFIG_INVALID, CAMERA_LOST, MODEL_MISSING and what the store raises.
    """
    names = Options.__dataclass_fields__
    options = Options(**{name: value for name, value in vars(given).items() if name in names})
    loaded = opening.configured(given)
    if loaded.recognition.mode == "off":
        raise Fault(FaultCode.CONFIG_INVALID, "recognition.mode is off: no face is enrolled")
    for option in ("consent_version", "witness"):
        if (given_text := getattr(options, option)) is not None and not given_text.strip():
            raise Fault(FaultCode.CONFIG_INVALID, f"--{option.replace('_', '-')} is blank")
    if options.pictures is not None and (reason := _no_pictures(options.pictures)):
        raise Fault(FaultCode.PICTURE_REFUSED, reason)
    with opening.opened(given) as store:
        enrolling.need_release(store, loaded)  # before anybody is asked to agree, and before a camera is opened
        _may_enrol(given, store)
        person = person_of(store, options.code)
        if (why := enrolling.barred(person)) is not None:
            return _tell(given, options, why.value)
        ground = _ground(store, person, options)
        pipeline = ready(loaded.models, loaded.recognition.pack)
        shots, probes = _looks(loaded, options, pipeline)
        references, site = _site(store, loaded, pipeline)
        found = judge(person.id, shots, probes, references, site)
        if isinstance(found, Refusal):
            return _tell(given, options, found.value)
        if found.resemblance.likeness is Likeness.DUPLICATE and not _decided(found, options):
            return _tell(given, options, "alike", like=found.resemblance.person)
        enrolling.keep(store, loaded, person, ground, _references(store, person, found))
        return _tell(given, options, "", found)


def _may_enrol(given: argparse.Namespace, store: Store) -> None:
    """Let a trained administrator or enroller go on (policy E27); without any account anybody, and say so."""
    if store.admins.count() == 0:
        speak("There is no account on this device yet: nobody was asked who enrols.")
        return
    if given.by is None:
        raise Fault(FaultCode.DESK_REFUSED, "say who enrols: --by NAME")
    enrolling.may_enrol(store, desk.someone(store, given.by, training.ENROLS))


def _no_pictures(folder: Path) -> str:
    """Why a folder cannot be enrolled from, or "": found before anybody is asked to agree."""
    if not folder.is_dir():
        return f"{folder} is {'a file, not a folder' if folder.exists() else 'not there'}"
    there = list(folder.iterdir())
    if any(each.suffix.lower() in SUFFIXES for each in there):
        return ""
    return f"no picture lies in {folder} itself{', only folders' if any(each.is_dir() for each in there) else ''}"


def _ground(store: Store, person: Person, options: Options) -> Ground:
    """The person's consent, or the condition that the officer has recorded. Raises Fault CONSENT_MISSING."""
    if options.ground is not None:
        return grounds.ground(store, options.ground, person.id)
    return _consent(store, options)


def _consent(store: Store, options: Options) -> Consent:
    """Let the person agree by typing it. Raises Fault CONSENT_MISSING for anything else that is typed."""
    agreed, version = words.say(options.language, "enrol.agree"), _version(store, options)
    speak(words.say(options.language, "enrol.consent", version=version))
    speak(words.say(options.language, "enrol.type", agree=agreed))
    if sys.stdin.readline().strip().casefold() != agreed.casefold():
        raise Fault(FaultCode.CONSENT_MISSING)
    return Consent(version, options.language, store.now_ms(), options.witness)


def _version(store: Store, options: Options) -> str:
    """What they agree to: the notice that is published, once there is one. Raises Fault CONSENT_MISSING."""
    newest = notices.newest(store)
    if newest is None:
        if options.consent_version is None:
            raise Fault(FaultCode.CONSENT_MISSING, "no notice is published: name the text with --consent-version")
        return options.consent_version
    if options.consent_version not in (None, newest.label):
        raise Fault(FaultCode.CONSENT_MISSING, f"the notice is {newest.label}")
    for line in notice_documents.agreed(newest, options.language):
        speak(line)
    return newest.label


def _looks(loaded: Config, options: Options, pipeline: Pipeline) -> tuple[tuple[Shot, ...], tuple[Embedding, ...]]:
    if options.pictures is not None:
        defects = Counter[Instruction]()
        found = from_pictures(options.pictures, pipeline, lambda defect: defects.update([defect]))
        for defect, count in defects.most_common():
            speak(f"{count} of the pictures: {_said(defect, options.language)}")
        return found

    said = [""]

    def prompted(prompt: Prompt) -> None:
        line = _line(prompt, options.language)
        if line != said[0]:
            said[0] = line
            speak(line)

    with closing(open_camera(options.camera or loaded.camera.source)) as camera:
        enroller = Enroller(camera, pipeline, prompted)
        capture = enroller.capture(glasses=options.glasses)
        return capture.shots, enroller.probes()


def _said(defect: Instruction, language: str) -> str:
    return "no face" if defect is Instruction.NO_FACE else words.say(language, f"look.{defect}")


def _line(prompt: Prompt, language: str) -> str:
    asked = words.say(language, f"enrol.pose_{prompt.pose}" if prompt.pose else "enrol.once_more")
    if prompt.instruction in (None, Instruction.NO_FACE):
        return asked
    return f"{asked} - {words.say(language, f'look.{prompt.instruction}')}"


def _site(store: Store, loaded: Config, pipeline: Pipeline) -> tuple[list[Reference], Site]:
    pack = pipeline.pack
    references, rotation = store.templates.gallery(pack.embedding_space, pack.dimension)
    return references, Site.of(pack, rotation, loaded.recognition)


def _decided(found: Enrolled, options: Options) -> bool:
    """Ask the human who is there whether these are two people."""
    speak(words.say(options.language, "enrol.alike"))
    speak(f"Id of the other person: {found.resemblance.person}. Two different people? Type YES to enrol.")
    return sys.stdin.readline().strip() == "YES"


def _references(store: Store, person: Person, found: Enrolled) -> list[Reference]:
    now = store.now_ms()
    return [
        Reference(person.id, shot.embedding.vector, shot.embedding.model, shot.quality.goodness, now)
        for shot in found.shots
    ]


def _tell(
    given: argparse.Namespace, options: Options, refused: str, found: Enrolled | None = None, like: str = ""
) -> int:
    shots, aside = (len(found.shots), found.set_aside) if found else (0, 0)
    like = found.resemblance.person if found else like
    answer = {"code": options.code, "enrolled": not refused, "refused": refused, "references": shots, "like": like}
    sentence = words.say("en", f"enrol.{refused}") if refused else f"{options.code} is enrolled: {shots} references."
    opening.answer(given, {**answer, "set_aside": aside}, sentence)
    return REFUSED if refused else 0
