"""`kiosk privacy notice`: show, publish, list, diff, sign, qr; refuses to publish for anybody but the officer."""

import argparse

from kiosk.cli.desk import OFFICER, acting, acting_options, of_company
from kiosk.cli.opening import answer, configured, opened, options
from kiosk.cli.paper import document_options, hand_out
from kiosk.faults import Fault, FaultCode
from kiosk.rights import consent, editions, notice_documents, notices
from kiosk.rights.editions import Edition
from kiosk.rights.notice_source import Source
from kiosk.rights.notices import Approved, New, Unchanged
from kiosk.store import Store


def add(acts: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `notice` and its verbs."""
    parser = acts.add_parser("notice", help="the privacy notice: show, publish, versions, differences, door sign")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    shown = document_options(options(verbs.add_parser("show", help="the version in force, or another")))
    which = shown.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="V", help="this one, also a past one")
    which.add_argument("--draft", action="store_true", help="as the settings of now would make it")
    shown.set_defaults(do=_show)
    published = acting_options(verbs.add_parser("publish", help="make the draft the next version; the officer's act"))
    published.set_defaults(do=_publish)
    listed = document_options(options(verbs.add_parser("list", help="every version, also past ones")))
    listed.set_defaults(do=_list)
    diff = document_options(options(verbs.add_parser("diff", help="what is different between two versions")))
    diff.add_argument("--before", metavar="V", help="default: the newest that is published")
    diff.add_argument("--after", metavar="V", help="default: the draft")
    diff.set_defaults(do=_diff)
    for name, make, text in (
        ("sign", notice_documents.sign, "a sign for the door, for guests and passers-by"),
        ("qr", notice_documents.qr, "the QR code that leads to the notice, or holds its short text"),
    ):
        document_options(options(verbs.add_parser(name, help=text))).set_defaults(do=_made, make=make)


def source_of(given: argparse.Namespace, store: Store) -> Source:
    """The running configuration of this device. Raises Fault PRIVACY_INVALID, CONFIG_INVALID."""
    return Source(of_company(given), configured(given), store.device_id)


def _show(given: argparse.Namespace) -> int:
    with opened(given) as store:
        source, now = source_of(given, store), store.now_ms()
        edition = notices.named(store, given.version) if given.version else _shown(store, source, draft=given.draft)
        published = any(edition.label == each.label for each in notices.published(store)) and not given.draft
        hand_out(given, notice_documents.whole(source, edition, given.language, now, published=published))
    return 0


def _shown(store: Store, source: Source, *, draft: bool) -> Edition:
    """The version in force; before there is one, the next; before that, the draft."""
    found = None if draft else notices.in_force(store) or notices.newest(store)
    return found or editions.drafted(source, store.now_ms())


def _publish(given: argparse.Namespace) -> int:
    with opened(given) as store:
        login = acting(given, store, OFFICER)
        outcome = notices.publish(store, source_of(given, store), by=login.account)
    edition = outcome.edition
    found = {"version": edition.label, "effective": edition.effective, "review": edition.review}
    match outcome:
        case New(_, asked):
            sentence = (
                f"Version {edition.label} is published and holds from {edition.effective}.\n"
                f"{asked} consents were given to an older text: these people are asked again, and the PIN goes on."
            )
            answer(given, found | {"outcome": "new", "asked": asked}, sentence)
        case Approved():
            sentence = f"Version {edition.label} stays; it was approved anew, until {edition.review}."
            answer(given, found | {"outcome": "approved", "asked": 0}, sentence)
        case Unchanged():
            answer(given, found | {"outcome": "unchanged", "asked": 0}, f"Nothing is different from {edition.label}.")
    return 0


def _list(given: argparse.Namespace) -> int:
    with opened(given) as store:
        found, now = notices.published(store), store.now_ms()
        number = consent.in_force(notices.known(found), now)
        hand_out(given, notice_documents.versions(source_of(given, store), found, number, given.language, now))
    return 0


def _diff(given: argparse.Namespace) -> int:
    with opened(given) as store:
        source, now = source_of(given, store), store.now_ms()
        before = notices.named(store, given.before) if given.before else notices.newest(store)
        after = notices.named(store, given.after) if given.after else editions.drafted(source, now)
        if before is None:
            raise Fault(FaultCode.PAPER_UNKNOWN, "no notice is published yet")
        hand_out(given, notice_documents.differences(source, before, after, given.language, now))
    return 0


def _made(given: argparse.Namespace) -> int:
    with opened(given) as store:
        source = source_of(given, store)
        edition = _shown(store, source, draft=False)
        hand_out(given, given.make(source, edition, given.language, store.now_ms()))
    return 0
