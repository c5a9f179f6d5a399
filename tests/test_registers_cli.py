"""`kiosk privacy register`, `recipients`, `data`, `retention`, `held` at a shell: true, in three languages, signed."""

import json
import re
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from admin_kit import ALSO_GOOD, BUDI, GOOD, RATNA, acts, another, first_admin
from ledger_kit import countersign
from shell_kit import ran
from store_kit import CHEAP, OPENED, check_in, enrolled, key_of

from kiosk import words
from kiosk.__main__ import main
from kiosk.config import Config, Recognition
from kiosk.rights import company, measures, register, strict
from kiosk.rights.company import Company
from kiosk.rights.held_class import HeldPurpose, Reading
from kiosk.rights.measures import Pack
from kiosk.rights.purposes import Purpose
from kiosk.store import Store, papers
from kiosk.store.approval import Role
from kiosk.store.papers import PaperKind
from wire.errors import FormatError

PRIVACY = """
[controller]
name = "PT Contoh Jaya"
country = "ID"
[officer]
name = "Dewi Lestari"
[approval]
approver = "Direksi"
effective = "2026-11-01"
review = "2027-11-01"
[periods]
attendance = 12
[[recipient]]
name = "Kantor Pusat"
category = "employer"
host = "hq.contoh.example"
purposes = ["attendance"]
fields = ["employee code", "times"]
country = "ID"
[[recipient]]
name = "Payroll Pte Ltd"
category = "processor"
purposes = ["attendance"]
country = "SG"
ground = "contract_clauses"
evidence = "SCC 2026/3"
date = "2026-03-01"
[[recipient]]
name = "Cloud Inc"
category = "processor"
country = "US"
"""


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A store with Budi's face and one check-in, an administrator and an officer."""
    data = tmp_path_factory.mktemp("pattern")
    (data / company.FILE).write_text(PRIVACY)
    with closing(Store.create(data / "state", provider=key_of(data / "state"))) as store:
        store.accounts.cost = CHEAP
        officer = another(store, first_admin(store), role=Role.DPO).account
        person = enrolled(store)
        store.ledger.append(check_in(store), person)
    return data, officer, person


class Shell:
    """`kiosk privacy` on a copy of that store."""

    def __init__(
        self, pattern: tuple[Path, str, str], data: Path, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.data, self.patch, self.capsys = data, patch, capsys
        made, self.officer, self.person = pattern
        shutil.copytree(made, data)

    def __call__(self, *given: str, typed: tuple[str, ...] = (), code: int = 0) -> str:
        place = () if "verify" in given else ("--data", self.data)
        return "".join(ran(self.patch, self.capsys, ("privacy", *given, *place), typed, code))

    def asked(self, *given: str, typed: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*given, "--json", typed=typed))

    def store(self) -> Store:
        store = Store.open(self.data / "state", key_of(self.data / "state"))
        OPENED.append(store)
        return store


