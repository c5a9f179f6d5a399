"""Accounts of HQ: how they begin, what opens them, what closes them, and what nobody learns."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hq_desk import AT_THE_SHELL, CHEAP, EVERY_ROLE, PASSWORD, account, hq, signed_in, text_of
from hq_site import Site, found, now_ms, running

from hq import access, accounts, audit, passwords, sessions
from hq.__main__ import main
from hq.access import WAITS_S, Opened, Wait, Wrong, log_in
from hq.accounts import CODE_LASTS_MS, LOCK_AFTER, New, Role, Standing
from hq.database import reading, writing
from hq.office import Office, open_office
from hq.passwords import LASTS_MS, REMEMBERED, Unfit
from hq.refusals import Refused
from hq.sessions import IDLE_MS, SESSION_MS

MINUTE = 60_000
LONG = 15 * MINUTE


class PowerCutError(Exception):
    pass


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return found(tmp_path)


@pytest.fixture
def office(site: Site) -> Iterator[Office]:
    with closing(open_office(site.root)) as opened:
        yield opened


def standing(office: Office, name: str) -> Standing:
    with reading(office.engine) as view:
        return next(one.standing for one in accounts.everybody(view, office.seals) if one.name == name)


def given_code(office: Office, name: str, *roles: Role, at: int) -> str:
    with writing(office.engine) as work:
        return accounts.add(work, office, AT_THE_SHELL, New(name, roles), at)[1]


UNFIT = {
    "Ab1.Ab1.Ab1": {Unfit.TOO_SHORT},
    "Ab1." * 33: {Unfit.TOO_LONG},
    "A1.AAAAAAAAAA": {Unfit.NO_SMALL_LETTER},
    "a1.aaaaaaaaaa": {Unfit.NO_CAPITAL},
    "aA.aaaaaaaaaa": {Unfit.NO_DIGIT},
    "aA1aaaaaaaaaa": {Unfit.NO_SIGN},
    "short": {Unfit.TOO_SHORT, Unfit.NO_CAPITAL, Unfit.NO_DIGIT, Unfit.NO_SIGN},
    "Password123!!": {Unfit.EASY_TO_GUESS},
    "Ratna.Kusuma.Ratna.1": {Unfit.EASY_TO_GUESS, Unfit.BUILT_ON_A_NAME},
    "Ambang-hq/kantor-1": {Unfit.EASY_TO_GUESS, Unfit.BUILT_ON_A_NAME},
    "Kuda laut\x007 menari": {Unfit.UNREADABLE},
    "Kuda laut 7 \ud800 x.": {Unfit.UNREADABLE},
}


@pytest.mark.parametrize("password", UNFIT)
def test_a_password_is_refused_for_the_reason_it_gives(password: str) -> None:
    reasons = set(passwords.unfit(password, ("Ratna Kusuma", "ambang-hq/kantor")))
    assert reasons
    assert reasons <= UNFIT[password]


def test_what_lies_behind_72_characters_is_not_judged_and_128_are_allowed() -> None:
    assert passwords.unfit("Kuda laut 7 menari pelan." + "x" * 103) == ()


def test_an_account_begins_with_a_code_that_opens_only_the_choice_of_a_password(site: Site) -> None:
    _, told = hq("account", "add", "--data", site.root, "--name", "Ratna Kusuma", "--role", "viewer")
    code = told.rpartition(" ")[2].strip()
    assert told.startswith("One-time code for Ratna Kusuma, good for 24 hours: ")
    with running(site, program=CHEAP), signed_in(site, "ratna kusuma", code.lower().replace("-", " ")) as client:
        for path in ("/", "/attendance", "/devices"):
            assert client.get(path).headers["location"] == "/password"
        assert client.post("/attendance.csv").headers["location"] == "/password"
        both = {"password": "Password123!!", "again": "Password123!!"}
        refused = client.post("/password", data=both)
        assert (refused.status_code, "It is easy to guess." in refused.text) == (422, True)
        refused = client.post("/password", data={"password": PASSWORD, "again": PASSWORD + "x"})
        assert "The two passwords are not the same." in refused.text
        answer = client.post("/password", data={"password": PASSWORD, "again": PASSWORD})
        assert answer.headers["location"] == "/"
        assert client.get("/").status_code == 200
        with site.client() as other:
            answer = other.post("/open", data={"name": "Ratna Kusuma", "password": code})
            assert (answer.status_code, "do not fit" in answer.text) == (403, True)
        wrong = {"current": "wrong", "password": PASSWORD + "2", "again": PASSWORD + "2"}
        assert "present password is wrong" in client.post("/password", data=wrong).text


def test_the_first_account_is_made_with_the_code_of_init_which_is_then_used_up(site: Site) -> None:
    with running(site, program=CHEAP), site.client() as client, site.client() as late:
        assert "Nobody has an account here yet." in client.get("/").text
        assert "That is not the code." in client.post("/open", data={"code": "00000-00000-00000-00000"}).text
        typed = site.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        for one in (client, late):
            assert one.post("/open", data={"code": typed}).headers["location"] == "/sign-in"
            assert one.get("/").headers["location"] == "/sign-in"
        assert "The first account" in client.get("/sign-in").text
        new = {"name": "Ani", "password": PASSWORD, "again": PASSWORD, "role": ["viewer"]}
        assert "not the same" in client.post("/first", data=new | {"again": "x"}).text
        assert "fewer than 12" in client.post("/first", data=new | {"password": "x", "again": "x"}).text
        assert "A name is 1 to 64" in client.post("/first", data=new | {"name": "a\x07"}).text
        assert client.post("/first", data=new).headers["location"] == "/"
        assert client.get("/").status_code == 200
        assert client.get("/accounts").status_code == 200
        assert client.get("/audit").status_code == 403
        assert late.post("/first", data=new | {"name": "Mallory"}).headers["location"] == "/sign-in"
        assert late.post("/open", data={"code": site.code}).status_code == 403
    assert [one["name"] for one in listed(site)] == ["Ani"]


def listed(site: Site) -> list[dict[str, str]]:
    told: list[dict[str, str]] = json.loads(hq("account", "list", "--data", site.root, "--json")[1])
    return told


def test_a_new_first_code_is_refused_once_there_is_an_account(
    site: Site, office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["access", "renew", "--data", str(site.root)]) == 0
    assert site.code not in capsys.readouterr().out
    account(office, "Ani", Role.ADMIN)
    assert main(["access", "renew", "--data", str(site.root)]) == 2
    assert "account reset" in capsys.readouterr().err


def test_waits_grow_to_fifteen_minutes_and_a_clock_set_back_cannot_lengthen_them(office: Office) -> None:
    account(office, "Sari", Role.VIEWER)
    now, waits = now_ms(), []
    for _ in range(LOCK_AFTER + 2):
        assert isinstance(log_in(office, "Sari", "wrong", now), Wrong)
        waited = log_in(office, "Sari", PASSWORD, now)
        assert isinstance(waited, Wait)
        assert log_in(office, "Sari", PASSWORD, now - 7 * 24 * 3_600_000) == waited
        waits.append(waited.seconds)
        now += waited.seconds * 1000
    assert waits == [*WAITS_S[1:], 900, 900]


def test_ten_wrong_tries_lock_an_account_until_it_is_reset_and_so_they_do_a_name_that_is_none(office: Office) -> None:
    mine = account(office, "Sari", Role.VIEWER)
    told: dict[str, list[object]] = {"Sari": [], "Nobody": []}
    for name, answers in told.items():
        now = now_ms()
        for _ in range(LOCK_AFTER):
            answers.append(log_in(office, name, "wrong", now))
            now += LONG
        answers.append(log_in(office, name, PASSWORD, now))
    assert told["Sari"] == told["Nobody"]
    assert told["Sari"][-3:] == [Wrong(locked=False), Wrong(locked=True), Wrong(locked=True)]
    assert standing(office, "Sari") is Standing.LOCKED
    kinds = [act.kind for act in audit.newest(office, None, 50)]
    assert kinds.count("locked-out") == 1
    assert kinds.count("sign-in-failed") == LOCK_AFTER + 1 + LOCK_AFTER + 1  # tries are 15 minutes apart
    with writing(office.engine) as work:
        code = accounts.reset(work, office, AT_THE_SHELL, mine, now)
    assert standing(office, "Sari") is Standing.WAITING
    assert log_in(office, "Sari", PASSWORD, now) == Wrong(locked=False)
    assert isinstance(log_in(office, "Sari", code, now + 2000), Opened)


def test_an_attempt_is_counted_before_it_is_looked_at_and_survives_a_restart(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_given: object) -> bytes:
        raise PowerCutError

    now = now_ms()
    with closing(open_office(site.root)) as office:
        account(office, "Sari", Role.VIEWER)
        for number in range(3):
            with monkeypatch.context() as patched:
                patched.setattr(access, "stretched", cut)
                with pytest.raises(PowerCutError):
                    log_in(office, "Sari", PASSWORD, now + number * LONG)
    with closing(open_office(site.root)) as office:
        assert log_in(office, "Sari", PASSWORD, now + 2 * LONG) == Wait(WAITS_S[3])


def test_names_that_are_none_do_not_fill_the_database(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "STRANGERS", 5)
    account(office, "Sari", Role.VIEWER)
    now = now_ms()
    assert log_in(office, "Sari", "wrong", now) == Wrong(locked=False)
    for number in range(20):
        log_in(office, f"stranger {number}", "x", now + number)
    with reading(office.engine) as view:
        assert len(view.exec_driver_sql("SELECT * FROM attempts").all()) <= 5 + 2
    assert isinstance(log_in(office, "Sari", PASSWORD, now), Wait)
    assert [act.kind for act in audit.newest(office, None, 50)].count("sign-in-failed") == 2


def test_a_code_opens_for_24_hours(office: Office) -> None:
    now = now_ms()
    code = given_code(office, "Sari", Role.VIEWER, at=now)
    assert log_in(office, "Sari", code, now + CODE_LASTS_MS) == Wrong(locked=False)
    assert isinstance(log_in(office, "Sari", code, now + CODE_LASTS_MS - 1), Wait)
    other = given_code(office, "Budi", Role.VIEWER, at=now)
    assert isinstance(log_in(office, "Budi", other, now + CODE_LASTS_MS - 1), Opened)


def test_none_of_the_last_twelve_passwords_comes_back(office: Office) -> None:
    mine = account(office, "Sari", Role.VIEWER)
    used = [PASSWORD, *(f"Kuda laut {number} menari pelan." for number in range(10, 10 + REMEMBERED - 1))]
    for password in used[1:]:
        assert accounts.set_password(office, mine, password, now_ms()) == ()
    for password in used:
        assert accounts.set_password(office, mine, password, now_ms()) == (Unfit.USED_BEFORE,)
    assert accounts.set_password(office, mine, "Gajah duduk 5 tahun di sini.", now_ms()) == ()
    assert accounts.set_password(office, mine, PASSWORD, now_ms()) == ()


def test_a_password_lasts_ninety_days_and_then_opens_only_its_own_change(office: Office) -> None:
    mine = account(office, "Sari", Role.VIEWER)
    now = now_ms()
    assert accounts.set_password(office, mine, "Gajah duduk 5 tahun di sini.", now) == ()
    for later, due in ((LASTS_MS - 1, False), (LASTS_MS, True)):
        opened = log_in(office, "Sari", "Gajah duduk 5 tahun di sini.", now + later)
        assert isinstance(opened, Opened)
        visitor = sessions.visitor(office, opened.token, now + later)
        assert visitor is not None
        assert visitor.must_change is due


@pytest.mark.parametrize("how", ["reset", "disable", "password"])
def test_what_changes_an_account_ends_its_sessions(office: Office, how: str) -> None:
    mine = account(office, "Sari", Role.VIEWER)
    opened = log_in(office, "Sari", PASSWORD, now_ms())
    assert isinstance(opened, Opened)
    if how == "password":
        assert accounts.set_password(office, mine, "Gajah duduk 5 tahun di sini.", now_ms()) == ()
    else:
        with writing(office.engine) as work:
            getattr(accounts, how)(work, office, AT_THE_SHELL, mine, now_ms())
    assert sessions.visitor(office, opened.token, now_ms()) is None
    assert isinstance(log_in(office, "Sari", PASSWORD, now_ms()), Wrong)


def test_a_session_ends_when_idle_and_at_the_latest_after_eight_hours(office: Office) -> None:
    account(office, "Sari", Role.VIEWER)
    now = now_ms()
    opened, again = (log_in(office, "Sari", PASSWORD, now) for _ in range(2))
    assert isinstance(opened, Opened)
    assert isinstance(again, Opened)
    busy = range(now, now + SESSION_MS, IDLE_MS - 1)
    assert all(sessions.visitor(office, opened.token, moment) for moment in busy)
    assert sessions.visitor(office, opened.token, now + SESSION_MS) is None
    assert sessions.visitor(office, again.token, now + IDLE_MS) is None


def test_an_administrator_adds_resets_and_closes_but_not_their_own_account(site: Site, office: Office) -> None:
    mine, other = account(office, "Ani", Role.ADMIN), account(office, "Sari", Role.VIEWER)
    with running(site, program=CHEAP), signed_in(site, "Ani") as client:
        added = client.post("/accounts/add", data={"name": "Budi", "role": ["viewer", "officer"]})
        assert "One-time code for Budi" in added.text
        assert "Budi Waits for its code" in text_of(added)
        assert (
            "There is an account of this name already."
            in client.post("/accounts/add", data={"name": " bUDI", "role": ["viewer"]}).text
        )
        assert "needs a role" in client.post("/accounts/add", data={"name": "X", "role": ["king"]}).text
        reset = client.post("/accounts/reset", data={"account": other})
        assert "One-time code for Sari" in reset.text
        assert "Sari Closed" in text_of(client.post("/accounts/disable", data={"account": other}))
        for path in ("/accounts/reset", "/accounts/disable"):
            assert "Another administrator" in client.post(path, data={"account": mine}).text
            assert "There is no such account." in client.post(path, data={"account": "0" * 16}).text
        assert client.get("/accounts").status_code == 200
    assert {one["name"]: one["standing"] for one in listed(site)} == {
        "Ani": "active",
        "Budi": "waiting",
        "Sari": "disabled",
    }


def test_the_commands_say_what_is_wrong(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(site.root))
    for command, said in (
        (("account", "reset", *data, "--name", "Nobody"), "There is no account of this name"),
        (("account", "disable", *data, "--name", "Nobody"), "There is no account of this name"),
        (("account", "add", *data, "--name", " ", "--role", "admin"), "A name is 1 to 64 characters"),
        (("account", "add", *data, "--name", "x" * 65, "--role", "admin"), "A name is 1 to 64 characters"),
    ):
        assert main(list(command)) == 2
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["account", "add", *data, "--name", "x", "--role", "king"])


def test_ones_own_password_is_read_from_the_input_and_judged(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("account", "add", "--data", site.root, "--name", "Ani", "--role", "admin", "--own-password")
    assert hq(*command, typed="short\n") == (2, "")
    said = capsys.readouterr().err
    assert "fewer than 12" in said
    assert "short" not in said
    assert hq(*command, typed=PASSWORD + "\n") == (0, "Account made.\n")
    assert [one["standing"] for one in listed(site)] == ["active"]


def test_no_file_holds_a_name_a_password_or_a_code(site: Site, office: Office) -> None:
    code = given_code(office, "Ratna Kusuma", *EVERY_ROLE, at=now_ms())
    account(office, "Sari Wulandari", Role.VIEWER)
    log_in(office, "Sari Wulandari", "Typed wrong 1.", now_ms())
    files = b"".join(path.read_bytes() for path in site.root.glob("hq.db*"))
    for secret in ("Ratna", "Sari", "Wulandari", code, code.replace("-", ""), PASSWORD, "Typed wrong"):
        assert secret.encode() not in files


def test_an_account_of_another_hq_does_not_open(office: Office, tmp_path: Path) -> None:
    account(office, "Sari", Role.VIEWER)
    with (
        closing(open_office(found(tmp_path / "other").root)) as other,
        reading(other.engine) as view,
        pytest.raises(Refused),
    ):
        accounts.by_name(view, other.seals, "Sari")


def test_a_wrong_try_writes_as_often_for_a_name_without_an_account(site: Site, office: Office) -> None:
    def commits(name: str) -> int:
        before = _written(site)
        assert log_in(office, name, "wrong", now_ms()) == Wrong(locked=False)
        return _written(site) - before

    given_code(office, "Sari", Role.VIEWER, at=now_ms())
    commits("Nobody")  # the first of a minute is written down
    assert commits("Nobody Else") == commits("Sari") == 2


def _written(site: Site) -> int:
    """How many transactions have written to the file, by its own header."""
    with (site.root / "hq.db").open("rb") as file:
        return int.from_bytes(file.read(28)[24:], "big")
