"""What a person gets when they ask what is kept: all of theirs, nothing of anybody else, and sealed when it travels."""

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pikepdf
import pytest
from admin_kit import acts
from erasure_kit import HQ, HQ_NAME
from hypothesis import given
from hypothesis import strategies as st
from requests_kit import BUDI, COMPANY, RATNA, SRI, WULAN, Office, office
from store_kit import CONSENT, MORNING, PIN, check_in, face, here

from kiosk.faults import Fault
from kiosk.rights import access_data, documents, plain_text, request_acts, sealed_copy, sealed_pdf
from kiosk.rights.access import access
from kiosk.rights.access_reader import Reader
from kiosk.rights.dates import DAY_MS
from kiosk.rights.holdings import WHERE, holdings
from kiosk.rights.others import SOMEBODY, Others, others
from kiosk.rights.request_acts import Arrival
from kiosk.rights.requests import How, Right, Seen
from kiosk.rights.sealed_copy import Handed
from kiosk.store import handed, outbox, papers, profile
from kiosk.store.approval import LoggedIn
from kiosk.store.papers import PaperKind
from kiosk.store.profile import Profile
from kiosk.store.schema import RECORDS, TEMPLATES
from kiosk.words import LANGUAGES
from wire import canonical, checkpoint
from wire.event import Action


@pytest.fixture
def at(tmp_path: Path) -> Office:
    return office(tmp_path / "data")


def asked(at: Office, right: Right = Right.PORTABILITY, person: str | None = None) -> str:
    person = at.budi if person is None else person
    one = request_acts.file(at.store, person, Arrival(right, How.FORM), COMPANY.clocks)
    return request_acts.identify_by_sight(at.store, one.id, Seen.IDENTITY_CARD, at.officer).id


def everything(at: Office, language: str = "en") -> str:
    """The document as people and as programs read it, and the CSV."""
    held = holdings(at.store, at.budi)
    document = access(held, Reader(COMPANY, language))
    return "".join(
        (plain_text.text(document), documents.as_json(document).decode(), access_data.attendance_csv(held).decode())
    )


def countersigned(at: Office) -> None:
    """Headquarters signs for everything, and this device hears of it."""
    store = at.store
    exchange = outbox.begin_anew(at.data / "exchange" / "exchange.db")
    try:
        outbox.forward(here(store), exchange)
        note = checkpoint.cosign(store.ledger.note(), HQ_NAME, HQ)
        exchange.inbox_add("receipt", note.encode())
        outbox.collect(here(store), exchange, {HQ_NAME: HQ.public})
    finally:
        exchange.close()


def test_a_copy_holds_every_field_with_where_it_came_from_and_when(at: Office) -> None:
    held = holdings(at.store, at.budi)
    fields = {each.name: (each.value, each.source, each.since) for each in held.fields}
    assert fields["code"] == (BUDI[0], "admin", MORNING)
    assert fields["name"] == (BUDI[1], "admin", MORNING)
    assert fields["pin"] == ("", "person", MORNING)
    assert [(each.references, each.since) for each in held.faces] == [(2, CONSENT.given_at)]
    assert held.consents[0].record["witness"] == "self"
    assert len(held.entries.entries) == 4
    assert {each.kind for each in held.logged} >= {"person_added", "enrolled"}


def test_a_copy_shows_an_earlier_consent_after_it_was_taken_back(at: Office) -> None:
    at.store.basis.enrol(at.budi, replace(CONSENT, text_version="2026-2", witness=RATNA), [face(at.budi, 5)])
    held = holdings(at.store, at.budi)
    assert [(each.state, each.record["text_version"]) for each in held.consents] == [
        ("ended", "2026-1"),
        ("active", "2026-2"),
    ]
    assert held.consents[1].record["witness"] == "admin"