@pytest.fixture
def shell(
    pattern: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setattr("kiosk.store.password_cost.took", lambda _cost: 0.6)
    return Shell(pattern, tmp_path / "kiosk", monkeypatch, capsys)


# records of processing


def test_the_records_of_processing_hold_all_six_items_and_what_really_runs(shell: Shell) -> None:
    said = shell.asked("register")["data"]
    assert said["controller"]["name"] == "PT Contoh Jaya"
    assert said["officer"]["name"] == "Dewi Lestari"
    assert {each["purpose"] for each in said["purposes"]} >= {"attendance", "testing", "security"}
    assert [each["admitted"] for each in said["recipients"]] == [True, True, False]
    assert said["periods"]["attendance"] == 12
    assert (said["approval"]["approver"], said["approval"]["review"]) == ("Direksi", "2027-11-01")
    found = said["measures"]
    assert (found["security_level"], found["mode"], found["backups"]["on"]) == ("weak", "identification", False)
    assert found["accounts"] == {"admin": 1, "dpo": 1, "technician": 0, "auditor": 0, "enroller": 0, "supervisor": 0}
    assert found["counts"] == {"people": 1, "faces": 1, "pins": 1, "damaged": 0}
    assert found["pack"] == {"name": "faceplugin", "licence": "MIT"}
    assert found["entries"] > 0
    assert "officer.email" in said["missing"]


def test_the_records_change_with_the_device_and_not_with_a_template(shell: Shell) -> None:
    (shell.data / "kiosk.toml").write_text(
        '[recognition]\nmode = "off"\n[delivery]\nbackend = "csv"\n[storage]\nanchor = "second/anchor"\n'
    )
    said = shell.asked("register")["data"]
    found = said["measures"]
    assert (found["mode"], found["pack"], found["backend"]) == ("off", None, "csv")
    assert (found["anchors"], found["anchor_places"]) == (1, 2), "the second partition is not there"
    assert "face_recognition" in said["off"]
    text = shell("register", "--language", "nl")
    assert "uit: geen gezicht wordt verwerkt" in text
    assert "Tegen valse gezichten" not in text
    assert "zet bestanden in een map" in text


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_the_records_are_made_in_every_language_and_as_a_pdf(shell: Shell, language: str) -> None:
    file = shell.data / "register.pdf"
    text = shell("register", "--language", language, "--pdf", str(file))
    for key in (
        "title",
        "who",
        "why",
        "what",
        "recipients",
        "transfers",
        "retention",
        "measures",
        "testing",
        "research",
    ):
        sentence = words.say(language, f"registers.register.{key}")
        assert sentence in " ".join(text.split()), key
    assert "SCC 2026/3, 2026-03-01" in text
    with pikepdf.open(file) as pdf:
        assert len(pdf.pages) >= 1


def test_from_indonesia_a_recipient_in_the_economic_area_is_a_transfer_as_the_notice_says(shell: Shell) -> None:
    text = PRIVACY.replace('country = "SG"', 'country = "NL"')
    (shell.data / company.FILE).write_text(text)
    (section,) = re.findall(r"5. Transfers(.*?)6. Retention", shell("register"), re.DOTALL)
    assert "Payroll Pte Ltd" in section
    (shell.data / company.FILE).write_text(text.replace('country = "ID"', 'country = "DE"', 1))
    (section,) = re.findall(r"5. Transfers(.*?)6. Retention", shell("register"), re.DOTALL)
    assert "Payroll Pte Ltd" not in section, "within the economic area nothing leaves"


def test_every_way_in_which_a_device_may_run_has_its_words(tmp_path: Path) -> None:
    with closing(Store.create(tmp_path / "state", provider=key_of(tmp_path / "state"))) as store:
        for mode in ("identification", "verification", "roster", "off"):
            for liveness in ("signal", "clear_attack", "enforce"):
                config = Config(data=tmp_path, recognition=Recognition(mode=mode, liveness=liveness))
                found = measures.measured(store, config, Pack("faceplugin", "MIT"))
                for language in words.LANGUAGES:
                    made = register.document(language, Company(), found, device="d", site="s", now_ms=0)
                    assert made.blocks
        for level in ("weak", "passphrase", "hardware"):
            assert words.say("id", f"registers.measure.root_{level}")


# recipients, data


def test_the_register_of_recipients_says_who_receives_nothing_and_why(shell: Shell) -> None:
    said = shell.asked("recipients")["data"]
    assert said["bound"]
    assert said["recipients"][2]["problems"] == ["ground_missing", "evidence_missing", "date_missing"]
    text = shell("recipients", "--language", "nl")
    assert "ontvangt niets: geen grondslag, geen bewijsstuk, geen datum van het bewijsstuk" in text
    (shell.data / company.FILE).unlink()
    assert not shell.asked("recipients")["data"]["bound"]
    assert words.say("en", "registers.recipients.nobody") in shell("recipients")


def test_the_table_of_data_names_every_column_with_the_companys_periods(shell: Shell) -> None:
    rows = shell.asked("data")["data"]["columns"]
    told = {(row["file"], row["table"], name) for row in rows for name in row["names"]}
    with closing(shell.store()) as store:
        found = {
            (file, table, column)
            for schema, file in (("main", "records.db"), ("templates", "templates.db"))
            for owner, table, *_ in store.database.rows("PRAGMA table_list")
            if owner == schema and not table.startswith("sqlite_")
            for _, column, *_ in store.database.rows(f"PRAGMA {schema}.table_info({table})")
        }
    assert told == found
    assert "12 maanden" in shell("data", "--language", "nl")
    assert "12 bulan" in shell("data", "--language", "id")


# retention


def test_a_schedule_a_preview_and_a_sweep_by_an_officer_and_its_proof(shell: Shell) -> None:
    assert "12 months" in shell("retention", "show")
    with closing(shell.store()) as store:
        old = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp() * 1000)
        store.ledger.append(check_in(store, at=old), shell.person)
        countersign(store)
    (line, keys) = shell.asked("retention", "preview")["data"]["lines"]
    assert (line["month"], line["going"], keys["going"]) == ("2025-03", 1, 1)
    sweep = ("retention", "sweep", "--by", BUDI)
    assert "no server has set this clock" in shell(*sweep, typed=(ALSO_GOOD,), code=2)
    done = shell.asked(*sweep, "--clock-is-right", typed=(ALSO_GOOD,))
    assert (done["gone"]["attendance_records"], done["by"]) == (1, shell.officer)
    (report,) = shell.asked("retention", "reports")["reports"]
    file, key = shell.data / "report.json", shell.data / "key.txt"
    shell("retention", "reports", "--id", report["id"], "--out", str(file))
    with closing(shell.store()) as store:
        key.write_text(store.device_public.hex())
    verify = ("retention", "verify", str(file), "--device-key", str(key))
    assert "This report is genuine." in shell(*verify)
    file.chmod(0o600)
    file.write_text(file.read_text().replace('"attendance_records":1', '"attendance_records":0'))
    assert "not genuine" in shell(*verify, code=1)
    key.write_text("nonsense")
    assert "not genuine" in shell(*verify, code=1)


