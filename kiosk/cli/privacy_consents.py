"""`kiosk privacy consents`, `consent` and `withdraw`: given, answered anew, taken back; refuses a consent not typed."""

import argparse
import sys
from typing import Final

from kiosk import config, words
from kiosk.cli.asking import repeated, speak
from kiosk.cli.opening import answer, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.cli.persons import person_of, person_option
from kiosk.cli.privacy_certificate import sentences
from kiosk.cli.privacy_notice import source_of
from kiosk.faults import Fault, FaultCode
from kiosk.rights import answers, consent_documents, consents, notice_documents, notices, plain_text
from kiosk.rights.answers import SELF
from kiosk.store import Consent, Store
from kiosk.store.erasure import Erasure
from wire import certificate

_WARNING: Final = "This takes the consent back and erases the face. Type {code} again: "


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verbs."""
    shown = document_options(
        options(acts.add_parser("consents", help="when a person agreed to what, and who was there"))
    )
    again = options(acts.add_parser("consent", help="answer a newer notice; the face that is enrolled stays"))
    again.add_argument("--language", required=True, choices=config.LANGUAGES, help="in which they read it")
    back = options(acts.add_parser("withdraw", help="take the consent to face recognition back; the PIN goes on"))
    back.add_argument("--yes", action="store_true", help="do not ask again")
    for parser, do in ((shown, _show), (again, _answer), (back, _withdraw)):
        person_option(parser).set_defaults(do=do)
    for parser in (again, back):
        parser.add_argument("--witness", default=SELF, metavar="NAME", help="who is there with them (default: nobody)")


def _show(given: argparse.Namespace) -> int:
    with opened(given) as store:
        person = person_of(store, given.person)
        story, said = consents.story(store, person.id), answers.of(store, person.id)
        hand_out(
            given,
            consent_documents.told(source_of(given, store), person.code, story, said, given.language, store.now_ms()),
        )
    return 0


def _answer(given: argparse.Namespace) -> int:
    with opened(given) as store:
        person = person_of(store, given.person)
        newest, before = notices.newest(store), store.basis.consent_of(person.id)
        if newest is None:
            raise Fault(FaultCode.PAPER_UNKNOWN, "no notice is published yet")
        if before is None:
            raise Fault(FaultCode.CONSENT_MISSING, "no face is enrolled")
        agreed = words.say(given.language, "enrol.agree")
        speak(words.say(given.language, "notice.again.ask", version=newest.label))
        speak(_different(given, store, before.text_version))
        speak(words.say(given.language, "enrol.consent", version=newest.label))
        speak(words.say(given.language, "notice.again.type", agree=agreed))
        if sys.stdin.readline().strip().casefold() != agreed.casefold():
            speak(words.say(given.language, "notice.again.said_no"))
            answer(given, {"code": given.person, "answered": False}, "Nothing was written down.")
            return 1
        consents.renew(store, person.id, Consent(newest.label, given.language, store.now_ms(), given.witness))
    found = {"code": given.person, "answered": True, "version": newest.label}
    answer(given, found, f"{given.person} has answered notice {newest.label}.")
    return 0


def _different(given: argparse.Namespace, store: Store, version: str) -> str:
    """What is different for this person; the whole notice where what they agreed to is not among the versions."""
    source, newest, now = source_of(given, store), notices.newest(store), store.now_ms()
    if newest is None:
        return ""
    try:
        before = notices.named(store, version)
    except Fault:
        return plain_text.text(notice_documents.whole(source, newest, given.language, now, published=True))
    return plain_text.text(notice_documents.differences(source, before, newest, given.language, now))


def _withdraw(given: argparse.Namespace) -> int:
    with opened(given) as store:
        person = person_of(store, given.person)
        if not given.yes and not repeated(_WARNING.format(code=given.person), given.person):
            sys.stderr.write("That was something else. Nothing is different.\n")
            return 1
        found = consents.withdraw(store, person.id, witness=given.witness)
    if found is None:
        answer(given, {"code": given.person, "nothing": True}, "There is no consent to take back. The PIN goes on.")
    else:
        place = None if found.certificate is None else str(found.certificate)
        answer(given, {"code": given.person, "id": found.id, "certificate": place}, "\n".join(_done(found)))
    return 0


def _done(found: Erasure) -> list[str]:
    lines = ["The consent is taken back. The PIN goes on."]
    if found.certificate is None:
        return lines
    signed = certificate.unverified(found.certificate.read_bytes())
    return [*lines, *sentences(signed), f"Certificate: {found.certificate}"]