def test_every_table_of_the_store_stands_in_the_copy_or_holds_nothing_of_a_person() -> None:
    assert {table.name for table in (*RECORDS, *TEMPLATES)} == set(WHERE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_never_shows_another_person(at: Office, language: str) -> None:
    at.store.basis.enrol(at.budi, replace(CONSENT, witness=RATNA), [face(at.budi, 5)])
    words = {"text": f"{SRI[1]} ({SRI[0]}, {at.sri}) sudah setuju, kata {WULAN}", "decided_by": at.officer.account}
    papers.put(at.store, PaperKind.CASE, words, state="open", person=at.budi, by=at.officer.account)
    asked(at, Right.ACCESS)
    found = everything(at, language)
    assert BUDI[0] in found
    for term in (*SRI, at.sri, RATNA, WULAN, at.officer.account, at.admin.account, "Wahyuni", "Kusuma", "Hartati"):
        assert term not in found, term
    assert SOMEBODY in found


def test_a_name_is_found_whole_in_any_letters_and_in_any_spelling_of_an_accent() -> None:
    around = Others(frozenset({"Ani", "Ani Dewi", "José Núñez", "E-77", "Ada"}), {"Ratna Kusuma": "admin"})
    said = "Ani Dewi, ani dewi, JOSE\u0301 NU\u0301N\u0303EZ, e-77, Ada; ada E-770. RATNA KUSUMA"
    here = SOMEBODY
    assert around.text(said) == f"{here}, {here}, {here}, {here}, {here}; ada E-770. [admin]"


@given(
    st.lists(st.text("abAB 1-", min_size=3, max_size=8).map(str.strip).filter(lambda each: len(each) > 2), max_size=5)
)
def test_no_term_is_left_whatever_the_others_are_called(terms: list[str]) -> None:
    around = Others(frozenset(terms), {})
    for term in terms:
        assert term not in around.text(f"({term})").replace(SOMEBODY, "")


def test_a_field_from_headquarters_names_the_version_of_the_list(at: Office) -> None:
    known = Profile(*BUDI, "id", "", "roster", 7, MORNING)
    with at.store.database.write():
        sealed = profile.seal(at.store.foundation, at.budi, known, 2)
        at.store.database.run("UPDATE people SET profile = ?, row_version = 2 WHERE id = ?", sealed, at.budi)
    assert "the list of headquarters, version 7" in everything(at)
    found = access_data.data(holdings(at.store, at.budi), COMPANY)
    jsonschema_rs.validator_for(json.loads(access_data.schema())).validate(found)


def test_what_a_backend_without_signatures_took_has_left_without_a_proven_day(at: Office) -> None:
    handed.take(at.store, canonical.encode({"size": at.store.ledger.size()}))
    found = holdings(at.store, at.budi).entries.entries
    assert {(entry.delivered, entry.delivered_by) for entry in found} == {(True, None)}
    assert "signs for nothing" in everything(at)


def test_a_name_within_another_word_is_left_alone(at: Office) -> None:
    around = others(at.store, at.budi)
    assert around.text(f"{SRI[0]}7 dan {SRI[0]}") == f"{SRI[0]}7 dan {SOMEBODY}"
    assert around.value({"witness": "somebody who left", "by": ""}) == {"witness": "staff", "by": ""}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_tells_why_for_whom_how_long_and_where_to_complain(at: Office, language: str) -> None:
    found = plain_text.text(access(holdings(at.store, at.budi), Reader(COMPANY, language)))
    flat = re.sub(r"\s+", " ", found)
    for word in ("PT Contoh", "privasi@contoh.example", "Lembaga Pelindungan Data Pribadi", "Dana Pensiun", "24", "36"):
        assert word in flat, word
    assert not re.search(r"\baccess\.|\brequests\.[a-z]", flat)


def test_a_copy_says_what_went_to_whom_and_when(at: Office) -> None:
    waiting = holdings(at.store, at.budi).entries.entries
    assert not any(entry.delivered for entry in waiting)
    at.hands.move(2 * DAY_MS)
    countersigned(at)
    at.hands.move(DAY_MS)
    at.store.ledger.append(check_in(at.store, Action.OUT), at.budi)
    found = holdings(at.store, at.budi).entries.entries
    assert [(entry.delivered, entry.delivered_by) for entry in found] == [(True, MORNING + 2 * DAY_MS)] * 4 + [
        (False, None)
    ]
    said = re.sub(r"\s+", " ", plain_text.text(access(holdings(at.store, at.budi), Reader(COMPANY, "en"))))
    assert "4 entries have gone to headquarters" in said
    assert "last by 2026-11-18" in said
    assert "1 entries still wait on this device" in said


def test_a_copy_says_who_demanded_evidence(at: Office) -> None:
    said = {"of": "told", "export": "0" * 16, "requester": "Pengadilan Negeri Jakarta", "ground": "legal_obligation"}
    papers.put(at.store, PaperKind.EXPORT, said, state="to_tell", person=at.budi)
    found = plain_text.text(access(holdings(at.store, at.budi), Reader(COMPANY, "en")))
    (line,) = [line for line in found.splitlines() if "as evidence" in line]
    assert line.split("  ")[1].strip() == "Pengadilan Negeri Jakarta"


def test_a_signature_that_came_days_after_the_checkpoint_is_not_dated_back(at: Office) -> None:
    at.store.ledger.checkpoint()
    at.hands.move(3 * DAY_MS)
    countersigned(at)
    found = holdings(at.store, at.budi).entries.entries
    assert {entry.delivered_by for entry in found} == {MORNING + 3 * DAY_MS}


def test_the_rows_of_the_csv_are_the_entries_of_the_ledger(at: Office) -> None:
    rows = list(
        csv.DictReader(io.StringIO(access_data.attendance_csv(holdings(at.store, at.budi)).decode("utf-8-sig")))
    )
    events = at.store.history.events(at.budi, 0, MORNING + DAY_MS)
    assert {row["id"] for row in rows} == {event.event_id for event in events}
    assert [row["kind"] for row in rows] == ["checkin", "checkin", "checkin", "disputed"]
    assert rows[0]["utc"] == "2026-11-16T01:00:00.000Z"
    assert rows[0]["local"] == "2026-11-16T08:00:00+07:00"


@pytest.mark.parametrize("site", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_the_csv_acts_as_a_formula(at: Office, site: str) -> None:
    if site.isprintable():
        at.store.ledger.append(replace(check_in(at.store), site=site), at.budi)
        cells = [
            row["site"]
            for row in csv.DictReader(
                io.StringIO(access_data.attendance_csv(holdings(at.store, at.budi)).decode("utf-8-sig"))
            )
        ]
        assert cells[-1] == f"'{site}"
    else:
        assert access_data._cell(site) == f"'{site}"


def hand(at: Office, place: Path, *, login: LoggedIn | None = None, recipient: str = "") -> Handed:
    login = at.officer if login is None else login
    return sealed_copy.hand_copy(at.store, at.budi, place, COMPANY, login, language="id", recipient=recipient)


def test_a_copy_opens_with_its_passphrase_alone_and_holds_pages_json_csv_and_schema(at: Office, tmp_path: Path) -> None:
    asked(at)
    done = hand(at, tmp_path / "confidential.pdf")
    for wrong in ("", "owner", done.passphrase.lower(), done.passphrase[:-1]):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(done.file, password=wrong)
    with pikepdf.open(done.file, password=done.passphrase) as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits, pdf.pdf_version) == (6, 256, "2.0")
        assert {pdf.encryption.stream_method.name, pdf.encryption.file_method.name} == {"aesv3"}
        assert not pdf.owner_password_matched
        files = {name: spec.get_file().read_bytes() for name, spec in pdf.attachments.items()}
    assert set(files) == {"access.json", "attendance.csv", "schema.json"}
    found, schema = json.loads(files["access.json"]), json.loads(files["schema.json"])
    jsonschema_rs.validator_for(schema).validate(found)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validator_for(schema).validate(found | {"score": 1})
    assert [row["number"] for row in found["attendance"]] == [
        int(row["number"]) for row in csv.DictReader(io.StringIO(files["attendance.csv"].decode("utf-8-sig")))
    ]
    assert found["person"]["fields"][1]["value"] == BUDI[1]
    page = subprocess.run(
        ["pdftotext", "-upw", done.passphrase, done.file, "-"], capture_output=True, text=True, check=True, timeout=30
    )
    assert BUDI[0] in page.stdout


def test_nothing_of_a_copy_lies_open_and_its_passphrase_is_kept_nowhere(at: Office, tmp_path: Path) -> None:
    asked(at)
    done = hand(at, tmp_path / "confidential.pdf")
    inside = done.file.read_bytes()
    for word in (BUDI[0].encode(), BUDI[1].encode(), b"checkin", b"Santoso"):
        assert word not in inside, word
    kept = papers.get(at.store, done.export)
    assert kept.content is not None
    assert done.passphrase not in repr(kept) + repr(kept.content) + repr(done) + repr(acts(at.store))
    for file in at.data.rglob("*"):
        if file.is_file():
            assert done.passphrase.encode() not in file.read_bytes()
    assert kept.due_at == MORNING + COMPANY.periods.exports_days * DAY_MS


def test_every_copy_has_a_passphrase_of_its_own_of_100_bits(at: Office) -> None:
    made = {sealed_pdf.new_passphrase() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each.replace("-", "")) == 20 for each in made)
    with pytest.raises(ValueError, match="too short"):
        sealed_pdf.seal(b"", (), "kopi Tubruk 4 pagi")
    assert at.store.people.by_code(BUDI[0]) is not None


