"""`kiosk privacy notice`, `consents`, `consent`, `withdraw`, `announcements`; `kiosk people informed`: at a shell."""

import io
import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, acts, another, first_admin
from consent_kit import NEXT_WEEK, PRIVACY, TODAY
from shell_kit import ran
from store_kit import MORNING, OPENED, Hands, enrolled, face, key_of, new_store

from kiosk import clock, words
from kiosk.cli import people_enrol
from kiosk.faults import Fault, FaultCode
from kiosk.rights import notices
from kiosk.store import Consent, Store
from kiosk.store.approval import Role

CODE = "E-0417"
OPTIONS = people_enrol.Options(
    code=CODE,
    language="nl",
    consent_version=None,
    ground=None,
    witness="Ratna",
    camera=None,
    pictures=None,
    glasses=False,
)
DAY = 86_400_000


class Desk:
    """One device with an administrator (Ratna) and an officer (Budi), and a shell on it."""

    def __init__(self, data: Path, hands: Hands, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.hands, self.patch, self.capsys = data, hands, patch, capsys

    def __call__(self, *words: str | Path, typed: tuple[str, ...] = (), code: int = 0) -> str:
        out, self.said = ran(self.patch, self.capsys, (*words, "--data", self.data), typed, code)
        return out

    def asked(self, *words: str | Path, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*words, "--json", typed=typed))

    def store(self) -> Store:
        store = Store.open(self.data / "state", key_of(self.data / "state"), clock=self.hands)
        OPENED.append(store)
        return store

    def configure(self, text: str = PRIVACY) -> None:
        (self.data / "privacy.toml").write_text(text, encoding="utf-8")

    def publish(self) -> str:
        version: str = self.asked("privacy", "notice", "publish", "--by", BUDI, typed=(ALSO_GOOD,))["version"]
        return version

    def change(self, day: str = TODAY) -> str:
        """Another e-mail address of the company, and a new version with it."""
        self.configure(
            PRIVACY.replace('country = "ID"', 'country = "ID"\nemail = "baru@x.example"').replace(TODAY, day)
        )
        return self.publish()

    def enrol(self, version: str, code: str = CODE) -> str:
        store = self.store()
        person = store.people.add(code, "Budi Santoso", pin="482913")
        store.basis.enrol(person, Consent(version, "id", self.hands.wall_ms, "Ratna"), [face(person, 1)])
        store.close()
        return person


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    hands = Hands()
    monkeypatch.setattr(clock.Watch, "__call__", lambda _watch: hands())
    store = new_store(tmp_path / "state", hands)
    another(store, first_admin(store), role=Role.DPO)
    store.close()
    before = signal.getsignal(signal.SIGTERM)
    made = Desk(tmp_path, hands, monkeypatch, capsys)
    made.configure()
    yield made
    signal.signal(signal.SIGTERM, before)


def test_a_draft_says_that_it_is_one_and_what_privacy_toml_leaves_open(desk: Desk) -> None:
    desk.configure("")
    said = desk("privacy", "notice", "show")
    assert "Draft. Not published." in said
    assert "privacy.toml leaves open: controller.name, controller.address" in " ".join(said.split())
    desk("privacy", "notice", "publish", "--by", BUDI, typed=(ALSO_GOOD,), code=2)
    assert "not filled in: controller.name" in desk.said
    assert desk.asked("privacy", "notice", "list")["data"] == {"versions": []}


def test_the_officer_publishes_and_nobody_else_does(desk: Desk) -> None:
    desk("privacy", "notice", "publish", "--by", RATNA, typed=(GOOD,), code=2)
    assert words.say("en", "fault.desk_refused.title") in desk.said
    version = desk.publish()
    assert version.startswith(f"{TODAY}-")
    shown = desk("privacy", "notice", "show", "--language", "nl")
    assert "Draft" not in shown
    assert f"Versie {version}. Geldt vanaf {TODAY}. Goedgekeurd door Direksi." in shown
    assert "Nothing is different" in desk("privacy", "notice", "publish", "--by", BUDI, typed=(ALSO_GOOD,))


