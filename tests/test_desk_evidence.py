"""KK11: two people hand out the minimum, proved and sealed for its receiver; who it is about is told."""

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, acts
from backup_kit import ORGANISATION, RECIPIENT, identity_file
from desk_people_kit import AGUS, AUDITOR, OFFICER, SARI, Shell, added, closed, manned, opened
from store_kit import HOUR, MORNING, Hands, check_in, dispute, enrolled, key_of, notice

from kiosk.faults import Fault, FaultCode
from kiosk.rights import dates, evidence, evidence_act, evidence_proof, exports, media
from kiosk.rights.evidence import Scope, Wanted
from kiosk.rights.evidence_act import Target
from kiosk.rights.media import MediumKind
from kiosk.store import Store, papers
from kiosk.store.approval import LoggedIn, Role
from kiosk.store.keys import KeyKind
from kiosk.store.papers import PaperKind
from wire import canonical
from wire.errors import FormatError
from wire.event import Action, NoticeKind
from wire.signing import SigningKey

DAY = dates.DAY_MS
DEMAND = Wanted("PN Jakarta Selatan", "12/Pdt.G/2026", "HIR Art. 138", Scope.ATTENDANCE, "", MORNING, MORNING + 2 * DAY)


class Court:
    """A device with two people's attendance over three days, its officer and administrator, and a stick."""

    def __init__(self, folder: Path) -> None:
        self.clock = Hands()
        self.store, self.admin, self.officer = manned(folder / "data" / "state", self.clock)
        self.ani, self.budi = enrolled(self.store, "E-1", "Ani Lestari"), enrolled(self.store, "E-2", "Budi Santoso")
        for _ in range(3):
            for code, person in (("E-1", self.ani), ("E-2", self.budi)):
                self.store.ledger.append(check_in(self.store, code=code), person)
                self.store.ledger.append(notice(self.store, NoticeKind.CONSENT_WITHDRAWN, code=code), person)
                self.clock.move(HOUR)
                self.store.ledger.append(check_in(self.store, Action.OUT, code=code), person)
            self.clock.move(DAY - 2 * HOUR)
        self.place = folder / "stick"
        self.place.mkdir()
        stick = media.new(MediumKind.STICK, "SN-1", "Red stick", "LUKS2", "DPO-9", self.clock.wall_ms + 90 * DAY)
        self.medium = media.register(self.store, stick, self.officer, self.place)

    @property
    def target(self) -> Target:
        return Target(self.medium, self.place, RECIPIENT, 30, "Asia/Jakarta", "en")

    def hand_out(self, demand: Wanted = DEMAND) -> exports.Listed:
        return evidence_act.hand_out(self.store, demand, self.target, self.officer, self.admin)

    def proof(self, demand: Wanted = DEMAND) -> bytes:
        return evidence_proof.write(self.store, "0123456789abcdef", demand, evidence.extract(self.store, demand))


@pytest.fixture
def court(tmp_path: Path) -> Court:
    return Court(tmp_path)


def unsealed(path: Path) -> dict[str, bytes]:
    """What the receiver finds, opened with age and zip alone."""
    import pyrage  # noqa: PLC0415 - as a receiver would

    with zipfile.ZipFile(io.BytesIO(pyrage.decrypt(path.read_bytes(), [ORGANISATION]))) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_an_extract_holds_one_person_and_one_period_and_no_notice_about_a_face(court: Court) -> None:
    found = evidence.extract(court.store, replace(DEMAND, subject=court.ani))
    assert evidence.concerned(found) == (court.ani,)
    assert len(found) == 4  # two of three days, in and out
    assert all(DEMAND.first <= piece.at < DEMAND.last for piece in found)
    assert [piece.seq for piece in found] == sorted(piece.seq for piece in found)
    said = court.proof(replace(DEMAND, subject=court.ani))
    assert b"E-2" not in said
    assert b"Ani" not in said
    assert b"consent_withdrawn" not in said
    assert len(evidence.extract(court.store, DEMAND)) == 8