@pytest.mark.parametrize("name", ["E-0417.pdf", "copy-of-e0417.pdf", "budi.pdf", "Data SANTOSO.pdf", "data/inside.pdf"])
def test_the_name_of_a_copy_tells_nothing_of_the_person_and_lies_outside_of_the_store(
    at: Office, tmp_path: Path, name: str
) -> None:
    asked(at)
    with pytest.raises(Fault) as refused:
        hand(at, tmp_path / name)
    assert refused.value.code == "output_refused"
    assert not (tmp_path / name).exists()


def test_a_copy_that_cannot_be_written_stands_in_no_register(at: Office, tmp_path: Path) -> None:
    asked(at)
    with pytest.raises(Fault) as refused:
        hand(at, tmp_path / "no" / "such" / "place.pdf")
    assert refused.value.code == "disk_failed"
    assert papers.find(at.store, PaperKind.EXPORT) == ()
    assert not [act for act in acts(at.store) if act[0] == "exported"]


def test_a_restriction_stands_in_the_copy(at: Office) -> None:
    with at.store.database.write():
        at.store.database.run("UPDATE people SET face_restricted = 1 WHERE id = ?", at.budi)
    held = holdings(at.store, at.budi)
    assert held.restricted == ("face",)
    assert "Your face is under restriction" in everything(at)
    jsonschema_rs.validator_for(json.loads(access_data.schema())).validate(access_data.data(held, COMPANY))


