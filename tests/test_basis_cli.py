"""`kiosk privacy restrict`, `object`, `ground`, `purposes` and `kiosk people mode`, `minor` at a shell."""

import json
from pathlib import Path
from typing import Any

import pytest
from admin_kit import ALSO_GOOD, GOOD, RATNA, another, first_admin
from erasure_kit import CODE, office
from shell_kit import ran
from store_kit import Hands, check_in, key_of

from kiosk.store import Store
from kiosk.store.approval import Role

DPO = "Dewi Lestari"
WHY = "Jam masuk saya salah dicatat"
GROUND = "Wajib menurut Pasal 9 peraturan keamanan bandara"
PRIVACY = """
[controller]
name = "PT Contoh Sejahtera"
[authority]
name = "Lembaga PDP"
[[purpose]]
name = "attendance"
basis = "contract"
[[purpose]]
name = "face_recognition"
basis = "consent"
[[purpose]]
name = "operation"
basis = "legitimate_interests"
interest = "the door works"
[[purpose]]
name = "proof"
basis = "legal_obligation"
interest = "Pasal 47 UU PDP"
[[purpose]]
name = "security"
basis = "legitimate_interests"
"""


class Shell:
    """Runs `kiosk`, an administrator or the officer typing their password."""

    def __init__(self, data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.patch, self.capsys = data, patch, capsys

    def __call__(self, *given: str, by: str = DPO, code: int = 0) -> str:
        words = (*given, "--data", self.data, *(("--by", by) if by else ()))
        out, err = ran(self.patch, self.capsys, words, (GOOD if by == RATNA else ALSO_GOOD,), code)
        return out if code == 0 else err

    def json(self, *given: str, by: str = DPO) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*given, "--json", by=by))


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    made = office(tmp_path, entries=1)
    ratna = first_admin(made.store)
    another(made.store, ratna, DPO, ALSO_GOOD, Role.DPO)
    made.store.close()
    (tmp_path / "privacy.toml").write_text(PRIVACY)
    return Shell(tmp_path, monkeypatch, capsys)


def opened(shell: Shell) -> Store:
    return Store.open(shell.data / "state", key_of(shell.data / "state"), clock=Hands())


def test_a_restriction_begins_is_told_and_lifted_and_what_was_held_goes_its_way(shell: Shell) -> None:
    made = shell.json(
        "privacy", "restrict", "begin", "--purpose", "attendance", "--person", CODE, "--why", WHY, by=RATNA
    )
    paper = made["data"]["id"]
    store = opened(shell)
    person = store.people.by_code(CODE)
    assert person is not None
    store.ledger.append(check_in(store, code=CODE), person.id)
    store.close()
    (row,) = shell.json("privacy", "restrict", "list")["restrictions"]
    assert (row["id"], row["person"], row["held"], row["state"]) == (paper, CODE, 1, "in force")
    assert "check-ins held" in shell("people", "list", by="")
    assert "must be told before" in shell("privacy", "restrict", "lift", "--id", paper, code=2)
    told = shell("privacy", "restrict", "tell", "--id", paper, "--language", "id")
    assert "Pemberitahuan sebelum pembatasan dicabut" in told
    assert "has not come" in shell("privacy", "restrict", "lift", "--id", paper, code=2)
    shell("privacy", "restrict", "tell", "--id", paper, "--agreed")
    assert shell.json("privacy", "restrict", "lift", "--id", paper) == {"id": paper, "released": 1}
    assert shell("privacy", "restrict", "list") == "Nothing is restricted.\n"


def test_only_the_officer_decides_and_an_override_needs_its_ground(shell: Shell, tmp_path: Path) -> None:
    filed = shell.json("privacy", "object", "file", "--person", CODE, "--purpose", "security", "--why", WHY, by=RATNA)
    paper = filed["data"]["id"]
    override = ("privacy", "object", "decide", "--id", paper, "--override")
    assert "This is not for you to do" in shell(*override, "--ground", GROUND, by=RATNA, code=2)
    assert "compelling ground" in shell(*override, code=2)
    answer = shell(*override, "--ground", GROUND, "--pdf", str(tmp_path / "answer.pdf"))
    assert GROUND in answer
    assert "Lembaga PDP" in answer
    assert (tmp_path / "answer.pdf").read_bytes().startswith(b"%PDF")
    assert shell("privacy", "object", "answer", "--id", paper) == answer
    (row,) = shell.json("privacy", "object", "list")["objections"]
    assert (row["person"], row["effect"], row["outcome"]) == (CODE, "cannot_stop", "overridden")
    assert "Look at the list again" in shell("privacy", "object", "answer", "--id", "0" * 16, code=2)


def test_the_purposes_are_a_table_that_names_nobody(shell: Shell) -> None:
    shell("privacy", "object", "file", "--person", CODE, "--purpose", "security", "--why", WHY)
    rows = {row["purpose"]: row for row in shell.json("privacy", "purposes", by="")["data"]["purposes"]}
    assert rows["security"]["objections"] == 1
    assert (rows["operation"]["ground"], rows["conduct"]["on"], rows["marketing"]["on"]) == (
        "the door works",
        False,
        False,
    )
    assert CODE not in shell("privacy", "purposes", "--language", "nl", by="")


def test_a_ground_is_the_officer_s_to_record_and_to_withdraw(shell: Shell) -> None:
    record = ("privacy", "ground", "record", "--person", CODE, "--condition", "employment_law", "--law", GROUND)
    assert "not for you" in shell(*record, by=RATNA, code=2)
    paper = shell.json(*record)["id"]
    assert shell.json("privacy", "ground", "withdraw", "--id", paper) == {"id": paper, "erased": False}
    assert "already" in shell("privacy", "ground", "withdraw", "--id", paper, code=2)


def test_a_mode_and_a_minor_are_set_by_somebody_who_logs_in(shell: Shell) -> None:
    found = shell.json("people", "mode", "--person", CODE, "verification", by=RATNA)
    assert found == {"code": CODE, "mode": "verification", "holds": "verification"}
    (shell.data / "kiosk.toml").write_text('[recognition]\nmode = "off"\n')
    assert shell.json("people", "mode", "--person", CODE, "identification")["holds"] == "off"
    minor = shell.json("people", "minor", "--person", CODE, "on", by=RATNA)
    assert (minor["minor"], minor["erased"], Path(minor["certificate"]).is_file()) == (True, True, True)
    assert shell.json("people", "minor", "--person", CODE, "off")["minor"] is False
    assert "There is no such person" in shell("people", "mode", "--person", "E-404", "off", code=2)