def test_an_extract_ends_where_the_period_does(court: Court) -> None:
    first = replace(DEMAND, first=MORNING, last=MORNING + 1)
    assert len(evidence.extract(court.store, first)) == 1
    assert evidence.extract(court.store, replace(first, first=MORNING - 2, last=MORNING)) == ()
    month = replace(DEMAND, last=MORNING + 100 * DAY)
    assert len(evidence.extract(court.store, month)) == 12


def test_what_the_device_did_is_another_scope_and_names_nobody(court: Court) -> None:
    demand = replace(DEMAND, scope=Scope.LEDGER, first=MORNING - DAY, last=court.clock.wall_ms + 1)
    found = evidence.extract(court.store, demand)
    assert evidence.concerned(found) == ()
    kinds = [json.loads(piece.clear)["kind"] for piece in found]
    assert {"created", "account_added", "paper_filed", "enrolled"} <= set(kinds)
    of_ani = evidence.extract(court.store, replace(demand, subject=court.ani))
    assert {json.loads(piece.clear)["detail"]["person"] for piece in of_ani} == {court.ani}
    proof = court.proof(demand)
    assert b"E-1" not in proof
    assert len(evidence_proof.read(proof, court.store.device_public).entries) == len(found)


def test_evidence_proves_itself_with_the_devices_public_key(court: Court) -> None:
    demand = replace(DEMAND, subject=court.ani)
    found = evidence_proof.read(court.proof(demand), court.store.device_public)
    assert found.device == court.store.device_id
    assert found.wanted == demand
    assert [said["type"] for _, said in found.entries] == ["com.ambang.checkin.v1"] * 4
    assert found.signed_by == ()


def test_of_other_peoples_entries_evidence_holds_hashes_alone(court: Court) -> None:
    value = json.loads(court.proof(replace(DEMAND, subject=court.ani)))
    own = {each["seq"] for each in value["entries"]}
    beside = [row for part in value["stretches"] for row in part["rows"] if row[0] not in own]
    assert beside
    assert all([type(part) for part in row] == [int, str, str, str] for row in beside)
    assert value["stretches"][0]["rows"][0][0] == min(own)


def test_one_changed_word_byte_or_row_is_refused(court: Court) -> None:
    proof, public = court.proof(), court.store.device_public
    signing = SigningKey.from_bytes(court.store.keys.need(KeyKind.SIGNING))
    evidence_proof.read(proof, public)
    for said in (b"PN Jakarta Selatan", b"HIR Art. 138", b'"made_at":1', b"0123456789abcdef"):
        assert said in proof
        with pytest.raises(FormatError):
            evidence_proof.read(proof.replace(said, said[:-1] + b"2"), public)

    def changed(*path: str | int, to: object) -> bytes:
        """Altered and signed anew, as only the device itself could: the chain has to show it."""
        value = json.loads(proof)
        place = value
        for step in path[:-1]:
            place = place[step]
        assert place[path[-1]] != to
        place[path[-1]] = to
        del value["sig"]
        said = canonical.encode(value)
        return canonical.encode({**value, "sig": signing.sign(b"\0ambang-evidence-v1\0" + said).hex()})

    value = json.loads(proof)
    other = value["entries"][1]
    for wrong in (
        changed("entries", 0, "said", "data", "action", to="overtime_start"),
        changed("entries", 0, "said", "time", to=other["said"]["time"]),
        changed("entries", 0, "salt", to=other["salt"]),
        changed("entries", 0, "seq", to=other["seq"]),
        changed("entries", 0, to=other),
        changed("stretches", 0, "before", to="00" * 32),
        changed("stretches", 0, "rows", 0, 1, to="00" * 32),
        changed("stretches", 0, "rows", to=[]),
        changed("stretches", 0, "note", to="none"),
        changed("stretches", to=[]),
        changed("device", to="another"),
        changed("format", to="ambang.evidence.v2"),
        changed("wanted", "scope", to="everything"),
        proof[:-20],
        b"",
        b"[]",
    ):
        with pytest.raises(FormatError):
            evidence_proof.read(wrong, public)
    with pytest.raises(FormatError):
        evidence_proof.read(proof, bytes(32))