def test_a_copy_is_made_although_a_record_does_not_open_and_says_so(at: Office) -> None:
    with at.store.database.write():
        at.store.database.run("UPDATE bodies SET sealed = zeroblob(200) WHERE seq IN (1, 11)")
        at.store.database.run("UPDATE bases SET record = zeroblob(60) WHERE person = ?", at.budi)
    held = holdings(at.store, at.budi)
    assert (held.entries.unreadable, held.logged, held.consents[0].record) == (1, (), {})
    assert "2 records about you cannot be read any more" in " ".join(everything(at).split())
    assert {(each.place, each.person) for each in at.store.quarantine.all()} == {
        ("bodies", at.budi),
        ("bases", at.budi),
        ("keys", ""),
    }


def test_a_copy_replaces_no_file(at: Office, tmp_path: Path) -> None:
    asked(at)
    (tmp_path / "x.pdf").write_bytes(b"mine")
    with pytest.raises(Fault):
        hand(at, tmp_path / "x.pdf")
    assert (tmp_path / "x.pdf").read_bytes() == b"mine"


def test_a_copy_goes_directly_to_a_registered_recipient_with_a_receipt_form(at: Office, tmp_path: Path) -> None:
    asked(at)
    for stranger in ("Toko Sebelah", "Nowhere Ltd"):
        with pytest.raises(Fault) as refused:
            hand(at, tmp_path / "x.pdf", recipient=stranger)
        assert refused.value.code == "desk_refused"
    done = hand(at, tmp_path / "x.pdf", recipient="Dana Pensiun")
    kept = papers.get(at.store, done.export)
    assert kept.content == {
        "what": "copy",
        "recipient": "Dana Pensiun",
        "digest": done.digest,
        "size": done.file.stat().st_size,
        "request": done.request,
    }
    page = subprocess.run(
        ["pdftotext", "-upw", done.passphrase, done.file, "-"], capture_output=True, text=True, check=True, timeout=30
    ).stdout
    assert "Tanda terima penyerahan" in page
    assert "Dana Pensiun" in plain_text.text(access(holdings(at.store, at.budi), Reader(COMPANY, "id")))


def test_nobody_but_the_officer_hands_out_a_copy_and_only_to_somebody_known(at: Office, tmp_path: Path) -> None:
    with pytest.raises(Fault) as refused:
        hand(at, tmp_path / "x.pdf")
    assert "file it first" in refused.value.detail
    asked(at, person=at.sri)
    with pytest.raises(Fault):
        hand(at, tmp_path / "x.pdf")
    asked(at)
    with pytest.raises(Fault) as other:
        hand(at, tmp_path / "x.pdf", login=at.admin)
    assert other.value.code == "desk_refused"
    assert not (tmp_path / "x.pdf").exists()
    assert PIN not in everything(at)


@pytest.mark.parametrize("between", ["  ", "\n", "\u00a0", "\t", " \r\n "])
def test_a_name_of_another_is_found_however_its_words_stand_apart(between: str) -> None:
    around = Others(frozenset({"Sri Wahyuni"}), {"Ratna Kusuma": "admin"})
    said = around.text(f"dengan Sri{between}Wahyuni, kata RATNA{between}KUSUMA.\n\nSekian")
    assert said == "dengan [another person], kata [admin].\n\nSekian"
