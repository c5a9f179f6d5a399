"""`kiosk privacy requests`, `access`, `copy`, `erase --request`, `rights`, `form` as the officer types them."""

import io
import json
import shlex
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from admin_kit import ALSO_GOOD, GOOD
from requests_kit import BUDI, COMPANY, RATNA, SRI, Office, Shell, office
from store_kit import HOUR, MORNING, OPENED, PIN, reopened

from kiosk.__main__ import main
from kiosk.rights import erasure_request, recipients_told, request_acts
from kiosk.rights.requests import ErasureGround, Right, Seen, State
from kiosk.rights.rights_index import COMMANDS
from kiosk.store import papers
from kiosk.store.erasure_rows import has_face
from kiosk.store.intents import IntentKind
from kiosk.store.papers import PaperKind
from kiosk.store.resume import resume
from kiosk.words import LANGUAGES, say
from wire import certificate


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


@pytest.fixture
def shell(at: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(at, monkeypatch, capsys)


def filed(shell: Shell, *words: str, right: Right = Right.ACCESS, seen: bool = True) -> str:
    found = shell.asked("requests", "file", "--person", BUDI[0], "--right", right, *words)
    request: str = found["id"]
    if seen:
        shell.officer("requests", "identity", request, "--seen", Seen.PASSPORT)
    return request


def erasure(shell: Shell) -> str:
    return filed(shell, "--ground", ErasureGround.CONSENT_WITHDRAWN, right=Right.ERASURE)


def test_a_request_goes_from_the_form_to_the_answer(shell: Shell, tmp_path: Path) -> None:
    request = filed(shell, "--how", "form", "--text", "Saya minta salinan data saya.", seen=False)
    said = shell.officer("requests", "show", request)[0]
    assert "Due 2026-11-19T01:00:00.000Z." in said
    assert "Nobody has made sure of the person yet" in said
    refused = shell.officer("access", "--person", BUDI[0], code=2)[1]
    assert f"the identity is not checked yet: kiosk privacy requests identity {request}" in refused
    shell("requests", "identity", request, "--pin", "--by", RATNA, typed=(GOOD, PIN))
    copy = shell.officer("access", "--person", BUDI[0], "--language", "nl", "--pdf", tmp_path / "answer.pdf")[0]
    assert copy.startswith("Wat dit apparaat over u bewaart\n")
    with pikepdf.open(tmp_path / "answer.pdf") as pdf:
        assert len(pdf.pages) > 0
    shell.office.hands.move(71 * HOUR)
    assert shell.asked("requests", "list")["requests"][0]["reminders"] == ["half_time", "day_before"]
    shell.officer("requests", "extend", request, "--days", "10", "--reason", "menunggu kantor pusat")
    letter = shell.officer("requests", "letter", request, "--language", "id")[0]
    for word in ("menunggu kantor pusat", "2026-11-29 08:00 WIB", "Pasal 12(3)", "Lembaga Pelindungan Data Pribadi"):
        assert word in " ".join(letter.split()), word
    shell.officer("requests", "answer", request, "--note", "Salinan diserahkan.")
    assert shell.asked("requests", "list", "--open") == {"requests": []}
    said = shell.officer("requests", "letter", request, "--language", "id")[0]
    assert "Salinan diserahkan." in said


def test_the_list_shows_what_is_overdue_first_and_no_name_unless_asked(shell: Shell) -> None:
    late = filed(shell, seen=False)
    shell.office.hands.move(73 * HOUR)
    fresh = shell.asked("requests", "file", "--person", SRI[0], "--right", "objection")["id"]
    shown = shell.officer("requests", "list")[0]
    assert [line.split()[0] for line in shown.splitlines()] == [late, fresh]
    assert shown.splitlines()[0].endswith("overdue")
    assert BUDI[0] in shown
    assert "Santoso" not in shown
    assert "Budi Santoso" in shell.officer("requests", "list", "--names")[0]
    found = shell.asked("requests", "list")["requests"]
    assert [each["late"] for each in found] == [True, False]
    assert not any("name" in each for each in found)


def test_somebody_whom_the_device_does_not_know_is_answered_too(shell: Shell) -> None:
    request = shell.asked("requests", "file", "--nobody", "--right", "access", "--text", "tamu")["id"]
    shell.officer("requests", "identity", request, "--seen", "identity_card")
    shell.officer("requests", "answer", request, "--note", "Tidak ada data tentang Anda.")
    assert "somebody whom the device does not know" in shell.officer("requests", "show", request)[0]


def test_a_day_of_arrival_begins_at_midnight_of_the_door(shell: Shell) -> None:
    request = filed(shell, "--received", "2026-11-15", seen=False)
    found = shell.asked("requests", "show", request)
    assert found["request"]["received_at"] == MORNING - 32 * HOUR  # 2026-11-14 17:00 UTC
    for wrong in ("2026-13-01", "yesterday"):
        shell.officer("requests", "file", "--nobody", "--right", "access", "--received", wrong, code=2)
    assert (
        "future"
        in shell.officer("requests", "file", "--nobody", "--right", "access", "--received", "2026-11-17", code=2)[1]
    )


def test_only_the_officer_answers_and_refuses(shell: Shell) -> None:
    request = filed(shell)
    for words in (
        ("requests", "answer", request),
        ("requests", "refuse", request, "--ground", "rights_of_others", "--reason", "x"),
        ("requests", "extend", request, "--days", "1", "--reason", "x"),
        ("requests", "charge", request, "--amount", "1", "--reason", "x"),
        ("access", "--person", BUDI[0]),
        ("copy", "--person", BUDI[0], "--out", "x.pdf"),
        ("recipients-told", "confirmed", request),
    ):
        assert "not for you to do" in shell(*words, "--by", RATNA, typed=(GOOD,), code=2)[1], words
    assert shell.asked("requests", "show", request)["state"] == "identified"


@pytest.mark.parametrize("wrong", ["0123456789abcdef", "nothing", "", "../x", "%s"])
def test_a_request_that_is_not_there_is_a_sentence(shell: Shell, wrong: str) -> None:
    assert "There is no such paper" in shell.officer("requests", "show", wrong, code=2)[1]


@pytest.mark.parametrize(
    "words",
    [
        ("--right", "cake"),
        ("--right", "erasure"),
        ("--right", "access", "--ground", "unlawful"),
        ("--right", "access", "--text", "x" * 4_001),
        ("--right", "access", "--text", "\udcff"),
        ("--right", "access", "--how", "kiosk"),
    ],
)
def test_a_request_of_no_form_is_refused_with_a_sentence(shell: Shell, words: tuple[str, ...]) -> None:
    said = shell.officer("requests", "file", "--person", BUDI[0], *words, code=2)[1]
    assert "Traceback" not in said
    assert shell.asked("requests", "list") == {"requests": []}


def test_a_refusal_reaches_the_person_with_its_reason_the_authority_and_the_court(shell: Shell) -> None:
    request = erasure(shell)
    refuse = ("requests", "refuse", request, "--ground", "legal_obligation", "--reason", "Pembukuan pajak, 10 tahun")
    assert "name the law" in shell.officer(*refuse, code=2)[1]
    shell.officer(*refuse, "--law", "UU KUP Pasal 28")
    for language in LANGUAGES:
        letter = " ".join(shell.officer("requests", "letter", request, "--language", language)[0].split())
        for word in ("Pembukuan pajak, 10 tahun", "UU KUP Pasal 28", "Lembaga Pelindungan Data Pribadi"):
            assert word in letter, word
        for key in ("court", "no_machine", "refusals.legal_obligation"):
            assert say(language, f"requests.{key}") in letter
    assert "Data" not in shell.officer("requests", "letter", request, "--json")[0].split('"data"')[0]


def test_an_erasure_answers_its_request_before_the_person_goes_and_leaves_the_dates(
    shell: Shell, tmp_path: Path
) -> None:
    request = erasure(shell)
    erase = ("erase", "--person", BUDI[0], "--yes", "--hand-over", tmp_path / "handed.json", "--request", request)
    shell.officer("approve", "export", "--person", BUDI[0], "--receiver", "PT Contoh", "--reason", "upah")
    found = shell.asked(*erase)
    (proof,) = (shell.office.data / "state" / "certificates").iterdir()
    signed = certificate.unverified(proof.read_bytes())
    assert signed.id == found["id"]
    store = shell.again()
    left = request_acts.get(store, request)
    assert (left.state, left.request, left.closed_at) == (State.ANSWERED, None, MORNING)
    assert left.person == signed.subject
    assert papers.get(store, request).content is None
    told = recipients_told.every(store)
    assert {(each.recipient, each.state.value, each.subject) for each in told} == {
        ("PT Contoh HQ", "told", signed.id),
        ("Dana Pensiun", "to_tell", signed.id),
        ("Nowhere Ltd", "to_tell", signed.id),
    }
    store.close()
    OPENED.clear()
    assert "The person is erased" in shell.officer("requests", "show", request)[0]


def test_a_face_goes_on_a_request_and_the_answer_names_the_certificate(shell: Shell) -> None:
    request = filed(shell, right=Right.WITHDRAWAL)
    found = shell.asked("erase", "--person", BUDI[0], "--face", "--yes", "--request", request)
    said = shell.officer("requests", "show", request)[0]
    assert f"certificate {found['id']}" in said
    assert found["id"] in shell.officer("requests", "letter", request)[0]


def test_an_erasure_that_stopped_after_the_answer_goes_on_at_the_next_start(shell: Shell) -> None:
    request = filed(shell, right=Right.WITHDRAWAL)
    store = shell.again()
    at = shell.office
    certificate_id = erasure_request.begin(store, at.budi, IntentKind.ERASE_FACE, request, COMPANY, at.officer)
    assert has_face(store.database, at.budi)
    store = reopened(store)
    resume(store)
    assert not has_face(store.database, at.budi)
    (proof,) = (at.data / "state" / "certificates").iterdir()
    assert certificate.unverified(proof.read_bytes()).id == certificate_id
    assert request_acts.get(store, request).state is State.ANSWERED


def test_an_erasure_that_does_not_fit_its_request_is_refused_and_nothing_goes(shell: Shell) -> None:
    of_access, of_budi = filed(shell), erasure(shell)
    unknown = filed(shell, "--ground", "unlawful", right=Right.ERASURE, seen=False)
    for request, person in ((of_access, BUDI[0]), (of_budi, SRI[0]), (unknown, BUDI[0]), ("0" * 16, BUDI[0])):
        shell.officer("erase", "--person", person, "--yes", "--request", request, code=2)
    shell("erase", "--person", BUDI[0], "--yes", "--request", of_budi, code=2)
    store = shell.again()
    assert [person.code for person in store.people.all()] == [BUDI[0], SRI[0]]
    assert not store.intents.all_open()
    assert request_acts.get(store, of_budi).state is State.IDENTIFIED


@pytest.mark.parametrize("whom", ["budi", ""])
def test_nobody_under_a_legal_hold_is_erased(shell: Shell, whom: str) -> None:
    request = erasure(shell)
    store = shell.again()
    person = shell.office.budi if whom else ""
    hold = papers.put(store, PaperKind.HOLD, {"ground": "gugatan"}, state="on", person=person)
    store.close()
    OPENED.clear()
    for words in (("--request", request, "--by", "Wulan Hartati"), ()):
        said = shell("erase", "--person", BUDI[0], "--yes", *words, typed=(ALSO_GOOD,), code=2)[1]
        assert "A legal hold keeps this" in said
        assert hold in said
    everything = (
        "erase",
        "--everything",
        "--although-open",
        "--yes",
        "--certificate",
        shell.office.data.parent / "proof.json",
    )
    assert "A legal hold keeps this" in shell(*everything, code=2)[1]
    shell("erase", "--person", BUDI[0], "--face", "--yes")  # a consent that is taken back ends all the same
    store = shell.again()
    assert request_acts.get(store, request).state is State.IDENTIFIED
    papers.revise(store, papers.get(store, hold), {"ground": "selesai"}, state="off", closed=True)
    store.close()
    OPENED.clear()
    shell.officer("erase", "--person", BUDI[0], "--yes", "--request", request)


def test_what_recipients_have_said_is_followed_up(shell: Shell) -> None:
    shell.asked("erase", "--person", BUDI[0], "--face", "--yes", "--request", filed(shell, right=Right.WITHDRAWAL))
    papers_of: dict[str, str] = {
        each["recipient"]: each["id"] for each in shell.asked("recipients-told", "list")["recipients"]
    }
    for language in LANGUAGES:
        letter = " ".join(
            shell.officer("recipients-told", "letter", papers_of["Dana Pensiun"], "--language", language)[0].split()
        )
        assert say(language, "requests.recipient_erased") in letter
        assert BUDI[0] not in letter
    settle: Any = shell.asked("recipients-told", "confirmed", papers_of["PT Contoh HQ"])
    assert settle["state"] == "confirmed"
    assert shell.asked("recipients-told", "told", papers_of["Dana Pensiun"])["state"] == "told"
    shell.officer("recipients-told", "disproportionate", papers_of["Nowhere Ltd"], code=2)
    shell.officer("recipients-told", "disproportionate", papers_of["Nowhere Ltd"], "--reason", " ", code=2)
    shell.officer("recipients-told", "disproportionate", papers_of["Nowhere Ltd"], "--reason", "perusahaan bubar")
    shell.officer("recipients-told", "told", papers_of["Nowhere Ltd"], code=2)
    states = [each["state"] for each in shell.asked("recipients-told", "list")["recipients"]]
    assert states == ["told", "confirmed", "disproportionate"]
    assert "no such paper" in shell.officer("recipients-told", "told", "0" * 16, code=2)[1]


def test_a_sealed_copy_from_the_shell_shows_its_passphrase_once(shell: Shell, tmp_path: Path) -> None:
    filed(shell, right=Right.PORTABILITY)
    found = shell.asked("copy", "--person", BUDI[0], "--out", tmp_path / "confidential.pdf", "--to", "Dana Pensiun")
    with pikepdf.open(tmp_path / "confidential.pdf", password=found["passphrase"]) as pdf:
        assert len(pdf.attachments) == 3
    assert found["expires"].startswith("2026-12-16")
    said = shell.officer("copy", "--person", BUDI[0], "--out", tmp_path / "confidential.pdf", code=2)[1]
    assert found["passphrase"] not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_right_stands_on_one_page_with_its_clock_and_what_does_it(shell: Shell, language: str) -> None:
    found = json.loads(shell("rights", "--language", language, "--json")[0])
    assert {each["right"] for each in found["data"]["rights"]} == set(Right)
    assert all(each["clock"] and each["what"] for each in found["data"]["rights"])
    page = " ".join(shell("rights", "--language", language)[0].split())
    for right in Right:
        assert say(language, f"rights.means.{right}") in page
        assert COMMANDS[right] in page
    assert "60" in page


@pytest.mark.parametrize("right", Right)
def test_the_command_of_every_right_is_there(right: Right, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(COMMANDS[right])[1:]
    with pytest.raises(SystemExit) as left:
        main([*words, "--help"])
    assert left.value.code == 0
    assert "usage: kiosk privacy" in capsys.readouterr().out


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_to_the_officer_asks_for_no_number_of_a_document(shell: Shell, tmp_path: Path, language: str) -> None:
    place = tmp_path / f"{language}.pdf"
    page = shell("form", "--right", "erasure", "--language", language, "--pdf", place)[0]
    flat = " ".join(page.split())
    for ground in ErasureGround:
        assert say(language, f"requests.erasures.{ground}") in flat
    assert "privasi@contoh.example" in flat
    assert say(language, "requests.form_free") in flat
    assert "72" in flat
    assert place.read_bytes().startswith(b"%PDF")


def commands_of_the_page() -> list[str]:
    text = (Path(__file__).parents[1] / "docs" / "requests.md").read_text(encoding="utf-8")
    blocks = text.split("```")[1::2]
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines() if line.startswith("kiosk ")]


@pytest.mark.parametrize("line", commands_of_the_page())
def test_every_command_of_the_page_is_one(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\nE-0417\n"))
    words = [str(tmp_path) if word == "DIR" else word for word in shlex.split(line)[1:]]
    assert main(words if "--yes" in words or "erase" not in words else [*words, "--yes"]) == 2
    assert "The store is not there" in capsys.readouterr().err