def test_the_proof_can_be_checked_without_this_program(court: Court) -> None:
    """As docs/desk-people.md tells a court to: SHA-256 alone, and the signature of the head."""
    value = json.loads(court.proof())
    promised = {}
    for part in value["stretches"]:
        h = bytes.fromhex(part["before"])
        for seq, commitment, digest, after in part["rows"]:
            h = hashlib.sha256(
                b"\0ambang-ledger-v1\0" + h + seq.to_bytes(8, "big") + bytes.fromhex(commitment) + bytes.fromhex(digest)
            ).digest()
            assert h.hex() == after
            promised[seq] = commitment
    for entry in value["entries"]:
        clear = json.dumps(entry["said"], separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
        salted = b"\0ambang-event-v1\0" + bytes.fromhex(entry["salt"]) + clear
        assert hashlib.sha256(salted).hexdigest() == promised[entry["seq"]]


def test_evidence_of_a_long_ledger_is_proved_by_the_nearest_checkpoint(court: Court) -> None:
    for _ in range(200):
        court.store.ledger.append(check_in(court.store, code="E-2"), court.budi)
    value = json.loads(court.proof(replace(DEMAND, subject=court.ani)))
    assert sum(len(part["rows"]) for part in value["stretches"]) < 80
    assert len(evidence_proof.read(court.proof(), court.store.device_public).entries) == 8


def test_an_entry_that_does_not_open_is_no_silent_gap(court: Court) -> None:
    first = evidence.extract(court.store, replace(DEMAND, subject=court.ani))[0]
    with court.store.database.write():
        court.store.database.run("UPDATE bodies SET sealed = zeroblob(200) WHERE seq = ?", first.seq)
    with pytest.raises(Fault) as refused:
        evidence.extract(court.store, replace(DEMAND, subject=court.ani))
    assert refused.value.code is FaultCode.STORE_TAMPERED


@pytest.mark.parametrize("pair", ["one person twice", "two administrators", "an auditor", "must change"])
def test_it_takes_the_officer_and_an_administrator(court: Court, pair: str) -> None:
    budi = added(court.store, court.admin, court.officer, BUDI, Role.ADMIN, ALSO_GOOD)
    agus = added(court.store, court.admin, court.officer, AGUS, Role.AUDITOR, AUDITOR)
    first, second = {
        "one person twice": (court.officer, court.officer),
        "two administrators": (court.admin, budi),
        "an auditor": (court.officer, agus),
        "must change": (court.officer, LoggedIn(court.admin.account, Role.ADMIN, must_change=True)),
    }[pair]
    with pytest.raises(Fault) as refused:
        evidence_act.hand_out(court.store, DEMAND, court.target, first, second)
    assert refused.value.code is FaultCode.APPROVAL_MISSING
    assert exports.listed(court.store) == ()


def test_what_is_handed_out_opens_for_its_receiver_alone_and_its_digest_is_kept(court: Court) -> None:
    listed = court.hand_out(replace(DEMAND, subject=court.ani))
    path = court.place / listed.export.file
    assert hashlib.sha256(path.read_bytes()).hexdigest() == listed.export.sealed_sha256
    assert b"checkin" not in path.read_bytes()
    files = unsealed(path)
    assert set(files) == {"evidence.json", "evidence.pdf"}
    assert hashlib.sha256(files["evidence.json"]).hexdigest() == listed.export.content_sha256
    assert evidence_proof.read(files["evidence.json"], court.store.device_public).id == listed.id
    assert files["evidence.pdf"].startswith(b"%PDF")
    assert (listed.state, listed.expires - listed.at, listed.export.people) == (exports.OUT, 30 * DAY, (court.ani,))
    said = [detail for kind, detail in acts(court.store) if kind == "exported"]
    assert said == [{"what": "evidence", "paper": listed.id, "entries": 4, "people": 1}]


def test_nothing_is_handed_out_where_nothing_is_or_onto_another_medium_or_for_a_wrong_key(court: Court) -> None:
    empty = replace(DEMAND, first=MORNING - 10 * DAY, last=MORNING - 9 * DAY)
    wrong = (
        (empty, court.target, FaultCode.DESK_REFUSED),
        (DEMAND, replace(court.target, receiver="age1none"), FaultCode.BACKUP_RECIPIENT),
        (DEMAND, replace(court.target, place=court.place.parent), FaultCode.OUTPUT_REFUSED),
        (DEMAND, replace(court.target, medium="0123456789abcdef"), FaultCode.OUTPUT_REFUSED),
    )
    for demand, target, code in wrong:
        with pytest.raises(Fault) as refused:
            evidence_act.hand_out(court.store, demand, target, court.officer, court.admin)
        assert refused.value.code is code
    assert exports.listed(court.store) == ()
    assert [each.name for each in court.place.iterdir()] == [media.MARK]


def test_a_file_that_could_not_be_written_stands_in_the_register_as_begun(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise Fault(FaultCode.DISK_FULL)

    monkeypatch.setattr(evidence_act, "replace_file", full)
    with pytest.raises(Fault):
        court.hand_out()
    (listed,) = exports.listed(court.store)
    assert (listed.state, listed.to_tell) == (exports.WRITING, 0)


def test_everybody_concerned_has_a_paper_of_their_own_until_they_are_told(court: Court) -> None:
    listed = court.hand_out()
    assert listed.to_tell == 2
    (paper,) = papers.find(court.store, PaperKind.EXPORT, person=court.ani)
    assert paper.content is not None
    assert (paper.state, paper.content["recipient"]) == ("to_tell", "PN Jakarta Selatan")
    assert exports.told(court.store, listed.id, court.officer.account) == 2
    assert exports.one(court.store, listed.id).to_tell == 0
    assert papers.get(court.store, paper.id).state == "told"


def test_where_a_law_forbids_it_nobody_is_told_until_that_is_lifted(court: Court) -> None:
    listed = court.hand_out(replace(DEMAND, not_told="KUHAP Art. 39: secrecy of the investigation"))
    assert papers.find(court.store, PaperKind.EXPORT, person=court.ani) == ()
    assert not exports.may_tell(court.store, listed)
    assert exports.tell_now(court.store, listed.id, court.officer.account) == 2
    assert exports.may_tell(court.store, listed)
    assert len(papers.find(court.store, PaperKind.EXPORT, person=court.ani)) == 1
    with pytest.raises(Fault):
        exports.tell_now(court.store, listed.id, court.officer.account)


def test_an_export_is_late_after_its_day_until_somebody_confirms_that_it_is_gone(court: Court) -> None:
    listed = court.hand_out()
    court.clock.move(30 * DAY - 1)
    assert not exports.one(court.store, listed.id).late(court.store.now_ms())
    court.clock.move(1)
    assert exports.one(court.store, listed.id).late(court.store.now_ms())
    exports.destroyed(court.store, listed.id, court.officer.account)
    assert not exports.one(court.store, listed.id).late(court.store.now_ms())
    with pytest.raises(Fault):
        exports.destroyed(court.store, listed.id, court.officer.account)


@pytest.mark.parametrize(
    "wrong", [{"requester": ""}, {"ground": "a\nb"}, {"cited_law": " "}, {"last": MORNING}, {"subject": "x"}]
)
def test_a_demand_without_requester_ground_law_or_period_is_none(wrong: dict[str, str]) -> None:
    with pytest.raises(FormatError):
        replace(DEMAND, **wrong)  # type: ignore[arg-type]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "data", monkeypatch, capsys)


def test_evidence_at_a_shell_from_the_demand_to_the_receipt_and_the_check(
    court: Court, shell: Shell, tmp_path: Path
) -> None:
    store = court.store
    store.ledger.append(dispute(store, "018f0000-0000-7000-8000-000000000000", code="E-1"), court.ani)
    (tmp_path / "device.key").write_text(store.device_public.hex())
    closed(store)
    stick = media.new(MediumKind.STICK, "SN-2", "Blue stick", "LUKS2", "DPO-10", _now() + 30 * DAY)
    store = Store.open(court.store.database.directory, key_of(court.store.database.directory))
    medium = media.register(store, stick, court.officer, court.place)
    closed(store)
    words = (
        *("privacy", "evidence", "--person", "E-1", "--requester", "PN Jakarta Selatan", "--ground", "12/Pdt.G/2026"),
        *("--cited-law", "HIR Art. 138", "--scope", "attendance", "--from", "2026-11-16", "--to", "2026-11-30"),
        *("--medium", medium, "--at", court.place, "--seal-for", RECIPIENT, "--first", SARI, "--second", RATNA),
    )
    receipt = tmp_path / "receipt.pdf"
    assert "same_account" in shell(*words[:-1], SARI, typed=(OFFICER, OFFICER), code=2)[1]
    said = shell(*words, "--language", "id", "--pdf", receipt, typed=(OFFICER, GOOD))[0]
    assert "Tanda terima bukti" in said
    assert f"Diserahkan oleh {RATNA}" in said
    assert "Ani" not in said
    assert receipt.read_bytes().startswith(b"%PDF")
    (path,) = court.place.glob("evidence-*.age")
    check = ("privacy", "verify-evidence", path, "--device-key", tmp_path / "device.key")
    identity = identity_file(tmp_path)
    said = shell(*check, "--identity", identity, place=False)[0]
    assert "This evidence is genuine." in said
    assert "That nothing of it was left out, it does not prove." in said
    assert "7 entries" in said
    (tmp_path / "device.key").write_text("ab" * 32)
    assert shell.asked(*check, "--identity", identity, code=1, place=False)["genuine"] is False
    export = path.name.removeprefix("evidence-").removesuffix(".zip.age")
    letter = ("privacy", "exports", "letter", "--export", export, "--by", SARI, "--language", "nl", "--person")
    assert "Er is geen beeld en geen meting van uw gezicht verstrekt" in shell(*letter, "E-1", typed=(OFFICER,))[0]
    assert "not in this export" in shell(*letter, "E-2", typed=(OFFICER,), code=2)[1]
    listed = ("privacy", "exports", "list", "--by", SARI)
    assert "1 to tell" in shell(*listed, typed=(OFFICER,))[0]
    for verb in ("told", "destroyed"):
        shell("privacy", "exports", verb, "--export", export, "--by", SARI, typed=(OFFICER,))
    assert shell.asked(*listed, typed=(OFFICER,))["exports"][0]["state"] == "destroyed"
    assert opened(court.store.database.directory.parent).ledger.verify() > 0


def _now() -> int:
    import time  # noqa: PLC0415 - commands read the real clock

    return round(time.time() * 1000)


def test_a_package_with_any_bit_turned_is_read_or_refused_with_a_sentence() -> None:
    whole, refused = io.BytesIO(), []
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("evidence.json", bytes(range(32, 127)) * 40)
    for place in range(len(whole.getvalue()) * 8):
        spoilt = bytearray(whole.getvalue())
        spoilt[place // 8] ^= 1 << place % 8
        try:
            evidence_act.unpacked(bytes(spoilt))
        except Fault as fault:
            refused.append(fault.code)
    assert len(refused) > 100
    assert set(refused) == {FaultCode.BACKUP_REFUSED}