def test_only_the_officer_places_and_releases_a_legal_hold(shell: Shell) -> None:
    hold = ("retention", "hold", "--person", "E-0417", "--ground", "gugatan", "--until", "2099-01-01", "--by")
    assert "May" not in shell(*hold, RATNA, typed=(GOOD,), code=2)
    placed = shell.asked(*hold, BUDI, typed=(ALSO_GOOD,))["hold"]
    (found,) = shell.asked("retention", "holds", "--by", RATNA, typed=(GOOD,))["holds"]
    assert (found["state"], found["ground"], found["due"]) == ("on", "gugatan", False)
    assert "Legal holds in force: 1." in shell("retention", "show")
    release = ("retention", "release", placed, "--why", "selesai", "--by")
    shell(*release, RATNA, typed=(GOOD,), code=2)
    shell(*release, BUDI, typed=(ALSO_GOOD,))
    shell(*release, BUDI, typed=(ALSO_GOOD,), code=2)
    everybody = ("retention", "hold", "--everybody", "--ground", "x", "--until", "2099-01-01", "--by", BUDI)
    shell(*everybody, typed=(ALSO_GOOD,))
    assert words.say("id", "registers.retention.everybody") in shell("retention", "show", "--language", "id")


@pytest.mark.parametrize("until", ["tomorrow", "2026-13-01", ""])
def test_a_date_that_is_none_is_refused(shell: Shell, until: str) -> None:
    said = shell("retention", "hold", "--everybody", "--ground", "x", "--until", until, "--by", BUDI, code=2)
    assert "is no day: YYYY-MM-DD" in said


# the held class


def left(shell: Shell) -> None:
    """Budi has left; headquarters has not signed for his attendance."""
    with closing(shell.store()) as store, store.database.write():
        store.database.run("UPDATE people SET state = 'left' WHERE id = ?", shell.person)


def test_whoever_has_left_is_read_for_security_and_fraud_alone_and_each_reading_is_on_file(shell: Shell) -> None:
    show = ("held", "show", "--person", shell.person, "--why", "barang hilang", "--by")
    shell(*show, BUDI, "--purpose", "fraud", typed=(ALSO_GOOD,), code=2)  # he has not left
    left(shell)
    (waiting,) = shell.asked("held", "list", "--by", BUDI, typed=(ALSO_GOOD,))["held"]
    assert waiting == {"id": shell.person, "why": "headquarters", "entries": 1}
    for purpose in ("curiosity", "pay", ""):
        assert "security or fraud" in shell(*show, BUDI, "--purpose", purpose, typed=(ALSO_GOOD,), code=2)
    shell(*show, RATNA, "--purpose", "fraud", typed=(GOOD,), code=2)
    with closing(shell.store()) as store:
        assert papers.find(store, PaperKind.READING) == (), "nothing was shown"
    said = shell.asked(*show, BUDI, "--purpose", "fraud", typed=(ALSO_GOOD,))
    assert (said["code"], [event["what"] for event in said["events"]]) == ("E-0417", ["in"])
    with closing(shell.store()) as store:
        (paper,) = papers.find(store, PaperKind.READING)
        assert paper.content is not None
        assert strict.read(Reading, paper.content) == Reading(HeldPurpose.FRAUD, "barang hilang", shell.officer, 1)
        assert ("paper_filed", paper.id, shell.officer) in [
            (kind, detail.get("paper"), detail.get("by")) for kind, detail in acts(store)
        ]


def test_the_list_of_people_does_not_show_who_has_left(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    left(shell)
    assert main(["people", "list", "--data", str(shell.data)]) == 0
    said = capsys.readouterr().out
    assert "Budi" not in said
    assert "E-0417" not in said
    assert "1 who have left are not shown" in said


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"purpose": "pay", "why": "x", "by": "", "entries": 1},
        {"purpose": "fraud", "why": "x", "by": "", "entries": True},
        {"purpose": "fraud", "why": 3, "by": "", "entries": 1},
        {"purpose": "fraud", "why": "x", "by": "", "entries": 1, "more": 1},
    ],
)
def test_what_is_no_reading_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises(FormatError):
        strict.read(Reading, content)


def test_testing_is_a_purpose_and_nothing_goes_to_research_or_insurance() -> None:
    assert Purpose.TESTING in {rule.purpose for rule in Company().purposes}
    assert "never reads the store" in words.say("en", "registers.register.testing")
    assert "insurance" in words.say("en", "registers.register.research")
