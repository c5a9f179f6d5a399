"""My data: what is kept is shown to its person alone, whole and true, and taking the face back takes three taps."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from mydata_kit import CODE, OTHER, OTHER_CODE, SITI, Own, codes, own
from store_kit import HOUR, PIN

from kiosk.faults import FaultCode
from kiosk.pages.areas import AREAS
from kiosk.pages.mydata import face, looked
from kiosk.pages.mydata.home import HOME, Home
from kiosk.pages.page import At, Do, Employee, FaceSeen, Nobody, Official, Page
from kiosk.pages.sheet import Act, Fact, Row, Sheet
from kiosk.rights import answers, consents, restriction
from kiosk.rights.answers import About, Said
from kiosk.rights.consents import TakenBack
from kiosk.rights.requests import Answered, ByPin, How, Right, State
from kiosk.rights.restriction import Restricted
from kiosk.store import LocalKind, PinAccepted
from kiosk.store.erasure_proof import CERTIFICATES
from kiosk.store.matchable import matchable
from wire import certificate
from wire.certificate import Scope
from wire.event import Action

DAY = 24 * HOUR


@pytest.fixture
def siti(tmp_path: Path) -> Own:
    return own(tmp_path)


def facts(own: Own) -> dict[str, str]:
    return {block.label: block.value for block in own.guest.sheet.body if isinstance(block, Fact)}


def rows(own: Own) -> dict[str, Row]:
    return {block.key: block for block in own.guest.sheet.body if isinstance(block, Row)}


def test_the_face_is_taken_back_in_three_taps_from_the_idle_screen_plus_who_one_is(siti: Own) -> None:
    taps = 1  # My data, on the idle screen
    guest = siti.guest.begin(AREAS["mydata"]())
    guest.tap("face").see(FaceSeen(siti.siti)).type(PIN)  # who one is
    for key in ("withdraw", "yes"):
        guest.tap(key)
        taps += 1
    assert taps <= 3
    assert siti.store.basis.consent_of(siti.siti) is None
    assert guest.sheet.name == "mydata.withdrawn"


def test_taking_back_ends_the_face_at_once_is_proved_and_stands_in_the_register(siti: Own) -> None:
    seen = matchable(siti.store.database, siti.store.now_ms())
    guest = siti.home().tap("withdraw", "yes")
    assert matchable(siti.store.database, siti.store.now_ms()) != seen
    assert [each.person for each in siti.store.templates.references()] == [siti.other] * 2
    (filed,) = siti.register(Right.WITHDRAWAL)
    assert filed.state is State.ANSWERED
    assert filed.request is not None
    assert filed.request.how is How.KIOSK
    assert isinstance(filed.request.identity, ByPin)
    outcome = filed.request.outcome
    assert isinstance(outcome, Answered)
    (proof,) = (siti.store.database.directory / CERTIFICATES).iterdir()
    assert outcome.certificate in proof.name
    text = "\n".join(codes(guest.sheet))
    assert hashlib.sha256(proof.read_bytes()).hexdigest() in text
    assert certificate.unverified(proof.read_bytes()).scope is Scope.FACE
    assert filed.id in text
    assert CODE not in text
    assert "Siti" not in text
    assert answers.of(siti.store, siti.siti)[-1].about is About.CONSENT
    now = siti.store.clock()
    assert siti.store.accounts.check_pin(CODE, PIN, now.wall_ms, now.clock.boottime_ms) == PinAccepted(siti.siti)
    guest.tap("done")
    assert isinstance(guest.page, Home)
    assert "withdraw" not in guest.keys
    assert siti.guest.tap("face").keys == [], "nothing is left to take back"
    assert isinstance(consents.story(siti.store, siti.siti)[-1].end, TakenBack)


def test_a_no_to_the_question_changes_nothing(siti: Own) -> None:
    guest = siti.home().tap("withdraw").back()
    assert isinstance(guest.page, Home)
    assert siti.store.basis.consent_of(siti.siti) is not None
    assert siti.register(Right.WITHDRAWAL) == []


def test_home_says_who_since_when_and_how_each_thing_stands(siti: Own) -> None:
    siti.log()
    siti.home()
    assert SITI in siti.guest.sheet.line
    assert CODE in siti.guest.sheet.line
    found = rows(siti)
    assert list(found) == [
        *("face", "entries", "requests", "looked", "recipients", "notice", "trips", "own", "news", "pin"),
    ]
    assert "1" in found["entries"].detail
    assert OTHER not in siti.guest.texts


def test_the_face_page_tells_version_day_and_quality_in_words_and_never_a_number_of_the_measurement(siti: Own) -> None:
    siti.home().tap("face")
    kept, consent = list(facts(siti).values())
    assert kept.startswith("2, ")
    assert "baik" in kept
    assert "0.9" not in siti.guest.texts
    assert "16 November 2026" in kept
    assert "Berlaku" in consent


def test_somebody_without_a_face_reads_no_word_of_reproach_and_misses_nothing_else(siti: Own) -> None:
    siti.home().tap("withdraw", "yes", "done")
    with_pin = set(siti.guest.keys)
    siti.guest.leave()
    with_face = set(siti.home(code=OTHER_CODE).keys)
    assert with_face - with_pin == {"withdraw"}


def test_entries_show_time_action_how_known_and_whether_they_are_sent_held_or_spoken_about(siti: Own) -> None:
    now = siti.hands.wall_ms
    siti.log(Action.IN, at=now - 40 * DAY)
    sent, waits = siti.log(Action.IN, at=now - 2 * HOUR), siti.log(Action.OUT, at=now - HOUR)
    gone = "DELETE FROM undelivered WHERE seq = (SELECT seq FROM bodies WHERE event_id = ?)"
    with siti.store.database.write():
        siti.store.database.run(gone, sent.event_id)
    restriction.begin(siti.store, siti.siti, Restricted.ATTENDANCE, "Saya minta dibatasi.")
    siti.log(Action.BREAK_START)
    guest = siti.home().tap("entries")
    held, second, first = (row.detail for row in rows(siti).values())
    assert "ditahan" in held
    assert "belum terkirim" in second
    assert first.endswith("terkirim")
    assert "belum" not in first
    assert all("wajah" in detail for detail in (held, second, first))
    assert guest.keys == ["0", "1", "2", "earlier"]
    guest.tap("1", "doubt").type("Bukan saya.").tap("done")
    guest.tap("entries")
    assert rows(siti)["1"].mark
    assert waits.event_id
    guest.tap("earlier")
    assert guest.keys == ["0", "later"]
    assert guest.tap("later").keys == ["0", "1", "2", "earlier"]


def test_whoever_has_no_entry_reads_so(siti: Own) -> None:
    siti.home(code=OTHER_CODE).tap("entries")
    assert siti.guest.keys == []
    assert siti.guest.sheet.line


def test_who_looked_tells_day_and_role_of_lists_and_papers_and_no_look_at_another(siti: Own) -> None:
    store = siti.store
    store.append_local(LocalKind.VIEWED, {"list": "people", "people": 2})
    store.append_local(LocalKind.VIEWED, {"list": "access", "person": siti.other, "paper": "00"})
    store.append_local(LocalKind.VIEWED, {"list": "restrictions", "people": 1})
    store.append_local(LocalKind.VIEWED, {"list": "events", "by": siti.officer.account})
    store.append_local(LocalKind.VIEWED, {"list": "access", "person": siti.siti, "by": siti.officer.account})
    store.append_local(LocalKind.VIEWED, {"list": "today", "by": "ffffffffffffffff"})
    siti.home().tap("looked")
    found = [block.value for block in siti.guest.sheet.body if isinstance(block, Fact)]
    assert len(found) == 4
    assert "PIN Anda" in found[0], "that My data was opened, they see as well"
    assert "sudah dihapus" in found[1]
    assert "salinan data Anda" in found[2]
    assert "pelindungan data" in found[2]
    assert "daftar semua orang" in found[3]
    assert "Wulan" not in siti.guest.texts


def test_recipients_are_those_of_the_register_and_one_without_a_ground_receives_nothing(siti: Own) -> None:
    siti.home().tap("recipients")
    found = facts(siti)
    assert "ID" in found["PT Contoh HQ"]
    assert "tidak menerima" in found["Nowhere Ltd"]


def test_the_notice_is_read_whole_in_the_language_of_the_reader_and_taken_along(siti: Own) -> None:
    guest = siti.home().tap("notice")
    assert "2026-11-16" in guest.texts
    assert "16 November 2026" not in facts(siti)["Ditunjukkan kepada Anda"], "shown today, by the time"
    indonesian = guest.tap("read").texts
    assert "PT Gerbang Terang" in indonesian
    guest.language = "nl"
    assert guest.texts != indonesian
    assert all(len(line) <= 330 for line in guest.texts.splitlines())
    guest.back().tap("code")
    assert next(codes(guest.sheet))


def test_whoever_opens_the_notice_here_has_been_informed_of_it_once(siti: Own) -> None:
    new = siti.store.people.add("KTR-0900", "Joko", pin=PIN)
    guest = siti.home(code="KTR-0900").tap("notice")
    assert not siti.store.people.get(new).informed
    guest.tap("read").back().tap("read")
    assert siti.store.people.get(new).informed
    (said,) = answers.of(siti.store, new)
    assert (said.about, said.said, said.language, said.witness) == (About.NOTICE, Said.INFORMED, "id", "self")


def test_each_field_stands_with_who_said_it(siti: Own) -> None:
    siti.home().tap("own")
    found = facts(siti)
    assert CODE in found.values()
    assert SITI in found.values()
    assert len(found) >= 7


@dataclass(frozen=True, slots=True)
class Touch(Page):
    """One button that does one thing."""

    move: Do

    def sheet(self, at: At) -> Sheet:
        return Sheet("touch", at.say("tap.yes"), acts=(Act("go", at.say("tap.yes")),))

    def tapped(self, _key: str) -> Do:
        return self.move


@pytest.mark.parametrize("visitor", [Nobody(), "official", Employee("x", "X", full=False)])
def test_no_page_opens_for_anybody_who_has_not_given_two_things(siti: Own, visitor: object) -> None:
    someone = Official(siti.officer, "Wulan") if visitor == "official" else visitor
    assert isinstance(someone, Nobody | Official | Employee)
    for move in (HOME, looked.OPENED, face.question(HOME).then):
        assert isinstance(move, Do)
        siti.guest.begin(Touch(move), someone).tap("go")
        assert siti.guest.fault is FaultCode.DESK_REFUSED
    assert siti.store.basis.consent_of(siti.siti) is not None


def test_a_hostile_name_and_words_are_shown_as_they_are_and_break_no_page(siti: Own) -> None:
    name = "<b>عبد الله</b> {name} &amp; %s " + "W" * 32
    siti.store.people.correct(siti.siti, name=name)
    guest = siti.home()
    assert name in guest.sheet.line
    guest.tap("own")
    assert name in facts(siti).values()
    words = "<img src=x> {0} עברית " + "a" * 470
    guest.back().tap("rights", "human", "call").type(words).tap("done", "requests", "0")
    assert "<img src=x> {0} עברית" in guest.texts
    assert all(len(line) <= 350 for line in guest.texts.splitlines())