def test_versions_are_listed_shown_and_compared_also_past_ones(desk: Desk) -> None:
    first = desk.publish()
    second = desk.change(NEXT_WEEK)
    rows = desk.asked("privacy", "notice", "list")["data"]["versions"]
    assert [(row["version"], row["state"]) for row in rows] == [(second, "coming"), (first, "in_force")]
    assert [(row["approver"], row["review"]) for row in rows] == [("Direksi", "2027-11-16")] * 2
    desk.hands.move(8 * DAY)
    rows = desk.asked("privacy", "notice", "list")["data"]["versions"]
    assert [row["state"] for row in rows] == ["in_force", "past"]
    assert f"Version {first}" in desk("privacy", "notice", "show", "--version", first)
    said = desk("privacy", "notice", "diff", "--before", first, "--after", second)
    assert "E-mail: baru@x.example" in said
    assert "Nothing is different." in desk("privacy", "notice", "diff")
    desk("privacy", "notice", "show", "--version", "2026-01-01-00000000", code=2)
    assert words.say("en", "fault.paper_unknown.title") in desk.said


def test_the_door_sign_tells_bystanders_and_its_code_holds_the_address_or_the_short_text(desk: Desk) -> None:
    pdf = desk.data / "sign.pdf"
    said = desk("privacy", "notice", "sign", "--language", "id", "--pdf", pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    assert words.say("id", "notice.sign.guests") in " ".join(said.split())
    held = desk.asked("privacy", "notice", "qr")["data"]["code"]
    assert held.startswith("PT Gerbang Terang records here when you come and go")
    desk.configure(PRIVACY.replace('country = "ID"', 'country = "ID"\nnotice_url = "https://gerbang.example/p"'))
    assert desk.asked("privacy", "notice", "qr")["data"]["code"] == "https://gerbang.example/p"
    desk.configure(PRIVACY.replace('country = "ID"', 'country = "ID"\nnotice_url = "http://gerbang.example"'))
    desk("privacy", "notice", "qr", code=2)
    assert "notice_url" in desk.said


def test_a_person_answers_the_new_version_at_the_shell_and_sees_what_is_different(desk: Desk) -> None:
    desk.enrol(desk.publish())
    second = desk.change()
    no = ("privacy", "consent", "--person", CODE, "--language", "id", "--witness", "Ratna")
    desk(*no, typed=("tidak",), code=1)
    assert "Surel: baru@x.example" in desk.said
    assert words.say("id", "notice.again.said_no") in desk.said
    waits = desk.asked("privacy", "consents", "--person", CODE)["data"]["consents"]
    assert [row["standing"] for row in waits] == ["ask_again"]
    desk(*no, typed=("Saya setuju",))
    told = desk.asked("privacy", "consents", "--person", CODE)["data"]
    assert [row["now"] for row in told["consents"]] == ["renewed", "in_force"]
    assert (told["consents"][1]["version"], told["consents"][1]["witness"]) == (second, "Ratna")
    assert told["answers"] == [
        {"about": "consent", "said": "yes", "version": second, "language": "id", "at": MORNING, "witness": "Ratna"}
    ]


def test_a_consent_to_words_that_were_no_notice_is_shown_the_whole_of_it(desk: Desk) -> None:
    desk.enrol("2026-1")
    desk.publish()
    desk("privacy", "consent", "--person", CODE, "--language", "en", typed=("no",), code=1)
    assert "11. Do you have to, and what if you refuse" in desk.said


def test_taking_back_needs_no_account_and_no_reason_and_leaves_a_certificate(desk: Desk) -> None:
    desk.enrol(desk.publish())
    desk("privacy", "withdraw", "--person", CODE, typed=("E-1",), code=1)
    said = desk("privacy", "withdraw", "--person", CODE, typed=(CODE,))
    assert said.startswith("The consent is taken back. The PIN goes on.\n")
    (certificate,) = (desk.data / "state" / "certificates").iterdir()
    assert said.endswith(f"Certificate: {certificate}\n")
    assert "There is no consent to take back." in desk("privacy", "withdraw", "--person", CODE, "--yes")
    said = desk("privacy", "consents", "--person", CODE)
    assert "taken back" in said
    for word in ("refus", "revok", "warning", "denied"):
        assert word not in said.lower(), "neutral"
    desk("privacy", "withdraw", "--person", "E-9", "--yes", code=2)
    assert words.say("en", "fault.person_unknown.title") in desk.said


def test_people_of_the_roster_stand_on_a_list_with_a_day_until_they_were_informed(desk: Desk) -> None:
    store = desk.store()
    first, second = store.people.add("E-1", "Sri"), store.people.add("E-2", "Tono")
    assert first != second
    store.close()
    owed = desk.asked("people", "uninformed")["people"]
    assert [(row["code"], row["due"], row["late"]) for row in owed] == [
        (code, "2026-12-16T01:00:00.000Z", False) for code in ("E-1", "E-2")
    ]
    told = ("people", "informed", "--person", "E-1", "--person", "E-2", "--by", BUDI)
    desk(*told, typed=(ALSO_GOOD,), code=2)
    assert "no notice is published yet" in desk.said
    version = desk.publish()
    assert desk.asked(*told, typed=(ALSO_GOOD,)) == {"people": 2, "version": version}
    assert desk("people", "uninformed") == "Everybody has been informed.\n"
    answers = desk.asked("privacy", "consents", "--person", "E-1")["data"]["answers"]
    assert [(row["about"], row["said"], row["version"]) for row in answers] == [("notice", "informed", version)]
    assert "not yet informed" not in desk("people", "list")
    store = desk.store()
    assert ("viewed", {"list": "uninformed", "people": 2}) in acts(store)
    store.close()


def test_whoever_is_late_is_said_to_be_late_and_whoever_is_enrolled_is_informed(desk: Desk) -> None:
    store = desk.store()
    store.people.add("E-1", "Sri")
    enrolled(store)
    store.close()
    desk.hands.move(31 * DAY)
    (row,) = desk.asked("people", "uninformed")["people"]
    assert (row["code"], row["late"]) == ("E-1", True)
    assert "late" in desk("people", "uninformed")


def test_announcements_can_be_declined_and_marketing_has_to_be_asked_for(desk: Desk) -> None:
    store = desk.store()
    store.people.add(CODE, "Budi")
    store.close()
    for purpose, silence in (("announcements", True), ("marketing", False)):
        asked = ("privacy", purpose, "--person", CODE)
        assert desk.asked(*asked)["wants"] is silence
        assert desk.asked(*asked, "--off" if silence else "--on") == {
            "code": CODE,
            "purpose": purpose,
            "wants": not silence,
            "changed": True,
        }
        assert desk.asked(*asked)["wants"] is not silence
        assert desk.asked(*asked, "--off" if silence else "--on")["changed"] is False
        desk(*asked, "--on", "--off", code=2)
    said = desk("privacy", "consents", "--person", CODE, "--language", "nl")
    assert "wil geen mededelingen" in said
    assert "wil groeten en aanbiedingen" in said


def test_a_version_that_was_published_stays_what_it_was_when_the_settings_change(desk: Desk) -> None:
    desk.publish()
    desk.configure(PRIVACY.replace("Ibu Lestari", "Pak Wira"))
    assert "Ibu Lestari" in desk("privacy", "notice", "show")
    assert "Pak Wira" in desk("privacy", "notice", "show", "--draft")
    said = desk("privacy", "notice", "diff")
    assert "Data-protection officer: Pak Wira" in said
    store = desk.store()
    assert len(notices.published(store)) == 1
    store.close()


def test_once_a_notice_is_published_nobody_enrols_to_other_words_and_everybody_is_told_the_short_ones(
    desk: Desk,
) -> None:
    def asked(version: str | None, typed: str) -> Consent:
        desk.patch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        store = desk.store()
        try:
            return people_enrol._consent(store, replace(OPTIONS, consent_version=version))
        finally:
            store.close()

    def refused(version: str | None, typed: str) -> str:
        with pytest.raises(Fault) as found:
            asked(version, typed)
        assert found.value.code is FaultCode.CONSENT_MISSING
        return found.value.detail

    assert "name the text with --consent-version" in refused(None, "Akkoord")
    assert asked("2026-1", "Akkoord").text_version == "2026-1"
    version = desk.publish()
    assert refused("2026-1", "Akkoord") == f"the notice is {version}"
    assert asked(None, "Akkoord") == Consent(version, "nl", MORNING, "Ratna")
    desk.capsys.readouterr()
    assert refused(version, "nee") == ""
    said = desk.capsys.readouterr().err
    for key in ("notice.short.refuse", "notice.short.tap", "notice.consent.back", "notice.consent.free"):
        assert words.say("nl", key) in said
    assert words.say("nl", "enrol.consent", version=version) in said


def test_what_the_commands_say_of_an_unknown_person_is_the_same_for_all(desk: Desk) -> None:
    desk.publish()
    for verb in (("announcements",), ("marketing", "--on"), ("consents",), ("consent", "--language", "en")):
        desk("privacy", verb[0], "--person", "E-9", *verb[1:], code=2)
        assert words.say("en", "fault.person_unknown.title") in desk.said
    desk("people", "informed", "--person", "E-9", "--by", RATNA, typed=(GOOD,), code=2)
    assert words.say("en", "fault.person_unknown.title") in desk.said
