"""Nothing leaves through the air while a wire is plugged in (policy E22)."""

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import wireless
from sync.config import SettingsError, read
from sync.line import Line
from sync.transport import NotDelivered
from sync.wireless import Link, Way, astray, beside_a_wire

ROUTE = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"


class Machine:
    """Interfaces and routes as the kernel shows them in /sys/class/net and /proc/net."""

    def __init__(self, place: Path) -> None:
        self.routes, self.routes_6, self.interfaces = place / "route", place / "ipv6_route", place / "net"
        self.interfaces.mkdir()
        self.routes.write_text(ROUTE)
        self.routes_6.write_text("")
        self.link("lo", kind="772", device=False)

    def link(self, name: str, *, air: bool = False, up: bool = True, kind: str = "1", device: bool = True) -> None:
        place = self.interfaces / name
        place.mkdir()
        (place / "type").write_text(f"{kind}\n")
        (place / "carrier").write_text(f"{int(up)}\n")
        for word, holds in (("device", device), ("wireless", air)):
            if holds:
                (place / word).mkdir()

    def way(self, link: str, metric: int) -> None:
        with self.routes.open("a") as file:
            file.write(f"{link}\t00000000\t0101A8C0\t0003\t0\t0\t{metric}\t00000000\t0\t0\t0\n")
            file.write(f"{link}\t0001A8C0\t00000000\t0001\t0\t0\t{metric}\t00FFFFFF\t0\t0\t0\n")

    def way_6(self, link: str, metric: int, flags: int = 3) -> None:
        with self.routes_6.open("a") as file:
            gateway = "fe80" + "0" * 27 + "1"
            file.write(f"{'0' * 32} 00 {'0' * 32} 00 {gateway} {metric:08x} 00000001 00000000 {flags:08x} {link:>8}\n")

    def astray(self) -> bool:
        return beside_a_wire(self.routes, self.routes_6, self.interfaces)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_air_is_not_taken_while_a_wire_is_up(machine: Machine) -> None:
    machine.link("eth0")
    machine.link("wlan0", air=True)
    machine.way("eth0", 600)
    machine.way("wlan0", 100)
    assert machine.astray()


def test_with_a_wire_as_its_way_it_does_not_matter_that_there_is_air(machine: Machine) -> None:
    machine.link("eth0")
    machine.link("wlan0", air=True)
    machine.way("eth0", 100)
    machine.way("wlan0", 600)
    assert not machine.astray()


def test_where_no_cable_is_plugged_in_the_air_is_all_there_is(machine: Machine) -> None:
    machine.link("eth0", up=False)
    machine.link("wlan0", air=True)
    machine.way("wlan0", 600)
    assert not machine.astray()


def test_a_bridge_or_a_tunnel_is_no_wire(machine: Machine) -> None:
    machine.link("docker0", device=False)
    machine.link("wlan0", air=True)
    machine.way("wlan0", 600)
    assert not machine.astray()


def test_the_newer_protocol_counts_as_well(machine: Machine) -> None:
    machine.link("eth0")
    machine.link("wlan0", air=True)
    machine.way("eth0", 100)
    machine.way_6("wlan0", 256)
    assert machine.astray()


def test_a_route_that_refuses_everything_is_no_way(machine: Machine) -> None:
    machine.link("eth0")
    machine.link("wlan0", air=True)
    machine.way_6("wlan0", 256, flags=0x200)
    assert not machine.astray()


def test_a_machine_that_shows_nothing_is_not_astray(tmp_path: Path) -> None:
    assert not beside_a_wire(tmp_path / "no", tmp_path / "no", tmp_path / "no")


LINKS = st.lists(st.builds(Link, st.sampled_from(["a", "b", "c"]), st.booleans(), st.booleans()), max_size=3)
WAYS = st.lists(st.builds(Way, st.sampled_from(["a", "b", "c", "tun0"]), st.integers(0, 3)), max_size=4)


@given(LINKS, WAYS)
def test_whoever_is_astray_has_a_wire_that_is_up_and_a_way_through_the_air(links: list[Link], ways: list[Way]) -> None:
    if astray(tuple(links), tuple(ways)):
        assert any(link.up and not link.wireless for link in links)
        assert {way.link for way in ways} & {link.name for link in links if link.wireless}


def settings_of(tmp_path: Path, word: str | None) -> str:
    line = "" if word is None else f'wireless_beside_wire = "{word}"\n'
    top = 'device = "door-1"\nexchange = "e.db"\nexchange_key = "e.key"\njournal = "s.db"\n'
    hq = '[hq]\nurl = "https://hq.example"\nname = "ambang-hq/x"\nca = "c"\ncertificate = "d"\nkey = "k"\n'
    who = "".join(f'{key} = "x"\n' for key in ("name", "category", "purpose", "country", "ground", "evidence", "date"))
    text = (
        f'{line}{top}device_public = "{"0" * 64}"\n{hq}public = "{"0" * 64}"\n[recipient]\nhost = "hq.example"\n{who}'
    )
    (tmp_path / "sync.toml").write_text(text)
    return text


@pytest.mark.parametrize(("word", "through_air"), [(None, False), ("refused", False), ("allowed", True)])
def test_the_air_is_refused_unless_the_company_has_allowed_it(
    tmp_path: Path,
    word: str | None,
    through_air: bool,  # noqa: FBT001 - a case
) -> None:
    settings_of(tmp_path, word)
    assert read(tmp_path / "sync.toml").through_air is through_air


def test_another_word_for_it_is_refused(tmp_path: Path) -> None:
    settings_of(tmp_path, "sometimes")
    with pytest.raises(SettingsError, match="wireless_beside_wire"):
        read(tmp_path / "sync.toml")


def test_no_line_is_made_through_the_air_beside_a_wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings_of(tmp_path, None)
    settings = read(tmp_path / "sync.toml")
    monkeypatch.setattr(wireless, "beside_a_wire", lambda: True)
    with (
        closing(Line(settings.hq, "hq.example")) as refused,
        closing(Line(settings.hq, "hq.example", through_air=True)) as allowed,
    ):
        with pytest.raises(NotDelivered) as why:
            refused.transport()
        assert why.value.refusal.detail == "wireless_beside_wire"
        with pytest.raises(NotDelivered) as later:  # it got as far as the files
            allowed.transport()
        assert later.value.refusal.detail == "certificate_unusable"
